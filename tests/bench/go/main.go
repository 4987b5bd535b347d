// SPDX-License-Identifier: GPL-2.0

// The peer: the cases of the module, in Go. It prints the same lines:
//
//	go NAME UNIT MIN MAX
//
// per operation, in tenths of the unit. The clock counts instructions, as it
// does for the module.
package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"time"
)

// How often a case is repeated.
const repeats = 7

// A case does something n times.
type bench struct {
	name string
	n    int
	run  func(n int)
}

// What the repetitions of one measurement came to.
type spread struct {
	min, max float64
}

func newSpread() spread {
	return spread{min: math.Inf(1)}
}

func (s *spread) add(value float64) {
	s.min = math.Min(s.min, value)
	s.max = math.Max(s.max, value)
}

func (s spread) report(name, unit string, n int) {
	fmt.Printf("go %s %s %.0f %.0f\n", name, unit,
		s.min*10/float64(n), s.max*10/float64(n))
}

func since(start time.Time) float64 {
	return float64(time.Since(start).Nanoseconds())
}

// What a case does between two operations, where it does something. A round is
// as many instructions as of the module's bench_work(), which is written so that
// it is.
//
//go:noinline
func localWork(value uint64, rounds int) uint64 {
	for i := 0; i < rounds; i++ {
		value = value*1103515245 + 12345
	}
	return value
}

// As in package testing: garbage of what was before is not counted.
func (b bench) measure() {
	s := newSpread()
	for i := 0; i < repeats; i++ {
		runtime.GC()
		start := time.Now()
		b.run(b.n)
		s.add(since(start))
	}
	s.report(b.name, "instructions", b.n)
}

// Those whose name begins with only.
func operations(only string) {
	for _, benches := range [][]bench{
		chanBenches, makeBenches, selectBenches, selectTaskBenches,
		ctxBenches, semBenches, taskBenches, patternBenches,
	} {
		for _, b := range benches {
			if strings.HasPrefix(b.name, only) {
				b.measure()
			}
		}
	}
}

func scales() {
	scaleMemory(10000)
	comparePoolFan()
	for n := 1; n <= scaleMax; n *= 10 {
		scale(n)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, `usage: peer operations [PREFIX]
       peer scale
       peer growth
       peer smp
       peer lines LOG WORD`)
	os.Exit(2)
}

func main() {
	args := append(os.Args[1:], "", "", "")
	switch args[0] {
	case "operations":
		operations(args[1])
	case "scale":
		scales()
	case "growth":
		scaleGrowth()
	case "smp":
		smp()
	case "lines":
		measureLines(args[1], args[2])
	default:
		usage()
	}
}
