# shellcheck shell=bash disable=SC2154 # kernels_find sets kernel_*
# Kernels that are built here. Sourced by kernel.sh.

built_ready() { # NAME -> its directory, when there is one
	local source dir
	source=$(newest_directory "source-$kernel_series.")
	[[ -n $source ]] && command -v gcc >/dev/null || return 0
	dir=$(built_directory "$1" "$source")
	[[ ! -e $dir/.complete ]] || printf '%s\n' "$dir"
}

built_prepare() { # NAME -> its directory
	local source dir fragments
	"$here/deps.sh" kernel
	source=$(source_tree)
	dir=$(built_directory "$1" "$source")
	say "building kernel $1 (${source##*/source-}), some minutes ..."
	SECONDS=0
	mkdir -p "$dir"
	mapfile -t fragments < <(built_fragments)
	"build_$kernel_kind" "$source" "$dir" "${fragments[@]}" \
		>"$dir/build.log" 2>&1 || build_failed "$dir/build.log"
	touch "$dir/.complete"
	say "kernel $1 ready in $(duration "$SECONDS")"
	printf '%s\n' "$dir"
}

built_directory() { # NAME SOURCE
	local fragments key
	mapfile -t fragments < <(built_fragments)
	key=$({ cat "${fragments[@]}" && gcc -dumpversion; } | sha256sum)
	printf '%s\n' "$CACHE/$1-${2##*/source-}-${key:0:8}"
}

# A fragment, and what of it is for one series of kernels alone.
built_fragments() {
	local name file
	for name in $kernel_what; do
		for file in "$here/config/$name.config" \
			"$here/config/$name-$kernel_series.config"; do
			[[ ! -e $file ]] || printf '%s\n' "$file"
		done
	done
}

# What modules can be compiled for, and nothing that boots.
config_ready() { built_ready "$@"; } # NAME
config_prepare() { built_prepare "$@"; } # NAME

# A build tree knows its own path, so it is built where it stays; the stamp
# .complete, written last, tells a finished one from an interrupted one.
build_built() { # SOURCE DIRECTORY FRAGMENT...
	local image=vmlinux
	[[ $kernel_arch != um ]] || image=linux
	configure "$@" &&
		build_make "$1" "$2" -j "$(nproc)" "$image" modules &&
		prune "$2/build" &&
		usable "$2" &&
		ln -sfn "build/$image" "$2/image" &&
		mkdir -p "$2/kunit" &&
		cp "$1"/tools/testing/kunit/*.py "$2/kunit"
}

build_config() { # SOURCE DIRECTORY FRAGMENT...
	configure "$@" &&
		build_make "$1" "$2" -j "$(nproc)" modules_prepare &&
		usable "$2"
}

build_make() { # SOURCE DIRECTORY ARGUMENT...
	local command=(nice -n 5 make)
	if kernels_in_root; then
		command=("$here/root" --suite "$(kernels_root)" --with flex --with bison --with bc --with libelf-dev
			"${command[@]}")
	fi
	mapfile -t -O "${#command[@]}" command < <(kernels_make_arguments)
	"${command[@]}" -C "$1" "O=$2/build" "${@:3}"
}

configure() { # SOURCE DIRECTORY FRAGMENT...
	mkdir -p "$2/build" &&
		last_of_each "${@:3}" >"$2/build/wanted" &&
		build_make "$1" "$2" KCONFIG_ALLCONFIG="$2/build/wanted" allnoconfig &&
		config_honoured "$2/build"
}

# So that "make -C kdir" alone builds for user-mode Linux.
usable() { # DIRECTORY
	knows_its_arch "$1/build" "$kernel_arch" && ln -sfn build "$1/kdir"
}

# A later fragment changes what an earlier one has said.
last_of_each() { # FRAGMENT...
	cat "$@" | tac | awk -F '[ =]' '
		/^# CONFIG_.* is not set$/ && !seen[$2]++
		/^CONFIG_/ && !seen[$1]++'
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
	dir=$(newest_directory "source-$kernel_series.")
	[[ -n $dir ]] || dir=$(fetch_source)
	exec {lock}>&-
	printf '%s\n' "$dir"
}

fetch_source() {
	local temp tree version
	temp=$(mktemp -d "$CACHE/.source.XXXXXX")
	trap 'rm -rf "$temp"' EXIT
	fetch_source_package "$temp"
	say "unpacking the source of Linux $kernel_series, about a minute ..."
	dpkg-deb --fsys-tarfile "$temp"/*.deb |
		tar -xO --wildcards "./usr/src/linux-source-*.tar.xz" |
		tar -xJ -C "$temp" "${not_for_virtual_machines[@]}" ||
		die "cannot unpack the source"
	tree=$temp/linux-source-$kernel_series
	version=$(make -s -C "$tree" kernelversion)
	mv "$tree" "$CACHE/source-$version"
	rm -rf "$temp"
	trap - EXIT
	printf '%s\n' "$CACHE/source-$version"
}

# With the lists of its own suite, in a shell of its own.
fetch_source_package() ( # DIRECTORY
	suite_use "$kernel_from" "$(dpkg --print-architecture)"
	apt_fetch "linux-source-$kernel_series" "$1"
)

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

