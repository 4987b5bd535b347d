# Tables for README.md, of the rows NAME<TAB>WHAT, then of results.tsv.

BEGIN { FS = "\t" }

NR == FNR {
	order[++n] = $1
	what[$1] = $2
	next
}

FNR > 1 {
	mine[$1] = $3
	if ($5 != "go" && $5 != "-" && $1 in what)
		beside[++peers] = sprintf("| %s | %s | %s | %s %s | %s |\n", $1,
			what[$1], figure_text($3), $5, figure_text($4), $6)
	if ($5 == "go") {
		go[$1] = $4
		ratio[$1] = $6
	}
}

END {
	print "| | one operation | chanpat | Go | ratio |"
	print "|---|---|--:|--:|--:|"
	for (i = 1; i <= n; i++)
		if (order[i] in go)
			printf "| %s | %s | %s | %s | %s |\n", order[i],
				what[order[i]], figure_text(mine[order[i]]),
				figure_text(go[order[i]]), ratio[order[i]]
	if (!peers)
		exit
	print "\n| | one operation | chanpat | the kernel's own | ratio |"
	print "|---|---|--:|--:|--:|"
	for (i = 1; i <= peers; i++)
		printf "%s", beside[i]
}
