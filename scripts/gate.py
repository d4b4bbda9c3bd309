#!/usr/bin/env python3
"""What the gate costs: of labelled sentences that are relevant, how many would not be read, alone or in an article that names the pair.
Prints the table of docs/benchmarks.md.

    scripts/setup.sh && cargo build --release
    scripts/gate.py LABELLED.csv …       (columns sentence, relevant, tension: as for `tensiometer eval`)
"""
import csv
import pathlib
import subprocess
import sys
import tempfile

import bench_peers


def asked(sentences, title, folder):
    """The numbers of the sentences that are read where each is an article of this title."""
    with open(folder / "corpus.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "date", "title", "text"])
        out.writerows([at, "2020-01-01", title, sentence] for at, sentence in enumerate(sentences))
    command = [bench_peers.binary("tensiometer"), "batch", folder / "corpus.csv", "--model", "keywords", "-o", folder / "out", "--force"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    with open(folder / "out/sentences.csv", newline="") as file:
        return {int(row["article_id"]) for row in csv.DictReader(file) if row["part"] == "text"}


def main():
    if len(sys.argv) < 2 or {"-h", "--help"} & set(sys.argv):
        return print(__doc__)
    print("| sentences | relevant | not read in an article on the pair | their share of \\|tension\\| | not read alone |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in sys.argv[1:]:
        with open(name, newline="") as file:
            rows = list(csv.DictReader(file))
        sentences = [row["sentence"] for row in rows]
        relevant = {at for at, row in enumerate(rows) if row["relevant"].lower() in ("1", "true", "yes", "1.0")}
        with tempfile.TemporaryDirectory() as folder:
            within, alone = (asked(sentences, title, pathlib.Path(folder)) for title in ("The United States and China", "News"))
        size = lambda which: sum(abs(float(rows[at]["tension"])) for at in which)
        lost = relevant - within
        print(f"| {pathlib.Path(name).stem} | {len(relevant)} | {len(lost)} ({100 * len(lost) / len(relevant):.1f} %) | "
              f"{100 * size(lost) / size(relevant):.1f} % | {len(relevant - alone)} ({100 * len(relevant - alone) / len(relevant):.1f} %) |")


if __name__ == "__main__":
    main()
