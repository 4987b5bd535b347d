// SPDX-License-Identifier: GPL-2.0

package main

// Set-up is a few hundred instructions, and n is large: it does not count.
var chanBenches = []bench{
	{"buffered_pair", 100000, bufferedPair},
	{"try_recv_empty", 100000, tryRecvEmpty},
	{"recv_closed", 100000, recvClosed},
	{"make_channel", 20000, makeChannel},
}

var sink uint64
var sinkChan chan uint64

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

// One operation: a channel with room for ten is made, and is garbage then.
func makeChannel(n int) {
	for i := 0; i < n; i++ {
		sinkChan = make(chan uint64, 10)
	}
}
