# What compare.awk found, for people.

BEGIN {
	FS = "\t"
	format = "%-28s %12s %7s %12s %7s  %-14s %7s  %s\n"
	printf format, "", "chanpat", "spread", "peer", "spread", "", "ratio",
		"unit"
}

function short(figure) {
	return figure == "-" ? "-" : sprintf(figure < 100 ? "%.1f" : "%.0f", figure)
}

{ printf format, $1, short($3), $4, short($5), $6, $7, $8, $2 }
