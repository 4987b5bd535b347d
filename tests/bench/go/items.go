// SPDX-License-Identifier: GPL-2.0

package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

const (
	items     = 100000
	itemsReps = 3
	itemsBuf  = 64
	rounds    = 100
	itemWait  = 10 * time.Millisecond
)

type work func(value uint64) uint64

func compute(value uint64) uint64 {
	for i := 0; i < rounds; i++ {
		value = value*6364136223846793005 + 1442695040888963407
	}
	return value
}

func wait(value uint64) uint64 {
	time.Sleep(itemWait)
	return value
}

// A way has the items of in worked on, and closes out after the last.
type way func(in, out chan uint64, f work)

// Four goroutines share the items.
func pool(in, out chan uint64, f work) {
	var wg sync.WaitGroup
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func() {
			for value := range in {
				out <- f(value)
			}
			wg.Done()
		}()
	}
	wg.Wait()
	close(out)
}

// A goroutine for each item, at most limit of them; 0: any number.
func fan(limit int) way {
	return func(in, out chan uint64, f work) {
		var wg sync.WaitGroup
		places := make(chan struct{}, limit)
		for value := range in {
			if limit > 0 {
				places <- struct{}{}
			}
			wg.Add(1)
			go func(value uint64) {
				out <- f(value)
				if limit > 0 {
					<-places
				}
				wg.Done()
			}(value)
		}
		wg.Wait()
		close(out)
	}
}

func runItems(w way, f work) {
	in, out := make(chan uint64, itemsBuf), make(chan uint64, itemsBuf)
	go func() {
		for i := uint64(0); i < items; i++ {
			in <- i
		}
		close(in)
	}()
	go w(in, out, f)
	n := 0
	for range out {
		n++
	}
	if n != items {
		panic("an item was lost")
	}
}

func measureItems(name, unit string, w way, f work) {
	s := newSpread()
	for i := 0; i < itemsReps; i++ {
		runtime.GC()
		start := time.Now()
		runItems(w, f)
		s.add(since(start))
	}
	s.report(name, unit, items)
}

// The same items in a pool and in fans. Who computes all the time takes as long
// as it has instructions; of who waits only the time is known here.
func comparePoolFan() {
	for _, c := range []struct {
		name string
		way  way
	}{
		{"pool_4", pool}, {"fan_64", fan(64)}, {"fan", fan(0)},
	} {
		measureItems(fmt.Sprintf("items_%s_compute", c.name),
			"instructions", c.way, compute)
		measureItems(fmt.Sprintf("items_%s_wait_time", c.name), "ns",
			c.way, wait)
	}
}
