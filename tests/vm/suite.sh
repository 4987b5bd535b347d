# shellcheck shell=bash
# Packages of other Debian suites, and for other architectures, than the machine
# has: lists of their own, so that nothing of it is upgraded. Sourced. Needs the
# functions of say.sh and apt.sh.

# From here on apt_fetch, apt_newest, apt_has and apt_depends ask this suite.
suite_use() { # SUITE ARCH
	local dir=$CACHE/apt/$1-$2
	apt_options=(
		-o "Dir::Etc::SourceList=$dir/sources.list"
		-o Dir::Etc::SourceParts=/dev/null
		-o "Dir::State::Lists=$dir/lists"
		-o "Dir::Cache=$dir/cache"
		-o "APT::Architecture=$2"
		-o "APT::Architectures::=$2"
		-o Acquire::Languages=none
		-o APT::Sandbox::User=root
	)
	apt_updated=
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	suite_sources "$1" >"$dir/sources.list.new"
	mv "$dir/sources.list.new" "$dir/sources.list"
}

# Kernels come by security updates and backports too. A suite without one of these
# is no error.
suite_sources() { # SUITE
	local mirror security key=/usr/share/keyrings/debian-archive-keyring.gpg
	mirror=$(suite_mirror '[^ -]+')
	security=$(suite_mirror '[^ ]+-security')
	[[ -n $mirror ]] || die "apt knows no mirror of Debian"
	printf 'deb [signed-by=%s] %s %s main\n' "$key" "$mirror" "$1"
	[[ $1 == bookworm || $1 == sid ]] ||
		printf 'deb [signed-by=%s] %s %s-backports main\n' "$key" "$mirror" "$1"
	[[ -z $security || $1 == sid ]] ||
		printf 'deb [signed-by=%s] %s %s-security main\n' "$key" "$security" "$1"
}

# Where the machine itself gets Debian from. What a mirror has is known only from its
# lists, which a fresh machine has not asked for.
suite_mirror() { # REGEX of code names
	[[ -n $(suite_known "$1") ]] || as_root apt-get -qq update >&2 || true
	suite_known "$1"
}

suite_known() { # REGEX of code names
	# shellcheck disable=SC2016 # apt expands it
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' \
		'Created-By: Packages' |
		sed -nE "s/^Debian $1 (.*)/\\1/p" | head -n 1
}
