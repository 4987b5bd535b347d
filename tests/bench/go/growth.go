// SPDX-License-Identifier: GPL-2.0

package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// A thing of which there are more and more. With each of n it does an operation,
// rounds times, and returns how long that took.
type growth struct {
	name  string
	most  int
	least int
	run   func(n, rounds int) float64
}

// One operation: a send to one of n channels, and a receive from it.
func growthChannels(n, rounds int) float64 {
	chans := make([]chan uint64, n)
	for i := range chans {
		chans[i] = make(chan uint64, 1)
	}
	runtime.GC()
	start := time.Now()
	for ; rounds > 0; rounds-- {
		for _, ch := range chans {
			ch <- 0
			sink = <-ch
		}
	}
	return since(start)
}

// One operation: an element is sent and received, n of them at a time.
func growthItems(n, rounds int) float64 {
	ch := make(chan uint64, n)
	start := time.Now()
	for ; rounds > 0; rounds-- {
		for i := 0; i < n; i++ {
			ch <- 0
		}
		for i := 0; i < n; i++ {
			sink = <-ch
		}
	}
	return since(start)
}

// One operation: a job that does nothing is sent to one of four goroutines, and
// done, with n of them from one wait for all to the next.
func growthJobs(n, rounds int) float64 {
	var wg sync.WaitGroup
	jobs := make(chan func(), 64)
	for i := 0; i < 4; i++ {
		go func() {
			for job := range jobs {
				job()
			}
		}()
	}
	job := func() { wg.Done() }
	start := time.Now()
	for ; rounds > 0; rounds-- {
		wg.Add(n)
		for i := 0; i < n; i++ {
			jobs <- job
		}
		wg.Wait()
	}
	took := since(start)
	close(jobs)
	return took
}

// One operation: a context is cancelled, as one of n children of another.
func growthChildren(n, rounds int) float64 {
	cancels := make([]func(), 0, rounds)
	children := make([]context.Context, 0, n*rounds)
	for i := 0; i < rounds; i++ {
		parent, cancel := context.WithCancel(context.Background())
		cancels = append(cancels, cancel)
		for j := 0; j < n; j++ {
			child, _ := context.WithCancel(parent)
			children = append(children, child)
		}
	}
	runtime.GC()
	start := time.Now()
	for _, cancel := range cancels {
		cancel()
	}
	took := since(start)
	if children[len(children)-1].Err() == nil {
		panic("a child goes on")
	}
	return took
}

var growths = []growth{
	{"channel", scaleMax, 100000, growthChannels},
	{"item", 65536, 100000, growthItems},
	{"job", scaleMax, 10000, growthJobs},
	{"child", scaleMax, 1000, growthChildren},
}

func (g growth) measure(n int) {
	s := newSpread()
	rounds := g.least / n
	if rounds < 1 {
		rounds = 1
	}
	for i := 0; i < scaleReps; i++ {
		runtime.GC()
		s.add(g.run(n, rounds))
	}
	s.report(fmt.Sprintf("scale_%s_%d", g.name, n), "instructions", n*rounds)
}

func scaleGrowth() {
	for _, g := range growths {
		for n := 1; n < g.most; n *= 10 {
			g.measure(n)
		}
		g.measure(g.most)
	}
}
