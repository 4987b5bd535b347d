# shellcheck shell=bash disable=SC2154 # run has the variables
# What a run comes to: reads the report of the guest and the log of its kernel,
# says on stderr what went wrong, and exits. Sourced by run.

SHOWN_LINES=60

verdict() {
	local exits status
	exits=$(sed -n 's/^exit //p' "$work/report")
	status=${exits:-98}
	kernel_log >"$work/kernel"
	check_channels
	show_report
	if [[ -z $exits ]] && was_killed; then
		status=124
		say "killed after $limit s"
	elif reported fail; then
		((status != 0 && status != 98)) || status=97
	elif [[ -z $exits ]]; then
		say "the guest ended before the command did"
		[[ -s $console ]] || tail -n 5 "$work/log" >&2
	fi
	if ! check_kernel || reported leak; then
		((status != 0)) || status=99
	elif [[ -z $exits ]]; then
		show_kernel_from "$(($(wc -l <"$work/kernel") - SHOWN_LINES + 1))"
	fi
	exit "$status"
}

was_killed() { [[ -e $work/expired ]]; }

check_channels() {
	local channel
	for channel in out err; do
		if (($(stat -c %s "$work/$channel") >= CHANNEL_LIMIT)); then
			say "std$channel: more than $((CHANNEL_LIMIT >> 20)) MiB, the rest is lost"
		fi
	done
}

reported() { grep -q "^$1 " "$work/report"; }

show_report() {
	sed -nE -e 's/^(fail|leak) /vm: /p' -e 's/^\| /  /p' "$work/report" >&2
}

check_kernel() { # false when the kernel complained
	local first
	first=$(grep -nE -m 1 -f "$here/complaints" "$work/kernel" | cut -d : -f 1) || true
	if [[ -n $first ]]; then
		say "the kernel complained:"
		show_kernel_from "$first"
	elif tainted; then
		say "the kernel is tainted by a complaint that its log does not show"
	else
		return 0
	fi
	return 1
}

# From the start of the run on: what a stock kernel says while it boots is not
# ours to answer for. One that did not come as far shows all.
kernel_log() {
	tr -d '\r' <"$console" | sed -n '/vm: start$/,$p' | grep . ||
		tr -d '\r' <"$console"
}

show_kernel_from() { # LINE
	local first=$(($1 > 1 ? $1 : 1))
	sed -n "$first,$((first + SHOWN_LINES - 1))s/^/  /p" "$work/kernel" >&2
	say "the whole kernel log: $console"
}

# Bits of /proc/sys/kernel/tainted: bad page, oops, warning, soft lockup
BAD_TAINT=$((1 << 5 | 1 << 7 | 1 << 9 | 1 << 14))

tainted() {
	local before after
	{ read -r before && read -r after; } < <(sed -n 's/^taint //p' "$work/report") ||
		return 1
	((after & ~before & BAD_TAINT))
}
