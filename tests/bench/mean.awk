# The geometric means of the ratios to Go, of the lines of compare.awk: of those
# that ceilings (the first file) bounds, and of all.

BEGIN { FS = "\t" }

FNR == NR {
	split($0, word, " ")
	if (word[2] == "go")
		bounded[word[1]]
	next
}

$7 == "go" && $3 > 0 && $5 > 0 {
	sum += log($3 / $5)
	n++
	if ($1 in bounded) {
		bounded_sum += log($3 / $5)
		bounded_n++
	}
}

END {
	if (n)
		printf "geometric mean of the ratios to Go: %.2f of the %d that have a ceiling, %.2f of all %d\n",
			exp(bounded_sum / bounded_n), bounded_n, exp(sum / n), n
}
