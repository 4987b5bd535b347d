# shellcheck shell=dash
# Unloading, whatever is going on. The kernel's log is looked at by who started
# this. Here the module is loaded when the tests begin, and again at their end.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

PATIENCE=240
MODULE=/vm/ko/chanpat.ko
TIMES=${FULL:+200}
TIMES=${TIMES:-20}

# The session of root, with nobody who reads.
work() { # LINE...
	lines "$@" >$DEV
}

loaded() { [ -d /sys/module/chanpat ]; }

load() {
	loaded || insmod $MODULE
	eventually test -c $DEV
}

unload_and_load() {
	rmmod chanpat
	! loaded || fail "it is still there"
	load
	expect_rest
}

test_it_unloads_at_rest() { unload_and_load; }

test_an_open_file_keeps_it() {
	exec 3<>$DEV
	! rmmod chanpat 2>error || fail "it was unloaded"
	grep -q 'Resource temporarily unavailable' error
	echo 'gen 1 1' >&3
	listen
	expect "$(items 1 1)" "$out"
	exec 3<&-
	unload_and_load
}

test_a_job_that_nobody_reads_does_not_keep_it() {
	work 'gen 1 inf' 'gen 1 inf | double workers=4'
	eventually sessions_have 'unread=256'
	unload_and_load
}

sessions_have() { grep -q " $1 " $SESSIONS; } # FIELD=VALUE

test_sleeping_jobs_do_not_keep_it() {
	work 'gen 1 9 | sleep 1h workers=5' 'tick 1h 5' 'timeout=1h idle=1h tick 1h 5'
	unload_and_load
}

test_a_busy_job_does_not_keep_it() {
	work 'gen 1 inf | double workers=16 | null' 'gen 1 inf | add 1 | null'
	unload_and_load
}

test_a_job_that_waits_for_a_pipe_does_not_keep_it() {
	mkfifo pipe
	exec 5<>pipe
	exec 6<pipe
	work 'lines fd=6 | sha256' 'lines fd=5'
	echo 'a line' >&5
	eventually threads_run
	unload_and_load
}

threads_run() { [ "$(stat_of threads)" = 2 ]; }

test_unread_strings_do_not_keep_it() {
	seq 1000 >file
	exec 5<file
	work 'lines fd=5 buf=100' 2>/dev/null || cat $DEV >/dev/null
	work 'lines fd=5 | upper buf=100'
	eventually sessions_have 'unread=256'
	unload_and_load
}

test_unread_reasons_do_not_keep_it() {
	! work bad 2>/dev/null || fail "it was accepted"
	eventually sessions_have 'rejects=1'
	unload_and_load
}

test_it_unloads_in_the_middle_of_everything() {
	seq 1000 >file
	mkfifo pipe
	exec 5<file 6<>pipe
	exec 7<pipe
	for i in $(seq "$TIMES"); do
		work 'gen 1 inf' 'gen 1 inf | sleep 1ms workers=9' 'tick 1ms 1000' \
			'lines fd=5 | sha256 workers=4 ordered' 'lines fd=7' \
			'gen 1 inf | double buf=64 | null' 'timeout=5ms gen 1 inf | null'
		[ $((i % 4)) != 0 ] || head -c 3000 $DEV >/dev/null
		rmmod chanpat
		insmod $MODULE
		eventually test -c $DEV
	done
	expect_rest
}

test_opening_races_with_unloading() {
	while [ ! -e stop ]; do
		calls open:w 'write:gen 1 inf | null\n'
	done >/dev/null &
	opener=$!
	for _ in $(seq $((TIMES / 4))); do
		until rmmod chanpat 2>/dev/null; do :; done
		insmod $MODULE
	done
	touch stop
	wait $opener
	unload_and_load
}

run_tests
load
