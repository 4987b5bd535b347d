// SPDX-License-Identifier: GPL-2.0

package main

import "sync"

const (
	pipelineStages = 3
	poolWorkers    = 4
	poolBuf        = 64
)

var patternBenches = []bench{
	{"generator", 50000, generator},
	{"pipeline_unbuffered", 20000, pipeline(0)},
	{"pipeline_buffered", 20000, pipeline(64)},
	{"pool_job", 20000, poolJob},
	{"pool_run", 20000, poolRun},
	{"task_per_item", 10000, taskPerItem},
}

func numbers(n int) chan uint64 {
	ch := make(chan uint64)
	go func() {
		for i := 0; i < n; i++ {
			ch <- uint64(i)
		}
		close(ch)
	}()
	return ch
}

// Counts in a goroutine of its own what comes out, up to the end.
func read(ch chan uint64, n int) {
	done := make(chan int)
	go func() {
		count := 0
		for range ch {
			count++
		}
		done <- count
	}()
	if <-done != n {
		panic("an item was lost")
	}
}

// One operation: a goroutine makes a number, and another receives it, over an
// unbuffered channel.
func generator(n int) {
	read(numbers(n), n)
}

func addOne(in chan uint64, places int) chan uint64 {
	out := make(chan uint64, places)
	go func() {
		for value := range in {
			out <- value + 1
		}
		close(out)
	}()
	return out
}

// One operation: a number passes from a source through three stages, each of
// which adds one, to a reader; so many places before each stage.
func pipeline(places int) func(n int) {
	return func(n int) {
		ch := make(chan uint64, places)
		go func() {
			for i := 0; i < n; i++ {
				ch <- uint64(i)
			}
			close(ch)
		}()
		for i := 1; i < pipelineStages; i++ {
			ch = addOne(ch, places)
		}
		read(addOne(ch, 0), n)
	}
}

// One operation: a goroutine submits a job to a pool of four, which adds one,
// and another one reads its result. 64 jobs may wait for a worker, and 64
// results for the reader.
func poolJob(n int) {
	jobs := make(chan uint64, poolBuf)
	results := make(chan uint64, poolBuf)
	var wg sync.WaitGroup
	for i := 0; i < poolWorkers; i++ {
		wg.Add(1)
		go func() {
			for value := range jobs {
				results <- value + 1
			}
			wg.Done()
		}()
	}
	go func() {
		for i := 0; i < n; i++ {
			jobs <- uint64(i)
		}
		close(jobs)
		wg.Wait()
		close(results)
	}()
	read(results, n)
}

// One operation: a job is sent to a pool of four, and done. Nobody is told, but in
// the end all of them are waited for.
func poolRun(n int) {
	jobs := make(chan *uint64, 256)
	var sums [poolWorkers]uint64
	var wg sync.WaitGroup
	for i := 0; i < poolWorkers; i++ {
		wg.Add(1)
		go func() {
			for sum := range jobs {
				*sum++
			}
			wg.Done()
		}()
	}
	for i := 0; i < n; i++ {
		jobs <- &sums[i%poolWorkers]
	}
	close(jobs)
	wg.Wait()
	total := uint64(0)
	for _, sum := range sums {
		total += sum
	}
	if total != uint64(n) {
		panic("a job was lost")
	}
}

// One operation: a number passes from a source to a goroutine of its own, which
// adds one and ends, and what they all send is read from one channel. Nothing is
// buffered, and nothing bounds the number of goroutines.
func taskPerItem(n int) {
	in, out := numbers(n), make(chan uint64)
	go func() {
		var wg sync.WaitGroup
		for value := range in {
			wg.Add(1)
			go func(value uint64) {
				out <- value + 1
				wg.Done()
			}(value)
		}
		wg.Wait()
		close(out)
	}()
	read(out, n)
}
