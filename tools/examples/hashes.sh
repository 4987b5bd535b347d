#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The SHA-256 of each line of a file, in the order of the file, by a pool of workers
# in the kernel. It shows the text format of /dev/chanpat in a shell: a session, a job
# that reads a descriptor, its items and errors, why a line is refused, and how to
# leave. Any POSIX shell runs it; nothing is built. Run it with what may open the
# device:
#
#	hashes.sh FILE WORKERS
#
# Exit status: 0 when each line was hashed, 1 when not, 2 for wrong usage.

die() { echo "hashes.sh: $1" >&2; exit "${2:-1}"; }

[ $# = 2 ] || die 'usage: hashes.sh FILE WORKERS' 2
DEV=/dev/chanpat
if ! [ -c $DEV ]; then die "$DEV is not there (is the module loaded?)"; fi
if ! [ -r $DEV ] || ! [ -w $DEV ]; then die "$DEV: no permission"; fi
if ! [ -f "$1" ] && ! [ -p "$1" ] || ! [ -r "$1" ]; then die "$1 cannot be read"; fi

# Opened for both, 3 is a session of its own; closing it ends its jobs, whatever
# has made us leave.
trap 'exec 3>&- 4<&-' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
exec 3<>$DEV 4<"$1" || exit

# "ordered" gives results in the order of the lines, whoever is done first.
job="lines fd=4 | sha256 workers=$2 ordered"
if ! { echo "$job" >&3; } 2>/dev/null; then
	# - reject ERRNO col=N REASON
	IFS=' ' read -r _ _ errno col reason <&3
	die "\"$job\" is refused, $errno at ${col#col=}: $reason"
fi

# Each line is the job's number, what it is, and the rest of it.
status=1
while IFS=' ' read -r _ kind rest <&3; do
	case $kind in
	item) hash=${rest#\"} && echo "${hash%\"}" ;;
	error) echo "hashes.sh: no hash for line ${rest##*seq=}: ${rest%% *}" >&2 ;;
	done)
		case $rest in
		'ok '*' errors=0 '*) status=0 ;;
		'ok '*) ;;
		*) echo "hashes.sh: the job ended early: ${rest%% *}" >&2 ;;
		esac ;;
	esac
done
exit $status
