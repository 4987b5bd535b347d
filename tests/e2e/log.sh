# shellcheck shell=dash
# The main job: real files, counted and hashed, compared with the real programs.
# The files and what the programs of the host said about them are in /e2e: see run.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

PATIENCE=240

test_counts_are_those_of_grep() {
	exec 5</e2e/log
	while IFS=: read -r count word; do
		gives "lines fd=5 | grep \"$word\" | count" "$count"
	done </e2e/counts
}

test_lines_are_those_of_grep() {
	exec 3<>$DEV 5</e2e/log
	echo 'lines fd=5 | grep " remove "' >&3
	grep ' remove ' /e2e/log | sed 's/\(["\\]\)/\\\1/g; s/.*/1 item "&"/' >expected
	[ -s expected ] || fail "no such line in the log"
	sed '$d' <&3 >actual
	cmp expected actual
}

test_digests_are_those_of_sha256sum() {
	same_digests 'lines fd=5 | sha256'
}

test_digests_of_four_workers_come_in_order() {
	same_digests 'lines fd=5 | sha256 workers=4 ordered'
}

test_digests_of_four_workers_are_the_same_without_order() {
	exec 3<>$DEV 5</e2e/text
	echo 'lines fd=5 | sha256 workers=4' >&3
	sort /e2e/digests >expected
	sed '$d' <&3 | sort >actual
	cmp expected actual
}

same_digests() { # JOB
	exec 3<>$DEV 5</e2e/text
	echo "$1" >&3
	sed '$d' <&3 >actual
	cmp /e2e/digests actual
}

run_tests
