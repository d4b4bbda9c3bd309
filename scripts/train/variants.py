"""Recipes side by side: each trained with several seeds, measured on dev; prints and keeps a table.

    python variants.py --data DIR --cut FOLDER --work DIR [--teacher FILE] [--only NAME …] [--seeds 1 2 3] [--card models/tension-minilm-l6/README.md]

Finished runs are kept in WORK and not run again. A run of three epochs takes some minutes on one core.
"""
import argparse
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import card

SHORT = ["--epochs", "3", "--marked", "0"]
VARIANTS = {
    "silver labels only": [*SHORT, "--corpora", "0", "--behaviour", "0", "--events", "0"],
    "and our labels of corpora": [*SHORT, "--behaviour", "0", "--events", "0"],
    "and our own sentences, and events (all labels)": SHORT,
    "all labels, sides marked in the text": ["--epochs", "3"],
    "all labels, squared earth mover's distance": [*SHORT, "--loss", "emd"],
    "all labels, wider soft grades (0.8)": [*SHORT, "--width", "0.8"],
    "all labels, eight epochs": ["--epochs", "8", "--marked", "0"],
}
TAUGHT = {"all labels, sides marked, and the teacher": ["--epochs", "3"]}
COLUMNS = {"quadratic_kappa": "quadratic kappa", "pearson": "Pearson", "relevance_f1": "relevance F1",
           "direction_macro_f1": "direction macro-F1"}


def row(name, found):
    cells = [[f["dev"][c] for f in found] for c in COLUMNS] + [[f["events"]["macro_f1"] for f in found]]
    shown = (f"{statistics.mean(c):.3f} ({min(c):.3f} to {max(c):.3f})" for c in cells)
    return [f"| {name} | {len(found)} | " + " | ".join(shown) + " |"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--cut", type=Path, required=True)
    p.add_argument("--work", type=Path, required=True)
    p.add_argument("--teacher", type=Path)
    p.add_argument("--texts", type=Path)
    p.add_argument("--only", nargs="*")
    p.add_argument("--seeds", nargs="*", type=int, default=[1, 2, 3])
    p.add_argument("--card", type=Path)
    args = p.parse_args()
    variants = VARIANTS | ({n: [*o, "--teacher", str(args.teacher), "--texts", str(args.texts)] for n, o in TAUGHT.items()} if args.teacher else {})
    lines = ["| recipe | seeds | " + " | ".join(COLUMNS.values()) + " | events macro-F1 |", "| --- |" + " --- |" * (len(COLUMNS) + 2)]
    last = []
    for name, options in variants.items():
        found = []
        for seed in args.seeds:
            work = args.work / re.sub(r"\W+", "-", name) / str(seed)
            if not (work / "mean.json").exists() and (not args.only or name in args.only):
                subprocess.run([sys.executable, Path(__file__).with_name("train.py"), "--data", args.data, "--cut", args.cut,
                                "--work", work, "--seed", str(seed), *options], check=True)
                (work / "last.ckpt").unlink()
            if (work / "mean.json").exists():
                found.append(json.loads((work / "mean.json").read_text()))
            if (work / "mean.json").exists() and name.endswith("(all labels)"):
                last.append(json.loads((work / "epoch-3.json").read_text()))
        if found:
            lines += row(name, found)
    if last:
        lines += row("all labels, weights of the last epoch, not the mean", last)
    text = "\n".join(lines)
    print(text)
    if args.card:
        card.put(args.card, "variants", text)


if __name__ == "__main__":
    main()
