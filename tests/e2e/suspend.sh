# shellcheck shell=dash
# The freezer, with which every suspend begins: it gives up after 20 s when a
# process cannot be frozen where it waits.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

freezes() { expect frozen "$(freeze 2>&1)" 'the freezer'; }

test_a_reader_that_waits_can_be_frozen() {
	exec 3<>$DEV
	echo 'tick 1s 1' >&3
	cat <&3 >read &
	eventually asleep $!
	freezes
	wait $!
	exec 3>&-
	grep -q '^1 item 1$' read || fail "it read: $(cat read)"
	grep -q '^1 done ok items=1 ' read || fail "it read: $(cat read)"
}

test_a_writer_that_waits_for_a_place_can_be_frozen() {
	set_parameter max_jobs 1
	exec 3<>$DEV
	echo 'gen 1 inf' >&3
	echo 'gen 1 3' >&3 &
	eventually asleep $!
	freezes
	[ "$(process_state $!)" = S ] || fail 'the freezer has ended its wait'
	head -n 1000 <&3 >read
	expect '1 item 1000' "$(tail -n 1 read)"
	exec 3>&-
	kill $!
	wait $! || :
}

test_jobs_go_on_after_the_freezer() {
	seq 2000 >file
	exec 3<>$DEV 4<file
	echo 'lines fd=4 | sleep 100us workers=2 ordered | count' >&3
	echo 'gen 1 100000 | double workers=4 | count' >&3
	freezes
	listen
	exec 3>&- 4<&-
	expect "$(lines '1 done ok items=1 errors=0' '1 item 2000' \
		'2 done ok items=1 errors=0' '2 item 100000')" \
		"$(lines "$out" | sort)"
}

run_tests
