# shellcheck shell=bash
# Debian packages: asking for them, installing them, fetching them. Sourced.
# Needs the functions of say.sh and $CACHE.

apt_missing() { # PACKAGE... -> those that are not installed
	comm -23 <(printf '%s\n' "$@" | sort -u) <(
		# shellcheck disable=SC2016 # dpkg-query expands it
		dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
			sed -n 's/^installed //p' | sort -u
	)
}

as_root() { # COMMAND...
	if ((EUID == 0)); then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "needs root for: $*"
	fi
}

# Whose lists are asked; suite_use sets it.
apt_options=()

# Lists of packages may be absent (a fresh container) or too old to fetch by.
# Once per run is enough: what is not there then does not exist.
apt_updated=
apt_update() {
	[[ -z $apt_updated ]] || return 1
	apt_updated=yes
	if ((${#apt_options[@]})); then
		say "apt-get update, of $(basename "$(dirname "${apt_options[1]#*=}")")"
		apt-get "${apt_options[@]}" -qq update >&2
	else
		say "apt-get update"
		as_root apt-get -qq update >&2
	fi
}

apt_install() { # PACKAGE...
	local -a missing
	mapfile -t missing < <(apt_missing "$@")
	((${#missing[@]})) || return 0
	say "apt-get install ${missing[*]}"
	apt_locked apt_try apt_install_now "${missing[@]}" ||
		die "cannot install: ${missing[*]}"
}

apt_install_now() { # PACKAGE...
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 \
		install --no-install-recommends "$@" </dev/null >"$CACHE/apt.log" 2>&1
}

apt_fetch() { # PACKAGE DIRECTORY: leaves the .deb there
	say "apt-get download $1"
	apt_locked apt_try apt_fetch_now "$@" || die "cannot download: $1"
}

apt_fetch_now() { # PACKAGE DIRECTORY
	(cd "$2" && apt-get "${apt_options[@]}" -qq download "$1" >"$CACHE/apt.log" 2>&1)
}

apt_newest() { # REGEX of names -> the name with the highest version
	apt-cache "${apt_options[@]}" pkgnames | grep -xE -- "$1" | sort -V | tail -n 1
}

apt_has() { # PACKAGE: whether the lists have it
	apt-cache "${apt_options[@]}" show --no-all-versions "$1" >/dev/null 2>&1
}

apt_depends() { # PACKAGE -> what it depends on
	apt-cache "${apt_options[@]}" show --no-all-versions "$1" |
		sed -n 's/^Depends: //p'
}

apt_try() { # COMMAND...: a second time with fresh lists
	"$@" && return
	if apt_update && "$@"; then
		return
	fi
	tail -n 15 "$CACHE/apt.log" >&2
	return 1
}

# apt's own lock of the lists does not wait, and others may run beside us.
apt_locked() { # COMMAND...
	local lock
	exec {lock}>"$CACHE/apt.lock"
	flock "$lock"
	local status=0
	"$@" || status=$?
	exec {lock}>&-
	return "$status"
}
