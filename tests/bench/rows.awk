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
			what[$1], short($3), $5, short($4), $6)
	if ($5 == "go") {
		go[$1] = $4
		ratio[$1] = $6
	}
}

# 1,234 for 1234.4; what is small keeps a digit.
function short(figure,   text, out) {
	text = sprintf(figure < 100 ? "%.1f" : "%.0f", figure)
	sub(/\.0$/, "", text)
	while (length(text) > 3 && text !~ /\./) {
		out = "," substr(text, length(text) - 2) out
		text = substr(text, 1, length(text) - 3)
	}
	return text out
}

END {
	print "| | one operation | chanpat | Go | ratio |"
	print "|---|---|--:|--:|--:|"
	for (i = 1; i <= n; i++)
		if (order[i] in go)
			printf "| %s | %s | %s | %s | %s |\n", order[i],
				what[order[i]], short(mine[order[i]]),
				short(go[order[i]]), ratio[order[i]]
	if (!peers)
		exit
	print "\n| | one operation | chanpat | the kernel's own | ratio |"
	print "|---|---|--:|--:|--:|"
	for (i = 1; i <= peers; i++)
		printf "%s", beside[i]
}
