# shellcheck shell=dash
# Errors of items, and lines that are not accepted: the errno, the column, the text.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

# Errors of items: never a wrong value

test_overflow_is_an_error_of_the_item() {
	says 'values 9223372036854775807 1 | add 1' \
		'1 error EOVERFLOW stage=1 op=add seq=1' '1 item 2' '1 done ok items=1 errors=1'
	says 'values -9223372036854775808 | add -1' \
		'1 error EOVERFLOW stage=1 op=add seq=1' '1 done ok items=0 errors=1'
	says 'values 4611686018427387904 -4611686018427387904 | double' \
		'1 error EOVERFLOW stage=1 op=double seq=1' '1 item -9223372036854775808' \
		'1 done ok items=1 errors=1'
	says 'values -9223372036854775808 2 | mul -1' \
		'1 error EOVERFLOW stage=1 op=mul seq=1' '1 item -2' \
		'1 done ok items=1 errors=1'
}

test_a_sum_that_overflows_is_an_error_and_no_sum() {
	says 'values 9223372036854775807 1 5 | sum' \
		'1 error EOVERFLOW stage=1 op=sum seq=2' '1 done ok items=0 errors=1'
}

test_an_item_of_the_wrong_type_is_an_error() {
	says 'values 1 a 3 | double' '1 item 2' '1 error EINVAL stage=1 op=double seq=2' \
		'1 item 6' '1 done ok items=2 errors=1'
	says 'values 1 a | len' '1 error EINVAL stage=1 op=len seq=1' '1 item 1' \
		'1 done ok items=1 errors=1'
}

test_errors_pass_all_stages() {
	says 'gen 1 2 | fail every=2 | double | odd | sleep 1ms | take 5 | null' \
		'1 error EIO stage=1 op=fail seq=2' '1 done ok items=0 errors=1'
	says 'gen 1 3 | fail every=2 | count' '1 error EIO stage=1 op=fail seq=2' \
		'1 item 2' '1 done ok items=1 errors=1'
}

test_an_error_is_not_counted_by_take() {
	says 'gen 1 inf | fail every=2 | take 2' '1 item 1' \
		'1 error EIO stage=1 op=fail seq=2' '1 item 3' '1 done ok items=2 errors=1'
}

test_an_error_says_in_which_stage_it_arose() {
	says 'gen 1 4 | even | add 1 | fail every=2 errno=EPERM | add 1' \
		'1 item 4' '1 error EPERM stage=3 op=fail seq=2' '1 done ok items=1 errors=1'
}

test_seq_counts_what_came_to_the_stage() {
	says 'gen 1 6 | even | fail every=3' '1 item 2' '1 item 4' \
		'1 error EIO stage=2 op=fail seq=3' '1 done ok items=2 errors=1'
}

test_errors_of_workers_name_their_item() {
	ask 'gen 1 9 | fail every=3 workers=4'
	expect "$(lines '1 done ok items=6 errors=3' '1 error EIO stage=1 op=fail seq=3' \
		'1 error EIO stage=1 op=fail seq=6' '1 error EIO stage=1 op=fail seq=9')" \
		"$(lines "$out" | grep -v ' item ' | sort)"
}

# Lines: what stands where an operation should

test_an_unknown_operation() {
	rejects 'gen 1 3 | frobnicate' EINVAL 11 'unknown operation "frobnicate"'
}

test_an_unknown_operation_that_is_near_a_known_one() {
	rejects 'gen 1 3 | duble' EINVAL 11 'unknown operation "duble", did you mean "double"?'
	rejects 'gne 1 3' EINVAL 1 'unknown operation "gne", did you mean "gen"?'
}

test_a_stage_that_is_missing() {
	rejects 'gen 1 3 |' EINVAL 10 'an operation must follow "|"'
	rejects 'gen 1 3 | | double' EINVAL 11 'an operation must follow "|"'
}

test_a_source_that_is_missing() {
	rejects '| double' EINVAL 1 'a source is missing, such as gen 1 10'
	rejects 'job:' EINVAL 5 'a source is missing, such as gen 1 10'
}

test_an_operation_as_a_source() {
	rejects 'double' EINVAL 1 '"double" is not a source, a job begins with one such as gen 1 10'
}

test_a_source_as_a_stage() {
	rejects 'gen 1 2 | gen 1 2' EINVAL 11 '"gen" is a source and can only begin a job'
}

test_a_stage_after_null() {
	rejects 'gen 1 2 | null | double' EINVAL 18 \
		'"null" hands nothing on, so nothing can stand after it'
}

test_types_that_do_not_fit() {
	rejects 'gen 1 2 | upper' EINVAL 11 '"upper" takes byte strings, but "gen" makes numbers'
	rejects 'values a | double' EINVAL 12 \
		'"double" takes numbers, but "values" makes byte strings'
	rejects 'gen 1 2 | take 1 | len' EINVAL 20 \
		'"len" takes byte strings, but "take" hands on numbers'
}

# Arguments

test_an_argument_that_is_missing() {
	rejects 'gen 1' EINVAL 6 '"gen" needs LAST|inf: gen FIRST LAST|inf [STEP]'
	rejects 'gen 1 2 | add' EINVAL 14 '"add" needs N: add N'
	rejects 'lines' EINVAL 6 '"lines" needs fd=N: lines fd=N'
	rejects 'gen 1 2 | fail' EINVAL 15 '"fail" needs every=N: fail every=N [errno=NAME]'
}

test_an_argument_too_many() {
	rejects 'gen 1 2 3 4' EINVAL 11 '"gen" has too many arguments: gen FIRST LAST|inf [STEP]'
	rejects 'gen 1 2 | double 3' EINVAL 18 '"double" takes no arguments'
}

test_an_argument_of_the_wrong_kind() {
	rejects 'gen one 2' EINVAL 5 '"gen" needs a number for FIRST, not "one"'
	rejects 'gen 1 many' EINVAL 7 '"gen" needs a number or inf for LAST, not "many"'
	rejects 'gen 1 2 | add "3"' EINVAL 15 '"add" needs a number for N, not a string'
	rejects 'tick 5 3' EINVAL 6 '"tick" needs a duration such as 500ms for DUR, not "5"'
	rejects 'gen 1 2 | fail every=2 errno=EWHAT' EINVAL 30 \
		'"fail" needs the name of an error such as EIO for errno, not "EWHAT"'
}

test_an_argument_out_of_range() {
	rejects 'gen 1 9223372036854775808' ERANGE 7 \
		'number is out of range, it must fit in 64 bits with its sign'
	rejects 'rand 10 0' ERANGE 9 'MAX of "rand" must be at least 1'
	rejects 'gen 1 2 | take -1' ERANGE 16 'N of "take" must be at least 0'
	rejects 'gen 1 2 | fail every=0' ERANGE 22 'every of "fail" must be at least 1'
}

test_a_step_of_0() {
	rejects 'gen 1 2 0' EINVAL 1 'the step of "gen" must not be 0'
}

test_a_value_that_is_given_twice() {
	rejects 'rand 1 2 seed=1 seed=2' EINVAL 17 '"seed" is given twice'
	rejects 'gen 1 2 | double workers=2 workers=2' EINVAL 28 '"workers" is given twice'
	rejects 'idle=1s idle=1s gen 1 2' EINVAL 9 '"idle" is given twice'
}

test_a_value_that_is_missing() {
	rejects 'gen 1 2 | double workers=' EINVAL 26 '"workers" needs a value: workers=N'
	rejects 'gen 1 2 | double workers' EINVAL 18 '"workers" needs a value: workers=N'
	rejects 'timeout= gen 1 2' EINVAL 9 '"timeout" needs a value: timeout=DUR'
}

# Options and attributes

test_an_unknown_attribute() {
	rejects 'gen 1 2 | double worker=2' EINVAL 18 \
		'unknown attribute "worker", did you mean "workers"?'
}

test_an_unknown_option() {
	rejects 'timout=2s gen 1 2' EINVAL 1 'unknown option "timout", did you mean "timeout"?'
}

test_an_option_and_an_attribute_in_each_others_place() {
	rejects 'workers=2 gen 1 2' EINVAL 1 \
		'"workers" is an attribute of a stage and stands after its operation'
	rejects 'gen 1 2 | double idle=1s' EINVAL 18 \
		'"idle" is an option of the job and stands before its source'
}

test_an_attribute_of_a_source() {
	rejects 'gen 1 2 workers=2' EINVAL 9 '"workers" cannot stand here, a source has one worker'
	rejects 'gen 1 2 buf=2' EINVAL 9 \
		'"buf" cannot stand here, a source has no buffer before it'
	rejects 'gen 1 2 ordered' EINVAL 9 \
		'"ordered" cannot stand here, the items of a source are always in order'
}

test_workers_of_an_operation_with_state() {
	rejects 'gen 1 2 | sum workers=2' EINVAL 15 \
		'"sum" keeps state from item to item and cannot have workers'
	rejects 'gen 1 2 | take 1 workers=2' EINVAL 18 \
		'"take" keeps state from item to item and cannot have workers'
}

test_a_duration_that_is_none() {
	rejects 'timeout=0s gen 1 2' EINVAL 9 '"timeout" must be longer than 0'
	rejects 'idle=soon gen 1 2' EINVAL 6 '"idle" needs a duration such as 500ms, not "soon"'
	rejects 'idle=300000000h gen 1 2' ERANGE 6 \
		'duration is out of range, the longest is 292 years'
}

# Strings and labels

test_a_string_without_an_end() {
	rejects 'values "abc' EINVAL 8 'the string has no closing quote'
	# shellcheck disable=SC1003 # it is a backslash
	rejects 'values "abc\' EINVAL 8 'the string has no closing quote'
}

test_a_bad_escape() {
	rejects 'values "a\q"' EINVAL 10 'unknown escape, use \\ for a backslash'
	rejects 'values "a\xg"' EINVAL 10 '\x needs one or two hexadecimal digits'
	rejects 'values "\777"' EINVAL 9 'octal escape is larger than \377'
}

test_a_quote_inside_a_word() {
	rejects 'values ab"c"' EINVAL 10 \
		'a quote cannot stand inside a word, put all of it in quotes'
}

test_a_control_character() {
	rejects "gen 1 2$(printf '\001')" EINVAL 8 'control characters can only stand in quotes'
}

test_a_bad_label() {
	rejects 'a b: gen 1 2' EINVAL 1 'unknown operation "a"'
	rejects '9a: gen 1 2' EINVAL 1 'a label begins with a letter or "_"'
	rejects 'a/b: gen 1 2' EINVAL 2 'a label has only letters, digits, "_", "." and "-"'
	rejects 'a:gen 1 2' EINVAL 3 'a blank must follow the ":" of a label'
	rejects 'a : gen 1 2' EINVAL 3 'no blank may stand before the ":" of a label'
	rejects 'all: gen 1 2' EINVAL 1 '"all" means all jobs and cannot be a label'
	rejects 'a: b: gen 1 2' EINVAL 4 'a job has only one label'
}

test_a_reason_fools_no_terminal() {
	rejects "gen 1 2 | $(printf '\342\200\256')x" EINVAL 11 \
		'unknown operation "\xe2\x80\xaex"'
}

# Short writes

test_a_write_is_short_before_a_bad_line() {
	does "$(lines 'write 8' 'write EINVAL' \
		'readline 46 - reject EINVAL col=1 unknown operation "bad"\n' 'drain 2')" \
		open:rw 'write:gen 1 1\nbad\ngen 2 2\n' 'write:bad\ngen 2 2\n' readline drain
}

test_the_lines_before_a_bad_one_are_accepted() {
	ask_badly 'gen 1 1\nbad\n'
	expect "$(items 1 1)" "$(lines "$out" | grep -v reject)"
}

test_the_reason_is_given_once() {
	ask_badly 'gen 1 1\nbad\n'
	expect '- reject EINVAL col=1 unknown operation "bad"' "$(lines "$out" | grep reject)"
}

# As stdio does: what is left of a short write is written again.
ask_badly() { # LINES
	exec 3<>$DEV
	# shellcheck disable=SC2059 # escapes are wanted
	! printf "$1" >&3 2>/dev/null || fail "the write did not fail"
	listen
	exec 3>&-
}

test_the_reason_for_a_line_that_is_not_given_again_is_not_told() {
	does "$(lines 'write 8' 'drain 2')" open:rw 'write:gen 1 1\nbad\n' drain
}

test_a_session_goes_on_after_a_bad_line() {
	does "$(lines 'write EINVAL' 'write 8' 'drain 3')" open:rw 'write:bad\n' \
		'write:gen 1 1\n' drain
}

test_a_bad_job_takes_no_number() {
	exec 3<>$DEV
	! echo 'bad' >&3 2>/dev/null || fail "the write did not fail"
	echo 'gen 1 1' >&3
	listen
	expect "$(lines '- reject EINVAL col=1 unknown operation "bad"' "$(items 1 1)")" "$out"
}

test_a_reason_is_read_before_results_that_wait() {
	exec 3<>$DEV
	echo 'gen 1 1' >&3
	eventually job_is ok
	! echo bad >&3 2>/dev/null || fail "the write did not fail"
	listen
	expect "$(lines '- reject EINVAL col=1 unknown operation "bad"' "$(items 1 1)")" "$out"
}

# A write is cut into pieces inside; a line may lie across two of them.
test_a_bad_line_in_the_middle_of_a_long_write_is_refused_whole() {
	first="gen 1 1\n#$(printf '%4080s' '')\n"
	for tail in 'gen 66 66' 'cancel all' bad; do
		does "$(lines 'writeall EINVAL' '- reject EINVAL col=1 unknown operation "bad"' \
			"$(items 1 1)")" \
			open:rw "writeall:${first}bad$(printf '%200s' '')$tail\ngen 2 2\n" show
	done
}

test_a_line_that_is_too_long_is_refused_whole() {
	does "$(lines 'writeall EMSGSIZE' '- reject EMSGSIZE col=4097 a line has at most 4096 bytes' \
		"$(items 1 1)")" \
		open:rw "writeall:gen 1 1\n$(printf '%6000s' '')gen 66 66\n" show
}

test_writers_wait_when_many_reasons_are_unread() {
	bads=$(yes 'write:bad\n' | head -n 64)
	errors=$(yes 'write EINVAL' | head -n 64)
	# shellcheck disable=SC2086 # words
	does "$(lines "$errors" 'write EAGAIN' 'write EAGAIN' 'poll in' 'drain 64' 'poll in out' \
		'write 8' 'drain 2')" open:rwn $bads 'write:bad\n' 'write:gen 1 1\n' poll:0 \
		drain poll:0 'write:gen 1 1\n' block drain
}

run_tests
