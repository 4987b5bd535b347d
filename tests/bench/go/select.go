// SPDX-License-Identifier: GPL-2.0

package main

import "sync"

var selectBenches = []bench{
	{"select_two_ready", 10000, selectReady},
	{"select_two_blocked", 50000, selectBlocked},
}

func filled(n int) chan uint64 {
	ch := make(chan uint64, n)
	for i := 0; i < n; i++ {
		ch <- 0
	}
	return ch
}

var readyA, readyB = filled(repeats * 10000), filled(repeats * 10000)

// One operation: a select of receives from two channels, both ready. They were
// filled for all repetitions, so that this is not counted.
func selectReady(n int) {
	for i := 0; i < n; i++ {
		select {
		case sink = <-readyA:
		case sink = <-readyB:
		}
	}
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
