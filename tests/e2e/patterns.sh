# shellcheck shell=dash
# The classic demonstrations of the patterns, with their durations: for a machine
# with virtual time, where waiting is exact.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

# In the machine's time, which runs fast while all wait.
PATIENCE=7200

# The job took so long, by its own clock and by that of the machine, which counts
# hundredths of a second and has the shell's time in it.
took() { # MILLISECONDS
	within 2 $(($1 * 1000)) "$time_us" "time_us"
	elapsed=$((ended - started))
	[ $((elapsed + 10)) -ge "$1" ] || fail "it took only $elapsed ms"
	[ $((elapsed * 100)) -le $(($1 * 102 + 3000)) ] || fail "it took $elapsed ms"
}

timed() { # COMMAND ARG...
	started=$(now)
	"$@"
	ended=$(now)
}

# In milliseconds, from a clock that counts hundredths of a second.
now() {
	read -r time _ </proc/uptime
	echo "${time%.*}${time#*.}0"
}

# Looks at a job while it runs. Sets most: the most workers of the stage that had
# an item in hand.
watch_busy() { # STAGE LINE
	exec 3<>$DEV
	started=$(now)
	echo "$2" >&3
	most=0
	while job_is running; do
		busy=$(stage_field "$1" busy)
		[ "${busy:-0}" -le "$most" ] || most=$busy
		usleep 20000
	done
	ended=$(now)
	listen
}

test_odd_numbers() { gives 'gen 1 10 2' 1 3 5 7 9; }

test_odd_numbers_slowly_and_no_clock_fires() {
	timed gives 'timeout=2s idle=500ms gen 1 5 2 | sleep 499ms' 1 3 5
	took 1497
}

test_the_same_with_work_that_is_too_slow() {
	timed says 'timeout=2s idle=500ms gen 1 5 2 | sleep 600ms' '1 done idle items=0 errors=0'
	took 500
}

test_idle_begins_anew_with_each_item() {
	# shellcheck disable=SC2046 # numbers are words
	gives 'idle=51ms tick 50ms 12' $(seq 12)
}

test_the_same_without_an_end() {
	timed says 'timeout=2s idle=500ms gen 1 inf 2 | sleep 499ms' '1 item 1' '1 item 3' \
		'1 item 5' '1 item 7' '1 done timeout items=4 errors=0'
	took 2000
}

test_the_same_interrupted_by_a_control_line() {
	exec 3<>$DEV
	echo 'timeout=2s idle=500ms gen 1 inf 2 | sleep 499ms' >&3
	sleep 1.1
	echo 'cancel 1' >&3
	listen
	expect "$(lines '1 item 1' '1 item 3' '1 done cancelled items=2 errors=0')" "$out"
	within 2 1100000 "$time_us" time_us
	expect 0 "$(stat_of tasks)" tasks
}

test_the_same_interrupted_by_the_end_of_its_process() {
	sh -c "exec 3<>$DEV; echo 'gen 1 inf 2 | sleep 499ms' >&3; exec cat <&3" >shown &
	reader=$!
	sleep 1.1
	before=$(now)
	kill -TERM $reader
	until [ "$(stat_of tasks) $(stat_of sessions)" = '0 0' ]; do :; done
	[ $(($(now) - before)) -le 30 ] || fail "it took from $before to $(now) ms"
	expect "$(lines '1 item 1' '1 item 3')" "$(cat shown)"
}

test_the_same_interrupted_by_closing_the_file() {
	exec 3<>$DEV
	echo 'gen 1 inf 2 | sleep 499ms' >&3
	sleep 1.1
	before=$(now)
	exec 3<&-
	expect '0 0' "$(stat_of tasks) $(stat_of jobs)" "tasks and jobs"
	[ $(($(now) - before)) -le 30 ] || fail "it took from $before to $(now) ms"
}

test_a_pool_of_three_takes_two_seconds_for_five_jobs_of_one() {
	timed gives_any_order 'gen 1 5 | sleep 1s workers=3 | double' 2 4 6 8 10
	took 2000
}

test_a_pool_of_three_never_has_more_at_work() {
	watch_busy 1 'gen 1 5 | sleep 1s workers=3'
	expect 3 "$most" "workers that were busy"
	within 2 2000000 "$time_us" time_us
}

test_a_pool_of_one_works_in_turn() {
	timed gives 'gen 1 3 | sleep 500ms' 1 2 3
	took 1500
}

test_a_pool_larger_than_the_work() {
	timed gives_any_order 'gen 1 5 | sleep 500ms workers=100' 1 2 3 4 5
	took 500
}

test_fan_out_and_fan_in() {
	timed gives_any_order 'gen 1 10 | sleep 500ms workers=3 | double' \
		2 4 6 8 10 12 14 16 18 20
	took 2000
}

test_a_worker_for_each_item() {
	watch_busy 1 'gen 1 10 | sleep 500ms fan | double'
	expect 10 "$most" "workers that were busy"
	within 2 500000 "$time_us" time_us
}

test_ordered_workers_take_no_longer() {
	timed gives 'gen 1 9 | sleep 500ms workers=3 ordered' 1 2 3 4 5 6 7 8 9
	took 1500
}

test_a_pipeline_keeps_the_even_numbers_above_ten() {
	ask 'rand 10 100 seed=7'
	expected=''
	while read -r _ word value; do
		[ "$word" != item ] || [ $((2 * value)) -le 10 ] || expected="$expected $((2 * value))"
	done <<-END
		$out
	END
	# shellcheck disable=SC2086 # numbers are words
	gives 'rand 10 100 seed=7 | double | gt 10' $expected
	# shellcheck disable=SC2086
	gives 'rand 10 100 seed=7 | double | gt 10 | even' $expected
}

test_stages_work_at_the_same_time() {
	timed gives 'gen 1 8 | sleep 100ms | sleep 100ms | sleep 100ms | count' 8
	took 1000
}

test_a_slow_stage_is_the_pace_of_all() {
	timed gives 'gen 1 8 | sleep 10ms | sleep 200ms | sleep 10ms | count' 8
	took 1620
}

test_a_slow_stage_is_widened_by_workers() {
	timed gives 'gen 1 8 | sleep 200ms workers=4 | count' 8
	took 400
}

test_a_buffer_absorbs_a_burst() {
	exec 3<>$DEV
	echo 'gen 1 inf | double | sleep 10s buf=8' >&3
	sleep 1
	# One in the hand of the sleeper, eight in the buffer, one on its way.
	expect 9 "$(stage_field 1 sent)" "sent into the buffer"
	expect 10 "$(stage_field 1 taken)" "taken from the generator"
}

test_nothing_is_made_ahead_without_a_buffer() {
	exec 3<>$DEV
	echo 'gen 1 inf | sleep 10s' >&3
	sleep 1
	expect '1 2' "$(stage_field 0 sent) $(stage_field 0 taken)" "sent and made"
}

test_tick_keeps_its_pace_whatever_the_work_takes() {
	timed gives 'tick 100ms 10 | sleep 90ms | count' 10
	took 1090
}

test_timeout_of_a_job_that_produces() {
	timed gives 'timeout=10s tick 100ms 9 | count' 9
	took 900
	timed says 'timeout=350ms tick 100ms 9' '1 item 1' '1 item 2' '1 item 3' \
		'1 done timeout items=3 errors=0'
	took 350
}

test_a_long_timeout_costs_nothing() {
	timed says 'timeout=30m tick 1h 1' '1 done timeout items=0 errors=0'
	took 1800000
}

test_a_thousand_sleepers_at_once() {
	timed gives 'gen 1 1000 | sleep 1s workers=1000 | count' 1000
	took 1000
}

# What nobody reads for ten seconds makes the job park; others go on meanwhile.
test_a_reader_that_stops_for_ten_seconds_loses_nothing() {
	exec 5<>$DEV
	echo 'gen 1 5000 | add 0 workers=4 ordered' >&5
	for i in 1 2 3; do
		read -r line <&5
		echo "$line" >>read
	done
	eventually job_sends_nothing
	sent=$(job_items)
	timed gives 'tick 1s 10 | count' 10
	took 10000
	expect "$sent" "$(job_items)" 'items of the job that nobody reads'
	cat <&5 >>read
	expect "$(items 1 $(seq 5000))" "$(sed 's/ time_us=.*//' read)"
}

job_items() {
	read -r _ _ _ count _ <$JOBS
	echo "${count#items=}"
}

job_sends_nothing() {
	before=$(job_items)
	usleep 100000
	[ "$before" -gt 0 ] && [ "$before" = "$(job_items)" ]
}

run_tests
