// SPDX-License-Identifier: GPL-2.0

package main

import (
	"sync"
	"time"
)

var selectTaskBenches = []bench{
	{"select_two_blocked", 50000, selectBlocked},
	{"select_sync_contended", 50000, selectSyncContended},
	{"select_prod_cons", 20000, selectProdCons},
	{"chan_popular", 100 * popularCrowd, chanPopular},
}

// Sends to the peer's two channels in turns, each time followed by a select of
// receives from its own two.
func choose(own, to [2]chan uint64, n int, chooses bool) {
	for left := n - 1; left >= 0; left-- {
		if chooses {
			select {
			case <-own[0]:
			case <-own[1]:
			}
		} else {
			to[left/2%2] <- 0
		}
		chooses = !chooses
	}
}

// One operation: a goroutine sends an element to the other one, which is parked
// in a select of two receives, and then parks in such a select itself.
func selectBlocked(n int) {
	var wg sync.WaitGroup
	one := [2]chan uint64{make(chan uint64), make(chan uint64)}
	other := [2]chan uint64{make(chan uint64), make(chan uint64)}
	wg.Add(2)
	go func() {
		choose(one, other, n, false)
		wg.Done()
	}()
	go func() {
		choose(other, one, n, true)
		wg.Done()
	}()
	wg.Wait()
}

// One operation: an element passes from a goroutine that selects among sends to
// three unbuffered channels, and the end, to one that selects among receives
// from the three.
func selectSyncContended(n int) {
	a, b, c := make(chan uint64), make(chan uint64), make(chan uint64)
	end := make(chan uint64)
	two(func() {
		for {
			select {
			case a <- 0:
			case b <- 0:
			case c <- 0:
			case <-end:
				return
			}
		}
	}, func() {
		for i := 0; i < n; i++ {
			select {
			case <-a:
			case <-b:
			case <-c:
			}
		}
		close(end)
	})
}

// One operation: an element passes from a producer to a consumer over a channel
// with 128 places. Each works a hundred rounds for it, and selects among the
// channel, the end, and a time limit, neither of which comes.
func selectProdCons(n int) {
	ch, end := make(chan uint64, 128), make(chan uint64)
	late := time.After(time.Hour)
	two(func() {
		value := uint64(0)
		for i := 0; i < n; i++ {
			value = localWork(value, 100)
			select {
			case ch <- value:
			case <-late:
			case <-end:
			}
		}
	}, func() {
		value := uint64(0)
		for i := 0; i < n; i++ {
			value = localWork(value, 100)
			select {
			case <-ch:
			case <-late:
			case <-end:
			}
		}
	})
}

const popularCrowd = 1000

// One operation: an element is sent to one of a thousand goroutines. Each
// selects among a channel of its own, and one that is popular: all wait on it.
func chanPopular(n int) {
	var wg sync.WaitGroup
	popular := make(chan struct{})
	chans := make([]chan uint64, popularCrowd)
	wg.Add(popularCrowd)
	for i := range chans {
		own := make(chan uint64)
		chans[i] = own
		go func() {
			for j := 0; j < n/popularCrowd; j++ {
				select {
				case <-popular:
				case <-own:
				}
			}
			wg.Done()
		}()
	}
	for i := 0; i < n; i++ {
		chans[i%popularCrowd] <- 0
	}
	wg.Wait()
}
