# shellcheck shell=dash
# The source "lines": what can be read, what cannot, and that nothing is kept.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

# What is read

test_a_file_gives_its_lines() {
	printf 'one\n\ntwo words\n' >file
	exec 5<file
	gives 'lines fd=5' '"one"' '""' '"two words"'
}

test_an_empty_file_gives_nothing() {
	: >file
	exec 5<file
	gives 'lines fd=5'
}

test_a_last_line_without_a_newline_counts() {
	printf 'one\ntwo' >file
	exec 5<file
	gives 'lines fd=5' '"one"' '"two"'
}

test_a_file_of_one_newline_is_one_empty_line() {
	echo >file
	exec 5<file
	gives 'lines fd=5' '""'
}

test_binary_bytes_come_through() {
	printf '\000\001\377\n\200\r\n' >file
	exec 5<file
	gives 'lines fd=5 | len' 3 2
	printf '\000abc\377' >file
	exec 5<file
	gives 'lines fd=5 | sha256' "\"$(sha256sum <file | cut -c 1-64)\""
}

test_reading_begins_at_the_position() {
	printf 'one\ntwo\nthree\n' >file
	exec 5<file
	read -r _ <&5
	gives 'lines fd=5' '"two"' '"three"'
}

test_reading_does_not_move_the_position() {
	printf 'one\ntwo\n' >file
	exec 5<file
	gives 'lines fd=5' '"one"' '"two"'
	gives 'lines fd=5 | count' 2
	expect "$(lines one two)" "$(cat <&5)"
}

test_a_file_for_reading_and_writing_can_be_read() {
	echo one >file
	exec 5<>file
	gives 'lines fd=5' '"one"'
}

test_two_jobs_read_the_same_file() {
	seq 1000 >file
	exec 5<file
	ask 'lines fd=5 | count' 'lines fd=5 | count'
	expect "$(lines '1 item 1000' '2 item 1000')" "$(lines "$out" | grep " item " | sort)"
}

test_a_file_of_many_pages() {
	seq 20000 >file
	exec 5<file
	gives 'lines fd=5 | count' 20000
	gives 'lines fd=5 | len | sum' 88894
}

test_a_line_across_two_pages() {
	printf '%4090s\n%4090s\n' a b >file
	exec 5<file
	gives 'lines fd=5 | len' 4090 4090
}

test_what_is_appended_is_read_as_far_as_it_goes() {
	echo one >file
	exec 5<file
	echo two >>file
	gives 'lines fd=5' '"one"' '"two"'
}

# Long lines

test_a_line_of_65536_bytes_is_read() {
	long_line 65536 >file
	exec 5<file
	gives 'lines fd=5 | len' 65536
	gives 'lines fd=5 | sha256' "\"$(head -c 65536 file | sha256sum | cut -c 1-64)\""
}

long_line() { # BYTES -> so many, and a newline
	head -c "$1" /dev/zero | tr '\0' x
	echo
}

test_a_line_of_65537_bytes_is_an_error() {
	{ echo before; long_line 65537; echo after; } >file
	exec 5<file
	says 'lines fd=5' '1 item "before"' '1 error EMSGSIZE stage=0 op=lines seq=2' \
		'1 item "after"' '1 done ok items=2 errors=1'
}

test_a_line_of_a_megabyte_is_one_error() {
	{ long_line 1000000; echo after; } >file
	exec 5<file
	says 'lines fd=5' '1 error EMSGSIZE stage=0 op=lines seq=1' \
		'1 item "after"' '1 done ok items=1 errors=1'
}

test_a_long_last_line_without_a_newline() {
	head -c 65536 /dev/zero | tr '\0' x >file
	exec 5<file
	gives 'lines fd=5 | len' 65536
	echo x >>file
	says 'lines fd=5' '1 error EMSGSIZE stage=0 op=lines seq=1' '1 done ok items=0 errors=1'
}

test_what_takes_long_to_read_holds_up_no_line_before_it() {
	echo one >file
	truncate -s 4000G file
	exec 5<file
	exec 3<>$DEV
	echo 'lines fd=5 | upper' >&3
	read -r line <&3
	expect '1 item "ONE"' "$line"
	exec 3>&-
}

test_a_file_without_a_line_is_idle() {
	truncate -s 4000G file
	exec 5<file
	says 'idle=50ms lines fd=5' '1 done idle items=0 errors=0'
	says 'idle=50ms lines fd=5 | upper workers=1' '1 done idle items=0 errors=0'
	says 'limit=1 idle=50ms lines fd=5' '1 done idle items=0 errors=0'
}

test_a_string_of_65536_bytes_can_be_read_from_the_device() {
	long_line 65536 >file
	exec 3<>$DEV 5<file
	echo 'lines fd=5' >&3
	{ printf '1 item "'; head -c 65536 file; echo '"'; } >expected
	sed '$d' <&3 >actual
	cmp expected actual
}

# Pipes

test_a_pipe_is_read_to_its_end() {
	open_pipe
	seq 3 >&6
	exec 6>&-
	gives 'lines fd=5' '"1"' '"2"' '"3"'
}

test_a_line_of_a_pipe_is_there_at_once() {
	open_pipe
	echo 'lines fd=5' >&3
	echo one >&6
	expect 'readline 13 1 item "one"\n' "$(calls fd:3 readline)"
	echo two >&6
	expect 'readline 13 1 item "two"\n' "$(calls fd:3 readline)"
	exec 6>&-
	listen
	expect '1 done ok items=2 errors=0' "$out"
}

# 5 is the reading and 6 the writing end, 3 is a session.
open_pipe() {
	rm -f pipe
	mkfifo pipe
	exec 5<>pipe
	exec 6>pipe
	exec 7<pipe
	exec 5<&7 7<&- 3<>$DEV
}

test_cancel_ends_a_job_that_waits_for_a_pipe() {
	open_pipe
	lines 'lines fd=5' >&3
	eventually reader_sleeps
	echo 'cancel 1' >&3
	listen
	expect '1 done cancelled items=0 errors=0' "$out"
}

# The thread that reads waits for more.
reader_sleeps() {
	for process in /proc/[0-9]*; do
		read -r name 2>/dev/null <"$process/comm" || continue
		if [ "$name" = chp/lines ] && asleep "${process#/proc/}"; then
			return 0
		fi
	done
	return 1
}

test_timeout_ends_a_job_that_waits_for_a_pipe() {
	open_pipe
	lines 'timeout=50ms lines fd=5' >&3
	listen
	expect '1 done timeout items=0 errors=0' "$out"
}

test_idle_ends_a_job_that_waits_for_a_pipe() {
	open_pipe
	lines 'idle=50ms lines fd=5' >&3
	listen
	expect '1 done idle items=0 errors=0' "$out"
}

test_take_ends_a_job_that_waits_for_a_pipe() {
	open_pipe
	echo one >&6
	echo 'lines fd=5 | take 1' >&3
	listen
	expect "$(items 1 '"one"')" "$out"
}

test_closing_the_session_ends_a_job_that_waits_for_a_pipe() {
	open_pipe
	echo 'lines fd=5' >&3
	eventually reader_sleeps
	exec 3>&-
	expect 0 "$(stat_of threads)" "threads after the close"
}

test_a_cancelled_job_lets_go_of_the_pipe() {
	open_pipe
	echo 'lines fd=5' >&3
	exec 5<&-
	echo 'cancel 1' >&3
	listen
	trap '' PIPE
	eventually cannot_write_to_pipe
}

cannot_write_to_pipe() { ! echo x 2>/dev/null >&6; }

# What is not read

test_a_descriptor_that_is_not_open() {
	rejects 'lines fd=77' EBADF 1 'descriptor 77 is not open'
	rejects 'lines fd=-1' ERANGE 10 'number is out of range for a file descriptor'
	rejects 'lines fd=4294967296' ERANGE 10 'number is out of range for a file descriptor'
}

test_a_file_that_is_open_for_writing_only() {
	exec 5>file
	rejects 'lines fd=5' EBADF 1 'descriptor 5 is not open for reading'
}

test_a_directory() {
	exec 5<.
	rejects 'lines fd=5' EISDIR 1 'descriptor 5 is a directory'
}

test_the_device_itself() {
	rejects 'lines fd=3' ELOOP 1 'descriptor 3 is chanpat itself'
	exec 5<$DEV
	rejects 'lines fd=5' ELOOP 1 'descriptor 5 is chanpat itself'
	exec 5<&-
}

test_files_of_proc() {
	exec 5</proc/version
	gives 'lines fd=5 | count' 1
	exec 5</proc/meminfo
	gives 'lines fd=5 | grep MemTotal | count' 1
}

test_what_the_kernel_cannot_read_is_refused() {
	exec 5</proc/modules
	rejects 'lines fd=5' EINVAL 1 'descriptor 5 is of a kind that the kernel cannot read'
	exec 5</dev/null
	rejects 'lines fd=5' EINVAL 1 'descriptor 5 is of a kind that the kernel cannot read'
}

# What is kept

test_a_closed_descriptor_is_still_read() {
	seq 5 >file
	exec 3<>$DEV 5<file
	echo 'lines fd=5 | sleep 10ms' >&3
	exec 5<&-
	listen
	expect "$(items 1 '"1"' '"2"' '"3"' '"4"' '"5"')" "$out"
}

test_a_removed_file_is_still_read() {
	seq 5 >file
	exec 3<>$DEV 5<file
	echo 'lines fd=5 | sleep 10ms | count' >&3
	rm file
	listen
	expect "$(items 1 5)" "$out"
}

test_a_file_system_is_busy_while_a_job_reads_it_and_not_after() {
	mkdir -p mnt
	mount -t tmpfs tmpfs mnt
	seq 5 >mnt/file
	exec 3<>$DEV 5<mnt/file
	echo 'lines fd=5 | sleep 1h' >&3
	exec 5<&-
	! umount mnt 2>/dev/null || fail "it is not in use"
	echo 'cancel all' >&3
	listen
	eventually umount mnt
}

test_a_file_is_let_go_of_before_the_end_of_its_job_is_read() {
	mkdir -p mnt
	mount -t tmpfs tmpfs mnt
	seq 5 >mnt/file
	exec 3<>$DEV 5<mnt/file
	echo 'lines fd=5' >&3
	exec 5<&-
	eventually job_is ok
	eventually umount mnt
}

test_the_rights_count_when_the_line_is_written() {
	chgrp chanpat $DEV
	chmod 660 $DEV
	echo secret >/root/secret
	chmod 600 /root/secret
	! as_user a "cat /root/secret" 2>/dev/null || fail "a could open it"
	expect "$(items 1 '"secret"')" \
		"$(as_user a "echo 'lines fd=5' >$DEV; cat $DEV" 5</root/secret | sed 's/ time_us=.*//')"
}

# Whoever closes the file last need not be who wrote the line.
test_a_line_that_ends_with_its_file_cannot_name_descriptors() {
	exec 5</etc/passwd
	printf 'lines fd=5' >$DEV
	expect '- reject EPERM col=1 descriptor 5 must be named in a whole line, by one with the rights of who opened the device' \
		"$(cat $DEV)"
}

run_tests
