"""What simpler readers give on the same sentences: word lists, general sentiment, a linear probe; a table with the model.

    python baselines.py --data DIR [--card models/tension-minilm-l6/README.md]

A reader that gives a number and no grade gets its best chance: the straight line from its number to the grade is fitted on
the silver sentences. AFINN (Nielsen 2011), VADER (Hutto and Gilbert 2014) and TextBlob read sentiment by word lists; no
pretrained sentiment checkpoint could be had as a package.
"""
import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from transformers import AutoModel, AutoTokenizer

import card
import sentences
from metrics import agreement_of
from program import PROGRAM
from sentences import DEV, SILVER, base_folder


def lexicons():
    from afinn import Afinn
    from textblob import TextBlob
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    vader, afinn = SentimentIntensityAnalyzer(), Afinn()
    return {
        "AFINN": lambda text: afinn.score(text) / max(1, len(text.split())),
        "TextBlob": lambda text: TextBlob(text).sentiment.polarity,
        "VADER": lambda text: vader.polarity_scores(text)["compound"],
    }


@torch.no_grad()
def embeddings(texts):
    """Mean-pooled vectors of the frozen base."""
    base = base_folder()
    tokenizer, model, out = AutoTokenizer.from_pretrained(base), AutoModel.from_pretrained(base).eval(), None
    encoded = tokenizer(texts, truncation=True, max_length=256)["input_ids"]
    for batch in sentences.batches([len(e) for e in encoded], 64):
        ids, mask = sentences.collate([encoded[i] for i in batch], tokenizer.pad_token_id)
        states = model(ids, mask).last_hidden_state * mask[..., None]
        out = torch.empty(len(texts), states.shape[-1]) if out is None else out
        out[batch] = states.sum(1) / mask.sum(1, keepdim=True)
    return out.numpy()


def shipped(binary, model, labelled):
    done = subprocess.run([binary, "--quiet", "eval", labelled, "--model", model, "--draws", "0", "--precision", "f32", "--format", "json"],
                          check=True, capture_output=True, text=True)
    value = lambda f: f and f["value"]
    return {k: value(f) for k, f in json.loads(done.stdout)["figures"].items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--model", default="tension-minilm-l6")
    p.add_argument("--card", type=Path)
    args = p.parse_args()
    train, dev = sentences.read(args.data / SILVER), sentences.read(args.data / DEV)
    grades = np.array([r.grade for r in train])
    rows = {"keywords (bundled list)": shipped(PROGRAM, "keywords", args.data / DEV)}
    for name, score in lexicons().items():
        x, y = (np.array([[score(r.text)] for r in part]) for part in (train, dev))
        rows[name] = agreement_of(LinearRegression().fit(x, grades).predict(y), dev)
    x, y = (embeddings([r.text for r in part]) for part in (train, dev))
    directed = [i for i, r in enumerate(train) if r.direction >= 0]
    linear = lambda labels, chosen: LogisticRegression(max_iter=2000).fit(x[chosen], labels).predict(y)
    rows["linear probe on frozen MiniLM-L6"] = agreement_of(
        Ridge(1.0).fit(x, grades).predict(y), dev,
        linear([r.relevant for r in train], slice(None)), linear([train[i].direction for i in directed], directed))
    rows[Path(args.model).name] = shipped(PROGRAM, args.model, args.data / DEV)

    columns = {"quadratic_kappa": "quadratic kappa", "pearson": "Pearson", "mean_absolute_error": "mean abs. error",
               "sign_macro_f1": "sign macro-F1", "relevance_f1": "relevance F1", "direction_macro_f1": "direction macro-F1"}
    lines = ["| reader | " + " | ".join(columns.values()) + " |", "| --- |" + " --- |" * len(columns)]
    for name, figures in rows.items():
        cells = (figures.get(c) for c in columns)
        lines.append(f"| {name} | " + " | ".join("" if c is None else f"{c:.3f}" for c in cells) + " |")
    text = "\n".join(lines)
    print(text)
    if args.card:
        card.put(args.card, "baselines", text)


if __name__ == "__main__":
    main()
