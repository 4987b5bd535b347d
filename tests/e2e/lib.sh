# shellcheck shell=dash
# The framework of these tests. A script sources it, defines functions whose names
# are the promises that they test, test_the_promise_it_makes, and ends with
#
#	run_tests
#
# A test runs in a shell and a directory of its own, with set -eu, so what it opens
# and makes goes with it. It fails when a command fails, when it calls fail, when it takes
# too long, or when afterwards the module holds something that it should have let
# go of. Printed are "plan SCRIPT N", then "ok NAME" or "not ok NAME: REASON".

DEV=/dev/chanpat
STATS=/sys/kernel/debug/chanpat/stats
JOBS=/sys/kernel/debug/chanpat/jobs
SESSIONS=/sys/kernel/debug/chanpat/sessions
USERS=/sys/kernel/debug/chanpat/users
PARAMETERS=/sys/module/chanpat/parameters

# Seconds for a test, unless its script says otherwise. SLOWNESS, in percent, is how
# loaded the host was when it started this machine.
PATIENCE=${PATIENCE:-120}

NL='
'

fail() { # REASON...
	printf '%s\n' "$*" >&2
	exit 1
}

# Comparing

expect() { # EXPECTED ACTUAL [WHAT]
	[ "$1" != "$2" ] || return 0
	printf '%s\n' "$1" >/tmp/expected
	printf '%s\n' "$2" >/tmp/actual
	fail "$(printf '%.100s' "${3:-output}") differs from what was expected:$NL$(
		diff -U 3 /tmp/expected /tmp/actual | tail -n +3)"
}

lines() { # WORD... -> a line for each
	printf '%s\n' "$@"
}

# NUMBER within PERCENT of EXPECTED
within() { # PERCENT EXPECTED NUMBER WHAT
	if [ $(($3 * 100)) -lt $(($2 * (100 - $1))) ] ||
		[ $(($3 * 100)) -gt $(($2 * (100 + $1))) ]; then
		fail "$4 is $3, and not within $1 % of $2"
	fi
}

# Waiting: for a condition, never for a time alone.

eventually() { # COMMAND ARG...: until it succeeds
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 1000 ] || fail "never: $*"
		usleep 10000
	done
}

process_state() { # PID -> R, S, Z ...
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || stat=') gone'
	stat=${stat##*) }
	echo "${stat%% *}"
}

asleep() { [ "$(process_state "$1")" = S ]; } # PID

# Sessions

# What a session of its own answers to these lines, the time that each job took
# left out. Sets out, and time_us of the last job that ended.
ask() { # LINE...
	exec 3<>$DEV
	lines "$@" >&3 || fail "not accepted: $* $(cat <&3)"
	listen
	exec 3>&-
}

listen() { # reads descriptor 3 to its end
	out=''
	while IFS= read -r line <&3; do
		case $line in
		*' done '*) without_time "$line" ;;
		esac
		out=$out${out:+$NL}$line
	done
}

without_time() { # LINE OF AN END: sets line and time_us
	time_us=${1##* time_us=}
	line=${1% time_us=*}
	case $time_us in
	'' | *[!0-9]*) fail "no time in: $1" ;;
	esac
}

# The job prints these lines, exactly.
says() { # JOB LINE...
	job=$1
	shift
	ask "$job"
	expect "$(lines "$@")" "$out" "$job"
}

# The job's items are these, in this order, and it ends well.
gives() { # JOB VALUE...
	job=$1
	shift
	ask "$job"
	expect "$(items 1 "$@")" "$out" "$job"
}

# The same in whatever order, for numbers.
gives_any_order() { # JOB NUMBER...
	job=$1
	shift
	ask "$job"
	expect "$(items 1 "$@" | sort)" "$(lines "$out" | sort)" "$job"
}

items() { # JOB VALUE... -> what a job with these items prints
	label=$1
	shift
	for value; do
		echo "$label item $value"
	done
	echo "$label done ok items=$# errors=0"
}

# The line is refused so. Nothing else is left to read.
rejects() { # LINE ERRNO COLUMN REASON
	exec 3<>$DEV
	if echo "$1" >&3 2>error; then
		fail "the write did not fail: $1"
	fi
	expect "$(errno_text "$2")" "$(sed 's/.*: //' error)" "the error of: $1"
	listen
	exec 3>&-
	expect "- reject $2 col=$3 $4" "$out" "the reason for: $1"
}

errno_text() { # NAME -> what programs say
	case $1 in
	EINVAL) echo 'Invalid argument' ;;
	ERANGE) echo 'Numerical result out of range' ;;
	E2BIG) echo 'Argument list too long' ;;
	EBADF) echo 'Bad file descriptor' ;;
	EISDIR) echo 'Is a directory' ;;
	ELOOP) echo 'Too many levels of symbolic links' ;;
	EMSGSIZE) echo 'Message too long' ;;
	ENOENT) echo 'No such file or directory' ;;
	EPIPE) echo 'Broken pipe' ;;
	ESRCH) echo 'No such process' ;;
	EEXIST) echo 'File exists' ;;
	EUSERS) echo 'Too many users' ;;
	EDOM) echo 'Numerical argument out of domain' ;;
	EDQUOT) echo 'Disk quota exceeded' ;;
	*) fail "errno_text does not know $1" ;;
	esac
}

# System calls in order, one word each: see calls.c.
does() { # EXPECTED CALL...
	expected=$1
	shift
	expect "$expected" "$(calls "$@" 2>&1 | sed 's/ time_us=[0-9]*//g')" \
		"calls $*"
}

as_user() { # NAME COMMAND
	su "$1" -c "$2"
}

# The device as the udev rule leaves it to members of the group.
open_device_to_group() {
	chgrp chanpat $DEV
	chmod 660 $DEV
}

# Looking inside

stat_of() { # NAME -> its number in stats
	while read -r name number; do
		[ "$name" != "$1" ] || echo "$number"
	done <$STATS
}

stats_at_rest() {
	while read -r name number; do
		case "$name $number" in
		'contexts 1') ;; # the root of all
		*' 0') ;;
		*) return 1 ;;
		esac
	done <$STATS
}

expect_rest() {
	tries=0
	until stats_at_rest; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] ||
			fail "left behind: $(grep -v ' 0$' $STATS | tr '\n' ' ')$(cat $SESSIONS)"
		usleep 10000
	done
}

# A number from the line of a stage in jobs: of the only job there is.
stage_field() { # STAGE FIELD
	while read -r word number line; do
		[ "$word $number" = "stage $1" ] || continue
		line=${line##* "$2"=}
		echo "${line%% *}"
		return
	done <$JOBS
}

job_is() { # STATUS: the only job there is
	read -r _ _ status _ <$JOBS && [ "$status" = "$1" ]
}

set_parameter() { # NAME VALUE: until the test ends
	read -r value <$PARAMETERS/"$1"
	echo "$1 $value" >>/tmp/parameters
	echo "$2" >$PARAMETERS/"$1"
}

restore_parameters() {
	[ -e /tmp/parameters ] || return 0
	while read -r parameter value; do
		echo "$value" >$PARAMETERS/"$parameter"
	done <<-END
		$(tac /tmp/parameters)
	END
	rm /tmp/parameters
}

# Running

run_tests() {
	# TESTS is the file where they stand, when that is not the script.
	tests=$(sed -n 's/^\(test_[a-z0-9_]*\)() {.*/\1/p' "${TESTS:-$0}")
	# shellcheck disable=SC2086 # names are words
	set -- $tests
	echo "plan ${0##*/} $#"
	mkdir -p /tmp/test
	watch_over &
	watcher=$!
	for test; do
		run_test "$test"
	done
	kill $watcher
}

# In the foreground, for a shell makes those in the background deaf to Ctrl-C.
run_test() { # FUNCTION
	(
		cd /tmp/test
		read -r pid _ </proc/self/stat
		echo "$pid" >/tmp/pid
		set -eu
		"$1"
	) >/tmp/out 2>&1
	ended=$?
	restore_parameters
	if [ $ended = 0 ]; then
		(expect_rest) >/tmp/out 2>&1
		ended=$?
	fi
	if [ $ended = 0 ]; then
		echo "ok ${1#test_}"
	else
		echo "not ok ${1#test_}: $(cat /tmp/out)"
		make_room
	fi
	[ "$(echo /tmp/test/*)" = '/tmp/test/*' ] || rm -rf /tmp/test/*
}

# What a test that failed has left is no matter of the next one.
make_room() {
	killall -9 -q calls many records records32 waiting epoll uring hashes.sh python3
	[ -c $DEV ] || return 0
	echo 'cancel all' >$DEV
	timeout 10 cat $DEV >/dev/null
}

# Ends a test that takes too long.
watch_over() {
	trap 'kill $!; exit' TERM
	patience=$((PATIENCE * ${SLOWNESS:-100} / 100))
	watched='' age=0
	while :; do
		sleep 5 &
		wait $!
		{ read -r pid </tmp/pid; } 2>/dev/null || continue
		[ "$pid" = "$watched" ] || age=0
		watched=$pid age=$((age + 5))
		if [ $age -gt $patience ]; then
			echo "it took more than $patience s" >>/tmp/out
			kill_tree "$pid"
		fi
	done
}

kill_tree() { # PID
	for process in /proc/[0-9]*; do
		pid=${process#/proc/}
		{ read -r stat <"$process/stat"; } 2>/dev/null || continue
		stat=${stat##*) ? }
		[ "${stat%% *}" != "$1" ] || kill_tree "$pid"
	done
	kill -9 "$1" 2>/dev/null
}
