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
