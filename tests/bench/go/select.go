// SPDX-License-Identifier: GPL-2.0

package main

var selectBenches = []bench{
	{"select_two_ready", 10000, selectReady},
	{"select_uncontended", 50000, selectUncontended},
	{"select_async_contended", 50000, selectUncontended},
	{"select_nonblock", 50000, selectNonblock},
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

// One operation: a select of receives from two channels, of which one is ready,
// and a send to the other one.
func selectUncontended(n int) {
	one, other := make(chan uint64, 1), make(chan uint64, 1)
	one <- 0
	for i := 0; i < n; i++ {
		select {
		case sink = <-one:
			other <- 0
		case sink = <-other:
			one <- 0
		}
	}
}

// One operation: four attempts: a receive from an unbuffered channel, a send to
// one, a receive from an empty buffered channel, and a send to one that is full.
func selectNonblock(n int) {
	ch := [4]chan uint64{make(chan uint64), make(chan uint64),
		make(chan uint64, 1), make(chan uint64, 1)}
	for i := 0; i < n; i++ {
		select {
		case sink = <-ch[0]:
		default:
		}
		select {
		case ch[1] <- 0:
		default:
		}
		select {
		case sink = <-ch[2]:
		default:
		}
		select {
		case ch[3] <- 0:
		default:
		}
	}
}
