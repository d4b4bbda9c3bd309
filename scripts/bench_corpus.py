#!/usr/bin/env python3
"""Runs the batch job on synthetic corpora (scripts/synthetic.py: 5 % relevant, 30 % wire copies) and prints the second table of
docs/benchmarks.md: time, memory, and the time of a second run after 1 % of articles have come in.

    scripts/setup.sh && cargo build --release
    VENV/bin/python scripts/bench_corpus.py [ARTICLES ...]        (10000 100000 where left out; VENV as in bench_peers.py)

Where transformers is installed, its pipeline (batch 32) reads 2,000 sentences drawn from the whole first corpus, and its time for all
sentences is extrapolated from that rate.
"""
import argparse
import csv
import json
import pathlib
import random
import subprocess
import tempfile

import bench_peers

SYNTHETIC = bench_peers.ROOT / "scripts/synthetic.py"


def generate(path, articles, first=0):
    with open(path, "a") as file:
        rows = subprocess.Popen([SYNTHETIC, str(articles), "--first", str(first)], stdout=subprocess.PIPE, text=True)
        if first:
            rows.stdout.readline()
        for block in iter(lambda: rows.stdout.read(1 << 20), ""):
            file.write(block)
        if rows.wait() != 0:
            raise SystemExit("synthetic.py failed")


def batch(corpus, out):
    """Wall seconds and peak MB of a run, and its summary lines."""
    command = ["/usr/bin/time", "-f", "%e %M", bench_peers.binary("tensiometer"), "batch", corpus, "-o", out, "--force"]
    lines = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=True).stderr.splitlines()
    seconds, kilobytes = lines[-1].split()
    return float(seconds), int(kilobytes) / 1024, lines


def sample(corpus, count):
    """Sentences of the corpus at random, each place in it alike likely."""
    rng, kept, seen = random.Random(1), [], 0
    with open(corpus, newline="") as file:
        for row in csv.DictReader(file):
            for text in [row["title"], *row["text"].replace("\n\n", " ").replace(". ", ".\n").split("\n")]:
                seen += 1
                if len(kept) < count:
                    kept.append(text)
                elif (at := rng.randrange(seen)) < count:
                    kept[at] = text
    rng.shuffle(kept)
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int, nargs="*", default=[10_000, 100_000])
    options = parser.parse_args()
    print(f"{bench_peers.machine()}.\n")
    print("| articles | sentences | read by the model | first run, s | peak, MB | 1 % more, s | of the first | peak, MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for place, articles in enumerate(options.articles):
            corpus, out = folder / f"{articles}.csv", folder / f"out-{articles}"
            generate(corpus, articles)
            first, memory, lines = batch(corpus, out)
            counts = json.loads((out / "run.json").read_text())["counts"]
            now = next(line for line in lines if "of them now" in line).split(" read, ")[1].split()[0]
            if place == 0:
                texts, sentences, smallest = sample(corpus, 2000), counts["sentences"], first
            generate(corpus, articles // 100, articles)
            second, again, _ = batch(corpus, out)
            print(f"| {articles:,} | {counts['sentences']:,} | {now} | {first:.0f} | {memory:.0f} | {second:.1f} | "
                  f"{100 * second / first:.1f} % | {again:.0f} |", flush=True)
            corpus.unlink()
    try:
        read = bench_peers.transformers_reader(texts, 32)
    except ImportError:
        return
    rate = len(texts) / min(read() for _ in range(3))
    print(f"\ntransformers, batch 32, reads {rate:.0f} sentences a second of the corpus of {options.articles[0]:,} articles: "
          f"{sentences / rate:,.0f} s for all of them, {sentences / rate / smallest:.0f} × tensiometer's {smallest:.0f} s.")


if __name__ == "__main__":
    main()
