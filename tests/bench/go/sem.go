// SPDX-License-Identifier: GPL-2.0

package main

import (
	"context"

	"golang.org/x/sync/semaphore"
)

var semBenches = []bench{
	{"semaphore_pair", 100000, semaphorePair},
	{"semaphore", 100000, chanSem},
}

// One operation: one unit is acquired, and released.
func semaphorePair(n int) {
	sem := semaphore.NewWeighted(4)
	ctx := context.Background()
	for i := 0; i < n; i++ {
		if sem.Acquire(ctx, 1) != nil {
			panic("no unit")
		}
		sem.Release(1)
	}
}
