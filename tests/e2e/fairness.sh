# shellcheck shell=dash
# Sessions among each other, on one CPU: each has its share of it, whatever the
# others do. For a machine with virtual time, so that nothing else takes any.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

# In the machine's time.
PATIENCE=7200

# How much more than the other, in percent: items that the sessions have worked on.
share_of() { # SESSION OTHER
	awk -v one="$1" -v two="$2" '
		/^[0-9]/ { split($1, id, "."); session = id[1] }
		/^ +stage 0 / { sub(/.*taken=/, ""); taken[session] += $1 }
		END { printf "%d\n", 100 * taken[one] / (taken[one] + taken[two]) }
	' $JOBS
}

between() { # LEAST MOST NUMBER WHAT
	if [ "$3" -lt "$1" ] || [ "$3" -gt "$2" ]; then
		fail "$4 is $3, and not between $1 and $2"
	fi
}

# The number of the session that was opened last.
last_session() { tail -n 1 $SESSIONS | cut -d ' ' -f 1; }

start() { # TIMES LINE: on descriptor 3
	for _ in $(seq "$1"); do
		echo "$2"
	done >&3
}

test_a_session_gets_half_however_many_jobs_another_has() {
	exec 3<>$DEV
	start 60 'gen 1 inf | null'
	many=$(last_session)
	exec 4<>$DEV
	echo 'gen 1 inf | null' >&4
	one=$(last_session)
	usleep 1000000
	between 45 55 "$(share_of "$one" "$many")" 'the part of one job against sixty'
}

test_no_session_starves_however_many_tasks_another_has() {
	exec 3<>$DEV
	start 1 'gen 1 inf | double workers=500 | gt 0 workers=500 | null'
	many=$(last_session)
	exec 4<>$DEV
	echo 'gen 1 inf | double workers=1 | null' >&4
	one=$(last_session)
	usleep 300000
	before_many=$(taken_of "$many")
	before_one=$(taken_of "$one")
	usleep 1000000
	# Items of the two cost a different amount, so their numbers are not compared.
	[ $(($(taken_of "$one") - before_one)) -gt 10000 ] || fail 'one task starves'
	[ $(($(taken_of "$many") - before_many)) -gt 10000 ] || fail 'many tasks starve'
}

taken_of() { # SESSION
	sed -n "/^$1\\./,/^[0-9]/s/^ *stage 0 .* taken=\\([0-9]*\\) .*/\\1/p" $JOBS | head -n 1
}

test_a_job_takes_twice_as_long_beside_one_greedy_session_and_no_longer() {
	ask 'gen 1 300000 | double | count'
	alone=$time_us
	exec 4<>$DEV
	for _ in $(seq 60); do
		echo 'gen 1 inf | null'
	done >&4
	ask 'gen 1 300000 | double | count'
	between $((alone * 3 / 2)) $((alone * 5 / 2)) "$time_us" 'the time of the job'
}

test_who_is_nice_gets_less() {
	exec 3<>$DEV
	echo 'gen 1 inf | null' >&3
	usual=$(last_session)
	sh -c "renice 10 \$\$; exec 3<>$DEV; echo 'gen 1 inf | null' >&3; exec sleep 100000" &
	eventually job_of_another_session "$usual"
	nice=$(last_session)
	expect 10 "$(sed -n "s/^$nice .* nice=//p" $SESSIONS)" 'its nice value'
	usleep 1000000
	# 1 to 1.25 to the power of 10: 90 to 10.
	between 85 94 "$(share_of "$usual" "$nice")" 'the part of who is not nice'
	kill $!
}

job_of_another_session() { # SESSION
	grep -q '^[0-9]*\.1 ' $JOBS && [ "$(last_session)" != "$1" ] &&
		[ "$(grep -c '^[0-9]*\.1 ' $JOBS)" = 2 ]
}

run_tests
