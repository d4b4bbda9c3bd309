"""Recipes side by side: each trained with several seeds, measured on dev; prints and keeps a table.

    python variants.py --data DIR --cut FOLDER --work DIR --taught FILE --texts FOLDER [--only NAME …] [--seeds 1 2 3] [--card models/tension-minilm-l6/README.md]

Each line changes one thing of the first, by variants.toml. Finished runs are kept in WORK and not run again, unfinished ones go on; the table has what is
there, and of the other lines what the card had. A run of three epochs on the silver labels takes some minutes on one core. The runs of one
seed come before those of the next.
"""
import argparse
import itertools
import json
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import card

FIRST = "silver labels, three epochs"
LAST = "weights of the last epoch, no mean"
ONCE, TWICE = "and one more epoch", "and one more epoch twice, the mean of both"
RECIPES = Path(__file__).with_name("variants.toml")
CHANGES = [name for name in tomllib.loads(RECIPES.read_text(encoding="utf-8")) if name != ONCE]
COLUMNS = {"quadratic_kappa": "quadratic kappa", "pearson": "Pearson", "relevance_f1": "relevance F1",
           "direction_macro_f1": "direction macro-F1"}


def row(name, found):
    cells = [[f["dev"][c] for f in found] for c in COLUMNS] + [[f["events"]["macro_f1"] for f in found]]
    shown = (f"{statistics.mean(c):.3f} ({min(c):.3f} to {max(c):.3f})" for c in cells)
    return f"| {name} | {len(found)} | " + " | ".join(shown) + " |"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--cut", type=Path, required=True)
    p.add_argument("--work", type=Path, required=True)
    p.add_argument("--taught", type=Path, required=True)
    p.add_argument("--texts", type=Path, required=True)
    p.add_argument("--only", nargs="*", default=[*CHANGES, TWICE])
    p.add_argument("--seeds", nargs="*", type=int, default=[1, 2, 3])
    p.add_argument("--card", type=Path)
    args = p.parse_args()
    folder = lambda name, seed: args.work / re.sub(r"\W+", "-", name) / str(seed)

    def train(work, seed, stage, *more):
        if not (work / "mean.json").exists():
            subprocess.run([sys.executable, Path(__file__).with_name("train.py"), stage, "--recipes", RECIPES, "--data", args.data,
                            "--cut", args.cut, "--taught", args.taught, "--texts", args.texts, "--work", work, "--seed", str(seed), *more],
                           check=True)
            (work / "last.ckpt").unlink()

    for seed, name in itertools.product(args.seeds, args.only):
        if name in CHANGES:
            train(folder(name, seed), seed, name)
        elif not (folder(TWICE, seed) / "mean.json").exists():
            train(folder(FIRST, seed), seed, FIRST)
            for branch in (branches := [10 * seed + 1, 10 * seed + 2]):
                train(folder(ONCE, branch), branch, ONCE, "--base", folder(FIRST, seed) / "model")
            subprocess.run([sys.executable, Path(__file__).with_name("mean.py"), *(folder(ONCE, branch) / "model" for branch in branches),
                            "--data", args.data, "--work", folder(TWICE, seed)], check=True)
    lines = ["| recipe | seeds | " + " | ".join(COLUMNS.values()) + " | events macro-F1 |", "| --- |" + " --- |" * (len(COLUMNS) + 2)]
    read = lambda name, file: [json.loads(path.read_text()) for path in sorted(folder(name, 0).parent.glob(f"*/{file}.json"))
                               if (path.parent / "mean.json").exists()]
    found = {name: read(name, "mean") for name in CHANGES} | {LAST: read(FIRST, "epoch-3"), ONCE: read(ONCE, "mean"), TWICE: read(TWICE, "mean")}
    before = {line.split(" | ")[0].removeprefix("| "): line for line in card.lines(args.card, "variants")} if args.card else {}
    lines += [row(name, runs) if runs else before[name] for name, runs in found.items() if runs or name in before]
    text = "\n".join(lines)
    print(text)
    if args.card:
        card.put(args.card, "variants", text)


if __name__ == "__main__":
    main()
