# shellcheck shell=dash
# debugfs: what is shown is right, and can be read while everything runs.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

test_stats_are_zero_at_rest() { expect_rest; }

test_stats_count_what_there_is() {
	exec 3<>$DEV
	lines 'tick 1h 1 | double workers=3' 'tick 1h 1' >&3
	expect 2 "$(stat_of jobs)" jobs
	expect 1 "$(stat_of sessions)" sessions
	expect 3 "$(stat_of stages)" stages
	# The workers, and for each job one that hands out its results.
	expect 7 "$(stat_of tasks)" tasks
}

test_stats_count_strings_and_threads() {
	mkfifo pipe
	exec 3<>$DEV 5<>pipe
	lines 'values a b c | sleep 1h' >&3
	eventually stat_is byte_strings 2
	exec 6<pipe
	lines 'lines fd=6' >&3
	eventually stat_is threads 1
}

stat_is() { [ "$(stat_of "$1")" = "$2" ]; } # NAME NUMBER

test_sessions_show_each_session() {
	exec 3<>$DEV
	exec 4>$DEV
	echo 'tick 1h 1' >&3
	expect "$(lines 'uid=0 private files=1 jobs=1 active=1 unread=0 rejects=0' \
		'uid=0 shared files=1 jobs=0 active=0 unread=0 rejects=0')" \
		"$(sed 's/^[0-9]* //; s/ bytes=.*//' $SESSIONS)"
}

test_sessions_show_what_is_unread() {
	exec 3<>$DEV
	echo 'gen 1 10' >&3
	! echo bad >&3 2>/dev/null || fail "it was accepted"
	eventually job_is ok
	eventually grep -q ' jobs=1 active=0 unread=11 rejects=1 ' $SESSIONS
}

test_sessions_show_the_user() {
	chgrp chanpat $DEV
	chmod 660 $DEV
	exec 3<>$DEV
	as_user b "cat $SESSIONS" 2>/dev/null && fail "users can read it"
	as_user b "echo 'gen 1 1' >$DEV"
	grep -q ' uid=1001 shared ' $SESSIONS
	as_user b "cat $DEV" >/dev/null
}

test_jobs_show_each_job_and_its_stages() {
	exec 3<>$DEV
	echo 'x: gen 1 3 | double workers=2 | sleep 1h' >&3
	eventually stage_is 2 'sleep workers=1 busy=1 taken=1 sent=0 most=1'
	expect 'x running items=0 errors=0' "$(sed -n '1s/^[0-9]*\.1 \(.*\) age_ms=.*/\1/p' $JOBS)"
	expect 'x: gen 1 3 | double workers=2 | sleep 1h' \
		"$(sed -n '1s/.* age_ms=[0-9]* //p' $JOBS)"
	# The sleeper has one, each of two workers has one, and the generator is over.
	expect "$(lines '  stage 0 gen workers=0 busy=0 taken=3 sent=3 most=1' \
		'  stage 1 double workers=2 busy=2 taken=3 sent=1 most=2' \
		'  stage 2 sleep workers=1 busy=1 taken=1 sent=0 most=1')" "$(grep '^  stage' $JOBS)"
}

stage_is() { grep -qx "  stage $1 $2" $JOBS; } # NUMBER TEXT

test_jobs_show_the_status_until_the_end_is_read() {
	exec 3<>$DEV
	echo 'gen 1 1' >&3
	eventually job_is ok
	listen
	expect '' "$(cat $JOBS)"
}

test_jobs_show_a_line_in_one_line() {
	exec 3<>$DEV
	printf 'values\t"a\\nb" | sleep 1h\n' >&3
	expect 1 "$(grep -c 'age_ms=' $JOBS)"
	expect 3 "$(wc -l <$JOBS)"
}

test_semaphores_show_who_is_held() {
	exec 3<>$DEV
	lines 'sem disk 3' 'sem net 1' 'gen 1 inf | sleep 1h workers=2 sem=disk' >&3
	eventually semaphore_is 'disk units=3 held=2'
	semaphore_is 'net units=1 held=0'
	exec 3>&-
	expect '' "$(cat ${STATS%/*}/semaphores)"
}

semaphore_is() { grep -q "^[0-9]* $1$" ${STATS%/*}/semaphores; } # TEXT

test_ops_show_each_operation_and_its_use() {
	for op in 'gen FIRST LAST|inf \[STEP\]' 'lines fd=N' 'fail every=N \[errno=NAME\]' null; do
		grep -q "^$op  *[a-zA-Z]" ${STATS%/*}/ops || fail "no line for $op"
	done
	expect 0 "$(grep -vc '^[a-z]' ${STATS%/*}/ops)" "the number of odd lines"
}

test_everything_can_be_read_while_jobs_come_and_go() {
	while [ ! -e stop ]; do
		many private 8 20
	done &
	worker=$!
	for _ in $(seq ${FULL:+1}20); do
		cat ${STATS%/*}/* >seen
		grep -q '^sessions ' seen
	done
	touch stop
	wait $worker
}

test_reading_does_not_hold_up_jobs() {
	while :; do cat ${STATS%/*}/* >/dev/null; done &
	reader=$!
	gives 'gen 1 20000 | double workers=4 | sum' 400020000
	kill $reader
}

run_tests
