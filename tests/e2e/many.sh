# shellcheck shell=dash
# Many at once. Every result arrives once and in the right session.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

PATIENCE=120
# Jobs of each of forty processes.
JOBS_EACH=${FULL:+250}
JOBS_EACH=${JOBS_EACH:-25}

test_forty_processes_with_sessions_of_their_own() { many private 40 "$JOBS_EACH"; }

test_forty_processes_in_one_session() { many shared 40 "$JOBS_EACH"; }

test_forty_shells_at_once() {
	mkdir forty
	for i in $(seq 40); do
		(ask "gen $i 200 | sum" && echo "$out" >forty/"$i") &
	done
	wait
	for i in $(seq 40); do
		expect "$(items 1 $(((i + 200) * (201 - i) / 2)))" "$(cat forty/"$i")"
	done
}

test_sessions_that_come_and_go_with_work_in_them() {
	for i in $(seq ${FULL:+10}0); do
		exec 3<>$DEV
		lines 'gen 1 inf' 'gen 1 inf | double workers=8 | null' 'tick 1ms 1000' >&3
	done
	exec 3<&-
}

run_tests
