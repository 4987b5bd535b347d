// SPDX-License-Identifier: GPL-2.0

package main

import (
	"bufio"
	"bytes"
	"os"
	"time"
)

// What "lines fd=N | grep WORD | count" does, as one would write it.
func grepLines(path string, word []byte) (lines, found int) {
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		lines++
		if bytes.Contains(scanner.Bytes(), word) {
			found++
		}
	}
	return lines, found
}

func measureLines(path, word string) {
	s := newSpread()
	lines := 0
	for i := 0; i < 3; i++ {
		start := time.Now()
		lines, _ = grepLines(path, []byte(word))
		s.add(since(start))
	}
	s.report("device_lines_grep_count", "instructions", lines)
}
