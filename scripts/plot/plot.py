"""Draw index.csv: tension and cooperation above, tone below. Needs matplotlib only.

    python3 scripts/plot/plot.py index.csv out.png

An empty value breaks the line; a value between two gaps is a dot.
"""

import csv
import sys
from datetime import date, timedelta

import matplotlib

matplotlib.use("Agg")
import matplotlib.dates as mdates
import matplotlib.pyplot as plt

TENSION, COOPERATION, TONE = "#D55E00", "#0072B2", "#000000"  # Okabe and Ito (2008)
GREY, RULE, GRID = "#595959", "#8C8C8C", "#E3E3E3"
NAN = float("nan")


def read(path):
    """Dates, and each value column as floats with NaN for an empty field."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        sys.exit(f"{path}: no periods to draw")
    dates = [date.fromisoformat(row["date"]) for row in rows]
    columns = ("tension", "cooperation", "tone", "tension_low", "tension_high", "tone_low", "tone_high")
    return dates, {name: [float(row.get(name) or NAN) for row in rows] for name in columns}


def band(axes, dates, series, name, colour):
    low, high = series[f"{name}_low"], series[f"{name}_high"]
    axes.fill_between(dates, low, high, color=colour, alpha=0.16, lw=0)


def line(axes, dates, values, colour, label):
    axes.plot(dates, values, color=colour, lw=1.3, label=label)
    missing = [value != value for value in values]
    around = zip([True] + missing, missing, missing[1:] + [True])
    lone = [i for i, (before, here, after) in enumerate(around) if before and after and not here]
    axes.plot([dates[i] for i in lone], [values[i] for i in lone], ".", color=colour, ms=5)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: plot.py INDEX.csv OUT.png")
    dates, series = read(sys.argv[1])

    plt.rcParams.update({"font.size": 9, "font.family": "sans-serif"})
    figure, (top, bottom) = plt.subplots(
        2, 1, sharex=True, figsize=(10, 6), height_ratios=[1.8, 1], layout="constrained"
    )
    top.axhline(100, color=GREY, lw=0.9, ls="--")
    top.annotate(
        "base = 100", (1.005, 100), xycoords=("axes fraction", "data"), va="center", color=GREY, fontsize=8
    )
    band(top, dates, series, "tension", TENSION)
    line(top, dates, series["cooperation"], COOPERATION, "Cooperation")
    line(top, dates, series["tension"], TENSION, "Tension")
    if not any(value < 0 for name in ("tension", "cooperation") for value in series[name]):
        top.set_ylim(bottom=0)
    bottom.axhline(0, color=RULE, lw=0.9)
    band(bottom, dates, series, "tone", TONE)
    line(bottom, dates, series["tone"], TONE, "Tone (\u22121 cooperative to +1 tense)")

    locator = mdates.AutoDateLocator()
    bottom.xaxis.set_major_locator(locator)
    bottom.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    pad = (dates[-1] - dates[0]) * 0.008 or timedelta(days=15)
    bottom.set_xlim(dates[0] - pad, dates[-1] + pad)
    for axes in (top, bottom):
        axes.grid(color=GRID, lw=0.7)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(RULE)
        axes.tick_params(colors=GREY)
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=2, reverse=True, frameon=False, borderaxespad=0.1
        )
    figure.savefig(sys.argv[2], dpi=150)


if __name__ == "__main__":
    main()
