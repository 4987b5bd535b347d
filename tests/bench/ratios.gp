# Bars of the ratios to Go, from the smallest to the largest. Needs data, a file
# of NAME RATIO, output, and mean.

stats data using 2 nooutput
rows = STATS_records
set terminal svg size 760, 80 + rows * 15 font "sans-serif,11" background "white"
set output output
set title sprintf("One operation: chanpat / Go, in instructions\ngeometric mean %s", mean)
set logscale x 2
set xrange [STATS_min / 1.9:STATS_max * 1.7]
set yrange [rows - 0.3:-0.7]
set xtics ("1/32" 1./32, "1/16" 1./16, "1/8" 0.125, "1/4" 0.25, "1/2" 0.5, "1" 1, "2" 2, "4" 4, "8" 8)
set ytics scale 0
set xlabel "to the left chanpat takes fewer instructions, to the right Go" textcolor rgb "#666666"
set grid xtics linecolor rgb "#dddddd"
set border 1 linecolor rgb "#888888"
set tics nomirror
unset key
set arrow from 1, graph 0 to 1, graph 1 nohead linecolor rgb "#444444" linewidth 1.5 front
# A bar goes from 1 to the ratio; its number stands at its end.
plot data using 2:0:(1 < $2 ? 1 : $2):(1 < $2 ? $2 : 1):($0 - 0.36):($0 + 0.36):ytic(1) \
		with boxxyerror fillstyle solid 1 noborder linecolor rgb "#4c72b0", \
	data using ($2 <= 1 ? $2 : NaN):0:(sprintf("%.2f", $2)) \
		with labels right offset -0.6, 0 font ",9", \
	data using ($2 > 1 ? $2 : NaN):0:(sprintf("%.2f", $2)) \
		with labels left offset 0.6, 0 font ",9"
