# shellcheck shell=dash
# Sessions: which jobs and results belong together, and how jobs are ended.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

open_device_to_group

# What the shared session of root has left, the time left out.
read_shared() {
	exec 3<$DEV
	listen
	exec 3<&-
}

# The shared session

test_echo_and_cat_meet_in_the_session_of_their_user() {
	echo 'gen 1 10 2' >$DEV
	expect "$(items 1 1 3 5 7 9)" "$(sed 's/ time_us=.*//' $DEV)"
}

test_results_wait_for_a_reader() {
	echo 'gen 1 2' >$DEV
	eventually job_is ok
	read_shared
	expect "$(items 1 1 2)" "$out"
}

test_a_reader_with_nothing_outstanding_is_at_the_end() {
	read_shared
	expect '' "$out"
}

test_a_job_outlives_its_writer() {
	echo 'gen 1 1 | sleep 100ms' >$DEV
	job_is running || fail "it does not run"
	read_shared
	expect "$(items 1 1)" "$out"
}

test_jobs_of_a_shared_session_are_numbered_on() {
	echo 'gen 1 1' >$DEV
	echo 'gen 2 2' >$DEV
	read_shared
	expect "$(lines "$(items 1 1)" "$(items 2 2)" | sort)" "$(lines "$out" | sort)"
}

test_a_session_that_is_over_is_forgotten() {
	echo 'gen 1 1' >$DEV
	read_shared
	echo 'gen 2 2' >$DEV
	read_shared
	expect "$(items 1 2)" "$out"
}

test_a_line_without_a_newline_is_submitted_at_close() {
	printf 'gen 1 2' >$DEV
	read_shared
	expect "$(items 1 1 2)" "$out"
}

test_the_reason_for_a_bad_line_at_close_can_be_read() {
	printf 'gen 1' >$DEV
	read_shared
	expect '- reject EINVAL col=6 "gen" needs LAST|inf: gen FIRST LAST|inf [STEP]' "$out"
}

test_lines_of_two_writers_do_not_mix() {
	exec 4>$DEV 5>$DEV
	printf 'gen 1' >&4
	printf 'gen 2' >&5
	echo ' 1' >&4
	echo ' 2' >&5
	read_shared
	expect "$(lines "$(items 1 1)" "$(items 2 2)" | sort)" "$(lines "$out" | sort)"
}

test_two_readers_share_the_results() {
	echo 'gen 1 3000' >$DEV
	cat $DEV >first &
	first=$!
	cat $DEV >second
	wait $first
	expect "$(items 1 $(seq 3000) | sort)" \
		"$(cat first second | sed 's/ time_us=.*//' | sort)"
}

# Sessions of one file

test_a_file_for_reading_and_writing_is_a_session_of_its_own() {
	exec 3<>$DEV 4<>$DEV
	echo 'gen 3 3' >&3
	echo 'gen 4 4' >&4
	listen
	expect "$(items 1 3)" "$out"
	listen 3<&4
	expect "$(items 1 4)" "$out"
}

test_it_does_not_see_the_shared_session() {
	echo 'gen 1 1' >$DEV
	ask 'gen 9 9'
	expect "$(items 1 9)" "$out"
	read_shared
	expect "$(items 1 1)" "$out"
}

test_it_belongs_to_all_who_inherited_it() {
	exec 3<>$DEV
	(echo 'gen 1 2' >&3)
	expect "$(items 1 1 2)" "$(sed 's/ time_us=.*//' <&3)"
}

test_closing_it_cancels_its_jobs() {
	exec 3<>$DEV
	lines 'gen 1 inf' 'gen 1 inf | sleep 1h' 'tick 1h 5' >&3
	exec 3>&-
	for what in jobs tasks threads stages sessions; do
		expect 0 "$(stat_of $what)" "$what after the close"
	done
}

test_only_its_last_descriptor_closes_it() {
	exec 3<>$DEV 4<>$DEV
	echo 'gen 1 2 | sleep 100ms' >&3
	exec 5<&3 3>&-
	listen 3<&5
	expect "$(items 1 1 2)" "$out"
}

test_the_end_of_a_process_ends_its_session() {
	mkfifo hold
	sh -c "exec 3<>$DEV; echo 'gen 1 inf' >&3; exec cat hold" &
	eventually job_is running
	kill -9 $!
	expect_rest
}

# A hundred milliseconds on a machine of one's own; here the processor may be
# emulated, and shared with other machines.
test_64_jobs_of_a_killed_process_are_gone_at_once() {
	for i in 1 2 3 4 5; do
		killed >took || fail "$(cat took)"
		read -r ms <took
		echo "$ms ms"
		[ "$ms" -gt 100 ] || return 0
	done
	[ "$ms" -le 2000 ] || fail "it took $ms ms"
}

# Users

test_a_user_never_sees_the_results_of_another() {
	as_user a "echo 'secret: gen 1 3' >$DEV"
	expect '' "$(as_user b "cat $DEV")" "what b sees"
	expect '' "$(cat $DEV)" "what root sees"
	expect "$(items secret 1 2 3)" "$(as_user a "cat $DEV" | sed 's/ time_us=.*//')"
}

test_a_user_cannot_cancel_the_jobs_of_another() {
	as_user a "echo 'mine: tick 200ms 2' >$DEV"
	as_user b "echo 'cancel all' >$DEV"
	! as_user b "echo 'cancel mine' >$DEV" 2>/dev/null || fail "b could name it"
	expect '- reject ESRCH col=8 no job "mine"' "$(as_user b "cat $DEV")"
	expect "$(items mine 1 2)" "$(as_user a "cat $DEV" | sed 's/ time_us=.*//')"
}

test_users_have_job_numbers_of_their_own() {
	as_user a "echo 'gen 1 1' >$DEV"
	as_user b "echo 'gen 2 2' >$DEV"
	expect "$(items 1 1)" "$(as_user a "cat $DEV" | sed 's/ time_us=.*//')"
	expect "$(items 1 2)" "$(as_user b "cat $DEV" | sed 's/ time_us=.*//')"
}

test_a_user_namespace_has_a_session_of_its_own() {
	as_user a "echo 'gen 1 1' >$DEV"
	expect '' "$(as_user a "unshare -U cat $DEV")"
	expect "$(items 1 1)" "$(as_user a "cat $DEV" | sed 's/ time_us=.*//')"
}

test_only_the_group_may_use_the_device() {
	! as_user nobody "cat $DEV" 2>error || fail "nobody could open it"
	grep -q 'Permission denied' error
}

# Labels

test_a_label_can_be_used_once_at_a_time() {
	exec 3<>$DEV
	echo 'x: tick 1h 1' >&3
	! echo 'x: gen 1 1' >&3 2>/dev/null || fail "it was accepted twice"
	echo 'cancel x' >&3
	listen
	expect "$(lines '- reject EEXIST col=1 the label "x" is in use' \
		'x done cancelled items=0 errors=0')" "$out"
}

test_a_label_can_be_used_again_after_its_end_was_read() {
	exec 3<>$DEV
	echo 'x: gen 1 1' >&3
	listen
	echo 'x: gen 2 2' >&3
	listen
	expect "$(items x 2)" "$out"
}

# cancel

test_cancel_ends_the_job_with_the_number() {
	ask 'tick 1h 1' 'gen 1 1 | sleep 100ms' 'cancel 1'
	expect "$(lines '1 done cancelled items=0 errors=0' "$(items 2 1)")" "$out"
}

test_cancel_ends_the_job_with_the_label() {
	ask 'one: tick 1h 1' 'two: gen 1 1 | sleep 100ms' 'cancel one'
	expect "$(lines 'one done cancelled items=0 errors=0' "$(items two 1)")" "$out"
}

test_cancel_all_ends_all_jobs() {
	ask 'tick 1h 1' 'x: gen 1 inf | sleep 1h' 'gen 1 inf | null' 'cancel all'
	expect "$(lines '1 done cancelled items=0 errors=0' '3 done cancelled items=0 errors=0' \
		'x done cancelled items=0 errors=0')" "$(lines "$out" | sort)"
}

test_cancel_all_without_a_job_is_no_error() { says 'cancel all' ''; }

test_cancel_of_a_job_that_has_ended_is_no_error() {
	exec 3<>$DEV
	echo 'gen 1 1' >&3
	listen
	echo 'cancel 1' >&3
	listen
	expect '' "$out"
}

test_cancel_twice_is_no_error() {
	ask 'x: tick 1h 1' 'cancel x' 'cancel x' 'cancel 1'
	expect 'x done cancelled items=0 errors=0' "$out"
}

test_cancel_of_an_unknown_job() {
	rejects 'cancel 1' ESRCH 8 'no job "1"'
	rejects 'cancel nosuch' ESRCH 8 'no job "nosuch"'
	rejects '  cancel   nosuch' ESRCH 12 'no job "nosuch"'
}

test_cancel_of_what_is_no_job() {
	rejects 'cancel' EINVAL 7 '"cancel" needs the label or the number of a job, or all'
	rejects 'cancel 1 2' EINVAL 10 '"cancel" takes one job: cancel JOB|all'
	rejects 'cancel 0' ERANGE 8 'no job can have this number'
	rejects 'cancel 1x' EINVAL 9 'the number of a job has only digits'
}

test_cancel_from_another_file_of_the_session() {
	echo 'tick 1h 1' >$DEV
	exec 3<$DEV
	echo 'cancel 1' >$DEV
	listen
	expect '1 done cancelled items=0 errors=0' "$out"
}

test_cancel_from_another_session_finds_nothing() {
	exec 3<>$DEV
	echo 'x: gen 1 1 | sleep 100ms' >&3
	! echo 'cancel x' >$DEV 2>/dev/null || fail "it was found"
	expect '- reject ESRCH col=8 no job "x"' "$(cat $DEV)"
	listen
	expect "$(items x 1)" "$out"
}

test_a_cancelled_job_keeps_what_was_sent() {
	exec 3<>$DEV
	echo 'gen 1 inf' >&3
	eventually job_is_full
	echo 'cancel 1' >&3
	listen
	count=$(lines "$out" | grep -c ' item ')
	[ "$count" -ge 256 ] || fail "only $count items are left"
	expect "$(lines "$(items 1 $(seq "$count") | sed '$d')" \
		"1 done cancelled items=$count errors=0")" "$out"
}

job_is_full() {
	read -r _ _ _ count _ <$JOBS && [ "$count" = items=256 ]
}

run_tests
