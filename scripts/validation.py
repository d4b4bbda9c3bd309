#!/usr/bin/env python3
"""Writes docs/validation.md and docs/img/validation.svg: the index of a New York Times corpus against two published series.

    python3 scripts/validation.py NYT.csv AI_GPR.csv GPR.csv WORK

NYT.csv has headline and lead of each article that a search for the United States and China gave (id, date, source, title, text);
AI_GPR.csv has date, USA_to_China, China_to_USA, sum (Iacoviello and Tong); GPR.csv has date and GPRC_CHN (Caldara and Iacoviello).
None of them is part of this project. Readings and indices are kept in the folder WORK, so that a second run is quick.
The program is `tensiometer` on the PATH, or what the variable TENSIOMETER names. Where the Python package vaderSentiment is
installed, VADER is a rival too. Only the standard library is needed beside it.
"""

import csv
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

TENSIOMETER = os.environ.get("TENSIOMETER", "tensiometer")
os.environ["TENSIOMETER_PRECISION"] = "f32"  # the same figures on any processor
ROOT = Path(__file__).resolve().parent.parent
AI_MONTHS = "2015-08..2021-01"
HALVES = ("2015-08..2018-04", "2018-05..2021-01")
GPR_MONTHS = "2009-01..2021-01"
# The construction that the text calls ours: what `tensiometer index` is given.
HEADLINE = dict(model="tension-minilm-l6", relevance="0.5", weighting="equal", denominator="steady", unit="article")
MODELS = ["tension-minilm-l6", "tension-base", "keywords"]


def tensiometer(*arguments):
    print("  tensiometer", *arguments, file=sys.stderr)
    return subprocess.run([TENSIOMETER, "-q", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


class Work:
    """Indices and their validations, each made once."""

    def __init__(self, corpus, ai, gpr, folder):
        self.corpus, self.folder = corpus, Path(folder)
        self.published = {"ai": (ai, AI_MONTHS), "gpr": (gpr, GPR_MONTHS)}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.found, self.scored = {}, set()

    def scores(self, model, relevance, weighting):
        out = self.folder / f"{model}-{relevance}-{weighting}"
        # Anew each time, from the store where this very model has read before: a folder of an older model looks the same.
        if out not in self.scored:
            tensiometer("batch", self.corpus, "--model", model, "--relevance", relevance, "--weighting", weighting,
                        "--store", self.folder / "readings.sqlite", "--force", "-o", out)
            self.scored.add(out)
        return out

    def index(self, model, relevance, weighting, denominator, unit):
        folder = self.scores(model, relevance, weighting)
        path = folder / f"index-{denominator}-{unit}.csv"
        tensiometer("index", folder / "articles.csv", "--denominator", denominator, "--unit", unit, "--draws", "0", "-o", path)
        return path

    def validate(self, construction, against, column, within=None, series="tension", rivals=(), picture=None):
        key = json.dumps([construction, against, column, within, series])
        if key not in self.found or picture:
            path, months = self.published[against]
            extra = itertools.chain.from_iterable(("--rival", rival) for rival in rivals)
            more = ["-o", picture] if picture else []
            out = tensiometer("validate", self.index(**construction), "--against", path, "--column", column,
                              "--within", within or months, "--series", series, "--format", "json", *extra, *more)
            self.found[key] = json.loads(out)
        return self.found[key]


def vader(work):
    """Sum over relevant articles of the negative part of VADER's compound score, by month; None where VADER is not installed."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        return None
    read = SentimentIntensityAnalyzer()
    scores = work.scores("tension-minilm-l6", "0.5", "equal") / "articles.csv"
    with open(scores, newline="", encoding="utf-8") as rows:
        relevant = {row["id"] for row in csv.DictReader(rows) if row["n_relevant"] != "0"}
    months = {}
    with open(work.corpus, newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            month = row["date"][:7]
            months.setdefault(month, 0.0)
            if row["id"] in relevant:
                compound = read.polarity_scores(f"{row['title']} {row['text']}")["compound"]
                months[month] += max(0.0, -compound)
    path = work.folder / "vader.csv"
    with open(path, "w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(["date", "negative"])
        table.writerows(sorted(months.items()))
    return path


def band(figure, signed=False):
    if figure is None:
        return "—"
    sign = "+" if signed else ""
    value, low, high = (format(figure[name], f"{sign}.3f") if figure[name] is not None else "" for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]" if low else value


def r(found, part, figure="pearson"):
    value = found["series"][0][part][figure]
    return value["value"] if value else float("nan")


def comparison(found):
    """A table of the index and its rivals."""
    lines = ["| | levels | first differences | index less this, levels | … differences | beyond volume, levels | … differences | peaks met |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for series in found["series"]:
        levels, differences, peaks = series["levels"], series["differences"], series["peaks"]
        name = "**the index**" if series is found["series"][0] else series["name"].replace("vader:negative", "VADER, sum of negative")
        lines.append(
            f"| {name} | {band(levels['pearson'])} | {band(differences['pearson'])} | {band(levels['index_less'], True)} | "
            f"{band(differences['index_less'], True)} | {band(levels['beyond_volume'])} | {band(differences['beyond_volume'])} | "
            f"{peaks['met']} of {len(peaks['peaks'])} ({peaks['by_chance']:.1f} by chance) |")
    return "\n".join(lines)


def named(construction):
    return (f"{construction['model']} | {construction['relevance']} | {construction['weighting']} | "
            f"{construction['denominator']} | {construction['unit']}")


def search(work):
    """Every construction on the first half of the months, the best of them on the second."""
    rows = []
    for model, relevance, weighting, denominator, unit in itertools.product(
            MODELS, ["0.5", "0.9"], ["equal", "lead"], ["all", "relevant", "steady"], ["article", "sentence"]):
        if model == "keywords" and relevance != "0.5":
            continue  # it has no relevance of its own
        construction = dict(model=model, relevance=relevance, weighting=weighting, denominator=denominator, unit=unit)
        halves = [work.validate(construction, "ai", "sum", within) for within in HALVES]
        beyond = [(r(half, "levels", "beyond_volume") + r(half, "differences", "beyond_volume")) / 2 for half in halves]
        rows.append((beyond, construction, halves))
    rows.sort(key=lambda row: -row[0][0])
    return rows


def main():
    corpus, ai, gpr, folder = sys.argv[1:5]
    work = Work(corpus, ai, gpr, folder)
    rival = vader(work)
    rivals = [f"{rival}:negative"] if rival else []
    headline = work.validate(HEADLINE, "ai", "sum", rivals=rivals, picture=ROOT / "docs/img/validation.svg")
    by_sentence = work.validate({**HEADLINE, "unit": "sentence"}, "ai", "sum", rivals=rivals)
    china = work.validate(HEADLINE, "gpr", "GPRC_CHN", rivals=rivals)
    version = subprocess.run([TENSIOMETER, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    counts = json.loads((work.scores("tension-minilm-l6", "0.5", "equal") / "run.json").read_text())["counts"]

    out = [f"""# Validation: the index against published ones

Written by `scripts/validation.py` with {version}. Corpus: {counts['articles']:,} articles of the New York Times, 2009 to January 2021, headline and
lead only, as a search for the two countries gave them; {counts['candidates']:,} name both sides, {counts['relevant']:,} are relevant. It is one newspaper
and was filtered before, so tension is a sum (`--denominator steady`). Published: the US–China pairs of AI-GPR (Iacoviello and Tong, both directions
added; {headline['n_levels']} months, {headline['first'][:7]} to {headline['last'][:7]}) and GPRC_CHN, China in the index of geopolitical risk
(Caldara and Iacoviello 2022; {china['n_levels']} months). Neither is the truth: both are counts of news read by others' rules, AI-GPR by a language model.

Figures are Pearson's correlation with 95 % bands of {headline['draws']} block bootstrap draws ({headline['block']} months a block; {china['block']} for GPRC_CHN). *Index less this*: the
difference of two correlations in the same draws. *Beyond volume*: the partial correlation without what goes with the number of
relevant articles. Months rise and fall together when there is more news, so a high correlation of levels alone shows little.

## Against AI-GPR, US–China

`tensiometer run NYT.csv --denominator steady`, then `tensiometer validate`:

{comparison(headline)}

![The index and AI-GPR, who leads, and rivals](img/validation.svg)

Counted by sentences (`--unit sentence`):

{comparison(by_sentence)}
"""]
    lags = headline["lead_lag"]
    out.append("The index by months of lead:\n\n| " + " | ".join(f"{lag['lead']:+d}" if lag["lead"] else "0" for lag in lags) + " |\n|"
               + " --- |" * len(lags) + "\n| " + " | ".join(f"{lag['levels']:.2f}" for lag in lags) + " |\n\n"
               + "Trailing means: " + ", ".join(f"{mean['periods']} months {mean['pearson']:.3f}" for mean in headline["smoothed"]) + ".\n"
               + "Peaks: " + ", ".join(peak["date"][:7] + ("" if peak["met"] else " (not met)") for peak in headline["series"][0]["peaks"]["peaks"]) + ".\n")

    out.append("## By direction\n\nThe parts of tension by who acts against AI-GPR's two directions, levels and first differences:\n\n"
               "| | USA to China | China to USA |\n| --- | --- | --- |")
    for series, name in [("tension_a_to_b", "tension, US → China"), ("tension_b_to_a", "tension, China → US"),
                         ("tension_mutual", "tension, mutual"), ("tension", "tension, all")]:
        cells = []
        for column in ["USA_to_China", "China_to_USA"]:
            found = work.validate({**HEADLINE}, "ai", column, series=series)["series"][0]
            cells.append(f"{band(found['levels']['pearson'])}; {band(found['differences']['pearson'])}")
        out.append(f"| {name} | {cells[0]} | {cells[1]} |")

    out.append("\n## All estimands and models\n\n| model | series | denominator | unit | AI-GPR, levels | differences | GPRC_CHN, levels | differences |\n"
               "| --- | --- | --- | --- | --- | --- | --- | --- |")
    for model, (denominator, unit) in itertools.product(
            MODELS, [("steady", "article"), ("steady", "sentence"), ("all", "article"), ("relevant", "article")]):
        for series in ["tension", "cooperation", "attention", "tone"]:
            if (series == "attention" and denominator == "relevant") or (series == "tone" and denominator != "steady"):
                continue
            construction = {**HEADLINE, "model": model, "denominator": denominator, "unit": unit}
            cells = []
            for against, column in [("ai", "sum"), ("gpr", "GPRC_CHN")]:
                found = work.validate(construction, against, column, series=series)
                cells += [f"{r(found, 'levels'):.3f}", f"{r(found, 'differences'):.3f}"]
            out.append(f"| {model} | {series} | {denominator} | {unit} | " + " | ".join(cells) + " |")

    rows = search(work)
    order = sorted(range(len(rows)), key=lambda at: -rows[at][0][1])
    own = next(at for at, row in enumerate(rows) if row[1] == HEADLINE)
    best = rows[0]
    out.append(f"""
## Which construction adds most to volume

{len(rows)} constructions (model, relevance threshold, weighting, denominator, unit) were compared with AI-GPR on the first half of the months,
{HALVES[0].replace('..', ' to ')}, by the mean of *beyond volume* in levels and in first differences; then each on the second half, {HALVES[1].replace('..', ' to ')}, which took no
part in the choice (in that of which constructions to offer it did: sentences were added as a unit after a look at all months). The first half is calm.

| rank there | model | relevance | weighting | denominator | unit | beyond volume, first half | second half | rank in the second half | Pearson, second half | differences |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |""")
    for at in sorted(set(range(8)) | {own}):
        beyond, construction, halves = rows[at]
        out.append(f"| {at + 1} | {named(construction)} | {beyond[0]:.3f} | {beyond[1]:.3f} | {order.index(at) + 1} | "
                   f"{r(halves[1], 'levels'):.3f} | {r(halves[1], 'differences'):.3f} |")
    second = best[2][1]["series"][0]
    out.append(f"""
The best of the first half ({named(best[1]).replace(' | ', ', ')}) has in the second half a partial correlation beyond volume of {band(second['levels']['beyond_volume'])} in levels and
{band(second['differences']['beyond_volume'])} in first differences, rank {order.index(0) + 1} of {len(rows)}. The default construction ({named(HEADLINE).replace(' | ', ', ')}) is rank {own + 1} and {order.index(own) + 1}.

## Against GPRC_CHN

{comparison(china)}

GPRC_CHN counts news on China in articles on geopolitical risk of any kind, not on tension between two sides: how many relevant articles there are says
{china['series'][1]['levels']['pearson']['value']:.3f}, the index {china['series'][0]['levels']['pearson']['value']:.3f}.
""")
    (ROOT / "docs/validation.md").write_text("\n".join(out), encoding="utf-8")
    print(ROOT / "docs/validation.md")


main()
