# Draws index.csv: tension and cooperation above, tone below. Needs gnuplot 5.4 or later.
#
#   gnuplot -c scripts/plot/plot.gp index.csv out.png
#
# Columns are found by name. An empty value breaks the line; a value between two gaps is a small dot.

if (ARGC != 2) {
    print "usage: gnuplot -c plot.gp INDEX.csv OUT.png"
    exit status 2
}
index_csv = ARG1
out_png = ARG2

set datafile separator comma
set datafile columnheaders
# An empty field is no number; NaN keeps its row, so that the line breaks there.
number(text) = strlen(text) ? real(text) : NaN
day(text) = strptime("%Y-%m-%d", text)

set terminal pngcairo size 1000,600 font "Arial,10" background "white"
set output out_png

set grid lc rgb "#E3E3E3" lt 1
set border 3 lc rgb "#8C8C8C"
set tics nomirror textcolor rgb "#595959"
set lmargin 9
set rmargin 12
set style line 1 lc rgb "#D55E00" lw 1.6 pt 7 ps 0.3
set style line 2 lc rgb "#0072B2" lw 1.6 pt 7 ps 0.3
set style line 3 lc rgb "#000000" lw 1.6 pt 7 ps 0.3
set style line 4 lc rgb "#595959" lw 1 dt 2

# Both panels show all periods, with a value or without.
stats index_csv using (day(strcol("date"))) name "D" nooutput
if (!exists("D_max")) {
    print index_csv, ": no periods to draw"
    exit status 1
}
pad = D_max > D_min ? 0.008 * (D_max - D_min) : 15 * 86400
set xrange [D_min - pad : D_max + pad]
stats index_csv using (number(strcol("tone"))) name "T" nooutput
# Three to six tone ticks: gnuplot's own choice crowds the lower panel.
span = T_max > T_min ? T_max - T_min : 1
power = 10.0 ** floor(log10(span))
step = span < 2 * power ? power / 2 : span < 5 * power ? power : 2 * power
date_format = D_max - D_min < 3 * 366 * 86400 ? "%b\n%Y" : "%Y"

set multiplot
set key at graph 0, 1.02 left bottom horizontal Left reverse samplen 2 noautotitle

set origin 0, 0.36
set size 1, 0.64
set tmargin 3
set bmargin 1
set xtics time format ""
set yrange [0:*]
set arrow 1 from graph 0, first 100 to graph 1, first 100 nohead ls 4
set label 1 "base = 100" at graph 1.01, first 100 left textcolor rgb "#595959"
plot keyentry with lines ls 1 title "Tension", keyentry with lines ls 2 title "Cooperation", \
     index_csv using (day(strcol("date"))):(number(strcol("tension_low"))):(number(strcol("tension_high"))) \
         with filledcurves fs transparent solid 0.16 noborder lc rgb "#D55E00", \
     index_csv using (day(strcol("date"))):(number(strcol("cooperation"))) with linespoints ls 2, \
     index_csv using (day(strcol("date"))):(number(strcol("tension"))) with linespoints ls 1
unset arrow 1
unset label 1

set origin 0, 0
set size 1, 0.36
set bmargin 3
set xtics time format date_format
set yrange [*:*]
set xzeroaxis lt 1 lc rgb "#8C8C8C"
set ytics step
plot keyentry with lines ls 3 title "Tone (−1 cooperative to +1 tense)", \
     index_csv using (day(strcol("date"))):(number(strcol("tone_low"))):(number(strcol("tone_high"))) \
         with filledcurves fs transparent solid 0.16 noborder lc rgb "#000000", \
     index_csv using (day(strcol("date"))):(number(strcol("tone"))) with linespoints ls 3
unset multiplot
