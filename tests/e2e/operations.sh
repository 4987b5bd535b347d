# shellcheck shell=dash
# Operations that came after the first ones; what each does at its limits is in
# the suites, here is what a user sees.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

# Numbers

test_sub() { gives 'values 0 5 -7 | sub 5' -5 0 -12; }

test_div_cuts_off_towards_zero() { gives 'values 7 -7 0 | div 2' 3 -3 0; }

test_mod_has_the_sign_of_the_number() { gives 'values 7 -7 | mod 3' 1 -1; }

test_a_division_by_zero_is_refused() {
	rejects 'gen 1 3 | div 0' EDOM 11 '"div" cannot divide by 0'
	rejects 'gen 1 3 | mod 0' EDOM 11 '"mod" cannot divide by 0'
}

test_neg() { gives 'values 5 -5 | neg' -5 5; }

test_abs() { gives 'values 5 -5 | abs' 5 5; }

test_square() { gives 'values 3 -4 | square' 9 16; }

test_overflow_is_an_error_with_its_place() {
	says 'values 1 9223372036854775807 | square' '1 item 1' \
		'1 error EOVERFLOW stage=1 op=square seq=2' '1 done ok items=1 errors=1'
}

test_ge() { gives 'gen 1 4 | ge 3' 3 4; }

test_le() { gives 'gen 1 4 | le 2' 1 2; }

test_eq() { gives 'gen 1 4 | eq 2' 2; }

test_ne() { gives 'gen 1 3 | ne 2' 1 3; }

# Some of the items

test_skip() { gives 'gen 1 4 | skip 3' 4; }

test_first_ends_the_job() { gives 'gen 7 inf | first' 7; }

test_last() { gives 'gen 1 100 | last' 100; }

test_distinct() { gives 'values 1 2 1 a a | distinct' 1 2 '"a"'; }

test_batch() { gives 'gen 1 5 | batch 2' '"1 2"' '"3 4"' '"5"'; }

test_mean() { gives 'values 1 2 6 | mean' 3; }

# Byte strings

test_lower() { gives 'values ABc | lower' '"abc"'; }

test_split() { gives 'values a,b, | split ,' '"a"' '"b"' '""'; }

test_join() { gives 'gen 1 3 | join +' '"1+2+3"'; }

test_int_and_str() {
	gives 'values "12" "0x10" | int' 12 16
	gives 'gen 1 2 | str' '"1"' '"2"'
}

test_hex() { gives 'values "A\xff" | hex' '"41ff"'; }

test_grep_for_several_words_in_any_case() {
	gives 'values Error warn ok | grep error WARN icase' '"Error"' '"warn"'
}

# Digests and compression

test_xxhash() { gives 'values abc | xxhash' 4952883123889572249; }

test_sha512_is_that_of_sha512sum() {
	gives 'values abc | sha512' "\"$(printf abc | sha512sum | cut -d ' ' -f 1)\""
}

test_zstd_and_back() {
	gives 'gen 1 2000 | join | zstd | unzstd | split " " | int | sum' 2001000
	ask 'gen 1 2000 | join | zstd | len'
	packed=${out#1 item }
	packed=${packed%%"$NL"*}
	[ "$packed" -lt 5000 ] || fail "8892 bytes were packed into $packed"
}

# Time

test_spin_keeps_a_cpu_busy() {
	gives 'gen 1 5 | spin 2ms' 1 2 3 4 5
	[ "$time_us" -ge 10000 ] || fail "five times 2 ms took $time_us us"
}

# Files

test_chunks_of_a_file() {
	printf 'abcdefgh' >file
	exec 3<>$DEV 9<file
	echo 'chunks fd=9 size=3' >&3
	listen
	expect "$(items 1 '"abc"' '"def"' '"gh"')" "$out"
}

test_out_writes_lines() {
	exec 3<>$DEV 9>file
	echo 'values 1 two "3 4" | out fd=9' >&3
	listen
	expect '1 done ok items=0 errors=0' "$out"
	expect "$(lines 1 two '3 4')" "$(cat file)"
}

test_out_writes_bytes_as_they_are() {
	exec 3<>$DEV 9>file
	echo 'values a b | out fd=9 raw' >&3
	listen
	expect ab "$(cat file)"
}

test_a_file_is_copied_in_chunks() {
	seq 20000 >from
	exec 3<>$DEV 8<from 9>to
	echo 'chunks fd=8 size=4k | out fd=9 raw' >&3
	listen
	cmp from to
}

# Attempts

test_a_timeout_of_an_item_is_its_error() {
	says 'gen 1 2 | sleep 1h timeout=1ms' '1 error ETIME stage=1 op=sleep seq=1' \
		'1 error ETIME stage=1 op=sleep seq=2' '1 done ok items=0 errors=2'
}

# Where a stage fails, and what the job makes of it: each of three at the first, a
# middle and the last stage.
test_errors_are_reported_wherever_they_arise() {
	for job in 'fail every=3 | add 0 | add 0' 'add 0 | fail every=3 | add 0' \
		'add 0 | add 0 | fail every=3'; do
		ask "gen 1 9 | $job"
		expect '3 6' "$(echo "$out" | grep -c ' error EIO .* op=fail ') $(
			echo "$out" | grep -c ' item ')" "$job"
		expect '1 done ok items=6 errors=3' "${out##*"$NL"}"
	done
}

test_an_error_stops_the_job_wherever_it_arises() {
	for job in 'fail every=3 | add 0 | add 0' 'add 0 | fail every=3 | add 0' \
		'add 0 | add 0 | fail every=3'; do
		ask "errors=stop gen 1 inf | $job"
		expect "$(lines '1 item 1' '1 item 2')" "$(echo "$out" | head -n 2)" "$job"
		expect '1 done failed:EIO items=2 errors=1' "${out##*"$NL"}" "$job"
	done
}

test_errors_are_skipped_wherever_they_arise() {
	for job in 'fail every=3 | add 0 | add 0' 'add 0 | fail every=3 | add 0' \
		'add 0 | add 0 | fail every=3'; do
		says "errors=skip gen 1 7 | $job" '1 item 1' '1 item 2' '1 item 4' '1 item 5' \
			'1 item 7' '1 done ok items=5 errors=2'
	done
}

run_tests
