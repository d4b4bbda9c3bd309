#!/usr/bin/env python3
"""Prints the counts of the bundled corpus that stand in data/README.md, as its tables."""
import collections
import csv
import pathlib

path = pathlib.Path(__file__).parent.parent / "data/us_china_chronicle.csv"
rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
kinds = ["escalation", "easing", "plain", "other"]
print(f"{len(rows)} articles:", ", ".join(f"{sum(r['kind'] == k for r in rows)} {k}" for k in kinds))
for outlet, n in sorted(collections.Counter(r["source"] for r in rows).items()):
    print(f"{n:4} {outlet}")
print("| Year | " + " | ".join(f"`{k}`" for k in kinds) + " |")
print("|---|" + "---:|" * len(kinds))
for year in sorted({r["date"][:4] for r in rows}):
    counts = (sum(r["date"].startswith(year) and r["kind"] == k for r in rows) for k in kinds)
    print(f"| {year} | " + " | ".join(map(str, counts)) + " |")
