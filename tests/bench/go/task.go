// SPDX-License-Identifier: GPL-2.0

package main

import (
	"context"
	"sync"
)

var taskBenches = []bench{
	{"task_life", 10000, taskLife},
	{"task_rendezvous", 50000, rendezvous},
	{"thread_rendezvous", 50000, rendezvous},
	{"thread_rendezvous_ctx", 50000, rendezvousCtx},
	{"chan_sync_work", 10000, rendezvousWork},
	{"producer_consumer_0", 50000, producer(0)},
	{"producer_consumer_10", 50000, producer(10)},
	{"producer_consumer_100", 50000, producer(100)},
	{"producer_consumer_work_0", 20000, producerWork(0)},
	{"producer_consumer_work_10", 20000, producerWork(10)},
	{"producer_consumer_work_100", 20000, producerWork(100)},
}

// One operation: a goroutine that does nothing is started, and ends. All are
// started, then waited for.
func taskLife(n int) {
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() { wg.Done() }()
	}
	wg.Wait()
}

func two(one, other func()) {
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		one()
		wg.Done()
	}()
	go func() {
		other()
		wg.Done()
	}()
	wg.Wait()
}

func take(ch chan uint64, n int, sends bool) {
	for i := 0; i < n; i++ {
		if sends {
			ch <- 0
		} else {
			<-ch
		}
		sends = !sends
	}
}

// One operation: an element passes from one goroutine to another over an
// unbuffered channel. They send and receive in turns.
func rendezvous(n int) {
	ch := make(chan uint64)
	two(func() { take(ch, n, true) }, func() { take(ch, n, false) })
}

func takeWork(ch chan uint64, n int, sends bool) {
	value := uint64(0)
	for i := 0; i < n; i++ {
		value = localWork(value, 1000)
		if sends {
			ch <- value
		} else {
			value = <-ch
		}
		sends = !sends
	}
}

// The same, and each of the two works a thousand rounds before it.
func rendezvousWork(n int) {
	ch := make(chan uint64)
	two(func() { takeWork(ch, n, true) }, func() { takeWork(ch, n, false) })
}

func takeCtx(ctx context.Context, ch chan uint64, n int, sends bool) {
	for i := 0; i < n; i++ {
		if sends {
			select {
			case ch <- 0:
			case <-ctx.Done():
			}
		} else {
			select {
			case <-ch:
			case <-ctx.Done():
			}
		}
		sends = !sends
	}
}

// The same, under a context that may end.
func rendezvousCtx(n int) {
	ch := make(chan uint64)
	ctx, cancel := context.WithCancel(context.Background())
	two(func() { takeCtx(ctx, ch, n, true) },
		func() { takeCtx(ctx, ch, n, false) })
	cancel()
}

// One operation: an element passes from a goroutine that only sends to one that
// only receives, over a channel with some places.
func producer(places int) func(n int) {
	return func(n int) {
		ch := make(chan uint64, places)
		two(func() {
			for i := 0; i < n; i++ {
				ch <- 0
			}
		}, func() {
			for i := 0; i < n; i++ {
				<-ch
			}
		})
	}
}

// The same, and each of the two works a hundred rounds for it.
func producerWork(places int) func(n int) {
	return func(n int) {
		ch := make(chan uint64, places)
		two(func() {
			value := uint64(0)
			for i := 0; i < n; i++ {
				value = localWork(value, 100)
				ch <- value
			}
		}, func() {
			value := uint64(0)
			for i := 0; i < n; i++ {
				value = localWork(value, 100)
				value = <-ch
			}
		})
	}
}
