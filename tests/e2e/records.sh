# shellcheck shell=dash
# The binary format and the ioctls, as programs of 64 bits use them: see records.c.
# records32.sh runs the same with one of 32 bits.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

RECORDS=${RECORDS:-records}

# Calls in order, one word each; show needs no word for what it shows.
do_records() { # EXPECTED CALL...
	expected=$1
	shift
	expect "$expected" "$($RECORDS "$@" 2>&1)" "$RECORDS $*"
}

refuses() { # CALL...: what is sent is EINVAL, and a reason is given
	got=$($RECORDS open:rw "$@" send reject show 2>&1)
	case $got in
	'send EINVAL'"$NL"'reject cookie='*' EINVAL col=0 '?*) ;;
	*) fail "$* gave: $got" ;;
	esac
}

# Round trips

test_numbers_are_pushed_and_come_back() {
	do_records "$(lines 'send all' 'numbers 7/1: 2 -4 6' 'done 7/1: ok items=3 errors=0')" \
		open:rw 'line:7=in | double' numbers:7=1,-2,3 end:7 send show
}

test_byte_strings_are_pushed_and_come_back() {
	do_records "$(lines 'send all' 'bytes 9/1: "A" "" "HELLO AND" "EIGHT888"' \
		'done 9/1: ok items=4 errors=0')" \
		open:rw 'line:9=in | upper' 'bytes:9=a,,hello and,eight888' end:9 send show
}

test_many_values_are_read_in_one_record() {
	do_records "$(lines 'send all' 'wait ok items=200 errors=0' 'read 1624' \
		'numbers 1/1: 1..200' 'done 1/1: ok items=200 errors=0')" \
		open:rw 'line:1=gen 1 200' send wait:1,-1 read:1624 show
}

test_many_records_go_in_one_write() {
	do_records "$(lines 'send all' 'numbers 1/1: 6' 'done 1/1: ok items=1 errors=0')" \
		open:rw 'line:1=in | sum' numbers:1=1 numbers:1=2,3 numbers:1= end:1 send show
}

test_as_many_values_as_a_record_takes() {
	do_records "$(lines 'send all' 'numbers 1/1: 2098176' 'done 1/1: ok items=1 errors=0')" \
		open:rw 'line:1=in | sum' range:1=1,2048 end:1 send show
}

test_the_longest_byte_string() {
	do_records "$(lines 'send all' 'bytes 1/1: x*65536' 'done 1/1: ok items=1 errors=0')" \
		open:rw line:1=in long:1=65536 end:1 send show
}

test_the_largest_cookie_and_the_largest_numbers() {
	most=18446744073709551615
	do_records "$(lines 'send all' \
		"numbers $most/1: 9223372036854775807 -9223372036854775808" \
		"done $most/1: ok items=2 errors=0")" open:rw line:$most=in \
		numbers:$most=9223372036854775807,-9223372036854775808 end:$most send show
}

test_errors_are_records() {
	do_records "$(lines 'send all' 'numbers 5/1: 1' 'errors 5/1: EIO@1.2' 'numbers 5/1: 3' \
		'errors 5/1: EIO@1.4' 'done 5/1: ok items=2 errors=2')" \
		open:rw 'line:5=gen 1 4 | fail every=2' send show
}

test_a_job_that_text_started_has_cookie_0() {
	do_records "$(lines 'numbers 0/1: 1' 'done 0/1: ok items=1 errors=0')" \
		open:rwt 'text:gen 1 1' format:1 show
}

test_lines_without_a_cookie_do_what_they_say() {
	do_records "$(lines 'send all' 'numbers 3/1: 1' 'done 3/1: ok items=1 errors=0')" \
		open:rw 'line:3=a: in' 'line:0=@a 1' 'line:0=# none' 'line:0=end a' send show
}

# Ends

test_every_end_has_its_status() {
	do_records "$(lines 'send all' 'done 1/1: ok items=0 errors=0')" \
		open:rw 'line:1=gen 1 0' send show
	do_records "$(lines 'send all' 'done 1/1: timeout items=0 errors=0')" \
		open:rw 'line:1=timeout=1ms tick 1h 1' send show
	do_records "$(lines 'send all' 'done 1/1: idle items=0 errors=0')" \
		open:rw 'line:1=idle=1ms tick 1h 1' send show
	do_records "$(lines 'send all' 'errors 1/1: EIO@1.1' \
		'done 1/1: failed items=0 errors=1 EIO')" \
		open:rw 'line:1=errors=stop gen 1 3 | fail every=1' send show
	do_records "$(lines 'send all' 'done 1/1: cancelled items=0 errors=0')" \
		open:rw 'line:1=tick 1h 1' cancel:1 send show
}

test_a_job_is_cancelled_by_its_cookie() {
	do_records "$(lines 'send all' 'stop ESRCH' 'stop 0' 'wait cancelled items=0 errors=0' \
		'wait EAGAIN' 'read 56' 'done 1/1: cancelled items=0 errors=0' 'stop 0' \
		'done 2/2: cancelled items=0 errors=0' 'stop ESRCH' 'stop 0')" open:rw \
		'line:1=tick 1h 1' 'line:2=tick 1h 1' send stop:3 stop:1 wait:1,-1 wait:2,0 \
		read:56 stop:2 show stop:1 stop:0
}

test_all_jobs_are_cancelled_at_once() {
	do_records "$(lines 'send all' 'stop 0' 'wait cancelled items=0 errors=0' \
		'wait cancelled items=0 errors=0')" \
		open:rw 'line:1=tick 1h 1' 'line:2=tick 1h 1' send stop:0 wait:1,-1 wait:2,-1
}

# What is refused

test_a_record_has_to_be_whole() {
	refuses numbers:1=1,2 cut:8
	refuses numbers:1=1,2 cut:30
	refuses 'line:1=gen 1 2' cut:1
	refuses numbers:1=1 set:size=23
	refuses numbers:1=1 set:size=0
	refuses numbers:1=1 set:size=4294967295
	refuses numbers:1=1 set:size=131080 pad:140000
	refuses line:1=in set:size=131073 pad:140000
}

test_a_record_has_to_be_aligned() {
	refuses numbers:1=1 set:size=31
	refuses bytes:1=abc set:size=35
}

test_a_record_has_to_hold_what_it_counts() {
	refuses numbers:1=1,2 set:count=1
	refuses numbers:1=1,2 set:count=3 pad:8
	refuses bytes:1=a,b set:count=1
	refuses bytes:1=a,b set:count=3 pad:16
	refuses line:1=in set:count=1
	refuses end:1 set:count=1
	refuses end:1 set:size=32 pad:8
	refuses cancel:1 set:count=1
	refuses range:1=1,2049
}

test_unknown_types_and_flags_are_refused() {
	for type in 0 6 7 8 9 65535; do
		refuses end:1 set:type=$type
	done
	refuses numbers:1=1 set:flags=1
	refuses line:1=in set:flags=32768
}

test_reserved_fields_have_to_be_0() {
	refuses numbers:1=1 set:job=1
	refuses bytes:1=abc poke:28=1
	refuses bytes:1=abc poke:35=1
	refuses bytes:1=abc poke:39=255
	refuses line:1=in poke:31=1
}

test_a_byte_string_has_at_most_65536_bytes() {
	refuses long:1=65537
	refuses bytes:1=abc poke:27=127
	refuses bytes:1=abcdefgh,x poke:24=200
}

test_a_line_is_written_without_its_newline() { refuses "line:1=gen 1 1$NL"; }

test_a_record_about_a_job_has_a_cookie() {
	refuses numbers:0=1
	refuses bytes:0=a
	refuses end:0
	refuses cancel:0
}

test_a_cookie_names_one_job_until_its_end_was_read() {
	do_records "$(lines 'send all' 'send EEXIST' \
		'reject cookie=1 EEXIST col=0 the cookie is in use' 'stop 0' \
		'wait cancelled items=0 errors=0' 'send EEXIST' \
		'done 1/1: cancelled items=0 errors=0' 'send all' 'numbers 1/2: 1' \
		'done 1/2: ok items=1 errors=0')" open:rw 'line:1=tick 1h 1' send \
		'line:1=gen 1 1' send reject stop:1 wait:1,-1 send show send show
}

test_a_cookie_is_for_lines_that_start_a_job() {
	do_records "$(lines 'send EINVAL' \
		'reject cookie=1 EINVAL col=1 a cookie names a job, and this line starts none' \
		'send EINVAL')" open:rw 'line:1=cancel all' send reject clear line:1= send
}

test_a_cookie_that_no_job_has() {
	do_records "$(lines 'send ESRCH' 'reject cookie=8 ESRCH col=0 no job has this cookie' \
		'send ESRCH' 'send ESRCH' 'send ESRCH')" open:rw numbers:8=1 send reject clear \
		bytes:8=a send clear end:8 send clear cancel:8 send
}

test_a_job_that_takes_nothing_refuses_what_is_pushed() {
	do_records "$(lines 'send all' 'send EINVAL' \
		'reject cookie=1 EINVAL col=0 job "1" does not begin with "in"' 'send EINVAL')" \
		open:rw 'line:1=tick 1h 1' send numbers:1=1 send reject clear end:1 send
	do_records "$(lines 'send all' 'send EPIPE' \
		'reject cookie=1 EPIPE col=0 job "1" takes no more items' 'send EPIPE')" \
		open:rw line:1=in end:1 send numbers:1=1 send reject clear end:1 send
}

test_the_reason_has_the_column_of_the_line() {
	do_records "$(lines 'reject ENODATA' 'send EINVAL' \
		'reject cookie=4 EINVAL col=11 unknown operation "duble", did you mean "double"?')" \
		open:rw reject 'line:4=gen 1 3 | duble' send reject show
}

test_the_reason_for_text_is_kept_too() {
	do_records "$(lines 'text ERANGE' \
		'reject cookie=0 ERANGE col=26 "workers" must be from 1 to 1024' \
		'reject cookie=0 ERANGE col=26 "workers" must be from 1 to 1024')" \
		open:rwt 'text:gen 1 1 | double workers=0' reject format:1 show
}

test_the_memory_of_a_session_is_limited() {
	do_records "$(lines 'limit 0' 'send EDQUOT' \
		'reject cookie=1 EDQUOT col=0 the jobs of this session would hold too much memory' \
		'send ESRCH')" \
		open:rw limit:0,0,50000 long:1=60000 send reject clear long:1=40000 send
}

# Short writes

test_a_write_is_short_before_what_is_refused() {
	do_records "$(lines 'send 72' 'reject ENODATA' 'send ESRCH' \
		'reject cookie=2 ESRCH col=0 no job has this cookie')" \
		open:rw line:1=in numbers:1=1,2 numbers:2=5 end:1 send reject send reject
}

test_a_bad_pointer_in_a_write_loses_nothing() {
	do_records "$(lines 'sendfault all' 'numbers 1/1: 1 2' 'done 1/1: ok items=2 errors=0')" \
		open:rw line:1=in numbers:1=1,2 end:1 sendfault show
	do_records "$(lines 'send all' 'sendfault EFAULT' 'send all' 'numbers 1/1: 1' \
		'done 1/1: ok items=1 errors=0')" open:rw line:1=in send numbers:1=1,2 cut:8 \
		sendfault clear numbers:1=1 end:1 send show
}

# Full inputs

test_who_may_not_wait_for_room_is_told_when_there_is_some() {
	do_records "$(lines 'send all' 'fill 8 EAGAIN' 'pollout none' 'stop 0' \
		'wait cancelled items=0 errors=0' 'pollout out' \
		'send EPIPE')" open:rwn 'line:1=in | sleep 1h' send fill:1 pollout:20 stop:1 \
		wait:1,-1 pollout:-1 range:1=1,256 send
}

test_a_writer_waits_for_room_and_goes_on() {
	do_records "$(lines 'send all' 'numbers 1/1: 8392704' 'done 1/1: ok items=1 errors=0')" \
		open:rw 'line:1=in | sum' range:1=1,2048 range:1=1,2048 range:1=1,2048 range:1=1,2048 \
		end:1 send show
}

test_a_signal_interrupts_who_waits_for_room() {
	do_records "$(lines 'send all' 'fill 8 EAGAIN' 'send EINTR')" open:rwn \
		'line:1=in | sleep 1h' send fill:1 block range:1=1,256 start:send signal finish
}

test_a_signal_after_some_records_makes_the_write_short() {
	do_records "$(lines 'send all' 'fill 8 EAGAIN' 'send 32')" open:rwn \
		'line:1=in | sleep 1h' send fill:1 block 'line:0=# none' range:1=1,256 start:send \
		signal finish
}

test_the_end_of_the_job_ends_the_wait_for_room() {
	do_records "$(lines 'send all' 'fill 8 EAGAIN' 'stop 0' 'send EPIPE')" open:rwn \
		'line:1=in | sleep 1h' send fill:1 block range:1=1,256 start:send stop:1 finish
}

# Reading

test_a_buffer_too_small_for_a_value_loses_nothing() {
	do_records "$(lines 'send all' 'wait ok items=1 errors=0' 'read EMSGSIZE' 'read EMSGSIZE' \
		'read 32' 'numbers 1/1: 5' 'read EMSGSIZE' 'read 56' \
		'done 1/1: ok items=1 errors=0')" open:rw 'line:1=gen 5 5' send wait:1,-1 \
		read:1 read:31 read:32 read:55 read:56
	do_records "$(lines 'send all' 'pollin in' 'read EMSGSIZE' 'read 40' 'bytes 1/1: "abc"')" \
		open:rw 'line:1=values abc' send pollin:-1 read:39 read:40
}

test_records_are_split_at_values() {
	do_records "$(lines 'send all' 'wait ok items=5 errors=0' 'read 40' 'numbers 1/1: 1 2' \
		'read 48' 'numbers 1/1: 3 4 5' 'done 1/1: ok items=5 errors=0')" \
		open:rw 'line:1=gen 1 5' send wait:1,-1 read:47 read:79 show
	do_records "$(lines 'send all' 'bytes 1/1: "a" "b" "c"' 'done 1/1: ok items=3 errors=0')" \
		open:rw 'line:1=values a b c' send show:56
	do_records "$(lines 'send all' 'errors 1/1: EIO@1.1 EIO@1.2 EIO@1.3' \
		'done 1/1: ok items=0 errors=3')" \
		open:rw 'line:1=gen 1 3 | fail every=1' send show:56
}

test_a_bad_pointer_in_a_read_loses_nothing() {
	do_records "$(lines 'send all' 'wait ok items=3 errors=0' 'readfault EFAULT' \
		'readfault EFAULT' 'numbers 1/1: 1 2 3' 'done 1/1: ok items=3 errors=0')" \
		open:rw 'line:1=gen 1 3' send wait:1,-1 readfault:0 readfault:47 show
	do_records "$(lines 'send all' 'wait ok items=3 errors=0' 'readfault 48' \
		'numbers 1/1: 1 2 3' 'done 1/1: ok items=3 errors=0')" \
		open:rw 'line:1=gen 1 3' send wait:1,-1 readfault:100 show
}

test_a_bad_pointer_loses_no_long_string() {
	do_records "$(lines 'send all' 'wait ok items=3 errors=0' 'readfault 40' \
		'bytes 1/1: "b"' 'readfault EMSGSIZE' 'readfault EFAULT' \
		'bytes 1/1: x*3000 "a"' 'done 1/1: ok items=3 errors=0')" \
		open:rw line:1=in bytes:1=b long:1=3000 bytes:1=a end:1 send wait:1,-1 \
		readfault:100 readfault:10 readfault:3031 show
}

test_a_read_is_at_the_end_when_nothing_is_outstanding() {
	do_records "$(lines 'read 0' 'send all' 'done 1/1: ok items=0 errors=0' 'read 0')" \
		open:rw read:1 'line:1=gen 1 0' send show read:1
}

test_a_read_that_may_not_wait_says_so() {
	do_records "$(lines 'send all' 'read EAGAIN' 'pollin none' 'stop 0' 'pollin in')" \
		open:rwn 'line:1=tick 1h 1' send read:100 pollin:20 stop:1 pollin:-1
}

test_long_strings_survive_small_buffers() {
	do_records "$(lines 'send all' 'bytes 1/1: x*60000 "a" x*65536 x*60000 x*200' \
		'done 1/1: ok items=5 errors=0')" open:rw line:1=in long:1=60000 bytes:1=a \
		long:1=65536 long:1=60000 long:1=200 end:1 send show:65600
}

# ioctls

test_what_there_is_can_be_asked_for() {
	do_records 'info abi=1 format=1 line=4096 stages=32 workers=1024 buf=65536 jobs=64 memory=67108864 used=0' \
		open:rw info
	do_records 'info abi=1 format=0 line=4096 stages=32 workers=1024 buf=65536 jobs=64 memory=67108864 used=0' \
		open:rt info
}

test_a_structure_may_be_longer_when_zeroes_follow() {
	do_records "$(lines \
		'info abi=1 format=1 line=4096 stages=32 workers=1024 buf=65536 jobs=64 memory=67108864 used=0' \
		'limit 0' 'send all' 'stop 0' 'wait cancelled items=0 errors=0')" \
		open:rw tail:0 info limit:0,0,0 'line:1=tick 1h 1' send stop:1 wait:1,-1
	do_records "$(lines 'limit E2BIG' 'stop E2BIG' 'wait E2BIG')" \
		open:rw tail:1 limit:0,0,0 stop:0 wait:1,0
}

test_unknown_ioctls_are_refused() {
	do_records "$(lines 'ioctl ENOTTY' 'ioctl ENOTTY' 'ioctl ENOTTY' 'ioctl ENOTTY')" open:rw \
		ioctl:0x4004c706 ioctl:0x4004c606 ioctl:0x8004c700 ioctl:0x5401
}

test_unknown_formats_are_refused() { do_records 'format EINVAL' open:rw format:2; }

test_the_format_stays_while_a_line_is_half_written() {
	exec 3<>$DEV
	printf 'gen 1' >&3
	do_records 'format EBUSY' fd:3 format:1
	echo ' 1' >&3
	do_records "$(lines 'numbers 0/1: 1' 'done 0/1: ok items=1 errors=0')" fd:3 format:1 show
}

test_the_format_stays_while_a_line_is_half_read() {
	exec 3<>$DEV
	echo 'gen 1 1' >&3
	expect 'read 3 1 i' "$(calls fd:3 read:3)"
	do_records 'format EBUSY' fd:3 format:1
	expect 'readline 6 tem 1\n' "$(calls fd:3 readline)"
	do_records 'done 0/1: ok items=1 errors=0' fd:3 format:1 show
}

test_limits_go_down() {
	do_records "$(lines 'limit 0' \
		'info abi=1 format=1 line=4096 stages=32 workers=1024 buf=65536 jobs=2 memory=65536 used=0' \
		'send 80' 'send EAGAIN' 'pollout none' 'limit 0' 'pollout out' 'send all')" \
		open:rwn limit:2,5,65536 info 'line:0=tick 1h 1' again:3 send send pollout:20 \
		limit:3,5,0 pollout:0 send
	do_records "$(lines 'limit EINVAL')" open:rw limit:0,20,0
}

test_limits_go_up_only_for_root() {
	open_device_to_group
	expect "$(lines 'limit 0' 'limit EPERM' 'limit EPERM' 'limit EPERM' 'limit 0')" \
		"$(as_user a "$RECORDS open:rw limit:3,5,65536 limit:4,5,0 limit:0,5,65537 limit:0,4,0 \
			limit:3,6,0")"
	do_records "$(lines 'limit 0' 'limit 0')" open:rw limit:3,5,65536 limit:100,0,100000000
}

test_who_only_reads_changes_nothing() {
	do_records "$(lines 'stop EBADF' 'limit EBADF' 'wait ESRCH')" \
		open:r stop:0 limit:1,0,0 wait:1,0
	do_records "$(lines 'stop 0' 'limit 0')" open:w stop:0 limit:0,0,0
}

# Waiting for a job

test_a_job_can_be_waited_for_by_cookie_and_by_number() {
	do_records "$(lines 'send all' 'wait ok items=3 errors=0' 'wait ok items=3 errors=0' \
		'numbers 6/1: 1 2 3' 'done 6/1: ok items=3 errors=0' 'wait ESRCH' 'wait ESRCH')" \
		open:rw 'line:6=gen 1 3 | sleep 10ms' send wait:6,-1 waitjob:1,-1 show wait:6,-1 \
		waitjob:1,-1
}

test_a_wait_takes_no_longer_than_it_may() {
	do_records "$(lines 'send all' 'wait EAGAIN' 'wait ETIME')" \
		open:rw 'line:6=tick 1h 1' send wait:6,0 wait:6,20
}

test_a_signal_interrupts_a_wait() {
	do_records "$(lines 'send all' 'wait EINTR' 'wait EINTR')" open:rw 'line:6=tick 1h 1' send \
		start:wait:6,-1 signal finish start:wait:6,3600000 signal finish
}

test_a_job_whose_results_nobody_reads_has_not_ended() {
	do_records "$(lines 'send all' 'wait ETIME')" open:rw 'line:6=gen 1 1000' send wait:6,50
}

test_several_can_wait_for_a_job_that_is_read_meanwhile() {
	exec 3<>$DEV
	do_records 'send all' fd:3 format:1 'line:6=in | sum' send
	waiters=''
	for i in 1 2 3; do
		$RECORDS fd:3 wait:6,-1 >waited$i &
		waiters="$waiters $!"
		eventually asleep $!
	done
	do_records "$(lines 'send all' 'numbers 6/1: 5' 'done 6/1: ok items=1 errors=0')" \
		fd:3 numbers:6=2,3 end:6 send show
	# shellcheck disable=SC2086 # process ids are words
	wait $waiters
	expect "$(lines 'wait ok items=1 errors=0' 'wait ok items=1 errors=0' \
		'wait ok items=1 errors=0')" "$(cat waited1 waited2 waited3)"
}

test_a_wait_names_one_job() {
	do_records "$(lines 'wait EINVAL' 'wait ESRCH' 'wait ESRCH')" \
		open:rw wait:0,0 wait:1,0 waitjob:1,0
}

# Several at once

# Of the output of show: each value, and "FIRST..COUNT" for so many of them.
count_numbers() {
	awk '$1 == "numbers" {
		for (i = 3; i <= NF; i++)
			n += split($i, run, /[.][.]/) > 1 ? run[2] : 1
	}
	END { print n + 0 }' "$@"
}

test_what_several_push_is_read_once_by_several() {
	exec 3<>$DEV
	do_records 'send all' fd:3 format:1 line:1=in send
	$RECORDS fd:3 show >read1 &
	readers=$!
	$RECORDS fd:3 show >read2 &
	readers="$readers $!"
	writers=''
	for i in 1 2 3 4; do
		$RECORDS fd:3 range:1=1,1000 again:20 send >wrote$i &
		writers="$writers $!"
	done
	# shellcheck disable=SC2086 # process ids are words
	wait $writers
	expect "$(lines 'send all' 'send all' 'send all' 'send all')" \
		"$(cat wrote1 wrote2 wrote3 wrote4)"
	do_records 'send all' fd:3 end:1 send
	# shellcheck disable=SC2086 # process ids are words
	wait $readers
	expect 80000 "$(count_numbers read1 read2)" 'the number of values read'
	expect 'done 1/1: ok items=80000 errors=0' "$(cat read1 read2 | grep '^done')"
}

# Two formats in one session

test_files_of_a_session_have_a_format_each() {
	do_records "$(lines 'send all' 'wait ok items=2 errors=0')" \
		open:w 'line:4=values 1 a' send wait:4,-1
	expect "$(lines '1 item 1' '1 item "a"' '1 done ok items=2 errors=0')" \
		"$(sed 's/ time_us.*//' <$DEV)"
	echo 'gen 7 8' >$DEV
	do_records "$(lines 'numbers 0/1: 7 8' 'done 0/1: ok items=2 errors=0')" open:r show
}

test_the_reasons_of_text_are_read_as_records() {
	! echo 'gen 1 1 | double workers=0' >$DEV 2>/dev/null || fail 'it was accepted'
	do_records 'reject cookie=0 ERANGE col=26 "workers" must be from 1 to 1024' open:r show
}

test_a_reason_is_there_while_somebody_has_no_room_for_it() {
	! echo 'gen 1 1 | double workers=0' >$DEV 2>/dev/null || fail 'it was accepted'
	do_records "$(lines 'small nothing 0 end 0' \
		'reject cookie=0 ERANGE col=26 "workers" must be from 1 to 1024')" \
		open:r small:100000 show
}

run_tests
