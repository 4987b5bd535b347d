// SPDX-License-Identifier: GPL-2.0

package main

// Set-up is a few hundred instructions, and n is large: it does not count.
var chanBenches = []bench{
	{"buffered_pair", 100000, bufferedPair},
	{"try_recv_empty", 100000, tryRecvEmpty},
	{"recv_closed", 100000, recvClosed},
	{"chan_uncontended", 1000, chanHundred},
	{"chan_contended", 1000, chanHundred},
	{"chan_nonblocking", 100000, chanNonblocking},
	{"chan_sem", 100000, chanSem},
	{"chan_closed", 100000, chanClosed},
	{"receive_data_from_closed", 50000, chanDrain},
}

var sink uint64

// One operation: a send to a channel with room, and a receive from it.
func bufferedPair(n int) {
	ch := make(chan uint64, 1)
	for i := 0; i < n; i++ {
		ch <- 0
		sink = <-ch
	}
}

// One operation: an attempt to receive from an empty channel.
func tryRecvEmpty(n int) {
	ch := make(chan uint64, 1)
	for i := 0; i < n; i++ {
		select {
		case sink = <-ch:
		default:
		}
	}
}

// One operation: a receive from a closed and empty channel.
func recvClosed(n int) {
	ch := make(chan uint64, 1)
	close(ch)
	for i := 0; i < n; i++ {
		sink = <-ch
	}
}

// One operation: a hundred sends, then a hundred receives.
func chanHundred(n int) {
	ch := make(chan uint64, 100)
	for ; n > 0; n-- {
		for i := 0; i < 100; i++ {
			ch <- 0
		}
		for i := 0; i < 100; i++ {
			sink = <-ch
		}
	}
}

// One operation: an attempt to receive from an unbuffered channel.
func chanNonblocking(n int) {
	ch := make(chan uint64)
	for i := 0; i < n; i++ {
		select {
		case sink = <-ch:
		default:
		}
	}
}

// One operation: a place of a channel of signals is taken by a send, and given
// back by a receive.
func chanSem(n int) {
	ch := make(chan struct{}, 1)
	for i := 0; i < n; i++ {
		ch <- struct{}{}
		<-ch
	}
}

// One operation: an attempt to receive from a closed channel of signals.
func chanClosed(n int) {
	ch := make(chan struct{})
	close(ch)
	for i := 0; i < n; i++ {
		select {
		case <-ch:
		default:
			panic("not closed")
		}
	}
}

// Closed channels of signals, one for each repetition, all with 50000 in them:
// sending these is not counted.
var drains = func() (chans []chan struct{}) {
	for i := 0; i < repeats; i++ {
		ch := make(chan struct{}, 50000)
		for j := 0; j < 50000; j++ {
			ch <- struct{}{}
		}
		close(ch)
		chans = append(chans, ch)
	}
	return chans
}()

// One operation: a signal is received from a closed channel that still has some.
func chanDrain(n int) {
	ch := drains[0]
	drains = drains[1:]
	for range ch {
		n--
	}
	if n != 0 {
		panic("signals are missing")
	}
}
