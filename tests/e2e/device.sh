# shellcheck shell=dash
# The device as programs use it: reads, writes and polls, and what makes them wait.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

# Reading

test_a_read_waits_for_a_result() {
	does "$(lines 'write 22' 'read 9 1 item 1\n')" \
		open:rw 'write:gen 1 1 | sleep 50ms \n' read:9
}

test_a_read_that_may_not_wait_says_so() {
	does "$(lines 'write 22' 'read EAGAIN' 'pollin 1' 'read 9 1 item 1\n')" \
		open:rwn 'write:gen 1 1 | sleep 50ms \n' read:9 pollin:-1 read:9
}

test_a_read_is_at_the_end_when_nothing_is_outstanding() {
	does 'read 0' open:rw read:100
	does 'read 0' open:rwn read:100
	does 'read 0' open:r read:100
	does "$(lines 'write 8' 'drain 2' 'read 0' 'read 0' 'write 8' 'drain 2')" \
		open:rw 'write:gen 1 1\n' drain read:100 read:100 'write:gen 1 1\n' drain
}

test_a_read_of_no_bytes_takes_nothing() {
	does "$(lines 'write 8' 'read 0' 'drain 2')" open:rw 'write:gen 1 1\n' read:0 drain
}

test_a_read_gives_whole_lines() {
	exec 3<>$DEV
	echo 'gen 1 3' >&3
	eventually job_is ok
	expect 'read 27 1 item 1\n1 item 2\n1 item 3\n' "$(calls fd:3 read:35)"
	listen
	expect '1 done ok items=3 errors=0' "$out"
}

test_a_line_longer_than_the_buffer_is_read_in_parts() {
	does "$(lines 'write 19' 'read 5 1 ite' 'read 5 m "ab' 'readline 9 cdefghi"\n')" \
		open:rw 'write:values "abcdefghi"\n' read:5 read:5 readline
}

test_a_line_can_be_read_byte_by_byte() {
	does "$(lines 'write 8' 'readline 9 1 item 1\n' 'poll in out')" \
		open:rw 'write:gen 1 1\n' readline poll:0
	ask 'gen 1 50 | sum'
	expect "$(items 1 1275)" "$out"
}

test_a_long_string_survives_small_reads() {
	long=$(printf '%3000s' '' | tr ' ' x)
	for size in 1 7 1000 4096; do
		does "$(lines 'write 3008' 'drain 2')" \
			open:rw "write:values $long\n" drain:$size
	done
}

# Writing

test_a_line_can_be_written_in_pieces() {
	does "$(lines 'write 3' 'write 1' 'write 4' 'drain 2')" \
		open:rw 'write:gen' 'write: ' 'write:1 1\n' drain
}

test_many_lines_can_be_written_at_once() {
	does "$(lines 'write 24' 'drain 6')" \
		open:rw 'write:gen 1 1\ngen 1 1\ngen 1 1\n' drain
}

test_a_piece_of_a_line_is_no_job_yet() {
	does "$(lines 'write 7' 'read 0' 'write 1' 'drain 2')" \
		open:rw 'write:gen 1 1' read:10 'write:\n' drain
}

test_a_line_without_its_newline_is_dropped_with_a_session_of_its_own() {
	does "$(lines 'write 7' 'read 0')" open:rw 'write:gen 1 1' close open:r read:10
}

test_a_write_of_nothing_does_nothing() { does 'write 0' open:rw write:; }

test_a_line_of_4096_bytes_can_come_in_many_writes() {
	half=$(printf '%2044s' '')
	does "$(lines 'write 2048' 'write 2048' 'write 1' 'drain 2')" \
		open:rw "write:gen $half" "write: 1 1${half}" 'write:\n' drain
}

test_only_the_right_direction_is_open() {
	does "$(lines 'write EBADF')" open:r write:x
	does "$(lines 'read EBADF')" open:w read:1
}

# poll

test_poll_on_a_new_file() { does 'poll in out' open:rw poll:0; }

test_poll_while_a_job_has_no_result() {
	does "$(lines 'write 10' 'poll out')" open:rw 'write:tick 1h 1\n' poll:0
}

test_poll_with_a_result() {
	does "$(lines 'write 30' 'pollin 1' 'poll in out')" \
		open:rw 'write:values 1 2 | sleep 1ms       \n' pollin:-1 poll:0
}

test_poll_with_a_part_of_a_line() {
	does "$(lines 'write 22' 'pollin 1' 'read 3 1 i' 'poll in out')" \
		open:rw 'write:values 1 | sleep 50ms\n' pollin:-1 read:3 poll:0
}

test_poll_at_the_end() {
	does "$(lines 'write 8' 'drain 2' 'poll in out')" open:rw 'write:gen 1 1\n' drain poll:0
}

test_poll_wakes_for_the_end_of_a_job_without_items() {
	does "$(lines 'write 35' 'pollin 1' 'drain 1')" \
		open:rw 'write:gen 1 1 | sleep 50ms | null       \n' pollin:-1 drain
}

test_poll_wakes_for_a_reason() {
	exec 3<>$DEV
	echo 'tick 1h 1' >&3
	calls fd:3 pollin:-1 >polled &
	eventually asleep $!
	! echo bad >&3 2>/dev/null || fail "it was accepted"
	wait $!
	expect 'pollin 1' "$(cat polled)"
}

test_poll_while_the_session_is_full() {
	does "$(lines 'fill 64 EAGAIN' 'poll none' 'pollout 0')" \
		open:rwn 'fill:tick 1h 1' poll:0 pollout:20
}

test_poll_wakes_for_a_place() {
	exec 3<>$DEV
	calls fd:3 nonblock 'fill:tick 1h 1' >/dev/null
	calls fd:3 pollout:-1 >polled &
	eventually asleep $!
	echo 'cancel 64' >&3
	wait $!
	expect 'pollout 1' "$(cat polled)"
}

# A full session

test_a_full_session_makes_a_writer_wait() {
	does "$(lines 'fill 64 EAGAIN' 'write 9' 'write 8' 'write 11' 'drain 66')" \
		open:wn 'fill:tick 1h 1' block 'start:write:gen 1 1\n' \
		open:w 'write:cancel 7\n' finish 'write:cancel all\n' open:r drain
}

test_a_full_session_tells_who_may_not_wait() {
	does "$(lines 'fill 64 EAGAIN' 'write EAGAIN' 'write 11' 'pollout 1' 'write 10')" \
		open:rwn 'fill:tick 1h 1' 'write:tick 1h 1\n' 'write:cancel all\n' pollout:-1 \
		'write:tick 1h 1\n'
}

test_a_full_session_makes_a_write_short() {
	does "$(lines 'fill 64 EAGAIN' 'write 9' 'pollout 1' 'write 10' 'write EAGAIN')" \
		open:rwn 'fill:tick 1h 1' 'write:cancel 1\n' pollout:-1 \
		'write:tick 1h 1\ntick 1h 1\n' 'write:tick 1h 1\n'
}

test_a_full_session_still_takes_what_is_no_job() {
	does "$(lines 'fill 64 EAGAIN' 'write 10' 'write 11')" \
		open:rwn 'fill:tick 1h 1' 'write:# nothing\n' 'write:cancel all\n'
}

test_the_end_of_a_line_can_be_given_again_to_a_full_session() {
	does "$(lines 'fill 64 EAGAIN' 'write 5' 'write EAGAIN' 'write 11' 'pollout 1' 'write 4' \
		'drain 66')" open:wn 'fill:tick 1h 1' 'write:gen 5' 'write: 5 \n' \
		open:w 'write:cancel all\n' use:0 pollout:-1 'write: 5 \n' open:r drain
}

# Results that nobody reads

test_a_job_that_nobody_reads_parks() {
	exec 3<>$DEV
	echo 'gen 1 inf | double' >&3
	eventually job_has_items 256
	sent=$(stage_field 0 sent)
	[ "$sent" -lt 270 ] || fail "$sent items were made for 256 places"
	idle_before=$(idle_time)
	sleep 0.5
	idle=$(($(idle_time) - idle_before))
	expect "$sent" "$(stage_field 0 sent)" "the number of items made"
	cpus=$(grep -c ^processor /proc/cpuinfo)
	[ $idle -ge $((cpus * 35)) ] || fail "$cpus CPUs were idle for ${idle}0 ms of 500 each"
}

job_has_items() { # COUNT
	read -r _ _ _ count _ <$JOBS && [ "$count" = "items=$1" ]
}

# Of all CPUs, in hundredths of a second.
idle_time() {
	read -r _ idle </proc/uptime
	echo "${idle%.*}${idle#*.}"
}

test_a_job_goes_on_when_it_is_read() {
	exec 3<>$DEV
	echo 'gen 1 600' >&3
	eventually job_has_items 256
	listen
	# shellcheck disable=SC2046 # numbers are words
	expect "$(items 1 $(seq 600))" "$out"
}

test_a_parked_job_does_not_hold_up_control_lines() {
	exec 3<>$DEV
	echo 'gen 1 inf' >&3
	eventually job_has_items 256
	echo 'cancel all' >&3
	listen
	case $out in
	*'done cancelled '*) ;;
	*) fail "no end: $out" ;;
	esac
}

# Signals

test_a_signal_interrupts_a_read() {
	does "$(lines 'write 10' 'read EINTR')" \
		open:rw 'write:tick 1h 1\n' start:read:100 signal finish
}

test_a_signal_interrupts_a_write() {
	does "$(lines 'fill 64 EAGAIN' 'write EINTR')" \
		open:rwn 'fill:tick 1h 1' block 'start:write:gen 1 1\n' signal finish
}

test_an_interrupted_write_is_no_job() {
	does "$(lines 'fill 64 EAGAIN' 'write EINTR' 'write 11' 'drain 64')" \
		open:rwn 'fill:tick 1h 1' block 'start:write:gen 1 1\n' signal finish \
		'write:cancel all\n' drain
}

test_a_signal_after_a_part_was_written_makes_the_write_short() {
	does "$(lines 'fill 64 EAGAIN' 'write 8')" open:rwn 'fill:tick 1h 1' block \
		'start:write:# none\n\ngen 1 1\n' signal finish
}

test_a_signal_interrupts_a_poll() {
	does "$(lines 'write 10' 'pollin EINTR')" \
		open:rw 'write:tick 1h 1\n' start:pollin:-1 signal finish
}

test_a_killed_reader_leaves_the_session_to_others() {
	does "$(lines 'write 10' 'finish: killed by 9' 'write 9' 'drain 1')" open:rw \
		'write:tick 1h 1\n' start:read:100 kill finish 'write:cancel 1\n' drain
}

test_a_killed_writer_leaves_the_session_to_others() {
	does "$(lines 'fill 64 EAGAIN' 'finish: killed by 9' 'write 11' 'drain 64')" open:rwn \
		'fill:tick 1h 1' block 'start:write:gen 1 1\n' kill finish 'write:cancel all\n' drain
}

# Several at once on one file

test_who_may_not_wait_does_not_wait_for_another_reader() {
	does "$(lines 'write 10' 'read EAGAIN' 'read EINTR')" open:rw \
		'write:tick 1h 1\n' start:read:100 nonblock read:100 signal finish
}

test_a_waiting_reader_does_not_hold_up_a_writer() {
	exec 3<>$DEV
	echo 'tick 1h 1' >&3
	calls fd:3 drain >drained &
	eventually asleep $!
	echo 'cancel all' >&3
	wait $!
	expect 'drain 1' "$(cat drained)"
}

# Bad pointers

test_a_bad_pointer_in_a_write_loses_nothing() {
	does "$(lines 'writefault 11' 'writefault EFAULT' 'write 5' 'drain 4')" \
		open:rw 'writefault:gen 1 1\ngen' 'writefault:' 'write: 2 2\n' drain
}

test_a_bad_pointer_in_a_read_loses_nothing() {
	does "$(lines 'write 8' 'readfault EFAULT' 'readfault 4 1 it' 'readfault EFAULT' \
		'readline 5 em 1\n' 'drain 1')" \
		open:rw 'write:gen 1 1\n' readfault:0 readfault:4 readfault:0 readline drain
}

run_tests
