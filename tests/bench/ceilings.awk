# Whether what was to be reached is: the ceilings (NAME PEER CEILING, the ratio
# that is not to be exceeded), then the lines of compare.awk.

NR == FNR {
	if (NF && !/^#/) {
		order[++n] = $1 SUBSEP $2
		ceiling[$1, $2] = $3
		name[$1, $2] = $1
		peer[$1, $2] = $2
	}
	next
}

($1, $7) in ceiling { ratio[$1, $7] = $3 / $5 }

END {
	format = "%-28s %-14s %8s %8s  %s\n"
	if (n)
		printf format, "", "", "ratio", "ceiling", ""
	for (i = 1; i <= n; i++) {
		key = order[i]
		if (!(key in ratio)) {
			printf format, name[key], peer[key], "-", ceiling[key],
				"not measured"
			continue
		}
		met = ratio[key] <= ceiling[key]
		count += met
		printf format, name[key], peer[key],
			sprintf("%.3f", ratio[key]), ceiling[key],
			met ? "met" : "not met"
	}
	if (n)
		printf "%d of %d met\n", count, n
}
