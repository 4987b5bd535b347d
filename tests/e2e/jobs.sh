# shellcheck shell=dash
# Every source, operation, option and attribute, with all that it prints.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

# Sources

test_gen_counts_to_its_last_number() { gives 'gen 1 3' 1 2 3; }

test_gen_makes_the_odd_numbers() { gives 'gen 1 10 2' 1 3 5 7 9; }

test_gen_counts_down_with_a_negative_step() { gives 'gen 3 -3 -2' 3 1 -1 -3; }

test_gen_of_one_number() { gives 'gen 7 7' 7; }

test_gen_that_has_passed_its_last_is_empty() { gives 'gen 2 1'; }

test_gen_takes_hexadecimal() { gives 'gen 0x10 0X12' 16 17 18; }

test_gen_reaches_the_ends_of_64_bits() {
	gives 'gen 9223372036854775806 9223372036854775807' \
		9223372036854775806 9223372036854775807
	gives 'gen -9223372036854775807 -9223372036854775808 -1' \
		-9223372036854775807 -9223372036854775808
}

test_gen_inf_has_as_many_as_are_taken() { gives 'gen 5 inf | take 3' 5 6 7; }

test_gen_inf_fails_where_the_numbers_end() {
	says 'gen 9223372036854775806 inf' \
		'1 item 9223372036854775806' '1 item 9223372036854775807' \
		'1 done failed:EOVERFLOW items=2 errors=0'
}

test_rand_makes_as_many_as_asked_below_its_maximum() {
	gives 'rand 1000 10 | lt 10 | gt -1 | count' 1000
}

test_rand_uses_all_of_its_range() {
	gives 'rand 1000 10 | min' 0
	gives 'rand 1000 10 | max' 9
}

test_rand_with_a_seed_repeats_itself() {
	ask 'rand 20 1000000 seed=7'
	first=$out
	ask 'rand 20 1000000 seed=7'
	expect "$first" "$out"
	ask 'rand 20 1000000 seed=8'
	[ "$first" != "$out" ] || fail "the seed makes no difference"
}

test_rand_without_a_seed_does_not_repeat_itself() {
	ask 'rand 20 1000000'
	first=$out
	ask 'rand 20 1000000'
	[ "$first" != "$out" ] || fail "the same numbers twice"
}

test_rand_of_none_is_empty() { gives 'rand 0 10'; }

test_values_gives_numbers_and_strings() {
	gives 'values 1 -2 0x10 word "two words" "3"' \
		1 -2 16 '"word"' '"two words"' '"3"'
}

test_values_takes_an_empty_string() { gives 'values ""' '""'; }

test_values_understands_escapes() {
	gives 'values "a\nb\t\"\\\x41\101"' '"a\nb\t\"\\AA"'
}

test_strings_print_bytes_that_do_not_show_as_escapes() {
	gives 'values "\x01\x1b\x7f"' '"\x01\e\x7f"'
	gives 'values "ä€"' '"ä€"'
}

# The next digit must not become a part of the escape.
test_what_is_printed_can_be_typed_again() {
	for text in '\x00' '\x0012' '\0' '\x01a' '\x1b9' '\r\n\t\v\f\a' '\\n' '\"' \
		'\xff\xfe'; do
		ask "values \"$text\" | crc32c"
		crc=$out
		ask "values \"$text\""
		printed=${out#1 item }
		ask "values ${printed%%"$NL"*} | crc32c"
		expect "$crc" "$out" "$text, printed as $printed,"
	done
}

test_tick_counts() { gives 'tick 1ms 3' 1 2 3; }

test_tick_takes_its_time() {
	gives 'tick 20ms 5' 1 2 3 4 5
	[ "$time_us" -ge 100000 ] || fail "five times 20 ms took $time_us us"
}

test_tick_of_none_is_empty() { gives 'tick 1ms 0'; }

# Operations on numbers

test_double() { gives 'values 0 5 -5 | double' 0 10 -10; }

test_add() { gives 'values 0 5 -7 | add -5' -5 0 -12; }

test_mul() { gives 'values 0 5 -7 | mul -3' 0 -15 21; }

test_gt() { gives 'gen -2 2 | gt 0' 1 2; }

test_lt() { gives 'gen -2 2 | lt 0' -2 -1; }

test_even() { gives 'gen -3 4 | even' -2 0 2 4; }

test_odd() { gives 'gen -3 4 | odd' -3 -1 1 3; }

# Operations on all items

test_take_ends_the_job_after_its_last_item() { gives 'gen 1 inf | take 2' 1 2; }

test_take_of_more_than_there_are() { gives 'gen 1 2 | take 9' 1 2; }

test_take_0_ends_at_once() { gives 'gen 1 inf | take 0'; }

test_take_in_the_middle_ends_what_is_before_it() {
	gives 'gen 1 inf | double | take 3 | add 1' 3 5 7
}

test_sleep_hands_items_on_after_the_time() {
	gives 'gen 1 2 | sleep 50ms' 1 2
	[ "$time_us" -ge 100000 ] || fail "two times 50 ms took $time_us us"
}

test_fail_puts_an_error_in_place_of_every_nth_item() {
	says 'gen 1 5 | fail every=2' '1 item 1' '1 error EIO stage=1 op=fail seq=2' \
		'1 item 3' '1 error EIO stage=1 op=fail seq=4' '1 item 5' \
		'1 done ok items=3 errors=2'
}

test_fail_with_a_named_error() {
	says 'gen 1 1 | fail every=1 errno=ENOSPC' \
		'1 error ENOSPC stage=1 op=fail seq=1' '1 done ok items=0 errors=1'
}

test_null_prints_no_item() {
	says 'gen 1 100 | null' '1 done ok items=0 errors=0'
}

# Reductions

test_count() { gives 'values 5 word 5 | count' 3; }

test_count_of_nothing_is_0() { gives 'gen 1 0 | count' 0; }

test_sum() { gives 'gen 1 100 | sum' 5050; }

test_sum_of_nothing_is_0() { gives 'gen 1 0 | sum' 0; }

test_min() { gives 'values 3 -4 9 | min' -4; }

test_max() { gives 'values -3 -4 -9 | max' -3; }

test_min_and_max_of_nothing_are_nothing() {
	gives 'gen 1 0 | min'
	gives 'gen 1 0 | max'
}

# Operations on byte strings

test_grep_keeps_strings_with_the_text() {
	gives 'values one two "the tower" t | grep "tw"' '"two"'
	gives 'values one two "the tower" | grep t' '"two"' '"the tower"'
}

test_grep_takes_the_text_literally() {
	gives 'values "a.c" abc | grep a.c' '"a.c"'
}

test_grep_for_nothing_keeps_all() { gives 'values "" a | grep ""' '""' '"a"'; }

test_upper_changes_ascii_letters_alone() {
	gives 'values "azAZ09 äß[{" | upper' '"AZAZ09 äß[{"'
}

test_len_counts_bytes() { gives 'values "" abc "ä" | len' 0 3 2; }

test_crc32c_is_the_published_one() {
	gives 'values "" "123456789" | crc32c' 0 3808858755
}

test_sha256_is_the_published_one() {
	gives 'values "" abc | sha256' \
		'"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"' \
		'"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"'
}

test_lines_gives_the_lines_of_a_file() {
	printf 'one\ntwo\n' >file
	exec 5<file
	gives 'lines fd=5' '"one"' '"two"'
}

# Options

test_timeout_ends_the_job() {
	says 'timeout=50ms gen 1 inf | sleep 1h' '1 done timeout items=0 errors=0'
	[ "$time_us" -ge 50000 ] || fail "it took $time_us us"
}

test_timeout_that_is_long_enough_does_nothing() { gives 'timeout=1h gen 1 3' 1 2 3; }

test_idle_ends_the_job() {
	says 'idle=50ms gen 1 inf | sleep 1h' '1 done idle items=0 errors=0'
	[ "$time_us" -ge 50000 ] || fail "it took $time_us us"
}

test_the_shorter_of_timeout_and_idle_counts() {
	says 'timeout=1h idle=20ms gen 1 inf | sleep 1h' '1 done idle items=0 errors=0'
	says 'idle=1h timeout=20ms gen 1 inf | sleep 1h' '1 done timeout items=0 errors=0'
}

test_label_stands_in_place_of_the_number() {
	says 'odd: gen 1 3 2' 'odd item 1' 'odd item 3' 'odd done ok items=2 errors=0'
	says 'a.b-C_9: gen 1 2 | fail every=1' 'a.b-C_9 error EIO stage=1 op=fail seq=1' \
		'a.b-C_9 error EIO stage=1 op=fail seq=2' 'a.b-C_9 done ok items=0 errors=2'
}

# Attributes

test_workers_lose_and_double_nothing() {
	gives_any_order 'gen 1 8 | double workers=3' 2 4 6 8 10 12 14 16
	gives 'gen 1 2000 | double workers=7 | sum' 4002000
	gives 'gen 1 2000 | double workers=7 | count' 2000
}

test_ordered_keeps_the_order() {
	# shellcheck disable=SC2046 # numbers are words
	gives 'gen 1 300 | double workers=8 ordered' $(seq 2 2 600)
}

test_ordered_keeps_the_place_of_dropped_items_and_errors() {
	says 'gen 1 6 | fail every=3 workers=4 ordered | even workers=3 ordered' '1 item 2' \
		'1 error EIO stage=1 op=fail seq=3' '1 item 4' \
		'1 error EIO stage=1 op=fail seq=6' '1 done ok items=2 errors=2'
}

test_buf_changes_nothing_in_the_result() {
	gives 'gen 1 500 | double buf=8 | add 1 buf=100 | sum buf=1' 251000
	gives 'gen 1 3 | double buf=0' 2 4 6
	gives 'gen 1 3 | double buf=1k' 2 4 6
}

# Pipelines

test_stages_are_chained() {
	gives 'gen 1 10 | odd | mul 10 | gt 20 | add -1' 29 49 69 89
}

test_pipes_need_no_blanks() { gives 'gen 1 3|double|add 1' 3 5 7; }

test_a_long_pipeline_keeps_all_items() {
	gives "gen 1 1000$(for _ in $(seq 30); do printf ' | add 1'; done) | sum" 530500
}

test_a_job_carries_numbers_and_strings_through_the_same_stages() {
	gives 'values 1 a | take 2 | sleep 1ms' 1 '"a"'
}

# Lines

test_a_comment_is_no_job() { says '# gen 1 3' ''; }

test_a_comment_ends_a_job() { gives 'gen 1 2 # and no more' 1 2; }

test_empty_lines_are_no_jobs() {
	ask '' '   ' 'gen 1 1'
	expect "$(items 1 1)" "$out"
}

test_a_carriage_return_is_no_part_of_a_line() {
	ask "gen 1 1$(printf '\r')"
	expect "$(items 1 1)" "$out"
}

test_jobs_are_numbered_in_their_order() {
	ask 'gen 1 0' 'gen 1 0' 'gen 1 0'
	expect "$(lines '1 done ok items=0 errors=0' '2 done ok items=0 errors=0' \
		'3 done ok items=0 errors=0')" "$(lines "$out" | sort)"
}

test_jobs_run_at_the_same_time() {
	ask 'gen 1 1 | sleep 200ms' 'gen 2 2'
	expect "$(lines "$(items 2 2)" "$(items 1 1)")" "$out"
}

# None is forgotten here.
test_every_operation_was_tried() {
	while read -r op _; do
		grep -Eq "['|] *([a-z]+: )?([a-z]+=[^ ]+ )*$op( |')" "${0%/*}"/*.sh ||
			fail "no test of $op"
	done </sys/kernel/debug/chanpat/ops
}

run_tests
