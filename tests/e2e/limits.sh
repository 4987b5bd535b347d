# shellcheck shell=dash
# The limits: what is still accepted, what is refused and how, and that parameters
# of the module change them.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

# A job of so many bytes: blanks mean nothing.
line_of() { # BYTES
	printf "gen 1 %$(($1 - 6))s" 1
}

stages() { # NUMBER OF STAGES, the source included
	printf 'gen 1 1'
	yes ' | add 0' | head -n $(($1 - 1)) | tr -d '\n'
}

test_a_line_has_at_most_4096_bytes() {
	ask "$(line_of 4096)"
	expect "$(items 1 1)" "$out"
	does "$(lines 'writeall EMSGSIZE' \
		'- reject EMSGSIZE col=4097 a line has at most 4096 bytes')" \
		open:rw "writeall:$(line_of 4097)\n" show
}

test_a_job_has_at_most_32_stages() {
	ask "$(stages 32)"
	expect "$(items 1 1)" "$out"
	rejects "$(stages 33)" E2BIG 259 'a job has at most 32 stages, its source included'
}

test_a_stage_has_at_most_1024_workers() {
	gives 'gen 1 5 | double workers=1024 | sum' 30
	gives 'gen 1 5 | double workers=1k ordered' 2 4 6 8 10
	rejects 'gen 1 5 | double workers=1025' ERANGE 26 '"workers" must be from 1 to 1024'
	rejects 'gen 1 5 | double workers=0' ERANGE 26 '"workers" must be from 1 to 1024'
}

test_a_buffer_holds_at_most_65536_items() {
	gives 'gen 1 5 | double buf=65536 | sum' 30
	gives 'gen 1 5 | double buf=64k | sum' 30
	rejects 'gen 1 5 | double buf=65537' ERANGE 22 '"buf" must be from 0 to 65536'
}

test_a_session_has_at_most_64_jobs() {
	does "$(lines 'fill 64 EAGAIN')" open:rwn 'fill:tick 1h 1'
}

test_the_limit_is_of_each_session() {
	does "$(lines 'fill 64 EAGAIN' 'fill 64 EAGAIN')" \
		open:rwn 'fill:tick 1h 1' open:rwn 'fill:tick 1h 1'
}

test_a_session_holds_at_most_64_MiB() {
	big="gen 1 0$(yes ' | double buf=65536' | head -n 31 | tr -d '\n')"
	exec 3<>$DEV
	echo "tick 1h 1 ${big#gen 1 0}" >&3
	! echo "$big" >&3 2>/dev/null || fail "a second one was accepted"
	read -r line <&3
	expect '- reject EDQUOT col=1 the jobs of this session would hold too much memory' "$line"
	ask "$big" # in another session
	expect '1 done ok items=0 errors=0' "$out"
}

test_what_a_job_held_can_be_used_again() {
	big="gen 1 0$(yes ' | double buf=65536' | head -n 31 | tr -d '\n')"
	exec 3<>$DEV
	for i in 1 2 3; do
		echo "$big" >&3
		listen
		expect "$i done ok items=0 errors=0" "$out"
	done
}

test_strings_count_as_memory_too() {
	# The buffer of the source is 128 KiB.
	set_parameter max_memory 136000
	head -c 5000 /dev/zero | tr '\0' x >file
	exec 5<file
	says 'lines fd=5' '1 error EDQUOT stage=0 op=lines seq=1' '1 done ok items=0 errors=1'
}

test_max_line() {
	set_parameter max_line 100
	ask "$(line_of 100)"
	expect "$(items 1 1)" "$out"
	rejects "$(line_of 101)" EMSGSIZE 101 'a line has at most 100 bytes'
	echo 10000 >$PARAMETERS/max_line
	ask "$(line_of 10000)"
	expect "$(items 1 1)" "$out"
}

test_max_line_counts_for_files_that_are_open() {
	exec 3<>$DEV
	echo 'gen 1 1' >&3
	listen
	set_parameter max_line 10000
	lines "$(line_of 9000)" >&3
	listen
	expect "$(items 2 1)" "$out"
	echo 50 >$PARAMETERS/max_line
	! lines "$(line_of 60)" >&3 2>/dev/null || fail "it was accepted"
	listen
	expect '- reject EMSGSIZE col=51 a line has at most 50 bytes' "$out"
}

test_max_stages() {
	set_parameter max_stages 3
	ask "$(stages 3)"
	expect "$(items 1 1)" "$out"
	rejects "$(stages 4)" E2BIG 27 'a job has at most 3 stages, its source included'
	echo 100 >$PARAMETERS/max_stages
	ask "$(stages 100)"
	expect "$(items 1 1)" "$out"
}

test_max_workers() {
	set_parameter max_workers 2
	gives 'gen 1 1 | double workers=2' 2
	rejects 'gen 1 1 | double workers=3' ERANGE 26 '"workers" must be from 1 to 2'
	echo 2000 >$PARAMETERS/max_workers
	gives 'gen 1 1 | double workers=2000' 2
}

test_max_buf() {
	set_parameter max_buf 8
	gives 'gen 1 1 | double buf=8' 2
	rejects 'gen 1 1 | double buf=9' ERANGE 22 '"buf" must be from 0 to 8'
}

test_max_jobs() {
	set_parameter max_jobs 3
	does 'fill 3 EAGAIN' open:rwn 'fill:tick 1h 1'
	echo 100 >$PARAMETERS/max_jobs
	does 'fill 100 EAGAIN' open:rwn 'fill:tick 1h 1'
}

test_a_session_has_at_most_32768_tasks() {
	stage=' | double workers=1024'
	job="gen 1 1$stage$stage$stage$stage$stage$stage$stage$stage"
	idle="tick 1h 1${job#gen 1 1}"
	# Three times 8193, and 8189 are left. Who has read a job's end has its tasks back.
	exec 3<>$DEV
	lines "$idle" "$idle" "$idle" 'cancel all' >&3
	for _ in 1 2 3; do
		read -r line <&3
		expect 'done cancelled' "$(echo "${line#* }" | cut -d ' ' -f 1,2)"
	done
	echo "$job" >&3
	listen
	expect "$(items 4 256)" "$out"
	exec 3>&-
	exec 3<>$DEV
	lines "$idle" "$idle" "$idle" >&3
	! echo "$idle" >&3 2>/dev/null || fail 'a fourth one was accepted'
	read -r line <&3
	expect '- reject EDQUOT col=1 the jobs of this session would have too many tasks' "$line"
}

test_max_tasks() {
	set_parameter max_tasks 10
	gives 'gen 1 1 | double workers=9' 2
	rejects 'gen 1 1 | double workers=10' EDQUOT 1 \
		'the jobs of this session would have too many tasks'
	rejects 'merge { gen 1 1 ; gen 2 2 } | double workers=6' EDQUOT 1 \
		'the jobs of this session would have too many tasks'
}

test_a_fan_that_may_have_no_more_tasks_goes_on_with_those_it_has() {
	set_parameter max_tasks 10
	gives 'gen 1 1000 | sleep 1ms fan | sum' 500500
	exec 3<>$DEV
	echo 'gen 1 inf | sleep 1h fan' >&3
	eventually stage_has 1 workers 9
	usleep 100000
	expect 9 "$(stage_field 1 most)" 'workers of the fan'
}

stage_has() { [ "$(stage_field "$1" "$2")" = "$3" ]; } # STAGE FIELD NUMBER

test_more_workers_than_max_tasks_cannot_be_hired() {
	set_parameter max_tasks 10
	exec 3<>$DEV
	echo 'in | sleep 1h workers=2' >&3
	echo 'workers 1 1 9' >&3
	! echo 'workers 1 1 10' >&3 2>/dev/null || fail 'one more was hired'
	read -r line <&3
	expect '- reject EDQUOT col=11 too many tasks: stage 1 has fewer workers than that' "$line"
	echo 'workers 1 1 1' >&3
	eventually stage_has 1 workers 1
	# Of the two that it began with the charge stays.
	eventually hires 6
	eventually stage_has 1 workers 6
}

hires() { echo "workers 1 1 $1" >&3; } # NUMBER

test_max_items() {
	set_parameter max_items 50
	gives 'gen 1 1 | double buf=48' 2
	rejects 'gen 1 1 | double buf=49' EDQUOT 1 \
		'the jobs of this session would have too many items in flight'
	rejects 'in' EDQUOT 1 'the jobs of this session would have too many items in flight'
}

test_a_parameter_out_of_range_is_refused() {
	for bad in 'max_line 0' 'max_line 1048577' 'max_stages 0' 'max_stages 257' \
		'max_workers 65537' 'max_buf 65537' 'max_jobs 0' 'max_jobs x' \
		'max_memory 0' 'max_tasks 0' 'max_items 0' 'max_user_sessions 0' \
		'max_user_jobs 0' 'max_user_memory -1' 'max_user_tasks 1073741825' \
		'max_user_items 1073741825'; do
		read -r before <$PARAMETERS/"${bad% *}"
		! echo "${bad#* }" 2>/dev/null >$PARAMETERS/"${bad% *}" ||
			fail "$bad was accepted"
		read -r after <$PARAMETERS/"${bad% *}"
		expect "$before" "$after" "${bad% *}"
	done
}

test_the_defaults_are_those_of_the_manual() {
	for default in 'max_line 4096' 'max_stages 32' 'max_workers 1024' 'max_buf 65536' \
		'max_jobs 64' 'max_memory 67108864' 'max_tasks 32768' 'max_items 4194304' \
		'max_user_sessions 256' 'max_user_jobs 1024' 'max_user_memory 268435456' \
		'max_user_tasks 65536' 'max_user_items 16777216'; do
		expect "${default#* }" "$(cat $PARAMETERS/"${default% *}")" "${default% *}"
	done
}

run_tests
