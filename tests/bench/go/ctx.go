// SPDX-License-Identifier: GPL-2.0

package main

import (
	"context"
	"time"
)

var ctxBenches = []bench{
	{"context_cancel", 10000, ctxCancel},
	{"context_child_cancel", 10000, ctxChild},
	{"context_timeout", 10000, ctxTimeout},
	{"context_tree", 2000, ctxTree},
}

func ctxMake(parent context.Context, n int) {
	for i := 0; i < n; i++ {
		_, cancel := context.WithCancel(parent)
		cancel()
	}
}

// One operation: a context is made, cancelled, and is garbage then.
func ctxCancel(n int) {
	ctxMake(context.Background(), n)
}

// The same, below another one.
func ctxChild(n int) {
	parent, cancel := context.WithCancel(context.Background())
	ctxMake(parent, n)
	cancel()
}

// One operation: a context with a timeout is made, cancelled, and is garbage.
func ctxTimeout(n int) {
	for i := 0; i < n; i++ {
		_, cancel := context.WithTimeout(context.Background(), time.Hour)
		cancel()
	}
}

// One operation: a tree of ten is made, a root, its three children, and two below
// each of these; it ends with its root, and is garbage then.
func ctxTree(n int) {
	for i := 0; i < n; i++ {
		root, cancel := context.WithCancel(context.Background())
		for j := 0; j < 3; j++ {
			child, _ := context.WithCancel(root)
			context.WithCancel(child)
			context.WithCancel(child)
		}
		cancel()
	}
}
