"""Measure a model folder on labelled sentences and on the project's own minimal pairs; print the tables of the model card.

    python evaluate.py MODEL --data DIR [--cut FOLDER] [--full CHECKPOINT] [--card README.md] [--picture FILE.svg]

Agreement, bands, calibration, exchange of sides and behaviour come from `tensiometer eval`, which reads with the model as it
ships. --cut adds our labels of the corpora, of the dates kept out. --full gives the 32-bit checkpoint the folder was made from: how far
apart their tensions are.
--card puts the tables between the `figures` markers of that file; --picture keeps the reliability diagram of dev.
"""
import argparse
import csv
import itertools
import json
import re
import subprocess
import tempfile
from pathlib import Path

from sklearn.metrics import cohen_kappa_score, f1_score

import card
import corpora
import pools
import sentences
from folder import logits_of, manifest_of, open_folder
from heads import readings
from metrics import agreement
from program import PROGRAM
from sentences import DEV, DIRECTION_OF, SILVER

# Stems that give the grade away. What is left without them shows whether the model reads or spots words.
KEYWORDS = re.compile(
    r"\b(sanction|tariff|ban|banned|duties|retaliat|threat|accus|condemn|blacklist|war|wars|military|missile|spy|spying|"
    r"espionage|hack|attack|protest|tension|dispute|conflict|rival|oppos|violat|coerc|smear|provocat|concern|warn|critic|"
    r"talk|dialog|agree|deal|cooperat|co-operat|summit|peace|meet|met|visit|exchang|friend|partner|joint|treaty|ease|"
    r"resum|consensus|constructive|mutual)", re.IGNORECASE)
COLUMNS = {"quadratic_kappa": "quadratic kappa", "pearson": "Pearson", "mean_absolute_error": "mean abs. error (grades)",
           "sign_macro_f1": "sign macro-F1", "relevance_f1": "relevance F1", "direction_macro_f1": "direction macro-F1"}
FIGURES = {"quadratic_kappa": "tension, quadratic kappa", "pearson": "tension, Pearson",
           "mean_absolute_error": "tension, mean absolute error (grades)", "sign_macro_f1": "sign of tension, macro-F1",
           "relevance_f1": "relevance, F1", "direction_macro_f1": "direction, macro-F1"}


def table(parts):
    lines = ["| sentences | n | " + " | ".join(COLUMNS.values()) + " |", "| --- |" + " --- |" * (len(COLUMNS) + 1)]
    for name, figures in parts.items():
        lines.append(f"| {name} | {figures['n']} | " + " | ".join(f"{figures[c]:.3f}" for c in COLUMNS) + " |")
    return lines


def measured(binary, model, labelled, folder, *more):
    """What `tensiometer eval` finds, as JSON."""
    done = subprocess.run([binary, "--quiet", "eval", labelled, "--model", model, "--output", folder, "--precision", "f32", "--format", "json", *more],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def second_reading():
    """How far a second reading of our own sentences agrees with the first: of the test part and of part later, a ceiling for any model; and of
    some learnt from."""
    first = {r["id"]: r for r in sentences.rows_of(sentences.OWN / "behaviour.csv")}
    read = {r["id"]: float(r["tension"]) for r in sentences.rows_of(sentences.OWN / "behaviour_second.csv")}
    test, train, later = ({i: t for i, t in read.items() if first[i]["part"] == part} for part in ("test", "train", "later"))
    whole = lambda grades: [round(g) for g in grades]
    kappa = lambda second: cohen_kappa_score(whole(float(first[i]["tension"]) for i in second), whole(second.values()), weights="quadratic")

    def ordered(second):
        sets = {}
        for i in second:
            sets.setdefault((first[i]["kind"], first[i]["family"], first[i]["set"]), []).append(i)
        told = [(float(first[a]["tension"]) - float(first[b]["tension"]), second[a] - second[b])
                for ids in sets.values() for a, b in itertools.combinations(ids, 2)]
        return f"{sum(x * y > 0 for x, y in told if abs(x) >= 0.5)} of {sum(abs(x) >= 0.5 for x, _ in told)} pairs"

    return (f"A second reading of these {len(test)} sentences, blind to the first, agrees with it at quadratic kappa {kappa(test):.3f} and "
            f"orders {ordered(test)} alike; one of {len(train)} of part train, drawn by lot, at {kappa(train):.3f}; one of "
            f"{len(later)} of part later at {kappa(later):.3f}, {ordered(later)} alike.")


def second_of_dev(dev):
    """How far a second reading of dev agrees with its labels."""
    read = {r["id"]: r for r in sentences.rows_of(sentences.OWN / "dev_second.csv")}
    second = [read[r.id] for r in dev]
    kappa = cohen_kappa_score([round(r.grade) for r in dev], [round(float(r["tension"])) for r in second], weights="quadratic")
    relevance = f1_score([r.relevant for r in dev], [int(r["relevant"]) for r in second])
    pointed = [(r.direction, DIRECTION_OF[s["direction"]]) for r, s in zip(dev, second) if r.direction in (0, 1, 2)]
    direction = f1_score(*zip(*pointed), labels=[0, 1, 2], average="macro")
    return (f"A second reading of the {len(dev)} sentences of dev, by other runs of a language model that saw the codebook and not the labels, agrees "
            f"with them at quadratic kappa {kappa:.3f}, relevance F1 {relevance:.3f}, direction macro-F1 {direction:.3f}: what a reader can reach.")


def on_later(found):
    """On our sentences of part later, from which nothing was learnt either, in a line."""
    *kinds, whole = found["kinds"]
    pairs = [k for k in kinds if k["kind"] not in pools.REPORTS]
    right, n = (sum(k[key] for k in pairs) for key in ("ordered_right", "ordered"))
    rates = lambda some: ", ".join(f"{k['kind']} {k['ordered_right']} of {k['ordered']}" for k in some)
    return (f"Part later, {whole['sentences']} sentences of {len(kinds)} kinds, in families of their own, from which no model has learnt: quadratic "
            f"kappa {found['figures']['quadratic_kappa']['value']:.3f}; minimal pairs in order: {rates(pairs)}, all {right} of {n}; neighbours "
            f"in our news: {rates(k for k in kinds if k not in pairs)}.")


def on_dev(found):
    lines = ["| figure on dev | value | 95 % band |", "| --- | --- | --- |"]
    for key, name in FIGURES.items():
        f = found["figures"][key]
        lines.append(f"| {name} | {f['value']:.3f} | {f['low']:.3f} to {f['high']:.3f} |")
    for head in ("tension", "relevance", "direction"):
        lines.append(f"| {head}, calibration error | {found['reliability'][head]['error']:.3f} | |")
    gap = found["exchange"]
    lines.append(f"| sides exchanged, mean change of tension ({gap['n']} sentences) | {gap['mean']:.3f} | |")
    lines.append(f"| the same act, tension when China acts less when the US acts | {gap['leaning']:+.3f} | |")
    lines += ["", "Dev sentences by grade, told (rows) and read (columns):", "",
              "| told | " + " | ".join(f"{g:+d}" for g in range(-3, 4)) + " |", "| --- |" + " --- |" * 7]
    lines += [f"| {g:+d} | " + " | ".join(map(str, row)) + " |" for g, row in zip(range(-3, 4), found["confusion"])]
    return lines


def on_behaviour(found, folder):
    rate = lambda right, n: f"{right} of {n} ({100 * right / n:.0f} %)" if n else ""
    lines = ["| kind | sentences | pairs in order | pairs read alike | relevance | direction |", "| --- |" + " --- |" * 5]
    for k in found["kinds"]:
        lines.append(f"| {k['kind']} | {k['sentences']} | {rate(k['ordered_right'], k['ordered'])} | "
                     f"{rate(k['alike_right'], k['alike'])} | {rate(k['relevance_right'], k['relevance'])} | "
                     f"{rate(k['direction_right'], k['direction'])} |")
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as file:
        wrong = [r for r in csv.DictReader(file) if r["right"] == "false" and float(r["told"]) >= 1]
    wrong.sort(key=lambda r: float(r["read"]))
    lines += ["", "The pairs farthest from their order (first the sentence that is the tenser by its label):", ""]
    lines += [f"- {r['kind']}: “{r['higher']}” — “{r['lower']}” (told {float(r['told']):+g} grades apart, "
              f"read {3 * float(r['read']):+.1f})" for r in wrong[:12]]
    return lines


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", type=Path)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--cut", type=Path, help="folder with the corpora cut in sentences: our labels of the dates kept out, too")
    p.add_argument("--full", type=Path)
    p.add_argument("--card", type=Path)
    p.add_argument("--picture", type=Path)
    args = p.parse_args()
    model, tokenizer = open_folder(args.model)
    temperature = manifest_of(args.model)["reading"]["temperature"]

    silver = sentences.read(args.data / SILVER)
    learnt, held = sentences.split_by_date(silver)
    learnt = learnt[::5]
    dev = sentences.read(args.data / DEV)
    predict = lambda rows, of=model: logits_of(of, tokenizer, [r.text for r in rows])
    logits = {"dev": predict(dev), "held": predict(held), "learnt": predict(learnt)}

    def part(keep):
        chosen = [i for i, r in enumerate(dev) if keep(r)]
        return agreement(logits["dev"][chosen], [dev[i] for i in chosen], temperature)

    known, others = {(r.source, r.date) for r in silver}, {}
    if args.cut:
        more = sentences.split_by_date(corpora.labelled(args.data, args.cut))[1]
        others["labels of the corpora kept out of training"] = agreement(predict(more), more, temperature)
    news = [r for r in sentences.behaviour("later") if r.source in pools.REPORTS]
    others["our briefings and news reports, part later"] = agreement(predict(news), news, temperature)
    lines = table({
        "dev": agreement(logits["dev"], dev, temperature),
        "dev, source and date not in the silver set": part(lambda r: (r.source, r.date) not in known),
        "dev, no keyword": part(lambda r: not KEYWORDS.search(r.text)),
        "dev, headlines": part(lambda r: "headline" in r.source),
        "dev, relevant only": part(lambda r: r.relevant),
        "silver kept out of training": agreement(logits["held"], held, temperature),
        "silver learnt from, one in five": agreement(logits["learnt"], learnt, temperature),
        **others,
    })
    events = sentences.events(args.data)[1]
    read = (readings(predict(events), temperature)[0] > 0).float().tolist()
    lines += ["", f"PLOVER sentences kept out of training ({len(events)}), conflict or cooperation by the sign of tension: "
                  f"macro-F1 {f1_score([r.conflict for r in events], read, average='macro'):.3f}."]
    if args.full:
        full = open_folder(args.full)[0]
        apart = readings(predict(dev, full), temperature)[0] - readings(logits["dev"], temperature)[0]
        lines += ["", f"Weights as stored against 32 bits, dev: largest difference in tension {apart.abs().max() / 3:.5f}, mean "
                      f"{apart.abs().mean() / 3:.5f}."]
    lines += ["", second_of_dev(dev)]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        lines += ["", *on_dev(measured(PROGRAM, args.model, args.data / DEV, folder / "dev"))]
        if args.picture:
            args.picture.write_bytes((folder / "dev" / "reliability.svg").read_bytes())
        found = measured(PROGRAM, args.model, sentences.OWN / "behaviour.csv", folder / "own", "--part", "test")
        lines += ["", "Behaviour, test families:", "", second_reading(), "", *on_behaviour(found, folder / "own")]
        found = measured(PROGRAM, args.model, sentences.OWN / "behaviour.csv", folder / "later", "--part", "later")
        lines += ["", on_later(found)]
    text = "\n".join(lines)
    print(text)
    if args.card:
        card.put(args.card, "figures", text)


if __name__ == "__main__":
    main()
