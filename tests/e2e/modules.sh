# shellcheck shell=dash
# Operations of other modules: rot13 is an example of one.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

KO=/e2e/chanpat_rot13.ko

loaded() { grep -q "^$1 " /proc/modules; } # MODULE

with_rot13() {
	insmod $KO
	trap 'rmmod chanpat_rot13 2>/dev/null || :' EXIT
}

test_without_the_module_there_is_no_operation() {
	rejects 'values a | rot13' EINVAL 12 'unknown operation "rot13"'
}

test_a_module_adds_an_operation() {
	with_rot13
	gives 'values Hello "1 z" | rot13' '"Uryyb"' '"1 m"'
	gives 'values az | rot13 1' '"ba"'
	gives 'values Hello | rot13 workers=4 ordered | rot13' '"Hello"'
	grep -q '^rot13 \[N\] .*rotated' "${STATS%/*}/ops"
	rejects 'values a | rot13 99' ERANGE 12 '"rot13" rotates by 0 to 25 places'
	rejects 'gen 1 3 | rot13' EINVAL 11 '"rot13" takes byte strings, but "gen" makes numbers'
	rejects 'values a | rot31' EINVAL 12 'unknown operation "rot31", did you mean "rot13"?'
}

test_a_job_holds_the_module_until_its_end_was_read() {
	with_rot13
	exec 3<>$DEV
	echo 'values Hello | rot13' >&3
	! rmmod chanpat_rot13 2>/dev/null || fail 'removed under a job'
	loaded chanpat_rot13
	listen
	expect "$(items 1 '"Uryyb"')" "$out"
	rmmod chanpat_rot13
	rejects 'values a | rot13' EINVAL 12 'unknown operation "rot13"'
}

test_a_module_goes_when_the_session_does() {
	with_rot13
	exec 3<>$DEV
	echo 'tick 1h 5 | str | rot13' >&3
	! rmmod chanpat_rot13 2>/dev/null || fail 'removed under a job'
	exec 3>&-
	eventually rmmod chanpat_rot13
}

test_chanpat_stays_as_long_as_the_module() {
	with_rot13
	! rmmod chanpat 2>/dev/null || fail 'removed under a module that uses it'
	gives 'values a | rot13' '"n"'
}

# Lines that name the operation race with its coming and going.
test_lines_race_with_loading_and_unloading() {
	(while :; do use_rot13 || :; done) 2>/dev/null &
	user=$!
	for _ in 1 2 3 4 5 6 7 8; do
		insmod $KO
		usleep 20000
		eventually rmmod chanpat_rot13
	done
	kill $user
	wait $user || :
}

use_rot13() (
	exec 3<>$DEV
	echo 'values a | rot13' >&3
	cat <&3 >/dev/null
)

run_tests
