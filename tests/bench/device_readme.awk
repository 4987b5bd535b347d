# The table of the device for README.md, of the rows NAME<TAB>WHAT, then of
# results.tsv.

BEGIN { FS = "\t" }

NR == FNR {
	order[++n] = $1
	what[$1] = $2
	next
}

$1 in what {
	mine[$1] = $3
	if ($5 != "-")
		beside[$1] = beside[$1] (beside[$1] ? ", " : "") figure_text($4, 1) " " \
			($5 == "go" ? "Go" : $5)
}

END {
	print "| | chanpat | beside it |"
	print "|---|---|---|"
	for (i = 1; i <= n; i++)
		printf "| %s | %s | %s |\n", what[order[i]], figure_text(mine[order[i]], 1),
			beside[order[i]]
}
