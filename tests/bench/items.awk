# What was done with the same items in several ways, a line for each way, from the
# lines of compare.awk. A figure of the peer stands behind that of chanpat.

BEGIN {
	FS = "\t"
	format = "%-16s %9s %12s %20s %24s\n"
	printf format, "", "tasks", "bytes", "instructions / Go",
		"nanoseconds / Go"
	printf format, "", "at most", "at most", "an item", "an item"
}

{
	name = $1
	sub(/_(tasks|memory|time)$/, "", name)
	if (!known[name]++)
		order[++n] = name
	figure[name, $2] = sprintf("%.0f", $3)
	if ($5 != "-")
		figure[name, $2] = figure[name, $2] sprintf(" / %.0f", $5)
}

END {
	for (i = 1; i <= n; i++) {
		name = order[i]
		printf format, name, figure[name, "tasks"], figure[name, "bytes"],
			figure[name, "instructions"], figure[name, "ns"]
	}
}
