# Lines of the module and the peers, "WHO NAME UNIT MIN MAX" in tenths of the unit,
# to a line for each figure of chanpat and each peer that has the same one, those
# that came first first, tab-separated, in whole units:
#
#	NAME UNIT CHANPAT SPREAD PEER SPREAD PEER_NAME RATIO
#
# Without a peer there is "-". A figure that is there several times is one of
# several rounds: the smallest counts, and the spread is that of all.

BEGIN { OFS = "\t" }

$1 == "error" {
	print "bench: " $0 >"/dev/stderr"
	failed = 1
	next
}

NF != 5 { next }

$1 == "chanpat" && !(($1, $2) in min) {
	order[++n] = $2
	unit[$2] = $3
}

$1 != "chanpat" && !known[$1]++ { peer[++peers] = $1 }

!(($1, $2) in min) || $4 < min[$1, $2] { min[$1, $2] = $4 }
$5 > max[$1, $2] { max[$1, $2] = $5 }

function figure(who, name) {
	return sprintf("%.1f", min[who, name] / 10) OFS \
		sprintf("%.2f", max[who, name] / min[who, name])
}

function lines(name,   i, found, mine) {
	mine = name OFS unit[name] OFS figure("chanpat", name)
	for (i = 1; i <= peers; i++) {
		if (!min[peer[i], name])
			continue
		print mine, figure(peer[i], name), peer[i],
			sprintf("%.2f", min["chanpat", name] / min[peer[i], name])
		found = 1
	}
	if (!found)
		print mine, "-", "-", "-", "-"
}

END {
	for (i = 1; i <= n; i++)
		if (min["chanpat", order[i]])
			lines(order[i])
	exit failed || !n
}
