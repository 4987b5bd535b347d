# The table of pool against fan for README.md, from results.tsv.

BEGIN {
	FS = "\t"
	n = split("pool_4 fan_64 fan", way, " ")
	label["pool_4"] = "pool of 4"
	label["fan_64"] = "`fan=64`"
	label["fan"] = "fan"
}

{ figure[$1] = $3 }

function whole(name,   text, out) {
	text = sprintf("%.0f", figure["items_" name])
	while (length(text) > 3) {
		out = "," substr(text, length(text) - 2) out
		text = substr(text, 1, length(text) - 3)
	}
	return text out
}

END {
	print "| | tasks at most | bytes at most | each item computes: ns an item | each item waits 10 ms: ns an item |"
	print "|---|---|---|---|---|"
	for (i = 1; i <= n; i++)
		printf "| %s | %s | %s | %s | %s |\n", label[way[i]],
			whole(way[i] "_wait_tasks"), whole(way[i] "_wait_memory"),
			whole(way[i] "_compute_time"), whole(way[i] "_wait_time")
}
