# The geometric mean of the ratios to Go, of the lines of compare.awk.

BEGIN { FS = "\t" }

$7 == "go" && $3 > 0 && $5 > 0 {
	sum += log($3 / $5)
	n++
}

END {
	if (n)
		printf "geometric mean of %d ratios to Go: %.2f\n", n, exp(sum / n)
}
