# shellcheck shell=dash
# Branches, fans, limits and what is said to jobs that run.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

test_sources_are_merged() {
	gives 'merge { gen 1 100 ; gen 101 200 | double ; values 7 } | sum' 35157
	gives_any_order 'merge { gen 1 3 ; gen 4 6 }' 1 2 3 4 5 6
}

test_every_branch_has_all_items() {
	gives 'gen 1 1000 | tee { sum ; count ; null } | sum' 501500
	gives 'values a b | tee { upper ; null }' '"A"' '"B"'
}

test_a_million_items_through_a_pool_and_a_fan() {
	n=${FULL:+1000}000
	[ "$n" = 1000000 ] || n=20000
	gives "gen 1 $n | double workers=4 ordered | gt 10 fan=64 | count" $((n - 5))
	gives "gen 1 $n | double workers=8 ordered | sum" $((n * (n + 1)))
}

test_ordered_pools_and_fans_keep_the_order() {
	exec 3<>$DEV
	echo 'gen 1 5000 | sleep 1us workers=16 ordered | add 1 fan=50 ordered' >&3
	sed -n 's/.* item //p' <&3 >read
	seq 2 5001 >expected
	cmp read expected
}

test_items_are_pushed() {
	exec 3<>$DEV
	lines 'a: in | double' '@a 1 2' '@a x 3' 'end a' >&3
	listen
	expect "$(lines 'a item 2' 'a item 4' 'a error EINVAL stage=1 op=double seq=3' 'a item 6' \
		'a done ok items=3 errors=1')" "$out"
}

test_items_are_pushed_by_another_process() {
	echo 'a: in | sum' >$DEV
	for _ in 1 2 3 4; do
		(seq 1 250 | sed 's/^/@a /' >$DEV) &
	done
	wait
	echo 'end a' >$DEV
	expect 'a item 125500' "$(head -n 1 $DEV)"
	cat $DEV >/dev/null
}

# What does not fit waits, and enters as a whole.
test_a_push_waits_for_room() {
	exec 3<>$DEV
	echo 'a: in | sleep 50us | count' >&3
	for _ in $(seq 40); do
		echo "@a $(seq -s ' ' 200)" >&3
	done
	echo 'end a' >&3
	listen
	expect "$(items a 8000)" "$out"
}

# Through files of their own: who waits holds its file.
test_a_push_that_waits_ends_with_its_job() {
	echo 'a: in | sleep 1h' >$DEV
	for _ in 1 2; do
		echo "@a $(seq -s ' ' 1000)" >$DEV
	done
	sh -c "echo '@a $(seq -s ' ' 1000)' >$DEV" 2>error &
	eventually asleep $!
	echo 'cancel a' >$DEV
	! wait $! || fail 'the last line was accepted'
	cat $DEV >read
	grep -q '^- reject EPIPE col=2 job "a" takes no more items$' read || fail "$(cat read)"
	grep -q '^a done cancelled items=0 ' read || fail "$(cat read)"
}

test_what_cannot_be_said_to_a_job() {
	exec 4<>$DEV
	echo 'a: gen 1 inf | sleep 1h' >&4
	tells '@a 1' EINVAL 2 'job "a" does not begin with "in"'
	tells 'end a' EINVAL 5 'job "a" does not begin with "in"'
	tells '@b 1' ESRCH 2 'no job "b"'
	tells 'end b' ESRCH 5 'no job "b"'
	tells 'workers b 1 3' ESRCH 9 'no job "b"'
	tells 'workers a 0 3' EINVAL 11 'stage 0 cannot have workers'
	tells 'workers a 2 3' ERANGE 11 'the last stage of the job is 1'
	tells 'workers a 1 5000' ERANGE 11 'a stage has at most 1024 workers'
	tells 'gen 1 3 | double sem=x' ENOENT 22 \
		'no semaphore "x", a line such as sem x 4 makes one'
}

# As rejects, of a session on descriptor 4 that goes on.
tells() { # LINE ERRNO COLUMN REASON
	! echo "$1" >&4 2>/dev/null || fail "the write did not fail: $1"
	read -r line <&4
	expect "- reject $2 col=$3 $4" "$line" "the reason for: $1"
}

test_a_stage_is_resized_while_it_works() {
	exec 3<>$DEV
	echo 'a: gen 1 inf | sleep 1h' >&3
	eventually busy_is 1 1
	echo 'workers a 1 12' >&3
	eventually busy_is 1 12
}

busy_is() { [ "$(stage_field "$1" busy)" = "$2" ]; } # STAGE NUMBER

test_resizing_loses_nothing() {
	exec 3<>$DEV
	echo 'a: gen 1 20000 | sleep 10us | sum' >&3
	for n in 512 2 64 1 300 4; do
		echo "workers a 1 $n" >&3 2>/dev/null || :
	done
	sed '/^- reject EPIPE /d; s/ time_us=.*//' <&3 >read
	expect "$(items a 200010000)" "$(cat read)"
}

test_a_semaphore_is_shared_by_jobs() {
	exec 3<>$DEV
	lines 'sem disk 3' 'gen 1 inf | sleep 1h workers=2 sem=disk' \
		'gen 1 inf | sleep 1h workers=5 sem=disk' >&3
	eventually grep -q ' disk units=3 held=3$' ${STATS%/*}/semaphores
	echo 'sem disk 6' >&3
	eventually grep -q ' disk units=6 held=6$' ${STATS%/*}/semaphores
}

# Also while nothing runs, and no file is open.
test_a_shared_session_keeps_its_semaphores() {
	echo 'sem disk 2' >$DEV
	echo 'gen 1 6 | double workers=6 sem=disk | sum' >$DEV
	expect "$(items 1 42)" "$(sed 's/ time_us=.*//' $DEV)"
	grep -q ' disk units=2 held=0$' ${STATS%/*}/semaphores
	echo 'sem disk 0' >$DEV
	[ ! -s ${STATS%/*}/semaphores ] || fail 'it is still there'
}

test_a_semaphore_that_is_used_cannot_be_removed() {
	exec 4<>$DEV
	lines 'sem disk 2' 'a: gen 1 inf | sleep 1h sem=disk' >&4
	tells 'sem disk 0' EUSERS 1 'a job works with the semaphore'
	tells 'sem tape 0' ENOENT 1 'there is no such semaphore'
}

# Each session has names of its own.
test_no_other_session_has_the_semaphore() {
	exec 4<>$DEV 5<>$DEV
	echo 'sem disk 3' >&5
	tells 'gen 1 3 | double sem=disk' ENOENT 22 \
		'no semaphore "disk", a line such as sem disk 4 makes one'
}

test_no_more_are_in_flight_than_the_limit() {
	exec 3<>$DEV
	echo 'limit=5 gen 1 inf | sleep 1h fan' >&3
	eventually busy_is 1 5
	expect 5 "$(stage_field 0 taken)"
}

test_errors_stop_a_job_or_are_skipped() {
	says 'errors=stop gen 1 inf | fail every=3' '1 item 1' '1 item 2' \
		'1 error EIO stage=1 op=fail seq=3' '1 done failed:EIO items=2 errors=1'
	says 'errors=skip gen 1 6 | fail every=3' '1 item 1' '1 item 2' '1 item 4' '1 item 5' \
		'1 done ok items=4 errors=2'
	gives 'gen 1 6 | fail every=3 retry=1 | sum' 21
}

run_tests
