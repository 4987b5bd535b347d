# shellcheck shell=bash
# How the harness speaks, and where it keeps things. Sourced.

# shellcheck disable=SC2034 # used by those who source this
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/chanpat

say() { printf 'vm: %s\n' "$*" >&2; }

die() { # MESSAGE
	say "$*"
	exit 1
}

duration() { # SECONDS -> 5m52s
	if (($1 < 60)); then
		printf '%ds' "$1"
	else
		printf '%dm%02ds' $(($1 / 60)) $(($1 % 60))
	fi
}
