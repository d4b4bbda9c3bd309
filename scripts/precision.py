#!/usr/bin/env python3
"""Compares readings in 8-bit integers with those in single precision on labelled sentences; prints the third table of
docs/benchmarks.md.

    scripts/setup.sh && cargo build --release
    scripts/precision.py LABELLED.csv [LABELLED.csv …]      (data/labelled/behaviour.csv as well in any case)
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import bench_peers


def evaluate(labelled, part, precision, folder):
    command = [bench_peers.binary("tensiometer"), "eval", labelled, *part, "--precision", precision, "--draws", "0", "-o", folder]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    figures = json.loads((folder / "eval.json").read_text())["figures"]
    with open(folder / "readings.csv", newline="") as file:
        return figures, [float(row["read"]) / 3 for row in csv.DictReader(file)]


def main():
    if {"-h", "--help"} & set(sys.argv):
        return print(__doc__)
    sets = [(pathlib.Path(name), []) for name in sys.argv[1:]]
    sets.append((bench_peers.ROOT / "data/labelled/behaviour.csv", ["--part", "test"]))
    print("| sentences | n | kappa, single precision | 8 bits | relevance F1 | 8 bits | \\|Δ tension\\|, mean | 95 % below | largest |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for path, part in sets:
        with tempfile.TemporaryDirectory() as folder:
            (whole, one), (bits, other) = (evaluate(path, part, precision, pathlib.Path(folder)) for precision in ("f32", "int8"))
        apart = sorted(abs(a - b) for a, b in zip(one, other, strict=True))
        value = lambda figures, name: f"{figures[name]['value']:.4f}"
        print(f"| {path.stem} | {len(apart)} | {value(whole, 'quadratic_kappa')} | {value(bits, 'quadratic_kappa')} | "
              f"{value(whole, 'relevance_f1')} | {value(bits, 'relevance_f1')} | {sum(apart) / len(apart):.4f} | "
              f"{apart[int(0.95 * len(apart))]:.4f} | {apart[-1]:.4f} |")


if __name__ == "__main__":
    main()
