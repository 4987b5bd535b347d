# shellcheck shell=bash
# Completion for bash: commands, options, and the names of operations inside a
# quoted job.

# Without root the module does not tell; then those that come with it.
_chanpatctl_operations() {
	local told
	told=$(chanpatctl ops 2>/dev/null | sed -e 1d -e 's/ .*//')
	if [[ -n $told ]]; then
		echo "$told"
	else
		echo gen rand values tick lines double add mul gt lt even odd \
			take count sum min max grep upper len crc32c sha256 \
			sleep fail null
	fi
}

# The last word of a job is an operation when it is the first one, but for the
# label and the options, or stands behind a pipe.
_chanpatctl_job() { # TEXT
	local text=${1#[\'\"]} before word
	word=${text##*[[:blank:]\|]}
	before=${text%"$word"}
	[[ $before =~ (^|\|)[[:blank:]]*([^[:blank:]\|]*(:|=[^[:blank:]\|]*)[[:blank:]]+)*$ ]] ||
		return
	mapfile -t COMPREPLY < <(compgen -W "$(_chanpatctl_operations)" -- "$word")
	COMPREPLY=("${COMPREPLY[@]/#/"$before"}")
}

_chanpatctl() {
	local current=${COMP_WORDS[COMP_CWORD]} words=
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		words='run ops jobs sessions stats --help --version'
	elif [[ ${COMP_WORDS[1]} != run ]]; then
		return
	elif [[ $current == -* ]]; then
		words='--strict --verbose --help'
	else
		_chanpatctl_job "$current"
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _chanpatctl chanpatctl
