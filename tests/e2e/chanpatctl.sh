# shellcheck shell=dash
# chanpatctl: what it prints, where, and what it returns.
. "${0%/*}/lib.sh"

TAB='	'
ESC=$(printf '\033')

# Runs it: sets out, err without times, and status.
ctl() { # ARG...
	status=0
	chanpatctl "$@" >/tmp/ctl.out 2>/tmp/ctl.err || status=$?
	out=$(cat /tmp/ctl.out)
	err=$(timeless </tmp/ctl.err)
}

timeless() { sed 's/, [0-9.]* \([mu]s\|s\))$/)/'; }

expect_ctl() { # STATUS OUT ERR
	expect "$1" "$status" "exit status"
	expect "$2" "$out"
	expect "$3" "$err" "stderr"
}

# Runs a command on a terminal; sets raw, what it was sent, and status.
on_terminal() { # COMMAND...
	status=0
	pty "$@" </dev/null >/tmp/raw 2>&1 || status=$?
	raw=$(cat /tmp/raw)
}

# What is on the screen in the end: each drawing of a line begins with a return.
# The terminal may show a control character after what the program wrote about it.
screen() { sed "s/\r\$//; s/.*\r//; s/$ESC\[K//g; /^^C\$/d" /tmp/raw | timeless; }

# The same as on_terminal, but what stdin gives is typed there.
typing() { # COMMAND...
	status=0
	pty "$@" >/tmp/raw 2>&1 || status=$?
}

# Goes on beside the test, and ends with it; sets pid.
beside() { # COMMAND...
	"$@" </dev/null &
	pid=$!
	# shellcheck disable=SC2064 # this one
	trap "kill $pid 2>/dev/null || :" EXIT
}

unload_until_the_end() {
	rmmod chanpat
	trap 'insmod /vm/ko/chanpat.ko' EXIT
}

# Items

test_numbers_are_printed_one_a_line() {
	ctl run 'gen 1 10 2'
	expect_ctl 0 "$(lines 1 3 5 7 9)" ''
}

test_the_ends_of_64_bits_are_printed() {
	ctl run 'values -9223372036854775808 9223372036854775807'
	expect_ctl 0 "$(lines -9223372036854775808 9223372036854775807)" ''
}

test_byte_strings_are_unescaped() {
	chanpatctl run 'values "a\nb" "q\"\\\t" "\x01\xff\x7f" "" "é"' >/tmp/ctl.out
	printf 'a\nb\nq"\\\t\n\001\377\177\n\né\n' | cmp - /tmp/ctl.out
}

test_a_nul_before_digits_stays_one_byte() {
	chanpatctl run 'values "\x0012"' >/tmp/ctl.out
	printf '\00012\n' | cmp - /tmp/ctl.out
}

test_every_byte_of_a_line_comes_out_as_it_went_in() {
	for high in 0 1 2 3; do
		for low in 00 01 02 03 04 05 06 07 10 11 13 14 15 16 17 \
			20 24 33 37 40 42 47 60 67 77; do
			printf '%b' "\\0$high$low"
		done
	done >/tmp/bytes
	echo >>/tmp/bytes
	chanpatctl run 'lines fd=0' </tmp/bytes >/tmp/ctl.out
	cmp /tmp/bytes /tmp/ctl.out
}

test_the_longest_byte_string_comes_out_whole() {
	yes "$(printf 'x\001y')" | tr -d '\n' | head -c 65536 >/tmp/bytes
	echo >>/tmp/bytes
	chanpatctl run 'lines fd=0' </tmp/bytes >/tmp/ctl.out
	cmp /tmp/bytes /tmp/ctl.out
}

test_many_items_come_out_whole() {
	chanpatctl run 'gen 1 100000' >/tmp/ctl.out
	seq 1 100000 | cmp - /tmp/ctl.out
}

test_items_are_printed_when_they_come() {
	beside chanpatctl run 'values 1 2 3 | sleep 1ms | take 3 | sleep 1ms' >/tmp/ctl.out
	wait $pid
	expect "$(lines 1 2 3)" "$(cat /tmp/ctl.out)"
	beside chanpatctl run 'tick 10ms 1000000' >/tmp/ctl.out
	eventually grep -q '^3$' /tmp/ctl.out
}

test_a_label_is_no_part_of_the_output() {
	ctl run 'item: gen 1 2'
	expect_ctl 0 "$(lines 1 2)" ''
}

test_items_that_were_ready_are_printed_before_the_end() {
	ctl run 'timeout=1h values 1 2 3 | take 2'
	expect_ctl 0 "$(lines 1 2)" ''
}

# Descriptors

test_a_job_reads_stdin() {
	printf 'one\ntwo\n' >/tmp/text
	ctl run 'lines fd=0 | upper' </tmp/text
	expect_ctl 0 "$(lines ONE TWO)" ''
}

test_a_job_reads_a_pipe() {
	expect 2 "$(printf 'one\ntwo\n' | chanpatctl run 'lines fd=0 | count')"
}

test_a_job_reads_another_descriptor() {
	printf 'one\n' >/tmp/text
	exec 7</tmp/text
	ctl run 'lines fd=7'
	expect_ctl 0 one ''
}

test_the_device_is_no_low_descriptor() {
	for fd in 0 3 4 5; do
		status=0
		chanpatctl run "lines fd=$fd" 0<&- >/tmp/ctl.out 2>/tmp/ctl.err ||
			status=$?
		expect 2 $status
		expect "chanpatctl: descriptor $fd is not open" "$(head -n 1 /tmp/ctl.err)"
	done
}

# Errors of items

test_errors_of_items_go_to_stderr_with_their_place() {
	ctl run 'gen 1 4 | double | fail every=3'
	expect_ctl 0 "$(lines 2 4 8)" 'chanpatctl: EIO at stage 2 (fail), item 3'
}

test_errors_stand_between_the_items_where_they_came() {
	chanpatctl run 'gen 1 4 | fail every=2 errno=ENOENT' >/tmp/ctl.out 2>&1
	expect "$(lines 1 'chanpatctl: ENOENT at stage 1 (fail), item 2' 3 \
		'chanpatctl: ENOENT at stage 1 (fail), item 4')" "$(cat /tmp/ctl.out)"
}

test_strict_makes_errors_of_items_a_failure() {
	ctl run --strict 'gen 1 3 | fail every=3'
	expect_ctl 1 "$(lines 1 2)" 'chanpatctl: EIO at stage 1 (fail), item 3'
	ctl run -s 'gen 1 3'
	expect_ctl 0 "$(lines 1 2 3)" ''
}

# How it ends

test_verbose_says_how_it_ended() {
	ctl run -v 'gen 1 3 | fail every=2'
	expect_ctl 0 "$(lines 1 3)" "$(lines \
		'chanpatctl: EIO at stage 1 (fail), item 2' \
		'chanpatctl: ok (2 items, 1 errors)')"
	ctl run --verbose 'gen 1 1'
	expect_ctl 0 1 'chanpatctl: ok (1 items, 0 errors)'
}

test_timeout_is_124() {
	ctl run 'timeout=50ms values 7 8 | take 1 | sleep 1h'
	expect_ctl 124 '' \
		'chanpatctl: timeout: the time of the job was over (0 items, 0 errors)'
}

test_idle_is_124() {
	ctl run 'idle=50ms gen 1 inf | sleep 1h'
	expect_ctl 124 '' \
		'chanpatctl: idle: the next item did not come in time (0 items, 0 errors)'
}

test_a_failed_job_is_1() {
	ctl run 'gen 9223372036854775807 inf'
	expect_ctl 1 9223372036854775807 \
		'chanpatctl: failed: EOVERFLOW (1 items, 0 errors)'
}

test_output_that_cannot_be_written_is_1() {
	status=0
	chanpatctl run 'gen 1 3' >/dev/full 2>/tmp/ctl.err || status=$?
	expect 1 $status
	expect 'chanpatctl: cannot write the output: No space left on device' \
		"$(cat /tmp/ctl.err)"
	status=0
	chanpatctl ops >/dev/full 2>/tmp/ctl.err || status=$?
	expect 1 $status
}

test_a_reader_that_leaves_ends_the_job_quietly() {
	{
		status=0
		chanpatctl run 'gen 1 inf' 2>/tmp/ctl.err || status=$?
		echo $status >/tmp/status
	} | head -n 1 >/tmp/ctl.out
	eventually test -s /tmp/status
	expect 1 "$(cat /tmp/ctl.out)"
	expect '' "$(cat /tmp/ctl.err)"
	expect 141 "$(cat /tmp/status)"
}

test_a_reader_that_leaves_is_noticed_between_items() {
	{ chanpatctl run 'gen 1 1 | sleep 1h' || true; } 2>/tmp/ctl.err | true
	expect '' "$(cat /tmp/ctl.err)"
}

test_sigterm_ends_the_job() {
	beside chanpatctl run 'gen 1 inf | sleep 10ms' >/tmp/ctl.out
	eventually test -s /tmp/ctl.out
	kill $pid
	status=0
	wait $pid || status=$?
	expect 143 $status
}

# Ctrl-C

test_ctrl_c_cancels_the_job() {
	rm -f /tmp/ctl.out
	{
		eventually test -s /tmp/ctl.out
		printf '\003'
	} | typing sh -c "exec chanpatctl run 'tick 10ms 100000' >/tmp/ctl.out"
	expect 'chanpatctl: cancelled (N items, 0 errors)' \
		"$(screen | sed 's/([0-9]* items/(N items/')"
	expect 1 "$(head -n 1 /tmp/ctl.out)"
}

test_ctrl_c_is_130() {
	rm -f /tmp/ctl.out
	{
		eventually test -s /tmp/ctl.out
		printf '\003'
	} | {
		typing sh -c "exec chanpatctl run 'tick 10ms 100000' >/tmp/ctl.out"
		expect 130 $status
	}
}

test_the_signal_alone_does_the_same() {
	rm -f /tmp/ctl.out
	beside pty sh -c "exec chanpatctl run 'tick 10ms 100000' >/tmp/ctl.out" >/tmp/raw
	eventually test -s /tmp/ctl.out
	kill -INT "$(pidof chanpatctl)"
	status=0
	wait $pid || status=$?
	expect 130 $status
}

# A job whose output nobody takes, with one Ctrl-C.
cancelled_but_stuck() {
	rm -f /tmp/slow
	mkfifo /tmp/slow
	exec 8<>/tmp/slow
	beside pty sh -c "exec chanpatctl run 'gen 1 inf' >/tmp/slow" >/tmp/raw
	eventually stuck
	kill -INT "$(pidof chanpatctl)"
	eventually stages_are_over
}

# Not only for a moment.
stuck() {
	stuck_pid=$(pidof chanpatctl) && asleep "$stuck_pid" || return
	taken=$(stage_field 0 taken)
	[ "$taken" -gt 10000 ] && usleep 50000 &&
		[ "$taken" = "$(stage_field 0 taken)" ]
}

stages_are_over() { [ "$(stage_field 0 workers)" = 0 ]; }

test_all_items_that_were_ready_are_printed_after_ctrl_c() {
	cancelled_but_stuck
	cat /tmp/slow >/tmp/ctl.out 8<&- &
	wait $pid || true
	exec 8<&-
	wait $!
	last=$(tail -n 1 /tmp/ctl.out)
	seq 1 "$last" | cmp - /tmp/ctl.out
	expect "chanpatctl: cancelled ($last items, 0 errors)" "$(screen)"
}

test_a_second_ctrl_c_leaves_at_once() {
	cancelled_but_stuck
	kill -0 $pid
	kill -INT "$(pidof chanpatctl)"
	status=0
	wait $pid || status=$?
	expect 130 $status
}

# A shell's background jobs are started so.
test_an_ignored_ctrl_c_stays_ignored() {
	rm -f /tmp/ctl.out
	beside sh -c 'trap "" INT; exec chanpatctl run "tick 100ms 5"' >/tmp/ctl.out
	eventually test -s /tmp/ctl.out
	kill -INT $pid
	wait $pid
	expect "$(seq 1 5)" "$(cat /tmp/ctl.out)"
}

# The progress line

test_a_long_job_shows_its_progress() {
	on_terminal sh -c "chanpatctl run 'gen 1 4 | fail every=2 | sleep 600ms' >/dev/null"
	case $raw in
	*'1 items, 1 errors, '*'/s, '*' s'*) ;;
	*) fail "no progress: $raw" ;;
	esac
}

test_a_short_job_shows_no_progress() {
	on_terminal chanpatctl run 'gen 1 3 | sleep 50ms'
	expect "$(printf '1\r\n2\r\n3\r')" "$raw"
}

test_progress_is_gone_in_the_end() {
	on_terminal sh -c "chanpatctl run 'gen 1 2 | sleep 400ms' >/dev/null"
	case $raw in
	*' items, '*) expect '' "$(screen)" ;;
	*) fail "no progress: $raw" ;;
	esac
}

test_progress_is_never_mixed_into_the_items() {
	on_terminal chanpatctl run -v 'gen 1 4 | fail every=2 | sleep 600ms'
	expect "$(lines 1 'chanpatctl: EIO at stage 1 (fail), item 2' 3 \
		'chanpatctl: EIO at stage 1 (fail), item 4' \
		'chanpatctl: ok (2 items, 2 errors)')" "$(screen)"
}

test_progress_is_never_mixed_into_what_a_pipe_shows() {
	on_terminal sh -c "chanpatctl run 'gen 1 4 | sleep 600ms' | cat"
	case $raw in
	*' items, '*) expect "$(lines 1 2 3 4)" "$(screen)" ;;
	*) fail "no progress: $raw" ;;
	esac
}

test_progress_is_for_terminals_only() {
	on_terminal sh -c "chanpatctl run 'gen 1 2 | sleep 400ms' 2>/tmp/ctl.err"
	expect '' "$(cat /tmp/ctl.err)"
	expect "$(printf '1\r\n2\r')" "$raw"
}

# Rejected lines

refuses() { # LINE REASON SHOWN BLANKS: the caret stands behind so many
	ctl run "$1"
	expect_ctl 2 '' "$(printf 'chanpatctl: %s\n  %s\n  %*s^\n' "$2" "$3" "$4" '')"
}

UNKNOWN='unknown operation "duble", did you mean "double"?'

test_a_caret_stands_below_the_column() {
	refuses 'gen 1 3 | duble' "$UNKNOWN" 'gen 1 3 | duble' 10
	refuses 'duble' "$UNKNOWN" 'duble' 0
}

test_a_caret_stands_behind_the_end() {
	refuses 'gen 1 3 | ' 'an operation must follow "|"' 'gen 1 3 | ' 10
}

test_tabs_do_not_shift_the_caret() {
	refuses "gen${TAB}1${TAB}3${TAB}|${TAB}duble" "$UNKNOWN" 'gen 1 3 | duble' 10
}

test_characters_of_many_bytes_do_not_shift_the_caret() {
	refuses 'values "äöü€" | duble' "$UNKNOWN" 'values "äöü€" | duble' 16
}

test_wide_characters_do_not_shift_the_caret() {
	refuses 'values "日本語" | duble' "$UNKNOWN" 'values "日本語" | duble' 18
}

test_combining_characters_do_not_shift_the_caret() {
	line=$(printf 'values "e\314\201e\314\201" | duble')
	refuses "$line" "$UNKNOWN" "$line" 14
}

test_bytes_that_cannot_be_shown_are_question_marks() {
	refuses "$(printf 'values "\033[2J\377\342\200\256" | duble')" "$UNKNOWN" \
		'values "?[2J??" | duble' 18
}

test_long_lines_are_shown_around_the_caret() {
	numbers=$(seq -s ' ' 100 199)
	refuses "values $numbers | duble" "$UNKNOWN" \
		"...$(printf '%s | duble' "$numbers" | tail -c 73)" 71
	refuses "duble $numbers" "$UNKNOWN" "$(printf 'duble %s' "$numbers" | head -c 73)..." 0
	refuses "values $numbers | duble $numbers" "$UNKNOWN" \
		"...$(printf '%s | ' "$numbers" | tail -c 35)$(printf 'duble %s' "$numbers" | head -c 35)..." 38
}

test_the_window_is_as_wide_as_the_terminal() {
	numbers=$(seq -s ' ' 100 199)
	on_terminal sh -c "stty cols 40; chanpatctl run 'values $numbers | duble'"
	for line in 2 3; do
		shown=$(screen | sed -n ${line}p)
		[ ${#shown} -le 40 ] || fail "longer than 40: $shown"
	done
}

test_a_line_that_is_too_long_is_rejected() {
	for length in 4097 5000 9000; do
		line=$(printf "%${length}s" 'gen 1 3')
		ctl run "$line"
		expect 2 $status
		expect '' "$out"
		expect 'chanpatctl: a line has at most 4096 bytes' \
			"$(head -n 1 /tmp/ctl.err)"
	done
}

# Usage

test_a_line_without_a_job_is_refused() {
	for line in '' '# nothing' 'cancel all'; do
		ctl run "$line"
		expect_ctl 2 '' 'chanpatctl: there is no job in this line'
	done
}

test_a_job_of_several_lines_is_refused() {
	ctl run "gen 1 2${NL}gen 3 4"
	expect 2 $status
	expect '' "$out"
	expect 'chanpatctl: a job is one line' "$(head -n 1 /tmp/ctl.err)"
}

test_a_job_without_quotes_is_refused() {
	ctl run gen 1 10 2
	expect 2 $status
	expect "chanpatctl: a job is one argument, put it in quotes: chanpatctl run 'gen 1 10 2'" \
		"$(head -n 1 /tmp/ctl.err)"
}

test_a_job_must_be_given() {
	ctl run
	expect 2 $status
	expect "chanpatctl: which job? Such as: chanpatctl run 'gen 1 10 2'" \
		"$(head -n 1 /tmp/ctl.err)"
}

test_unknown_commands_are_guessed() {
	ctl rnu 'gen 1 2'
	expect_ctl 2 '' 'chanpatctl: unknown command "rnu", did you mean "run"?'
	ctl job
	expect_ctl 2 '' 'chanpatctl: unknown command "job", did you mean "jobs"?'
	ctl gen 1 3
	expect 2 $status
	expect 'chanpatctl: unknown command "gen"' "$(head -n 1 /tmp/ctl.err)"
}

test_wrong_options_are_refused() {
	ctl --nonsense
	expect 2 $status
	expect 'chanpatctl: unknown option "--nonsense"' "$(head -n 1 /tmp/ctl.err)"
	ctl run --nonsense 'gen 1 3'
	expect 2 $status
	ctl ops all
	expect 2 $status
	ctl
	expect 2 $status
}

test_help_and_version_go_to_stdout() {
	ctl --help
	expect 0 $status
	expect '' "$err"
	expect "usage: chanpatctl run [-sv] 'JOB'" "$(head -n 1 /tmp/ctl.out)"
	ctl run --help
	expect 0 $status
	ctl --version
	expect_ctl 0 'chanpatctl 0.1' ''
}

# The device

test_a_missing_device_says_how_to_load_the_module() {
	unload_until_the_end
	ctl run 'gen 1 3'
	expect_ctl 3 '' "$(lines 'chanpatctl: /dev/chanpat is not there' \
		'  load the module: sudo modprobe chanpat')"
}

as_a() { # ARG... without blanks
	status=0
	su a -c "chanpatctl $*" >/tmp/ctl.out 2>/tmp/ctl.err || status=$?
	out=$(cat /tmp/ctl.out)
	err=$(cat /tmp/ctl.err)
}

test_no_permission_names_the_mode() {
	chown root:root $DEV
	chmod 600 $DEV
	as_a run tick
	expect_ctl 3 '' "$(lines \
		'chanpatctl: no permission for /dev/chanpat, which is root:root with mode 0600' \
		'  become root: sudo chanpatctl ...')"
}

test_no_permission_names_the_group() {
	chgrp b $DEV
	chmod 660 $DEV
	as_a run tick
	chgrp chanpat $DEV
	expect_ctl 3 '' "$(lines \
		'chanpatctl: no permission for /dev/chanpat, which is root:b with mode 0660' \
		"  become a member of the group: sudo adduser \$USER b, and log in again")"
}

test_members_of_the_group_run_jobs() {
	open_device_to_group
	expect "$(lines 1 2)" "$(su a -c "chanpatctl run 'gen 1 2'")"
}

# Looking inside

test_ops_are_a_table() {
	ctl ops
	expect 0 $status
	expect '' "$err"
	head -n 1 /tmp/ctl.out | grep -q '^OPERATION  *GIVES$'
	grep -q '^gen FIRST LAST|inf \[STEP\]  *numbers from FIRST to LAST' /tmp/ctl.out
	grep -q '^double  *twice the number$' /tmp/ctl.out
	expect "$(wc -l </sys/kernel/debug/chanpat/ops)" "$(tail -n +2 /tmp/ctl.out | wc -l)"
	expect '' "$(awk 'NR == 1 { at = index($0, "GIVES") }
		substr($0, at - 2, 3) !~ /^  [^ ]/' /tmp/ctl.out)" 'crooked lines'
}

test_stats_are_a_table() {
	ctl stats
	expect 0 $status
	expect "$(cat $STATS)" "$(tail -n +2 /tmp/ctl.out | sed 's/  */ /')"
	expect 1 "$(awk '{ print length($0) }' /tmp/ctl.out | sort -u | wc -l)"
}

test_without_jobs_there_is_no_table() {
	ctl jobs
	expect_ctl 0 'no jobs' ''
	ctl sessions
	expect_ctl 0 'no sessions' ''
}

test_jobs_are_a_table_with_their_stages() {
	beside chanpatctl run 'slow: timeout=1h gen 1 inf | sleep 1h workers=3' >/tmp/ctl.out
	eventually job_is running
	ctl jobs
	expect 0 $status
	expect 'JOB LABEL STATUS ITEMS ERRORS AGE_MS LINE' \
		"$(head -n 1 /tmp/ctl.out | xargs)"
	grep -q '^[0-9.]* *slow *running *0 *0 *[0-9]*  slow: timeout=1h gen 1 inf | sleep 1h workers=3$' \
		/tmp/ctl.out
	grep -q '^ *STAGE *OP *WORKERS *BUSY *TAKEN *SENT' /tmp/ctl.out
	grep -q '^ *1  sleep  *3 ' /tmp/ctl.out
	ctl sessions
	expect 0 $status
	grep -q '^SESSION  UID  KIND ' /tmp/ctl.out
	grep -q '^ *[0-9]* *0  private *1 *1 *1 ' /tmp/ctl.out
}

test_a_line_cannot_fool_the_terminal_of_who_looks() {
	beside chanpatctl run "$(printf 'values "\033[2J" | sleep 1h')" >/dev/null
	eventually job_is running
	ctl jobs
	! grep -q "$ESC" /tmp/ctl.out || fail "an escape came through"
}

test_only_root_looks_inside() {
	as_a ops
	expect_ctl 3 '' "$(lines 'chanpatctl: only root may look inside' \
		'  become root: sudo chanpatctl ...')"
}

test_looking_without_debugfs_says_how_to_mount_it() {
	umount /sys/kernel/debug
	trap 'mount /sys/kernel/debug' EXIT
	ctl jobs
	expect_ctl 3 '' "$(lines 'chanpatctl: debugfs is not mounted' \
		'  mount it: sudo mount -t debugfs none /sys/kernel/debug')"
}

test_looking_without_the_module_says_how_to_load_it() {
	unload_until_the_end
	for command in ops jobs stats sessions; do
		ctl $command
		expect_ctl 3 '' "$(lines 'chanpatctl: the module is not loaded' \
			'  load it: sudo modprobe chanpat')"
	done
}

run_tests
