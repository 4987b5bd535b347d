// SPDX-License-Identifier: GPL-2.0

package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

const (
	scaleMax   = 1000000
	scaleReps  = 5
	perChannel = 1000
)

// Goroutines that wait, and how many of them do.
type crowd struct {
	n       int
	waiting int
	chans   []chan uint64
	wg      sync.WaitGroup
}

func (c *crowd) sleep(ch chan uint64) {
	c.waiting++
	for range ch {
		c.waiting++
	}
	c.wg.Done()
}

// There is one thread of Go's: what is ready has run when this goes on.
func (c *crowd) settle() {
	for c.waiting < c.n {
		runtime.Gosched()
	}
	c.waiting = 0
}

func (c *crowd) start() {
	c.wg.Add(c.n)
	for i := 0; i < c.n; i++ {
		go c.sleep(c.chans[i/perChannel])
	}
	c.settle()
}

func (c *crowd) wake() {
	for i := 0; i < c.n; i++ {
		c.chans[i/perChannel] <- 0
	}
	c.settle()
}

func (c *crowd) end() {
	for _, ch := range c.chans {
		close(ch)
	}
	c.wg.Wait()
}

func newCrowd(n int) *crowd {
	c := &crowd{n: n}
	for i := 0; i < n; i += perChannel {
		c.chans = append(c.chans, make(chan uint64))
	}
	return c
}

func memory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// A million fill gigabytes of memory, which takes long: once has to do.
func scaleRepeats(n int) int {
	if n == scaleMax {
		return 1
	}
	return scaleReps
}

// Operations: a goroutine is started and parks in a receive; an element is sent
// to it, and it parks again; its channel is closed, and it ends.
//
// Go keeps what a goroutine was made of for the next one: as with any case, the
// minimum is of those that found it, and the maximum of the first ones.
func scale(n int) {
	start, wake, end := newSpread(), newSpread(), newSpread()
	for i := 0; i < scaleRepeats(n); i++ {
		c := newCrowd(n)
		runtime.GC()
		began := time.Now()
		c.start()
		start.add(since(began))
		began = time.Now()
		c.wake()
		wake.add(since(began))
		began = time.Now()
		c.end()
		end.add(since(began))
	}
	start.report(fmt.Sprintf("scale_task_start_%d", n), "instructions", n)
	wake.report(fmt.Sprintf("scale_task_wake_%d", n), "instructions", n)
	end.report(fmt.Sprintf("scale_task_end_%d", n), "instructions", n)
}

// Memory of a parked goroutine: of the first crowd, before Go has any to spare.
func scaleMemory(n int) {
	s := newSpread()
	c := newCrowd(n)
	runtime.GC()
	before := memory()
	c.start()
	s.add(float64(memory() - before))
	c.end()
	s.report("scale_task_memory", "bytes", n)
}
