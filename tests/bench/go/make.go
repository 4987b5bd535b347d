// SPDX-License-Identifier: GPL-2.0

package main

// Here a channel is garbage when it is not used any more. So many are made that
// the collector has to run several times: that is part of their cost, as it is
// for the module to free them.
const makes = 100000

type struct0 struct{}
type struct32 struct{ a, b, c, d int64 }
type struct40 struct{ a, b, c, d, e int64 }

var makeBenches = []bench{
	{"make_channel", makes, makeTen},
	{"make_chan_byte", makes, makeChan[byte]},
	{"make_chan_int", makes, makeChan[int]},
	{"make_chan_ptr", makes, makeChan[*byte]},
	{"make_chan_struct_0", makes, makeChan[struct0]},
	{"make_chan_struct_32", makes, makeChan[struct32]},
	{"make_chan_struct_40", makes, makeChan[struct40]},
	{"chan_creation", makes, chanCreation},
}

// One operation: a channel with room for ten is made, and is garbage then.
func makeTen(n int) {
	var ch chan uint64
	for i := 0; i < n; i++ {
		ch = make(chan uint64, 10)
	}
	close(ch)
}

// The same with room for eight elements of some type.
func makeChan[T any](n int) {
	var ch chan T
	for i := 0; i < n; i++ {
		ch = make(chan T, 8)
	}
	close(ch)
}

// One operation: a channel with room for one is made, an element is sent and
// received, and it is garbage then.
func chanCreation(n int) {
	for i := 0; i < n; i++ {
		ch := make(chan uint64, 1)
		ch <- 0
		sink = <-ch
	}
}
