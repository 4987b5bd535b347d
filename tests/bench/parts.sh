# shellcheck shell=bash
# What is in the lines of compare.awk. Sourced.

# Cases that are no single operations have one of these words in front.
single_operations() { # FIGURES
	grep -vE '^(scale|items|device|smp)_' "$1"
}
