# What an operation costs, with more and more of a thing. Needs data, a file of
# several blocks of N CHANPAT GO, one for each word of things, and output.

set terminal svg size 900, 540 font "sans-serif,11" background "white"
set output output
array title_of[5] = ["an element wakes one of N parked tasks", \
	"send and receive, on each of N channels", \
	"send and receive, N elements in a channel", \
	"N jobs in a pool of four", "cancel, each of N children of a context"]
set multiplot layout 2, 3 title "Instructions for an operation, chanpat and Go" font ",14"
set logscale x
set xrange [0.6:2e6]
set logscale y
set yrange [40:20000]
set ytics ("100" 100, "" 50 1, "" 200 1, "" 500 1, "1,000" 1000, "" 2000 1, "" 5000 1, "10,000" 10000)
set xtics ("1" 1, "10" 10, "100" 100, "1,000" 1e3, "" 1e4, "100,000" 1e5, "" 1e6)
set grid ytics linecolor rgb "#dddddd"
set border 3 linecolor rgb "#888888"
set tics nomirror font ",9"
set style line 1 linewidth 2 pointtype 7 pointsize 0.5 linecolor rgb "#4c72b0"
set style line 2 linewidth 2 pointtype 7 pointsize 0.5 linecolor rgb "#dd8452"
unset key
do for [i = 1:5] {
	set title title_of[i] font ",11"
	plot data index i - 1 using 1:2 with linespoints linestyle 1, \
		data index i - 1 using 1:3 with linespoints linestyle 2
}

# The last place is for the key.
unset title
unset border
unset tics
unset logscale
set label "With few of a thing that counts which is done\nonce for all, as to wake a thread." \
	at graph 0.5, 0.22 center font ",9" textcolor rgb "#666666"
set key center top font ",13" samplen 3 spacing 1.6
set xrange [0:1]
set yrange [0:1]
plot NaN with linespoints linestyle 1 title "chanpat", \
	NaN with linespoints linestyle 2 title "Go"
unset multiplot
