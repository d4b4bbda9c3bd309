# Draws index.csv: tension and cooperation above, tone below. Base R only.
#
#   Rscript scripts/plot/plot.R index.csv out.png
#
# An empty value breaks the line; a value between two gaps is a dot.

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 2) stop("usage: Rscript plot.R INDEX.csv OUT.png", call. = FALSE)
index <- read.csv(arguments[1], colClasses = c(date = "Date"))
if (nrow(index) == 0) stop(arguments[1], ": no periods to draw", call. = FALSE)

orange <- "#D55E00"; blue <- "#0072B2"; black <- "#000000" # Okabe and Ito (2008)
grey <- "#595959"; rule <- "#8C8C8C"; pale <- "#E3E3E3"

# lines() breaks at NA by itself; a value without neighbours needs a dot.
draw <- function(values, colour) {
  lines(index$date, values, col = colour, lwd = 1.6)
  missing <- c(TRUE, is.na(values), TRUE)
  n <- length(values)
  lone <- missing[1:n] & !missing[2:(n + 1)] & missing[3:(n + 2)]
  points(index$date[lone], values[lone], col = colour, pch = 16, cex = 0.6)
}

# A 95 % band; polygon() breaks at NA only if both edges do, so each unbroken stretch is drawn by itself.
shade <- function(low, high, colour) {
  if (is.null(low)) return(invisible())
  there <- !is.na(low) & !is.na(high)
  for (at in split(which(there), cumsum(!there)[there])) {
    polygon(c(index$date[at], rev(index$date[at])), c(low[at], rev(high[at])), col = adjustcolor(colour, 0.16), border = NA)
  }
}

# An empty frame with a light grid. Limits are round and hold zero, so that heights compare.
frame <- function(values, with_dates, also = numeric(0)) {
  limits <- range(pretty(c(0, also, values), na.rm = TRUE))
  plot(index$date, rep(NA_real_, nrow(index)), type = "n", axes = FALSE, ann = FALSE,
       xlim = range(index$date) + c(-1, 1), ylim = limits, yaxs = "i")
  dates <- pretty(index$date, n = 9)
  abline(v = dates, h = axTicks(2), col = pale)
  axis.Date(1, at = dates, labels = if (with_dates) attr(dates, "labels") else FALSE,
            col = rule, col.axis = grey, tcl = -0.3)
  axis(2, las = 1, col = rule, col.axis = grey, tcl = -0.3)
  box(bty = "l", col = rule)
}

key <- function(labels, colours) {
  legend("bottomleft", labels, col = colours, lwd = 2, horiz = TRUE, bty = "n",
         inset = c(0, 1), xpd = NA, seg.len = 1.2)
}

png(arguments[2], width = 2000, height = 1200, res = 200)
layout(matrix(1:2), heights = c(1.7, 1))
par(mar = c(1, 3.5, 2.5, 5), mgp = c(2, 0.5, 0), cex.axis = 0.85)
frame(c(index$tension, index$cooperation, index$tension_high, index$tension_low), FALSE, also = 100)
shade(index$tension_low, index$tension_high, orange)
abline(h = 100, col = grey, lty = 2)
mtext("base = 100", side = 4, at = 100, las = 1, line = 0.3, cex = 0.7, col = grey)
draw(index$cooperation, blue)
draw(index$tension, orange)
key(c("Tension", "Cooperation"), c(orange, blue))

par(mar = c(2.5, 3.5, 2, 5))
frame(c(index$tone, index$tone_low, index$tone_high), TRUE)
shade(index$tone_low, index$tone_high, black)
abline(h = 0, col = rule)
draw(index$tone, black)
key("Tone (\u22121 cooperative to +1 tense)", black)
invisible(dev.off())
