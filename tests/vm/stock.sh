# shellcheck shell=bash disable=SC2154 # kernels_find sets kernel_*
# Kernels as Debian ships them. Sourced by kernel.sh.

stock_ready() { # NAME -> its directory, when there is one
	local dir
	dir=$(newest_directory "$1-")
	[[ -z $dir ]] || ! stock_compiler_there "$dir/kdir" || printf '%s\n' "$dir"
}

stock_prepare() { # NAME -> its directory
	local dir release
	dir=$(newest_directory "$1-")
	if [[ -z $dir ]]; then
		SECONDS=0
		"$here/deps.sh" fetch
		suite_use "$kernel_from" "$kernel_arch"
		release=$(newest_release)
		dir=$CACHE/$1-$release
		say "fetching kernel $1 ($release) ..."
		fetch_stock "$release" "$dir"
		say "kernel $1 ready in $(duration "$SECONDS")"
		apt_options=()
	fi
	stock_compiler "$dir/kdir"
	printf '%s\n' "$dir"
}

# On the machine it is a package like others, in the root it may be there.
stock_compiler_there() { # KDIR
	if kernels_in_root; then
		[[ -e $CACHE/root-$(kernels_root)/usr/bin/$(stock_cc "$1") ]]
	else
		[[ -z $(apt_missing "$(compiler_of "$1")" make libelf-dev) ]]
	fi
}

stock_compiler() { # KDIR: installs it
	if kernels_in_root; then
		"$here/root" --suite "$(kernels_root)" --with "$(stock_cc_package "$1")"
	else
		"$here/deps.sh" modules
		apt_install "$(compiler_of "$1")"
	fi
}

stock_cc() { # KDIR -> the program
	printf '%s-%s\n' "$(kernels_triple "$kernel_arch")" "$(compiler_of "$1")"
}

stock_cc_package() { # KDIR
	if [[ $kernel_arch == "$(dpkg --print-architecture)" ]]; then
		compiler_of "$1"
	else
		printf '%s-%s\n' "$(compiler_of "$1")" "$(kernels_triple "$kernel_arch")"
	fi
}

# The end of a release's name says its flavour: 6.1.0-56-cloud-amd64.
newest_release() {
	local package regex series=${kernel_series/./\\.}
	[[ $series != newest ]] || series='[0-9]+\.[0-9]+'
	regex="linux-headers-$series\.[0-9][^ -]*(-[0-9]+)?-$kernel_what"
	package=$(release_package "$regex")
	if [[ -z $package ]]; then
		apt_locked apt_update || true
		package=$(release_package "$regex")
		[[ -n $package ]] ||
			die "Debian has no kernel $kernel_series for $kernel_arch ($kernel_what)"
	fi
	printf '%s\n' "${package#linux-headers-}"
}

release_package() { # REGEX
	apt_newest "$1" || true
}

# Taken out of the packages and never installed: the host does not boot it, and
# installing the headers alone would install an image too.
fetch_stock() { # RELEASE DIRECTORY
	local temp new
	temp=$(mktemp -d "$CACHE/.stock.XXXXXX")
	trap 'rm -rf "$temp"' EXIT
	new=$temp/new
	mkdir "$new"
	if stock_boots; then
		fetch_image "$1" "$temp/image"
		unpack_image "$(find "$temp/image" -name 'vmlinuz*' -print -quit)" "$new/image"
		pack_modules "$temp/image" "$1" "$new"
	fi
	unpack_headers "$1" "$new/headers" "$2/headers"
	ln -s "headers/usr/src/linux-headers-$1" "$new/kdir"
	mv "$new" "$2"
	rm -rf "$temp"
	trap - EXIT
}

stock_boots() { [[ $kernel_arch == amd64 || $kernel_arch == arm64 ]]; }

# From 7.0 on the image is split into the kernel, its modules and the rest.
fetch_image() { # RELEASE DIRECTORY
	local package
	if apt_has "linux-binary-$1"; then
		for package in binary modules base; do
			unpack_package "linux-$package-$1" "$2"
		done
	else
		unpack_package "linux-image-$1-unsigned" "$2"
	fi
}

# The ELF file inside starts at once; unpacking it in an emulator takes longer
# than all the rest. What cannot be unpacked boots as it is.
unpack_image() { # VMLINUZ FILE
	local offset
	[[ $kernel_arch != arm64 ]] || { cp "$1" "$2"; return; }
	for offset in $(offsets "$1" '\x28\xb5\x2f\xfd'); do
		tail -c "+$((offset + 1))" "$1" | zstd -qdc >"$2" 2>/dev/null || true
		! is_elf "$2" || return 0
	done
	for offset in $(offsets "$1" '\x02\x21\x4c\x18'); do
		tail -c "+$((offset + 1))" "$1" | lz4 -qdc >"$2" 2>/dev/null || true
		! is_elf "$2" || return 0
	done
	cp "$1" "$2"
}

offsets() { # FILE PATTERN -> where the bytes occur
	LC_ALL=C grep -aobP "$2" "$1" | cut -d : -f 1
}

is_elf() { [[ $(head -c 4 "$1" | tail -c 3) == ELF ]]; }

unpack_package() { # PACKAGE DIRECTORY
	local temp
	temp=$(mktemp -d "$2.XXXXXX")
	apt_fetch "$1" "$temp"
	mkdir -p "$2"
	dpkg-deb --fsys-tarfile "$temp"/*.deb | tar -x -C "$2" --no-same-owner --keep-directory-symlink
	rm -r "$temp"
}

# The headers of a flavour find the common ones and the scripts by relative
# links, but for one line. The vmlinux is for BTF only, which takes pahole.
unpack_headers() { # RELEASE DIRECTORY FINAL-DIRECTORY
	local package headers=$2/usr/src/linux-headers-$1
	unpack_package "linux-headers-$1" "$2"
	for package in $(parts_of_headers "$1" 'headers-[^ ,]*-common[^ ,]*'); do
		unpack_package "$package" "$2"
	done
	for package in $(parts_of_headers "$1" 'kbuild-[^ ,]*'); do
		unpack_programs "$package" "$2"
	done
	sed -i "s|/usr/src/|$3/usr/src/|" "$headers/Makefile"
	rm -f "$headers/vmlinux"
}

parts_of_headers() { # RELEASE REGEX -> the other packages that they are made of
	apt_depends "linux-headers-$1" | grep -oE "linux-$2"
}

# What runs here while modules are built, whatever they are built for.
unpack_programs() ( # PACKAGE DIRECTORY
	suite_use "$kernel_from" "$(dpkg --print-architecture)"
	unpack_package "$1" "$2"
)

compiler_of() { # KDIR -> the compiler that its Makefile names
	grep -oE -m 1 'gcc-[0-9]+' "$1/.kernelvariables"
}

# Of the modules only those that the harness or chanpat can ask for.
pack_modules() { # ROOT RELEASE NEW
	local from to kind
	from=$(find "$1" -type d -path "*/modules/$2" -print -quit)
	to=$3/lib/modules/$2
	mkdir -p "$to"
	for kind in kernel/lib kernel/crypto kernel/arch kernel/drivers/virtio \
		kernel/drivers/char; do
		[[ ! -d $from/$kind ]] || (cd "$from" && cp -r --parents "$kind" "$to")
	done
	cp "$from"/modules.{order,builtin,builtin.modinfo} "$to"
	find "$to" -name '*.ko.xz' -exec xz -d {} +
	depmod -b "$3" "$2"
}

