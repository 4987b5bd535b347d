# shellcheck shell=bash disable=SC2034 # those who source this use the variables
# What the table of kernels says. Sourced. Needs the functions of say.sh.

kernels_table() { # HERE -> its lines
	grep -v '^#' "$1/kernels" | grep .
}

kernels_named() { # HERE -> the names
	kernels_table "$1" | awk '{ print $1 }'
}

# Sets kernel_kind, kernel_arch, kernel_from, kernel_series and kernel_what.
kernels_find() { # HERE NAME
	local name
	while read -r name kernel_kind kernel_arch kernel_from kernel_series kernel_what; do
		[[ $name != "$2" ]] || return 0
	done < <(kernels_table "$1")
	die "no such kernel: $2"
}

# Where a kernel's modules are compiled: on the machine itself, or, where they need
# a newer C library or another compiler than it has, in the root of tests/vm/root.
kernels_in_root() { # after kernels_find
	case $kernel_kind in
	stock) [[ "$kernel_from $kernel_arch" != "bookworm amd64" ]] ;;
	*) [[ " $kernel_what " == *" clang "* ]] ;;
	esac
}

# The suite of that root.
kernels_root() { # after kernels_find
	if [[ $kernel_from == sid ]]; then
		echo sid
	else
		echo trixie
	fi
}

# What make has to be told, a line each.
kernels_make_arguments() { # after kernels_find
	printf 'ARCH=%s\n' "$(kernels_make_arch "$kernel_arch")"
	if [[ $kernel_kind == stock ]] && kernels_in_root; then
		printf 'CROSS_COMPILE=%s-\n' "$(kernels_triple "$kernel_arch")"
	fi
	[[ " $kernel_what " != *" clang "* ]] || echo LLVM=1
}

# What the compilers for an architecture are called.
kernels_triple() { # ARCH
	case $1 in
	amd64) echo x86_64-linux-gnu ;;
	arm64) echo aarch64-linux-gnu ;;
	armhf) echo arm-linux-gnueabihf ;;
	i386) echo i686-linux-gnu ;;
	s390x) echo s390x-linux-gnu ;;
	*) die "no compiler for $1" ;;
	esac
}

# What the kernel's makefiles call it.
kernels_make_arch() { # ARCH
	case $1 in
	amd64 | i386) echo x86 ;;
	armhf) echo arm ;;
	s390x) echo s390 ;;
	*) echo "$1" ;;
	esac
}
