# shellcheck shell=bash disable=SC2154 # kernels_find sets kernel_*
# Programs for the guest, compiled for its processor and linked statically. Sourced,
# after kernels.sh. $root is the repository.

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
