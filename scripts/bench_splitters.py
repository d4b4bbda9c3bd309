#!/usr/bin/env python3
"""Compares sentence splitters and prints the tables of docs/splitter.md.

    scripts/bench_splitters.py [--treebanks FOLDER] [--unclosed] [--corpus CSV ... [--sample N --seed S]]

The first table has boundary F1 inside texts, in percent, and speed. The texts are tests/data/news_traps.tsv and
golden_rules_en.tsv, and every *.conllu file of FOLDER (Universal Dependencies; not part of this repository).
--unclosed adds the seconds for ever longer runs of unclosed quotes. --corpus adds, for CSV files with a column `text`,
the boundaries of ours and sentencex, those that only one of them sets, and the speed document by document.
The Rust splitters are built from scripts/splitters; the Python ones are used where they are installed
(pip install pysbd==0.3.4 blingfire==0.1.8 sentence-splitter==1.4). What is absent is named on stderr and left out.
"""
import argparse
import csv
import importlib
import pathlib
import random
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUST = ["ours", "sentencex", "sentencize", "unicode-segmentation"]
PYTHON = ["pysbd", "blingfire", "sentence_splitter"]
RUST_BYTES, PYTHON_BYTES = 4_000_000, 100_000  # of text for the speed, so that each takes seconds
UNCLOSED = "“Never. "
UNCLOSED_KB = [100, 200, 400]


def skip(what, why):
    print(f"skipped {what}: {why}", file=sys.stderr)


def read_marked(path, column):
    """Marked cases by set: (text, byte ends of its sentences). ¦ is a boundary at a space, ‖ one without."""
    cases = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        fields = line.split("\t")
        marked = fields[column].replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")
        pieces = [piece.removesuffix("\0") for piece in marked.replace("¦", "\0‖ ").split("‖")]
        ends, at = set(), 0
        for piece in pieces:
            at += len(piece.encode())
            ends.add(at - len(piece.encode()) + len(piece.rstrip().encode()))
        name = fields[0] if column == 2 else "golden rules"
        cases.setdefault(name, []).append(("".join(pieces), ends))
    return cases


def read_conllu(path):
    """A treebank's paragraphs: (text, byte ends of its sentences). Without paragraph marks a document is one."""
    paragraphs, sentences, spaced = [], [], True
    for line in [*path.read_text(encoding="utf-8").splitlines(), "# newdoc"]:
        if line.startswith(("# newdoc", "# newpar")) and sentences:
            text, ends = "", set()
            for sentence, gap in sentences:
                text += sentence
                ends.add(len(text.encode()))
                text += gap
            paragraphs.append((text.rstrip(), ends))
            sentences = []
        elif line.startswith("# text ="):
            sentences.append([line[len("# text ="):].strip(), " "])
        elif line[:1].isdigit() and sentences:
            sentences[-1][1] = "" if "SpaceAfter=No" in line.split("\t")[-1] else " "
    return paragraphs


class Rust:
    target = ROOT / "target" / "splitters"

    def __init__(self, name):
        self.name = name

    def run(self, texts):
        """Byte ends of the sentences of each text, and the seconds spent."""
        command = [self.target / "release" / "splitters", self.name]
        out = subprocess.run(command, input="\x01".join(texts).encode(), stdout=subprocess.PIPE, check=True)
        spent, found = 0, []
        for text, line in zip(texts, out.stdout.decode().splitlines(), strict=True):
            nanoseconds, spans = line.split("\t")
            spent += int(nanoseconds)
            raw = text.encode()
            pairs = (map(int, span.split("-")) for span in spans.split())
            found.append({start + len(raw[start:end].decode().rstrip().encode()) for start, end in pairs})
        return found, spent / 1e9


class Python:
    def __init__(self, name):
        module = importlib.import_module(name)
        self.name = name.replace("_", "-")
        if name == "pysbd":
            self.split = module.Segmenter(language="en", clean=False).segment
        elif name == "blingfire":
            self.split = lambda text: module.text_to_sentences(text).split("\n")
        else:
            self.split = module.SentenceSplitter(language="en").split

    def run(self, texts):
        spent, found = 0.0, []
        for text in texts:
            began = time.perf_counter()
            pieces = self.split(text)
            spent += time.perf_counter() - began
            found.append(ends_of(text, pieces))
        return found, spent


def ends_of(text, pieces):
    """Byte ends of pieces that give the text back but for whitespace, which some splitters change."""
    solid = [at for at, letter in enumerate(text) if not letter.isspace()]
    ends, seen = set(), 0
    for piece in pieces:
        seen += sum(not letter.isspace() for letter in piece)
        if seen and seen <= len(solid):
            ends.add(len(text[: solid[seen - 1] + 1].encode()))
    return ends


def inner(text, ends):
    """The ends inside a text: its own end is no decision."""
    return {end for end in ends if 0 < end < len(text.rstrip().encode())}


def score(splitter, cases):
    """Boundary F1 in percent over the ends inside the texts, and the number of texts without an error."""
    found, _ = splitter.run([text for text, _ in cases])
    right = wanted = given = whole = 0
    for (text, gold), ends in zip(cases, found, strict=True):
        gold, ends = inner(text, gold), inner(text, ends)
        right, wanted, given = right + len(gold & ends), wanted + len(gold), given + len(ends)
        whole += gold == ends
    return 200 * right / (wanted + given), whole


def fastest(splitter, texts):
    """The fewest seconds of three runs."""
    return min(splitter.run(texts)[1] for _ in range(3))


def print_table(head, rows):
    for row in [head, ["---"] * len(head), *rows]:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def print_labelled(splitters, sets):
    corpus = "\n".join(text for cases in sets.values() for text, _ in cases)
    rows = []
    for splitter in splitters:
        size = RUST_BYTES if isinstance(splitter, Rust) else PYTHON_BYTES
        text = "\n\n".join([corpus] * (size // len(corpus.encode()) + 1))
        rate = len(text.encode()) / 1e6 / fastest(splitter, [text])
        marks = (score(splitter, cases) for cases in sets.values())
        rows.append([splitter.name, *(f"{f1:.1f}, {whole}" for f1, whole in marks), f"{float(f'{rate:.2g}'):g}"])
    heads = [f"{name} ({len(cases)}): F1, without error" for name, cases in sets.items()]
    print_table(["splitter", *heads, "MB/s"], rows)


def print_unclosed():
    rows = []
    for splitter in Rust("ours"), Rust("sentencex"):
        texts = [UNCLOSED * (1000 * kb // len(UNCLOSED.encode())) for kb in UNCLOSED_KB]
        rows.append([splitter.name, *(f"{fastest(splitter, [text]):.2g}" for text in texts)])
    print_table([f"s for a run of `{UNCLOSED.strip()}`", *(f"{kb} kB" for kb in UNCLOSED_KB)], rows)


def read_texts(path):
    """The texts of a CSV file that are not empty."""
    csv.field_size_limit(2**31 - 1)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            texts = [row["text"] or "" for row in csv.DictReader(file)]
    except KeyError:
        sys.exit(f"{path}: no column `text` in the first line; name the column with the texts so")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        sys.exit(f"{path}: {error}")
    return [text.replace("\x01", " ") for text in texts if text.strip()]


def print_corpora(corpora):
    """Prints how far ours and sentencex agree, and the speeds. Returns the differing places, by who sets them."""
    counts, rates, places = [], [], {"ours": [], "sentencex": []}
    for name, texts in corpora:
        size = sum(len(text.encode()) for text in texts) / 1e6
        runs = [Rust(which).run(texts)[0] for which in ("ours", "ours-text", "sentencex")]
        total = dict.fromkeys(["ours", "sentencex", "only ours", "after boilerplate", "only sentencex"], 0)
        for text, *found in zip(texts, *runs, strict=True):
            ours, ours_text, theirs = (inner(text, ends) for ends in found)
            only = {"ours": (ours & ours_text) - theirs, "sentencex": theirs - ours}
            total["ours"] += len(ours)
            total["sentencex"] += len(theirs)
            total["only ours"] += len(only["ours"])
            total["after boilerplate"] += len(ours - ours_text - theirs)
            total["only sentencex"] += len(only["sentencex"])
            for which, ends in only.items():
                places[which] += [(text.encode(), end) for end in sorted(ends)]
        counts.append([name, f"{len(texts):,}", f"{size:.1f}", *(f"{count:,}" for count in total.values())])
        rates.append([name, *(f"{size / fastest(Rust(which), texts):.0f}" for which in RUST)])
    print_table(["corpus", "texts", "MB", "ours", "sentencex", "only ours, in text", "only ours, after boilerplate",
                 "only sentencex"], counts)
    print_table(["MB/s, text by text", *RUST], rates)
    return places


def print_sample(places, size, seed):
    """Prints differing places for a reader to judge, repeated ones once. ‖ is set by the named splitter only."""
    for which, found in places.items():
        shown = {}  # a set that keeps the order, so that the seed decides
        for raw, end in found:
            before, after = (part.decode(errors="ignore") for part in (raw[max(0, end - 90):end], raw[end:end + 60]))
            shown[f"{' '.join(before.split())}‖{' '.join(after.split())}"] = None
        for number, place in enumerate(random.Random(seed).sample(list(shown), min(size, len(shown))), 1):
            print(f"only {which}, {number} of {len(shown)}\t{place}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--treebanks", metavar="FOLDER", type=pathlib.Path, help="folder with *.conllu files")
    arguments.add_argument("--unclosed", action="store_true", help="time runs of unclosed quotes")
    arguments.add_argument("--corpus", metavar="CSV", type=pathlib.Path, nargs="+", default=[], help="CSV files")
    arguments.add_argument("--sample", metavar="N", type=int, default=0, help="print N differing places of --corpus")
    arguments.add_argument("--seed", metavar="S", type=int, default=1, help="of the sample (default: 1)")
    options = arguments.parse_args()
    corpora = [(path.stem, read_texts(path)) for path in options.corpus]

    data, folder = ROOT / "tests" / "data", options.treebanks
    sets = read_marked(data / "news_traps.tsv", 2) | read_marked(data / "golden_rules_en.tsv", 1)
    treebanks = sorted(folder.glob("*.conllu")) if folder else []
    if not treebanks:
        skip("treebanks", f"no *.conllu in {folder}" if folder else "no --treebanks FOLDER given")
    sets |= {path.stem: read_conllu(path) for path in treebanks}

    paths = ["--manifest-path", ROOT / "scripts" / "splitters" / "Cargo.toml", "--target-dir", Rust.target]
    subprocess.run(["cargo", "build", "--locked", "--release", "--quiet", *paths], check=True)
    splitters = [Rust(name) for name in RUST]
    for name in PYTHON:
        try:
            splitters.append(Python(name))
        except ImportError as error:
            skip(name, error)

    print_labelled(splitters, sets)
    if options.unclosed:
        print_unclosed()
    if corpora:
        print_sample(print_corpora(corpora), options.sample, options.seed)


if __name__ == "__main__":
    main()
