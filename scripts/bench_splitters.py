#!/usr/bin/env python3
"""Compares sentence splitters and prints the table of docs/splitter.md.

    scripts/bench_splitters.py [--treebanks FOLDER]

Measured are boundary F1 inside paragraphs, in percent, and speed. The texts are tests/data/news_traps.tsv and
golden_rules_en.tsv, and every *.conllu file of FOLDER (Universal Dependencies; not part of this repository).
The Rust splitters are built from scripts/splitters; the Python ones are used where they are installed
(pip install pysbd==0.3.4 blingfire==0.1.8 sentence-splitter==1.4). What is absent is named on stderr and left out.
"""
import argparse
import importlib
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUST = ["ours", "sentencex", "sentencize", "unicode-segmentation"]
PYTHON = ["pysbd", "blingfire", "sentence_splitter"]
RUST_BYTES, PYTHON_BYTES = 4_000_000, 100_000  # of text for the speed, so that each takes seconds


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
    def __init__(self, name, program):
        self.name, self.program = name, program

    def run(self, texts):
        """Byte ends of the sentences of each text, and the seconds spent."""
        out = subprocess.run([self.program, self.name], input="\x01".join(texts).encode(), stdout=subprocess.PIPE, check=True)
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


def score(splitter, cases):
    """Boundary F1 in percent over the ends inside the texts, and the share of texts without an error."""
    found, _ = splitter.run([text for text, _ in cases])
    right = wanted = given = whole = 0
    for (text, gold), ends in zip(cases, found, strict=True):
        last = len(text.rstrip().encode())
        gold, ends = {e for e in gold if 0 < e < last}, {e for e in ends if 0 < e < last}
        right, wanted, given = right + len(gold & ends), wanted + len(gold), given + len(ends)
        whole += gold == ends
    return 200 * right / (wanted + given), whole, len(cases)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--treebanks", type=pathlib.Path, help="folder with *.conllu files")
    folder = arguments.parse_args().treebanks

    data = ROOT / "tests" / "data"
    sets = read_marked(data / "news_traps.tsv", 2) | read_marked(data / "golden_rules_en.tsv", 1)
    treebanks = sorted(folder.glob("*.conllu")) if folder else []
    if not treebanks:
        skip("treebanks", f"no *.conllu in {folder}" if folder else "no --treebanks FOLDER given")
    sets |= {path.stem: read_conllu(path) for path in treebanks}

    manifest, target = ROOT / "scripts" / "splitters" / "Cargo.toml", ROOT / "target" / "splitters"
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", manifest, "--target-dir", target], check=True)
    splitters = [Rust(name, target / "release" / "splitters") for name in RUST]
    for name in PYTHON:
        try:
            splitters.append(Python(name))
        except ImportError as error:
            skip(name, error)

    corpus = "\n".join(text for cases in sets.values() for text, _ in cases)
    print("| splitter | " + " | ".join(f"{name} ({len(cases)}): F1, without error" for name, cases in sets.items()) + " | MB/s |")
    print("| --- |" + " --- |" * (len(sets) + 1))
    for splitter in splitters:
        row = [f"{f1:.1f}, {whole}" for f1, whole, _ in (score(splitter, cases) for cases in sets.values())]
        size = RUST_BYTES if isinstance(splitter, Rust) else PYTHON_BYTES
        text = "\n\n".join([corpus] * (size // len(corpus.encode()) + 1))
        seconds = min(splitter.run([text])[1] for _ in range(3))
        print(f"| {splitter.name} | " + " | ".join(row) + f" | {len(text.encode()) / 1e6 / seconds:.2g} |")


if __name__ == "__main__":
    main()
