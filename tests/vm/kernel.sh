#!/bin/bash
# Kernels by name: builds or fetches one that is missing, and prints where it
# is. The directory has the same shape for all of them:
#
#	image		what boots
#	kdir		what modules are built against (make -C)
#	lib/		the kernel's own modules, when it has any
#	kunit/		the kernel's parser of test results, when it was built here
#
# usage: kernel.sh NAME

# shellcheck disable=SC2317 # main calls functions by a variable

set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
. "$here/say.sh"
. "$here/apt.sh"
. "$here/suite.sh"
. "$here/kernels.sh"
. "$here/built.sh"
. "$here/stock.sh"

main() { # NAME
	local kernel_kind kernel_arch kernel_from kernel_series kernel_what
	local lock dir
	kernels_find "$here" "$1"
	mkdir -p "$CACHE"
	# One that is ready needs no lock: nothing changes it any more.
	dir=$("${kernel_kind}_ready" "$1")
	if [[ -z $dir ]]; then
		exec {lock}>"$CACHE/$1.lock"
		flock -n "$lock" || {
			say "waiting for another that prepares kernel $1 ..."
			flock "$lock"
		}
		dir=$("${kernel_kind}_ready" "$1")
		[[ -n $dir ]] || dir=$("${kernel_kind}_prepare" "$1")
	fi
	printf '%s\n' "$dir"
}

# In the cache, and complete.
newest_directory() { # PREFIX -> the newest such directory in the cache
	find "$CACHE" -maxdepth 1 -type d -path "$CACHE/$1[0-9]*" | sort -V | tail -n 1
}

# Read as a whole before it runs: this file may change meanwhile.
{
	main "$@"
	exit
}
