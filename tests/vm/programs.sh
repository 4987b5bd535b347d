# shellcheck shell=bash disable=SC2154 # kernels_find sets kernel_*
# Programs for the guest, compiled for its processor and linked statically. Sourced,
# after say.sh, apt.sh, suite.sh and kernels.sh. $root is the repository.

# Where they go: what the machine itself can run stays where make puts it.
programs_out() {
	case $kernel_arch in
	arm64) printf '%s\n' "$root/build/$kernel_arch" ;;
	*) printf '%s\n' "$root/build" ;;
	esac
}

# Runs a command that compiles them, with CC set.
programs_make() { # COMMAND ARG...
	case $kernel_arch in
	arm64)
		"$root/tests/vm/root" --with gcc-14-aarch64-linux-gnu \
			--with libc6-dev:arm64 --with liburing-dev:arm64 \
			env CC=aarch64-linux-gnu-gcc-14 "$@"
		;;
	*) CC=gcc "$@" ;;
	esac
}

# The same, for programs of 32 bits.
programs_make32() { # COMMAND ARG...
	case $kernel_arch in
	arm64)
		"$root/tests/vm/root" --with gcc-14-arm-linux-gnueabihf \
			--with libc6-dev-armhf-cross \
			env CC=arm-linux-gnueabihf-gcc-14 "$@"
		;;
	*) CC='gcc -m32' "$@" ;;
	esac
}

programs_strip() { # ARGUMENT...
	case $kernel_arch in
	arm64) "$root/tests/vm/root" --with gcc-14-aarch64-linux-gnu aarch64-linux-gnu-strip "$@" ;;
	*) strip "$@" ;;
	esac
}

# Python for a processor that is not the machine's own, with all of its library that
# is written in it.
programs_python() { # ROOT
	local dir=$CACHE/python-$kernel_arch temp package
	if [[ ! -d $dir ]]; then
		temp=$(mktemp -d "$CACHE/.python.XXXXXX")
		for package in python3.11-minimal libpython3.11-{minimal,stdlib} libc6 \
			libexpat1 zlib1g; do
			(suite_use bookworm "$kernel_arch" && apt_fetch "$package" "$temp")
			dpkg-deb --fsys-tarfile "$temp/$package"_*.deb |
				tar -x -C "$temp" --one-top-level=root --no-same-owner \
					--keep-directory-symlink
		done
		rm -rf "$temp"/root/usr/{share,lib/valgrind} \
			"$temp"/root/usr/lib/python3.11/{test,idlelib,lib2to3,ensurepip}
		find "$temp/root" -path '*/gconv' -prune -exec rm -rf {} +
		ln -sf python3.11 "$temp/root/usr/bin/python3"
		mv -T "$temp/root" "$dir" 2>/dev/null || [[ -d $dir ]]
		rm -rf "$temp"
	fi
	cp -a "$dir/." "$1"
}
