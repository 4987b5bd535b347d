// SPDX-License-Identifier: GPL-2.0

package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Elements of a pair.
const smpElems = 50000

// Pairs of goroutines, as many as there are CPUs: one of a pair only sends, the
// other only receives, each pair over a channel of its own, or all over the same
// one. Go says which goroutine runs where.
//
// Here the clock is the wall's. One operation: an element passes.
func smpOnce(pairs, places int, shared bool) float64 {
	var wg sync.WaitGroup
	ch := make(chan uint64, places)
	wg.Add(2 * pairs)
	start := time.Now()
	for i := 0; i < pairs; i++ {
		if i > 0 && !shared {
			ch = make(chan uint64, places)
		}
		go func(ch chan uint64) {
			for i := 0; i < smpElems; i++ {
				ch <- 0
			}
			wg.Done()
		}(ch)
		go func(ch chan uint64) {
			for i := 0; i < smpElems; i++ {
				<-ch
			}
			wg.Done()
		}(ch)
	}
	wg.Wait()
	return since(start)
}

func smpMeasure(name string, places int, shared bool) {
	cpus := runtime.GOMAXPROCS(0)
	s := newSpread()
	for i := 0; i < repeats; i++ {
		runtime.GC()
		s.add(smpOnce(cpus, places, shared))
	}
	s.report(fmt.Sprintf("%s_%d", name, cpus), "ns", smpElems*cpus)
}

func smp() {
	smpMeasure("smp_pairs_unbuffered", 0, false)
	smpMeasure("smp_pairs_buffered", 100, false)
	smpMeasure("smp_shared_unbuffered", 0, true)
	smpMeasure("smp_shared_buffered", 100, true)
}
