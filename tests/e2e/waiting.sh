# shellcheck shell=dash
# Waiting for the device, in every way that a program can, and handing it on: see
# waiting.c.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

waits() { # EXPECTED CALL...
	expected=$1
	shift
	expect "$expected" "$(waiting "$@" 2>&1 | sed 's/ time_us=[0-9]*//g')" "waiting $*"
}

# epoll

test_epoll_tells_of_what_there_is_as_long_as_it_is_there() {
	waits "$(lines 'events in out' 'events in out' 'write 10' 'events out' 'events out')" \
		open:rw epoll:io events:0 events:0 'write:tick 1h 1\n' events:0 events:0
}

test_epoll_wakes_for_a_result() {
	waits "$(lines 'write 22' 'events in' 'read 9 1 item 1\n')" \
		open:rw epoll:i 'write:gen 1 1 | sleep 50ms \n' events:-1 read:9
}

test_an_edge_is_told_once() {
	waits "$(lines 'events in' 'events none' 'write 10' 'events none')" \
		open:rw epoll:ie events:0 events:0 'write:tick 1h 1\n' events:20
}

test_each_arrival_is_an_edge_though_nothing_was_read() {
	exec 3<>$DEV
	waiting fd:3 'write:in\ntick 1h 1\n' epoll:ie events:0 'write:@1 1\n' events:-1 \
		'write:@1 2\n' events:-1 'write:@1 3\n' events:-1 events:50 >told
	expect "$(lines 'write 13' 'events none' 'write 5' 'events in' 'write 5' 'events in' \
		'write 5' 'events in' 'events none')" "$(cat told)"
}

test_the_end_of_the_last_job_is_an_edge() {
	waits "$(lines 'write 10' 'events none' 'write 11' 'events in' 'read 24 1 done cancelled items=0' )" \
		open:rw 'write:tick 1h 1\n' epoll:ie events:0 'write:cancel all\n' events:-1 read:24
}

test_a_place_is_an_edge_for_writers_alone() {
	waits "$(lines 'events out' 'fill 64 EAGAIN' 'events none' 'write 9' 'events out')" \
		open:rwn epoll:oe events:0 'fill:tick 1h 1' events:20 'write:cancel 1\n' events:-1
}

test_room_in_an_input_is_told_to_who_had_none() {
	exec 3<>$DEV
	echo 'in | sleep 1h' >&3
	waiting fd:3 nonblock 'fill:@1 5' epoll:oe events:20 'write:cancel 1\n' events:-1 >told
	expect "$(lines 'events none' 'write 9' 'events out')" "$(sed 1d told)"
}

test_several_epolls_are_told() {
	exec 3<>$DEV
	echo 'in' >&3
	waiting fd:3 epoll:i events:-1 >told1 &
	first=$!
	waiting fd:3 epoll:ie events:-1 >told2 &
	second=$!
	eventually asleep $first
	eventually asleep $second
	echo '@1 1' >&3
	wait $first $second
	expect "$(lines 'events in' 'events in')" "$(cat told1 told2)"
}

# Signals

test_a_result_sends_a_signal() {
	waits "$(lines 'write 3' 'write 5' sigin 'write 5' sigin)" \
		open:rw sigio 'write:in\n' 'write:@1 1\n' sigin:5000 'write:@1 2\n' sigin:5000
}

test_a_place_sends_a_signal() {
	waits "$(lines 'fill 64 EAGAIN' 'sigout none' 'write 9' sigout)" open:rwn sigio \
		'fill:tick 1h 1' sigout:20 'write:cancel 1\n' sigout:5000
}

test_who_wants_no_signals_gets_none() {
	waits "$(lines 'write 3' 'sigin none')" open:rw sigio open:rw 'write:in\n' \
		use:0 sigin:20
}

# io_uring

test_a_ring_reads_what_is_there_without_a_thread() {
	exec 3<>$DEV
	echo 'gen 1 1' >&3
	eventually job_is ok
	waits "$(lines 'ring 9 1 item 1\n' 'threads 0')" fd:3 ringread:9 ring:-1 threads
}

test_a_ring_waits_for_a_result_without_a_thread() {
	waits "$(lines 'write 3' 'ring ETIME' 'threads 0' 'write 5' 'ring 9 1 item 7\n' 'threads 0')" \
		open:rw 'write:in\n' ringread:100 ring:20 threads 'write:@1 7\n' ring:-1 threads
}

test_a_ring_reads_the_end() {
	waits "$(lines 'ring 0' 'threads 0')" open:rw ringread:9 ring:-1 threads
}

test_a_ring_writes_without_a_thread() {
	waits "$(lines 'ring 8' 'threads 0' '1 item 1' '1 done ok items=1 errors=0')" \
		open:rw 'ringwrite:gen 1 1\n' ring:-1 threads show
}

test_a_ring_waits_for_a_place_without_a_thread() {
	exec 3<>$DEV
	waiting fd:3 nonblock 'fill:tick 1h 1' block 'ringwrite:gen 1 1 \n' ring:50 threads \
		ring:-1 threads >told &
	eventually has_line 'threads 0' told
	echo 'cancel 1' >&3
	wait $!
	expect "$(lines 'fill 64 EAGAIN' 'ring ETIME' 'threads 0' 'ring 9' 'threads 0')" "$(cat told)"
}

has_line() { grep -qx "$1" "$2"; } # LINE FILE

# The first makes something to read, so the ring has work for its process, which
# looks like a signal to the second.
test_a_ring_writes_while_it_has_more_to_do() {
	expect "$(lines 'ring 2' 'ring 5' 'ring EINVAL' 'write 3')" \
		"$(waiting open:rw 'write:in\n' ringread:2 'ringlines:nothing\n@1 1\n' \
			ring:-1 ring:-1 ring:-1 | sort)"
}

test_a_ring_is_told_why_a_line_is_refused() {
	waits "$(lines 'ring EINVAL' 'threads 0')" open:rw 'ringwrite:nothing\n' ring:-1 threads
}

# splice

test_results_are_spliced_to_a_pipe() {
	exec 3<>$DEV
	echo 'gen 1 2' >&3
	eventually job_is ok
	waits 'spliceout 18 1 item 1\n1 item 2\n' fd:3 spliceout:18
}

test_results_are_spliced_to_a_file() {
	waiting open:rw 'write:gen 1 600\n' splicefile:results >said
	expect "$(lines 'write 10' 'splicefile 0')" "$(cat said)"
	# shellcheck disable=SC2046 # numbers are words
	expect "$(items 1 $(seq 600))" "$(sed 's/ time_us=.*//' results)"
}

test_lines_are_spliced_from_a_pipe() {
	waits "$(lines 'splicein 8' '1 item 1' '1 done ok items=1 errors=0')" \
		open:rw 'splicein:gen 1 1\n' show
}

test_a_file_of_lines_is_sent() {
	echo 'gen 5 5' >job
	waits "$(lines 'sendfile 8' '1 item 5' '1 done ok items=1 errors=0')" \
		open:rw sendfile:job show
}

# Several who have the file

test_two_readers_of_a_file_get_each_result_once() {
	exec 3<>$DEV
	echo 'gen 1 3000' >&3
	cat <&3 >first &
	cat <&3 >second
	wait $!
	# shellcheck disable=SC2046 # numbers are words
	expect "$(items 1 $(seq 3000) | sort)" "$(cat first second | sed 's/ time_us=.*//' | sort)"
}

test_a_copy_of_the_descriptor_is_the_same_session() {
	exec 3<>$DEV
	exec 4<&3
	echo 'gen 1 2' >&4
	exec 4<&-
	listen
	expect "$(items 1 1 2)" "$out"
}

test_a_file_can_be_passed_on() {
	waits "$(lines 'write 8' '1 item 1' '1 done ok items=1 errors=0')" \
		passed:0,0 'write:gen 1 1\n' show
}

test_lines_in_a_passed_file_cannot_use_the_descriptors_of_who_may_do_more() {
	open_device_to_group
	echo secret >secret
	exec 5<secret
	waits "$(lines 'write 11' '1 item "secret"' '1 done ok items=1 errors=0')" \
		passed:0,0 'write:lines fd=5\n' show
	waits "$(lines 'write EPERM' '- reject EPERM col=1 descriptor 5 must be named in a whole line, by one with the rights of who opened the device')" \
		passed:1000,990 'write:lines fd=5\n' show
}

run_tests
