# shellcheck shell=dash
# The programs of tools/examples: what they print, what they say when something is
# wrong, and that nothing is left of them.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

EXAMPLES=/e2e/examples

# Runs one: sets out, err and status.
run() { # PROGRAM ARG...
	program=$1
	shift
	status=0
	$EXAMPLES/"$program" "$@" >/tmp/example.out 2>/tmp/example.err || status=$?
	out=$(cat /tmp/example.out)
	err=$(cat /tmp/example.err)
}

ended() { # STATUS ERR
	expect "$2" "$err" "stderr of $program"
	expect "$1" "$status" "the exit status of $program"
}

# What epoll said about its Nth job.
about() { # N
	expect "$(lines "$@")" "$(lines "$out" | grep "^${1%% *} ")" "job ${1%% *}"
}

# The number after these words in what was printed.
number_after() { # WORDS
	sed -n "s/.*$1 \([0-9]*\).*/\1/p" /tmp/example.out /tmp/example.err
}

unload_until_the_end() {
	rmmod chanpat
	trap 'insmod /vm/ko/chanpat.ko' EXIT
}

# epoll

test_epoll_prints_what_each_job_gives() {
	run epoll
	ended 0 ''
	about '1 started: gen 1 10 | square | sum' '1 number 385' '1 done: ok, 1 items, 0 errors'
	about '2 started: values apple "two words" | upper' '2 bytes "APPLE"' \
		'2 bytes "TWO WORDS"' '2 done: ok, 2 items, 0 errors'
	about '5 started: in | sleep 10us | sum' '5 number 50005000' \
		'5 done: ok, 1 items, 0 errors'
}

test_epoll_prints_items_that_failed() {
	run epoll
	about '3 started: gen 1 6 | fail every=3' '3 number 1' '3 number 2' \
		'3 error in item 3 of stage 1: Input/output error' '3 number 4' '3 number 5' \
		'3 error in item 6 of stage 1: Input/output error' '3 done: ok, 4 items, 2 errors'
}

test_epoll_waits_for_room_in_a_full_input() {
	run epoll
	expect 10000 "$(number_after pushed)"
	[ "$(number_after 'found no room')" -gt 0 ] || fail "there was always room: $out"
}

test_epoll_ends_a_job_early() {
	run epoll
	ended 0 ''
	lines "$out" | grep '^4 ' >about4
	expect "$(lines '4 number 1' '4 number 2' '4 number 3')" "$(sed -n '2,4p' about4)"
	items=$(($(wc -l <about4) - 2))
	expect "4 done: cancelled, $items items, 0 errors" "$(tail -n 1 about4)"
	[ $items -lt 1000 ] || fail "it went on for $items items"
}

test_epoll_runs_jobs_of_its_users() {
	run epoll 'gen 7 8' 'values a'
	ended 0 ''
	about '6 started: gen 7 8' '6 number 7' '6 number 8' '6 done: ok, 2 items, 0 errors'
	about '7 started: values a' '7 bytes "a"' '7 done: ok, 1 items, 0 errors'
}

test_epoll_leaves_nothing_when_it_is_killed() {
	$EXAMPLES/epoll in 'tick 1h 1' >/tmp/example.out &
	eventually asleep $!
	kill -9 $!
	status=0
	wait $! || status=$?
	expect 137 $status
	expect_rest
}

test_epoll_tells_of_a_job_that_ended_badly() {
	run epoll 'timeout=10ms tick 1h 1' 'errors=stop gen 1 3 | fail every=2'
	ended 1 ''
	about '6 started: timeout=10ms tick 1h 1' '6 done: timeout, 0 items, 0 errors'
	about '7 started: errors=stop gen 1 3 | fail every=2' '7 number 1' \
		'7 error in item 2 of stage 1: Input/output error' \
		'7 done: failed, 1 items, 1 errors' '7 because of: Input/output error'
}

test_epoll_says_why_a_line_is_refused() {
	run epoll 'gen 1 3 | duble'
	ended 1 'epoll: gen 1 3 | duble: column 11: unknown operation "duble", did you mean "double"?'
}

# uring

test_uring_gets_the_right_sum() {
	run uring 100000
	ended 0 ''
	expect "$(lines '100000 numbers pushed, 100000 results, 0 errors' 'sum 10000100000' \
		'and that is right')" "$(lines "$out" | grep -v writes)"
}

test_uring_takes_any_number() {
	for n in 1 255 256 257 2047 2048 2049; do
		run uring $n
		ended 0 ''
		expect "$n numbers pushed, $n results, 0 errors" "$(lines "$out" | head -n 1)"
	done
}

# Of 2048 numbers each there would be five, and one for the end.
test_uring_goes_on_after_a_short_write() {
	run uring 10000 'in | sleep 10us | sum'
	ended 0 ''
	expect 'sum 50005000' "$(lines "$out" | grep sum)"
	writes=$(sed -n 's/.* \([0-9]*\) writes.*/\1/p' /tmp/example.out)
	[ "$writes" -gt 6 ] || fail "no write was short: $out"
}

test_uring_counts_items_that_failed() {
	run uring 3000 'in | fail every=3'
	ended 0 ''
	expect "$(lines '3000 numbers pushed, 2000 results, 1000 errors' 'sum 3000000')" \
		"$(lines "$out" | grep -v writes)"
}

test_uring_ends_with_a_job_that_ends_by_itself() {
	run uring 100000 'in | take 3'
	ended 0 ''
	expect 'sum 6' "$(lines "$out" | grep sum)"
}

test_uring_tells_of_a_job_that_ended_badly() {
	run uring 100000 'errors=stop in | fail every=500'
	ended 1 'uring: the job did not end well: Input/output error'
	expect 'sum 124750' "$(lines "$out" | grep sum)"
	run uring 100000 'timeout=50ms in | sleep 1h'
	ended 1 'uring: the job did not end well: it was ended early'
}

test_uring_says_why_a_line_is_refused() {
	run uring 10 'in | duble'
	ended 1 'uring: in | duble: column 6: unknown operation "duble", did you mean "double"?'
}

test_uring_says_why_a_job_takes_nothing() {
	run uring 10 'tick 1h 1'
	ended 1 'uring: pushing: job "1" does not begin with "in"'
}

test_uring_wants_numbers() {
	for wrong in 0 x 10x -1; do
		run uring $wrong
		ended 2 'usage: uring [NUMBERS [JOB]]'
	done
}

# hashes.sh

digests() { # COUNT -> of the first lines of the text
	sed -n "1,$1s/.* \"\(.*\)\"/\1/p" /e2e/digests
}

test_hashes_are_in_order_with_any_number_of_workers() {
	head -n 100 /e2e/text >text
	for workers in 1 4 30; do
		run hashes.sh text $workers
		ended 0 ''
		expect "$(digests 100)" "$out" "with $workers workers"
	done
}

test_hashes_of_an_empty_file() {
	: >empty
	run hashes.sh empty 2
	ended 0 ''
	expect '' "$out"
}

test_hashes_tell_of_a_line_that_has_none() {
	{ echo a; head -c 70000 /dev/zero | tr '\0' x; echo; echo b; } >file
	run hashes.sh file 2
	ended 1 'hashes.sh: no hash for line 2: EMSGSIZE'
	expect "$(for word in a b; do printf %s "$word" | sha256sum | cut -c 1-64; done)" "$out"
}

test_hashes_say_why_a_line_is_refused() {
	echo a >file
	run hashes.sh file 0
	ended 1 'hashes.sh: "lines fd=4 | sha256 workers=0 ordered" is refused, ERANGE at 29: "workers" must be from 1 to 1024'
	run hashes.sh file '2 | duble'
	ended 1 'hashes.sh: "lines fd=4 | sha256 workers=2 | duble ordered" is refused, EINVAL at 33: unknown operation "duble", did you mean "double"?'
}

test_hashes_want_a_file() {
	run hashes.sh
	ended 2 'hashes.sh: usage: hashes.sh FILE WORKERS'
	run hashes.sh none 1
	ended 1 'hashes.sh: none cannot be read'
	run hashes.sh . 1
	ended 1 'hashes.sh: . cannot be read'
}

test_hashes_leave_nothing_when_they_are_ended() {
	mkfifo pipe
	$EXAMPLES/hashes.sh pipe 2 >hashes 2>&1 &
	hashes=$!
	exec 6>pipe
	echo a >&6
	eventually test -s hashes
	kill $hashes
	status=0
	wait $hashes || status=$?
	expect 143 $status
	expect "$(printf a | sha256sum | cut -c 1-64)" "$(cat hashes)"
	expect_rest
}

# wordcount.py

# The same by other programs.
words_of() { # FILE MOST
	tr 'A-Z ' 'a-z\n' <"$1" | grep . | sort | uniq -c | awk '{ print $1, $2 }' |
		sort -k 1,1nr -k 2,2 | head -n "$2" | sed "s/^/$1: /"
}

test_wordcount_counts_words() {
	cp /e2e/text text
	run wordcount.py text
	expect "$(words_of text 10)" "$out"
	expect 0 $status 'the exit status'
	case $err in
	'found no room '*' times') ;;
	*) fail "stderr is $err" ;;
	esac
}

test_wordcount_knows_its_files_apart() {
	head -n 40 /e2e/text >one
	tail -n 50 /e2e/text >two
	: >none
	run wordcount.py -n 4 one two none
	expect "$(words_of one 4; words_of two 4)" "$out"
	expect 0 $status 'the exit status'
}

test_wordcount_takes_more_files_than_jobs_run_at_a_time() {
	for i in $(seq 70); do
		echo "word$i" >"$i"
	done
	# shellcheck disable=SC2046 # numbers are words
	run wordcount.py -s 'sleep 20ms' $(seq 70)
	expect "$(for i in $(seq 70); do echo "$i: 1 word$i"; done)" "$out"
	expect 0 $status 'the exit status'
}

test_wordcount_waits_for_room_in_a_full_input() {
	seq 5000 | sed 's/.*/x/' >file
	run wordcount.py -s 'sleep 10us' file
	expect 'file: 5000 x' "$out"
	expect 0 $status 'the exit status'
	[ "$(number_after 'found no room')" -gt 0 ] || fail "there was always room: $err"
}

test_wordcount_counts_numbers() {
	lines one two three >file
	run wordcount.py -s len file
	expect "$(lines 'file: 2 3' 'file: 1 5')" "$out"
}

test_wordcount_cuts_long_lines() {
	{ head -c 70000 /dev/zero | tr '\0' x; echo; echo; echo y; } >file
	run wordcount.py -s len file
	expect "$(lines 'file: 1 0' 'file: 1 1' 'file: 1 4464' 'file: 1 65536')" "$out"
}

test_wordcount_tells_of_items_that_failed() {
	lines 1 two 3 >file
	run wordcount.py -s int file
	ended 1 "$(lines 'wordcount.py: file: item 2 of stage 1: Invalid argument' \
		'found no room 0 times')"
	expect "$(lines 'file: 1 1' 'file: 1 3')" "$out"
}

test_wordcount_goes_on_when_a_job_ends_by_itself() {
	lines a b c d >one
	seq 10000 >two
	run wordcount.py -s 'take 2' one two
	expect "$(lines 'one: 1 a' 'one: 1 b' 'two: 1 1' 'two: 1 2')" "$out"
	expect 0 $status 'the exit status'
}

test_wordcount_tells_of_a_job_that_ended_badly() {
	lines a b >file
	run wordcount.py -s 'upper | fail every=2 errno=EIO | int' file
	expect 1 $status 'the exit status'
}

test_wordcount_says_why_a_line_is_refused() {
	echo a >file
	run wordcount.py -s duble file
	ended 1 'wordcount.py: "in | duble" is refused at column 6: unknown operation "duble", did you mean "double"?'
}

test_wordcount_wants_files() {
	run wordcount.py
	ended 2 'usage: wordcount.py [-n MOST] [-s STAGES] FILE...'
	run wordcount.py none
	ended 1 'wordcount.py: none: No such file or directory'
}

# All

all_say() { # TEXT [FOR hashes.sh]
	echo a >/tmp/example.file
	run epoll
	ended 1 "epoll: $1"
	run uring
	ended 1 "uring: $1"
	run hashes.sh /tmp/example.file 1
	ended 1 "hashes.sh: $2"
	run wordcount.py /tmp/example.file
	ended 1 "wordcount.py: $1"
}

test_they_say_that_there_is_no_device() {
	unload_until_the_end
	all_say '/dev/chanpat: No such file or directory (is the module loaded?)' \
		'/dev/chanpat is not there (is the module loaded?)'
}

test_they_say_that_the_device_is_not_for_all() {
	echo a >file
	chmod 644 file
	for command in epoll uring "wordcount.py $PWD/file"; do
		got=$(as_user nobody "$EXAMPLES/$command" 2>&1) && fail "$command did not fail"
		expect "${command%% *}: /dev/chanpat: Permission denied" "$got"
	done
	got=$(as_user nobody "$EXAMPLES/hashes.sh $PWD/file 1" 2>&1) && fail 'it did not fail'
	expect 'hashes.sh: /dev/chanpat: no permission' "$got"
}

run_tests
