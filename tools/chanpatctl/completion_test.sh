#!/bin/bash
# Tests of chanpatctl.bash; prints "N passed, N failed" last.

set -uo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tools/chanpatctl/chanpatctl.bash
. "$here/chanpatctl.bash"

passed=0
failed=0

chanpatctl() { return 3; } # as it is without the module

check() { # WHAT EXPECTED ACTUAL
	if [[ $2 == "$3" ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not ok %s\n  expected: %s\n  got:      %s\n' "$@"
	fi
}

completes() { # EXPECTED WORD...: the last one is completed
	local expected=$1
	shift
	COMP_WORDS=(chanpatctl "$@") COMP_CWORD=$#
	_chanpatctl
	check "chanpatctl $*" "$expected" "$(IFS=, && echo "${COMPREPLY[*]}")"
}

# The operations that the module registers, in their order.
operations() {
	sed -n 's/^\t&chp_op_\([a-z0-9_]*\),$/\1/p' "$here/../../kmod/jobs/op.c"
}

completes run r
completes sessions,stats s
completes --help,--version --
completes --strict,--verbose,--help run -
completes '' jobs x
completes 'gen,gt,grep' run "'g"
completes 'gen 1 3 | double' run "'gen 1 3 | dou"
completes 'gen 1 3|double' run '"gen 1 3|dou'
completes 'x: timeout=2s gen' run "'x: timeout=2s ge"
completes '' run "'gen 1"
completes '' run "'gen 1 3 | add 1"
completes '' run "'gen 1 3 | nosuch"
check "the list of operations" "$(operations | xargs)" \
	"$(_chanpatctl_operations | xargs)"

echo "$passed passed, $failed failed"
((failed == 0))
