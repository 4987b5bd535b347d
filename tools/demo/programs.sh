#!/bin/sh
# The programs of the demo, in the virtual machine: shows each, runs it, and
# compares what it did with what is expected.
#
# usage: programs.sh colour|plain LOG WORD TEXT
# Exit status: 0 when all was as expected, 3 when not.

DEV=/dev/chanpat
STATS=/sys/kernel/debug/chanpat/stats
JOBS=/sys/kernel/debug/chanpat/jobs
LOG=$2 WORD=$3 TEXT=$4

# How far a duration may be from what is expected.
PERCENT=2

NL='
'
ESC=$(printf '\033')
bold='' good='' bad='' plain=''
if [ "$1" = colour ]; then
	bold="${ESC}[1m" good="${ESC}[32m" bad="${ESC}[1;31m" plain="${ESC}[0m"
fi
number=0 wrong=''

# Speaking

indent() { sed "s/^/    /"; }

program() { # TITLE TEXT...: a line each
	number=$((number + 1))
	title=$1
	shift
	printf '\n%s%2d. %s%s\n' "$bold" $number "$title" "$plain"
	printf '%s\n' "$@" | indent
	echo
}

typed() { printf '    %s$ %s%s\n' "$bold" "$1" "$plain"; } # COMMAND

# The beginning and the end of what is long.
shown() {
	awk '{ line[NR] = $0 }
		END {
			for (i = 1; i <= NR; i++)
				if (NR <= 12 || i <= 4 || i > NR - 2)
					print line[i]
				else if (i == 5)
					print "... (" NR - 6 " more)"
		}' | cut -c 1-94 | indent
}

# Types a command, and shows what it says, which stays in /tmp/shown.
try() { # COMMAND
	typed "$1"
	sh -c "$1" >/tmp/shown 2>&1 </dev/null
	shown </tmp/shown
}

# Comparing

words() { # WORD... -> on one line
	if [ $# = 0 ]; then echo nothing; else echo "$*"; fi
}

# The items that chanpatctl printed, in their order; and how the job ended.
items() {
	# shellcheck disable=SC2046 # items are words
	words $(grep -v '^chanpatctl: ' /tmp/shown)
}

sorted_items() {
	# shellcheck disable=SC2046
	words $(grep -v '^chanpatctl: ' /tmp/shown | sort -n)
}

ended() { sed -n 's/^chanpatctl: \([a-z]*\).*(.*/\1/p' /tmp/shown; }

# In microseconds, from "(3 items, 0 errors, 1.497 s)".
time_us() {
	sed -n 's/^chanpatctl: .*, \([0-9.]*\) \([mu]*s\))$/\1 \2/p' /tmp/shown |
		awk '{ print int($1 * ($2 == "us" ? 1 : $2 == "ms" ? 1000 : 1000000)) }'
}

seconds() { awk "BEGIN { printf \"%.3f s\", $1 / 1000000 }"; } # MICROSECONDS

near() { # EXPECTED GOT, both in microseconds
	[ $(($2 * 100)) -ge $(($1 * (100 - PERCENT))) ] &&
		[ $(($2 * 100)) -le $(($1 * (100 + PERCENT))) ]
}

verdict() { # EXPECTED GOT [EXPECTED-MS GOT-US]
	expected=$1 got=$2 same=yes
	[ "$1" = "$2" ] || same=
	if [ $# = 4 ]; then
		expected="$expected, in $(seconds $(($3 * 1000)))"
		got="$got, in $(seconds "${4:-0}")"
		near $(($3 * 1000)) "${4:-0}" || same=
	fi
	printf '\n    expected:  %s\n    got:       %s\n' "$expected" "$got"
	if [ -n "$same" ]; then
		printf '    %sas expected%s\n' "$good" "$plain"
	else
		printf '    %sNOT as expected%s\n' "$bad" "$plain"
		wrong="$wrong$number. $title$NL"
	fi
}

# Looking

now() { # -> nanoseconds since the machine was started
	while read -r word at time _; do
		if [ "$word $at" = "now at" ]; then
			echo "$time"
			return
		fi
	done </proc/timer_list
}

stat_of() { # NAME
	while read -r name value; do
		[ "$name" != "$1" ] || echo "$value"
	done <$STATS
}

# What a job is made of: when all are gone, nothing of it is left.
nothing_left() { [ "$(stat_of tasks) $(stat_of threads) $(stat_of stages)" = '0 0 0' ]; }

# How many workers of stage 1 have an item in hand.
busy() {
	while read -r word stage rest; do
		[ "$word $stage" = "stage 1" ] || continue
		rest=${rest##*busy=}
		echo "${rest%% *}"
	done <$JOBS
}

# As try, and looks at the job meanwhile: sets most, the most workers that were
# seen at work, and keeps in /tmp/jobs what there was to be seen first.
try_watched() { # COMMAND
	typed "$1"
	sh -c "$1" >/tmp/shown 2>&1 </dev/null &
	most=0
	: >/tmp/jobs
	while kill -0 $! 2>/dev/null; do
		usleep 100000
		at_work=$(busy)
		[ "${at_work:-0}" -gt "$most" ] || continue
		most=$at_work
		[ -s /tmp/jobs ] || chanpatctl jobs >/tmp/jobs
	done
	wait $!
}

# The programs

odd_numbers() {
	program 'Odd numbers: a generator' \
		'A job is a line of text. "gen 1 10 2" makes the numbers from 1 to 10 in steps of 2, in a task' \
		'of its own. Whoever writes to the device gets the results by reading from it.'
	try "echo 'gen 1 10 2' >$DEV"
	try "cat $DEV"
	# shellcheck disable=SC2046
	verdict '1 3 5 7 9, then ok' \
		"$(words $(sed -n 's/^1 item //p' /tmp/shown)), then $(sed -n 's/^1 done \([^ ]*\) .*/\1/p' /tmp/shown)"
}

slowly() {
	program 'Slowly, with two clocks: timeouts that do not fire' \
		'Each number takes 499 ms of work. Two clocks run: the job may take 2 s in all, and no item may' \
		'take longer than 500 ms to come. Both leave just enough time.'
	try "chanpatctl run -v 'timeout=2s idle=500ms gen 1 5 2 | sleep 499ms'"
	verdict '1 3 5, then ok' "$(items), then $(ended)" 1497 "$(time_us)"
}

too_slow() {
	program 'The same with 600 ms of work: the wait for one item is bounded' \
		'Now the work takes longer than an item may take to come: the job ends before the first one.'
	try "chanpatctl run 'timeout=2s idle=500ms gen 1 5 2 | sleep 600ms'"
	verdict 'nothing, then idle' "$(items), then $(ended)" 500 "$(time_us)"
}

without_end() {
	program 'The same without an end: the whole job is bounded' \
		'An endless sequence, each item in time. After 2 s the job is over: the fifth number, which' \
		'would have come at 2.495 s, is cut off.'
	try "chanpatctl run 'timeout=2s idle=500ms gen 1 inf 2 | sleep 499ms'"
	verdict '1 3 5 7, then timeout' "$(items), then $(ended)" 2000 "$(time_us)"
}

press_ctrl_c() { # after 1.1 s; leaves in /tmp/left how long anything was left
	sleep 1.1
	pressed=$(now)
	printf '\003'
	tries=0
	until nothing_left || [ $tries = 1000 ]; do
		tries=$((tries + 1))
	done
	echo $(($(now) - pressed)) >/tmp/left
}

# The jobs of a pipeline end together, so nothing has to be killed.
left_within() { # NANOSECONDS -> for the verdict
	if [ "$1" -le 10000000 ]; then
		echo "no task left within 10 ms"
	else
		echo "tasks left for $(($1 / 1000000)) ms"
	fi
}

interrupted() {
	program 'Interrupted by Ctrl-C: a quit signal' \
		'The same endless job. After 1.1 s somebody presses Ctrl-C, and every stage of it ends.'
	typed "chanpatctl run 'gen 1 inf 2 | sleep 499ms'"
	press_ctrl_c | pty chanpatctl run 'gen 1 inf 2 | sleep 499ms' >/tmp/raw
	# The terminal as it is in the end: a line is drawn from its last return on.
	sed -e 's/\r$//' -e 's/.*\r//' -e "s/$ESC\[K//g" /tmp/raw >/tmp/shown
	shown </tmp/shown
	verdict '1 3, then cancelled, no task left within 10 ms' \
		"$(items), then $(ended), $(left_within "$(cat /tmp/left)")" 1100 "$(time_us)"
}

closed() {
	program 'Interrupted by closing the file' \
		'A job belongs to the open file that it was written to. A shell opens the device as descriptor' \
		'3, and closes it while the job runs. Closing waits until nothing of the job is left.'
	typed "exec 3<>$DEV; echo 'gen 1 inf 2 | sleep 499ms' >&3; sleep 1.1; exec 3<&-"
	exec 3<>$DEV
	echo 'gen 1 inf 2 | sleep 499ms' >&3
	sleep 1.1
	before=$(stat_of jobs)
	start=$(now)
	exec 3<&-
	left=$(($(now) - start))
	nothing_left || left=1000000000
	typed "grep -E 'jobs|tasks' $STATS"
	grep -E 'jobs|tasks' $STATS | indent
	verdict '1 job before, no task left within 10 ms' \
		"$before job before, $(left_within $left)"
}

pool() {
	program 'A worker pool: 3 workers, 5 jobs of 1 s each' \
		'Three workers take the numbers from one queue, hold each for a second, and pass it on to be' \
		'doubled. Five by threes are two rounds: 2 s instead of 5, and never more than 3 are at work.'
	try_watched "chanpatctl run -v 'gen 1 5 | sleep 1s workers=3 | double'"
	shown </tmp/shown
	echo
	echo 'While it runs, one can look inside:' | indent
	typed 'chanpatctl jobs'
	shown </tmp/jobs
	verdict '2 4 6 8 10 in some order, then ok, 3 at work at most' \
		"$(sorted_items) in some order, then $(ended), $most at work at most" 2000 "$(time_us)"
}

fan() {
	program 'Fan-out and fan-in: 10 jobs of 500 ms, 3 workers' \
		'The work is spread over three workers, and what they make comes back as one stream. Ten by' \
		'threes are four rounds of 500 ms: 2 s instead of 5.'
	try_watched "chanpatctl run -v 'gen 1 10 | sleep 500ms workers=3 | double'"
	shown </tmp/shown
	verdict '2 4 6 8 10 12 14 16 18 20 in some order, then ok, 3 at work' \
		"$(sorted_items) in some order, then $(ended), $most at work" 2000 "$(time_us)"
}

fan_free() {
	program 'The same fan without a limit' \
		'A task for each item that comes: all ten wait at the same time, and it takes as long as one.'
	try_watched "chanpatctl run -v 'gen 1 10 | sleep 500ms fan | double'"
	shown </tmp/shown
	verdict '2 4 6 8 10 12 14 16 18 20 in some order, then ok, 10 at work' \
		"$(sorted_items) in some order, then $(ended), $most at work" 500 "$(time_us)"
}

several() {
	program 'Several at once: merge and tee' \
		'Two jobs are read as one, and what comes is copied to two branches: one adds, one counts.'
	try "chanpatctl run -v 'merge { gen 1 100 ; gen 1 100 | double } | tee { sum ; count }'"
	verdict '200 15150 in some order, then ok' \
		"$(sorted_items) in some order, then $(ended)"
}

pushed() {
	program 'Pushed from outside: a producer, a consumer, a semaphore' \
		'The items of this job are written to the device line by line, while it runs. Four workers share' \
		'a semaphore of two units: six items of 500 ms take 1.5 s.'
	try "printf '%s\\n' 'sem desk 2' 'a: in | sleep 500ms workers=4 sem=desk | sum' '@a 1 2 3' '@a 4 5 6' 'end a' >$DEV"
	try "cat $DEV"
	verdict '21, then ok' "$(sed -n 's/^a item //p' /tmp/shown), then $(sed -n 's/^a done \([^ ]*\) .*/\1/p' /tmp/shown)" \
		1500 "$(sed -n 's/^a done .* time_us=//p' /tmp/shown)"
	echo 'sem desk 0' >$DEV
}

doubled_above() { # LIMIT <NUMBERS -> in one line
	# shellcheck disable=SC2046 # numbers are words
	words $(awk -v limit="$1" '2 * $1 > limit { print 2 * $1 }')
}

pipeline() {
	program 'A pipeline: 10 random numbers, doubled, those above 10 kept' \
		'Stages joined by channels, each at work while the others are. The same seed gives the same' \
		'numbers: first as they are, then through the stages.'
	try "chanpatctl run 'rand 10 100 seed=7'"
	expected="from $(wc -l </tmp/shown) numbers $(doubled_above 10 </tmp/shown)"
	try "chanpatctl run -v 'rand 10 100 seed=7 | double | gt 10'"
	verdict "$expected, then ok" "from 10 numbers $(items), then $(ended)"
}

# The last line that chanpatctl or another program printed.
answer() { grep -v '^chanpatctl: ' /tmp/shown | tail -n 1; }

log() {
	program 'A real log file: lines with a word in them' \
		"$LOG of your machine, searched in the kernel, next to where the file is cached;" \
		'grep does the same for comparison.'
	try "chanpatctl run -v 'lines fd=0 | grep $WORD | count' <$LOG"
	ours=$(answer)
	try "grep -c $WORD $LOG"
	verdict "$(answer) lines with the word" "$ours lines with the word"

	program 'The same file: all its lines' 'Counted, against wc.'
	try "chanpatctl run -v 'lines fd=0 | count' <$LOG"
	ours=$(answer)
	try "wc -l <$LOG"
	verdict "$(answer) lines" "$ours lines"
}

# A file for each line, for sha256sum digests files.
digests_by_sha256sum() {
	mkdir /tmp/lines
	awk '{ file = sprintf("/tmp/lines/%04d", NR); printf "%s", $0 >file; close(file) }' "$TEXT"
	sha256sum /tmp/lines/* | cut -d ' ' -f 1
}

digests() {
	program 'Every line of a text, hashed' \
		"The SHA-256 of each line of $TEXT, by the kernel's own" \
		'library, on 4 workers that keep the order; sha256sum gets each line in a file of its own.'
	try "chanpatctl run -v 'lines fd=0 | sha256 workers=4 ordered' <$TEXT"
	grep -v '^chanpatctl: ' /tmp/shown >/tmp/ours
	typed "sha256sum /tmp/lines/* | cut -d ' ' -f 1"
	digests_by_sha256sum >/tmp/theirs
	shown </tmp/theirs
	equal=$(awk 'NR == FNR { theirs[NR] = $0; next } $0 == theirs[FNR] { n++ } END { print n + 0 }' \
		/tmp/theirs /tmp/ours)
	verdict "$(wc -l </tmp/theirs) of $(wc -l </tmp/theirs) digests equal" \
		"$equal of $(wc -l </tmp/ours) digests equal"
}

# All of it

explain_time() {
	cat <<-END

		The virtual machine runs Linux $(uname -r) as Debian built it.
		Its time is virtual: an instruction takes 1 ns, and while everybody waits the clock jumps ahead. So
		durations are exact, however busy your machine is, and waiting costs nothing. A duration is as
		expected when it differs by $PERCENT % at most.
	END
}

summary() {
	if [ -z "$wrong" ]; then
		printf '\n%sAll %d programs did as expected.%s ' "$good" $number "$plain"
		return 0
	fi
	printf '\n%sOf %d programs these did NOT do as expected:%s\n%s' "$bad" $number "$plain" "$wrong"
	return 3
}

main() {
	explain_time
	odd_numbers
	slowly
	too_slow
	without_end
	interrupted
	closed
	pool
	fan
	fan_free
	pipeline
	several
	pushed
	log
	digests
	summary
}

main
