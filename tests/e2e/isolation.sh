# shellcheck shell=dash
# Users among each other: none sees, stops, starves or exhausts another. What all
# sessions of a user may have together.
# shellcheck source=tests/e2e/lib.sh
. "${0%/*}/lib.sh"

open_device_to_group

CGROUPS=/sys/fs/cgroup

# Users a and b

test_a_user_cannot_say_anything_to_the_jobs_of_another() {
	as_user a "echo 'mine: in | double workers=2' >$DEV"
	for line in '@mine 1' 'end mine' 'workers mine 1 3' 'cancel mine'; do
		! as_user b "echo '$line' >$DEV" 2>/dev/null || fail "b could: $line"
		as_user b "cat $DEV" | grep -q '^- reject ESRCH ' || fail "no reason for: $line"
	done
	as_user a "echo '@mine 4' >$DEV; echo 'end mine' >$DEV"
	expect "$(items mine 8)" "$(as_user a "cat $DEV" | sed 's/ time_us=.*//')"
}

test_a_user_cannot_look_inside() {
	for file in stats sessions users jobs; do
		! as_user b "cat ${STATS%/*}/$file" 2>/dev/null || fail "b can read $file"
	done
}

test_a_semaphore_belongs_to_its_user() {
	as_user a "echo 'sem disk 1' >$DEV"
	! as_user b "echo 'gen 1 1 | sleep 1ms sem=disk' >$DEV" 2>/dev/null || fail 'b has it too'
	as_user b "cat $DEV" | grep -q '^- reject ENOENT ' || fail 'no reason for b'
	as_user a "echo 'sem disk 0' >$DEV; cat $DEV"
}

test_the_sessions_of_a_user_are_limited() {
	set_parameter max_user_sessions 2
	expect 'open EDQUOT' "$(as_user a 'calls open:rw open:r open:rw')"
	# The shared session is one, however many files have it.
	expect 'open EDQUOT' "$(as_user a 'calls open:r open:w open:r open:rw open:rw')"
	expect '' "$(as_user a 'calls open:rw close open:rw close open:rw')"
}

test_the_jobs_of_a_user_are_limited() {
	set_parameter max_user_jobs 5
	set_parameter max_jobs 3
	expect "$(lines 'fill 3 EAGAIN' 'fill 2 EAGAIN' 'poll none')" \
		"$(as_user a "calls open:rwn 'fill:tick 1h 1' open:rwn 'fill:tick 1h 1' poll:0")"
}

test_the_memory_of_a_user_is_limited() {
	set_parameter max_user_memory 3000000
	set_parameter max_memory 2000000
	big='tick 1h 1 | double buf=65536'
	reason='- reject EDQUOT col=1 the jobs of this'
	expect "$(lines 'fill 1 EDQUOT' 'fill 1 EDQUOT' 'fill 0 EDQUOT' 'pollin 1' \
		"$reason session would hold too much memory" \
		"$reason user would hold too much memory")" "$(as_user a "calls open:rwn \
		'fill:$big' open:rwn 'fill:$big' open:rwn 'fill:$big' pollin:1000 use:0 readline \
		use:2 readline" | sed 's/^readline [0-9]* //; s/\\n$//')"
}

test_the_tasks_of_a_user_are_limited() {
	set_parameter max_user_tasks 30
	expect "$(lines 'fill 1 EDQUOT' \
		'- reject EDQUOT col=1 the jobs of this user would have too many tasks')" \
		"$(as_user a "calls open:rwn 'fill:tick 1h 1 | double workers=20' readline" |
			sed 's/^readline [0-9]* //; s/\\n$//')"
	as_user a "exec 3<>$DEV; echo 'gen 1 500 | sleep 1ms fan | sum' >&3; cat <&3" >said
	expect "$(items 1 125250)" "$(sed 's/ time_us=.*//' said)"
}

test_the_items_of_a_user_are_limited() {
	set_parameter max_user_items 100
	expect "$(lines 'fill 1 EDQUOT' \
		'- reject EDQUOT col=1 the jobs of this user would have too many items in flight')" \
		"$(as_user a "calls open:rwn 'fill:tick 1h 1 | double buf=60' readline" |
			sed 's/^readline [0-9]* //; s/\\n$//')"
}

# a does all it can, and b does not notice.
test_a_user_at_all_limits_is_no_matter_of_another() {
	set_parameter max_user_sessions 3
	set_parameter max_user_jobs 6
	set_parameter max_user_memory 4000000
	set_parameter max_user_tasks 50
	mkfifo hold
	chmod 666 hold
	as_user a "exec 3<>$DEV 4<>$DEV 5<>$DEV
		for i in 1 2; do
			for fd in 3 4 5; do
				echo 'gen 1 inf | sleep 1h fan=5 | double buf=10000' >&\$fd
			done
		done
		(: 6<>$DEV) && exit
		exec cat hold" 2>/dev/null &
	eventually user_has 1000 sessions 3
	eventually user_has 1000 jobs 6
	as_user b "exec 3<>$DEV; echo 'gen 1 100 | double workers=10 | sleep 1us fan | sum' >&3
		cat <&3" >said
	expect "$(items 1 10100)" "$(sed 's/ time_us=.*//' said)" 'what b is told'
	echo >hold
	wait $!
}

user_has() { # UID FIELD NUMBER
	grep -q "^uid=$1 .*\<$2=$3\>" $USERS
}

test_root_is_counted_and_not_limited() {
	set_parameter max_user_sessions 1
	set_parameter max_user_jobs 1
	set_parameter max_user_memory 1
	set_parameter max_user_tasks 1
	set_parameter max_user_items 1
	exec 4<>$DEV 5<>$DEV
	lines 'tick 1h 1' 'tick 1h 1' >&4
	user_has 0 jobs 2 || fail "it is not counted: $(cat $USERS)"
	gives 'gen 1 3 | double workers=3 ordered' 2 4 6
}

# Waiting for a place that another session has

test_a_line_waits_for_a_job_of_another_session() {
	set_parameter max_user_jobs 1
	expect '1 item 2' "$(as_user a "exec 3<>$DEV 4<>$DEV
		echo 'gen 1 1 | sleep 300ms' >&3
		echo 'gen 2 2' >&4
		head -n 1 <&4")"
}

test_poll_waits_for_a_job_of_another_session() {
	set_parameter max_user_jobs 1
	expect "$(lines 'write 24' 'poll in' 'pollout 1' 'write 8')" "$(as_user a "calls open:rw \
		'write:gen 1 1 | sleep 300ms  \\n' open:rwn poll:0 pollout:20000 'write:gen 2 2\\n'" |
		sed 's/write 2[0-9]/write 24/')"
}

test_a_job_that_another_session_cancels_makes_a_place() {
	set_parameter max_user_jobs 1
	expect '1 item 2' "$(as_user a "exec 3<>$DEV 4<>$DEV
		echo 'tick 1h 1' >&3
		(usleep 300000; echo 'cancel all' >&3) &
		echo 'gen 2 2' >&4
		head -n 1 <&4")"
}

# User namespaces

test_a_user_namespace_brings_no_new_limits() {
	set_parameter max_user_jobs 3
	expect "$(lines 'fill 2 EAGAIN')" "$(as_user a "exec 3<>$DEV
		echo 'tick 1h 1' >&3
		unshare -U calls open:rwn 'fill:tick 1h 1'")"
	expect "$(lines 'fill 3 EAGAIN')" "$(as_user b "calls open:rwn 'fill:tick 1h 1'")"
}

test_the_root_of_a_users_namespace_is_not_exempt() {
	set_parameter max_user_jobs 2
	expect "$(lines 'fill 2 EAGAIN')" \
		"$(as_user a "unshare -U -r calls open:rwn 'fill:tick 1h 1'")"
}

test_users_are_shown_with_what_they_have() {
	as_user a "echo 'tick 1h 1 | double workers=5' >$DEV"
	user_has 1000 sessions 1 || fail "$(cat $USERS)"
	user_has 1000 jobs 1 || fail "$(cat $USERS)"
	as_user a "echo 'cancel all' >$DEV; cat $DEV" >/dev/null
	expect '' "$(cat $USERS)"
}

# A memory cgroup

cgroup_make() { # MEMORY
	grep -q " $CGROUPS cgroup2 " /proc/mounts || mount -t cgroup2 none $CGROUPS
	echo +memory >$CGROUPS/cgroup.subtree_control
	mkdir -p $CGROUPS/greedy
	echo "$1" >$CGROUPS/greedy/memory.max
	[ ! -e $CGROUPS/greedy/memory.swap.max ] || echo 0 >$CGROUPS/greedy/memory.swap.max
}

# Pushes strings of 60000 bytes as long as it can; its session may hold all of them.
cgroup_greedy() {
	cat >greedy <<-END
		echo \$\$ >$CGROUPS/greedy/cgroup.procs
		big=\$(head -c 60000 /dev/zero | tr '\0' x)
		exec 3<>$DEV
		echo 'in | sleep 1h' >&3
		n=0
		while echo "@1 \$big" >&3; do
			n=\$((n + 1))
			echo \$n >pushed
		done
		echo "refused \$n" >ended
	END
	sh greedy 2>error || echo "killed $?" >ended
}

test_a_greedy_session_ends_at_the_limit_of_its_cgroup() {
	set_parameter max_line 65536
	set_parameter max_memory 268435456
	cgroup_make 32M
	exec 4<>$DEV
	echo 'tick 10ms 50 | count' >&4
	cgroup_greedy
	[ -e pushed ] || fail "nothing fitted: $(cat ended error)"
	read -r pushed <pushed
	# 32 MiB are 559 strings; the shell needs some of them.
	[ "$pushed" -ge 200 ] && [ "$pushed" -le 559 ] ||
		fail "$pushed strings fitted: $(cat ended error)"
	grep -q 'Cannot allocate memory' error || grep -q '^killed' ended ||
		fail "it was neither refused nor killed: $(cat ended error)"
	echo "$pushed strings, then: $(cat ended error)"
	listen 3<&4
	expect "$(items 1 50)" "$out" 'a session outside'
	gives 'gen 1 3' 1 2 3
	eventually rmdir $CGROUPS/greedy
}

# A thread of the kernel reads the file, on behalf of who opened the session. That
# one has left the cgroup, as it would be killed when it needs memory itself.
test_what_a_job_reads_is_charged_to_the_cgroup_of_its_session() {
	set_parameter max_memory 268435456
	cgroup_make 32M
	mkfifo hold
	line=$(head -c 60000 /dev/zero | tr '\0' x)
	yes "$line" | head -n 900 >long
	sh -c "echo \$\$ >$CGROUPS/greedy/cgroup.procs
		exec 3<>$DEV 5<long
		echo \$\$ >$CGROUPS/cgroup.procs
		echo 'lines fd=5 | sleep 1h buf=1000' >&3
		exec cat hold" &
	eventually all_lines_are_read
	strings=$(stat_of byte_strings)
	# 32 MiB are 512 of the pieces of memory in which 60000 bytes are kept.
	[ "$strings" -ge 400 ] && [ "$strings" -le 512 ] ||
		fail "$strings lines fitted"
	expect 900 "$(stage_field 0 sent)" 'lines, and errors in their place'
	gives 'gen 1 3' 1 2 3
	echo >hold
	wait $!
	eventually rmdir $CGROUPS/greedy
}

all_lines_are_read() { [ "$(stage_field 0 workers)" = 0 ]; }

run_tests
