# The table of pool against fan for README.md, from results.tsv.

BEGIN {
	FS = "\t"
	n = split("pool_4 fan_64 fan", way, " ")
	label["pool_4"] = "pool of 4"
	label["fan_64"] = "`fan=64`"
	label["fan"] = "fan"
}

{ figure[$1] = $3 }

function item(name) {
	return figure_text(figure["items_" name], 1)
}

END {
	print "| | tasks at most | bytes at most | each item computes: ns an item | each item waits 10 ms: ns an item |"
	print "|---|---|---|---|---|"
	for (i = 1; i <= n; i++)
		printf "| %s | %s | %s | %s | %s |\n", label[way[i]],
			item(way[i] "_wait_tasks"), item(way[i] "_wait_memory"),
			item(way[i] "_compute_time"), item(way[i] "_wait_time")
}
