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

SERIES=6.12

main() { # NAME
	local kernel lock
	case $1 in
	uml) kernel=(built "$1" um linux 3 base uml) ;;
	debug) kernel=(built "$1" x86_64 vmlinux 7 base x86 debug) ;;
	kcsan) kernel=(built "$1" x86_64 vmlinux 5 base x86 kcsan) ;;
	debian-6.1) kernel=(stock "$1" '6\.1\.[0-9].*-cloud-amd64') ;;
	debian-6.12) kernel=(stock "$1" '6\.12\.[0-9].*-cloud-amd64') ;;
	debian-6.12-rt) kernel=(stock "$1" '6\.12\.[0-9].*-rt-amd64') ;;
	*) die "no such kernel: $1" ;;
	esac
	mkdir -p "$CACHE"
	exec {lock}>"$CACHE/$1.lock"
	flock -n "$lock" || {
		say "waiting for another that prepares kernel $1 ..."
		flock "$lock"
	}
	"${kernel[@]}"
}

# Kernels that are built here
# ---------------------------

built() { # NAME ARCH IMAGE MINUTES FRAGMENT...
	local name=$1 arch=$2 image=$3 minutes=$4
	shift 4
	local fragments=("${@/#/$here/config/}")
	fragments=("${fragments[@]/%/.config}")

	"$here/deps.sh" kernel
	local source version key dir
	source=$(source_tree)
	version=${source##*/source-}
	key=$({ cat "${fragments[@]}" && gcc -dumpversion; } | sha256sum)
	dir=$CACHE/$name-$version-${key:0:8}
	if [[ ! -e $dir/.complete ]]; then
		say "building kernel $name ($version), about $minutes minutes ..."
		SECONDS=0
		mkdir -p "$dir"
		build "$source" "$dir" "$arch" "$image" "${fragments[@]}" \
			>"$dir/build.log" 2>&1 || build_failed "$dir/build.log"
		touch "$dir/.complete"
		say "kernel $name ready in $(duration "$SECONDS")"
	fi
	printf '%s\n' "$dir"
}

# A build tree knows its own path, so it is built where it stays; the stamp
# .complete, written last, tells a finished one from an interrupted one.
build() { # SOURCE DIRECTORY ARCH IMAGE FRAGMENT...
	local source=$1 dir=$2 arch=$3 image=$4
	shift 4
	local make=(nice -n 5 make -C "$source" "O=$dir/build" "ARCH=$arch")

	mkdir -p "$dir/build" && cat "$@" >"$dir/build/wanted" &&
		"${make[@]}" KCONFIG_ALLCONFIG="$dir/build/wanted" allnoconfig &&
		config_honoured "$dir/build" &&
		"${make[@]}" -j "$(nproc)" "$image" modules &&
		prune "$dir/build" &&
		knows_its_arch "$dir/build" "$arch" &&
		ln -sfn build "$dir/kdir" &&
		ln -sfn "build/$image" "$dir/image" &&
		mkdir -p "$dir/kunit" &&
		cp "$source"/tools/testing/kunit/*.py "$dir/kunit"
}

# An option whose dependencies are not met is dropped without a word.
config_honoured() { # BUILD
	local line status=0
	while read -r line; do
		case $line in
		"# CONFIG_"*)
			line=${line% is not set}
			! grep -q "^${line#\# }=" "$1/.config" || {
				printf 'cannot be switched off: %s\n' "${line#\# }"
				status=1
			}
			;;
		CONFIG_*)
			grep -qxF -- "$line" "$1/.config" || {
				printf 'not honoured: %s\n' "$line"
				status=1
			}
			;;
		esac
	done <"$1/wanted"
	return "$status"
}

# Modules need the headers, the scripts and the list of symbols; the objects
# are most of the size.
prune() { # BUILD
	find "$1" \( -path "$1/scripts" -o -path "$1/tools" \) -prune -o \
		\( -name '*.[oa]' -o -name '.*.cmd' -o -name 'vmlinux.*' \
		-o -name '.vmlinux.*' -o -name '.tmp_*' \) ! -name '*.lds' \
		-type f -exec rm -f {} +
}

# So that "make -C kdir" alone builds for user-mode Linux.
knows_its_arch() { # BUILD ARCH
	grep -q '^ARCH' "$1/Makefile" ||
		sed -i "1i ARCH := $2\nexport ARCH" "$1/Makefile"
}

build_failed() { # LOG
	tail -n 25 "$1" >&2
	die "the build failed; all of it is in $1"
}

# The source is shared by the kernels built from it. What the cache has is
# used, even when Debian has a newer one: kernels change when the cache goes.
source_tree() {
	local lock dir
	exec {lock}>"$CACHE/source.lock"
	flock "$lock"
	dir=$(newest_directory "source-$SERIES.")
	[[ -n $dir ]] || dir=$(fetch_source)
	exec {lock}>&-
	printf '%s\n' "$dir"
}

fetch_source() {
	local temp tree version
	temp=$(mktemp -d "$CACHE/.source.XXXXXX")
	trap 'rm -rf "$temp"' EXIT
	apt_fetch "linux-source-$SERIES" "$temp"
	say "unpacking the source of Linux $SERIES, about a minute ..."
	dpkg-deb --fsys-tarfile "$temp"/*.deb |
		tar -xO --wildcards "./usr/src/linux-source-*.tar.xz" |
		tar -xJ -C "$temp" "${not_for_virtual_machines[@]}" ||
		die "cannot unpack the source"
	tree=$temp/linux-source-$SERIES
	version=$(make -s -C "$tree" kernelversion)
	mv "$tree" "$CACHE/source-$version"
	rm -rf "$temp"
	trap - EXIT
	printf '%s\n' "$CACHE/source-$version"
}

# Two thirds of the source: code of drivers and tests that is never compiled
# here. The Kconfig files stay, because others include them.
not_for_virtual_machines=(
	--wildcards
	--exclude='*/drivers/gpu/*.[chS]'
	--exclude='*/drivers/net/*/*.[chS]'
	--exclude='*/drivers/media/*.[chS]'
	--exclude='*/drivers/staging/*.[chS]'
	--exclude='*/drivers/infiniband/*.[chS]'
	--exclude='*/drivers/scsi/*.[chS]'
	--exclude='*/sound/*.[chS]'
	--exclude='*.dts'
	--exclude='*.dtsi'
	--exclude='*/Documentation/*.rst'
	--exclude='*/tools/testing/selftests'
	--exclude='*/tools/perf'
)

# Kernels as Debian ships them
# ----------------------------

stock() { # NAME RELEASE-REGEX
	local name=$1 dir release
	"$here/deps.sh" modules
	dir=$(newest_directory "$name-")
	if [[ -z $dir ]]; then
		SECONDS=0
		"$here/deps.sh" fetch
		release=$(newest_release "$2")
		dir=$CACHE/$name-$release
		say "fetching kernel $name ($release) ..."
		fetch_stock "$release" "$dir"
		say "kernel $name ready in $(duration "$SECONDS")"
	fi
	apt_install "$(compiler_of "$dir/kdir")"
	printf '%s\n' "$dir"
}

newest_release() { # REGEX
	local package
	package=$(apt_newest "linux-image-$1-unsigned") || true
	if [[ -z $package ]]; then
		apt_locked apt_update
		package=$(apt_newest "linux-image-$1-unsigned") ||
			die "Debian has no such kernel here: $1"
	fi
	package=${package#linux-image-}
	printf '%s\n' "${package%-unsigned}"
}

# Taken out of the packages and never installed: the host does not boot it, and
# installing the headers alone would install an image too.
fetch_stock() { # RELEASE DIRECTORY
	local temp new
	temp=$(mktemp -d "$CACHE/.stock.XXXXXX")
	trap 'rm -rf "$temp"' EXIT
	new=$temp/new
	mkdir "$new"
	unpack_package "linux-image-$1-unsigned" "$temp/image"
	unpack_image "$temp/image/boot/vmlinuz-$1" "$new/image"
	pack_modules "$temp/image" "$1" "$new"
	unpack_headers "$1" "$new/headers" "$2/headers"
	ln -s "headers/usr/src/linux-headers-$1" "$new/kdir"
	mv "$new" "$2"
	rm -rf "$temp"
	trap - EXIT
}

# The ELF file inside starts at once; unpacking it in an emulator takes longer
# than all the rest. What cannot be unpacked boots as it is.
unpack_image() { # BZIMAGE FILE
	local offset
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
	dpkg-deb -x "$temp"/*.deb "$2"
	rm -r "$temp"
}

# The headers of a flavour find the common ones and the scripts by relative
# links, but for one line. The vmlinux is for BTF only, which takes pahole.
unpack_headers() { # RELEASE DIRECTORY FINAL-DIRECTORY
	local package headers=$2/usr/src/linux-headers-$1
	unpack_package "linux-headers-$1" "$2"
	while read -r package; do
		unpack_package "$package" "$2"
	done < <(parts_of_headers "$1")
	sed -i "s|/usr/src/|$3/usr/src/|" "$headers/Makefile"
	rm -f "$headers/vmlinux"
}

parts_of_headers() { # RELEASE -> the other packages that they are made of
	apt-cache show --no-all-versions "linux-headers-$1" |
		sed -n 's/^Depends: //p' |
		grep -oE 'linux-(headers-[^ ,]*-common[^ ,]*|kbuild-[^ ,]*)'
}

compiler_of() { # KDIR -> the package of the compiler that its Makefile names
	grep -oE 'gcc-[0-9]+' "$1/.kernelvariables"
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

newest_directory() { # PREFIX -> the newest such directory in the cache
	find "$CACHE" -maxdepth 1 -type d -path "$CACHE/$1[0-9]*" | sort -V | tail -n 1
}

# Read as a whole before it runs: this file may change meanwhile.
{
	main "$@"
	exit
}
