#!/bin/bash
# Debian packages by what they are needed for: installs those that are missing,
# and does nothing, apt included, when none is.
#
# usage: deps.sh GROUP...

set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
. "$here/say.sh"
. "$here/apt.sh"

packages() { # GROUP
	case $1 in
	modules) echo gcc libc6-dev libelf-dev make perl ;;
	kernel) echo gcc libc6-dev make flex bison bc libelf-dev perl-base xz-utils ;;
	fetch) echo kmod xz-utils zstd lz4 ;;
	guest) echo busybox-static cpio kmod ;;
	qemu-x86_64) echo qemu-system-x86 ;;
	qemu-aarch64) echo qemu-system-arm ;;
	e2e) echo gcc libc6-dev gcc-multilib libc6-dev-i386 liburing-dev ;;
	examples) echo gcc libc6-dev make liburing-dev python3-minimal ;;
	kunit) echo python3-minimal libpython3-stdlib ;;
	parser) echo gcc libc6-dev make ;;
	fuzz) echo gcc libc6-dev make clang libclang-rt-14-dev ;;
	check) echo sparse shellcheck perl ;;
	model) echo spin gcc libc6-dev ;;
	bench) echo gcc libc6-dev golang-go golang-1.19-go golang-golang-x-sync-dev gnuplot-nox ;;
	*) die "no such group of packages: $1" ;;
	esac
}

main() { # GROUP...
	local group
	local -a needed=()
	for group; do
		read -ra words <<<"$(packages "$group")"
		needed+=("${words[@]}")
	done
	mkdir -p "$CACHE"
	apt_install "${needed[@]}"
}

# Read as a whole before it runs: this file may change meanwhile.
{
	main "$@"
	exit
}
