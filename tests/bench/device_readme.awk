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
		beside[$1] = beside[$1] (beside[$1] ? ", " : "") whole($4) " " \
			($5 == "go" ? "Go" : $5)
}

function whole(figure,   text, out) {
	text = sprintf("%.0f", figure)
	while (length(text) > 3) {
		out = "," substr(text, length(text) - 2) out
		text = substr(text, 1, length(text) - 3)
	}
	return text out
}

END {
	print "| | chanpat | beside it |"
	print "|---|---|---|"
	for (i = 1; i <= n; i++)
		printf "| %s | %s | %s |\n", what[order[i]], whole(mine[order[i]]),
			beside[order[i]]
}
