"""Measure a model folder on labelled sentences and on own-words probes; print the tables of the model card.

    python evaluate.py MODEL --data DIR [--full CHECKPOINT] [--card README.md]

--full gives the 32-bit checkpoint the half-precision folder was made from: how far apart their tensions are.
--card puts the tables between the `figures` markers of that file.
"""
import argparse
import csv
import re
import tomllib
from pathlib import Path

from transformers import AutoModelForSequenceClassification, AutoTokenizer

import sentences
from heads import MAX_TOKENS, readings
from metrics import agreement, grade_of

# Stems that give the grade away. What is left without them shows whether the model reads or spots words.
KEYWORDS = re.compile(
    r"\b(sanction|tariff|ban|banned|duties|retaliat|threat|accus|condemn|blacklist|war|wars|military|missile|spy|spying|"
    r"espionage|hack|attack|protest|tension|dispute|conflict|rival|oppos|violat|coerc|smear|provocat|concern|warn|critic|"
    r"talk|dialog|agree|deal|cooperat|co-operat|summit|peace|meet|met|visit|exchang|friend|partner|joint|treaty|ease|"
    r"resum|consensus|constructive|mutual)", re.IGNORECASE)
COLUMNS = {"kappa": "quadratic kappa", "pearson": "Pearson", "mae": "mean abs. error (grades)",
           "sign_macro_f1": "sign macro-F1", "relevance_f1": "relevance F1", "direction_macro_f1": "direction macro-F1"}


def table(parts):
    lines = ["| sentences | n | " + " | ".join(COLUMNS.values()) + " |", "| --- |" + " --- |" * (len(COLUMNS) + 1)]
    for name, figures in parts.items():
        lines.append(f"| {name} | {figures['n']} | " + " | ".join(f"{figures[c]:.3f}" for c in COLUMNS) + " |")
    return lines


def probes(model, tokenizer, temperature, path):
    """Own-words sentences with a range for the grade: how many of each kind are read right, and each one that is not."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    grade, relevant, way = readings(sentences.predict(model, tokenizer, [r["sentence"] for r in rows], MAX_TOKENS), temperature)
    kinds, misses = {}, []
    for i, row in enumerate(rows):
        low, high = float(row["tension_low"]), float(row["tension_high"])
        wrong = []
        # A quarter of a grade of slack: the ranges are ours, not measured.
        if not low - 0.25 <= grade[i] <= high + 0.25:
            wrong.append(f"grade {grade[i]:+.2f}, expected {low:g} to {high:g}")
        if row["relevant"] and (relevant[i] > 0.5) != (row["relevant"] == "1"):
            wrong.append(f"relevance {relevant[i]:.2f}")
        if row["direction"] and row["relevant"] == "1" and "ucm"[way[i].argmax()] != row["direction"]:
            wrong.append(f"direction {'ucm'[way[i].argmax()]}, expected {row['direction']}")
        right, n = kinds.get(row["kind"], (0, 0))
        kinds[row["kind"]] = (right + (not wrong), n + 1)
        if wrong:
            misses.append(f"- {row['kind']}: “{row['sentence']}” ({'; '.join(wrong)})")
    right, n = (sum(k[j] for k in kinds.values()) for j in (0, 1))
    lines = ["| probe | right in grade, relevance and direction |", "| --- | --- |"]
    lines += [f"| {kind} | {r} of {m} |" for kind, (r, m) in kinds.items()] + [f"| all | {right} of {n} |"]
    return lines + ["", "Missed:", ""] + misses


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", type=Path)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--full", type=Path)
    p.add_argument("--card", type=Path)
    args = p.parse_args()
    model = AutoModelForSequenceClassification.from_pretrained(args.model).float()
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    manifest = tomllib.loads((args.model / "model.toml").read_text(encoding="utf-8"))
    temperature = manifest["reading"]["temperature"]

    silver = sentences.read(args.data / "us_china_tension_silver.csv")
    held = sentences.split_by_date(silver)[1]
    dev = sentences.read(args.data / "us_china_tension_dev.csv")
    logits = {name: sentences.predict(model, tokenizer, [r.text for r in rows], MAX_TOKENS)
              for name, rows in (("dev", dev), ("held", held))}

    def part(keep):
        chosen = [i for i, r in enumerate(dev) if keep(r)]
        return agreement(logits["dev"][chosen], [dev[i] for i in chosen], temperature)

    known = {(r.source, r.date) for r in silver}
    parts = {
        "dev": agreement(logits["dev"], dev, temperature),
        "dev, source and date not in the training set": part(lambda r: (r.source, r.date) not in known),
        "dev, no keyword": part(lambda r: not KEYWORDS.search(r.text)),
        "dev, headlines": part(lambda r: "headline" in r.source),
        "dev, relevant only": part(lambda r: r.relevant),
        "silver kept out of training (temperatures fitted here)": agreement(logits["held"], held, temperature),
    }
    lines = table(parts)
    read = grade_of(readings(logits["dev"], temperature)[0])
    told = [round(r.grade) for r in dev]
    lines += ["", "Dev sentences by grade, told (rows) and read (columns):", "",
              "| told | " + " | ".join(f"{g:+d}" for g in range(-3, 4)) + " |", "| --- |" + " --- |" * 7]
    for g in range(-3, 4):
        counts = [sum(t == g and r == h for t, r in zip(told, read.tolist())) for h in range(-3, 4)]
        lines.append(f"| {g:+d} | " + " | ".join(map(str, counts)) + " |")
    if args.full:
        full = AutoModelForSequenceClassification.from_pretrained(args.full)
        apart = readings(sentences.predict(full, tokenizer, [r.text for r in dev], MAX_TOKENS), temperature)[0] \
            - readings(logits["dev"], temperature)[0]
        lines += ["", f"Half precision against 32 bits, dev: largest difference in tension {apart.abs().max() / 3:.5f}."]
    lines += ["", *probes(model, tokenizer, temperature, Path(__file__).with_name("probes.csv"))]
    text = "\n".join(lines)
    print(text)
    if args.card:
        card = args.card.read_text(encoding="utf-8")
        marked = re.compile(r"(<!-- figures -->\n).*?(<!-- end of figures -->)", re.DOTALL)
        if not marked.search(card):
            raise SystemExit(f"{args.card}: no '<!-- figures -->' … '<!-- end of figures -->' lines to write between")
        args.card.write_text(marked.sub(lambda m: m[1] + "\n" + text + "\n\n" + m[2], card), encoding="utf-8")


if __name__ == "__main__":
    main()
