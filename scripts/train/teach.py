"""What a teacher reads in sentences: its logits, for a smaller model to learn from (Hinton, Vinyals and Dean 2015).

    python teach.py MODEL --texts texts.txt --out taught.safetensors [--beside FILE]

The text file has a sentence a line. What is written are numbers: the logits, and for each sentence the beginning of its
SHA-256, by which whoever has the sentence finds them. --beside gives what another teacher read: of a sentence that both have read
the mean of their probabilities is kept.
"""
import argparse
import hashlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import sentences
import swap
from folder import logits_of, open_folder
from heads import DIRECTION_AT, INTENSITY_AT, RELEVANCE_AT


def key(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def stored_in(taught):
    """Logits by key of a file that this script wrote."""
    stored = load_file(taught)
    return dict(zip(stored["key"].tolist(), stored["logits"].float()))


def turned(logits):
    """Logits of the exchanged sentence: A to B becomes B to A."""
    out = logits.clone()
    out[..., DIRECTION_AT] = out[..., DIRECTION_AT][..., [1, 0, 2]]
    return out


def both_ways(model, tokenizer, texts):
    """Logits of each text; where its sides can be exchanged, the grades of the mean of both readings, as the program takes it. Direction is
    read better from the sentence as it is written."""
    rows = [sentences.Sentence("", "", "", text, relevant=1) for text in texts]
    others = swap.exchanged(rows, 1.0)
    logits = logits_of(model, tokenizer, texts + [row.text for row in others], autocast=True)
    own, other = logits[:len(texts)], logits[len(texts):]
    place = {text: i for i, text in enumerate(texts)}
    at = [place[row.source] for row in others]
    grades = (own[at, INTENSITY_AT].softmax(-1) + other[:, INTENSITY_AT].softmax(-1)) / 2
    own[at, INTENSITY_AT] = grades.log()
    return own


def merged(one, other):
    """What two teachers read, as logits by key: each their own, the mean of the probabilities where both have read."""
    out = dict(one)
    for k, logits in other.items():
        if k in out:
            p = out[k][RELEVANCE_AT].sigmoid() / 2 + logits[RELEVANCE_AT].sigmoid() / 2
            logits, mine = logits.clone(), out[k]
            for head in (INTENSITY_AT, DIRECTION_AT):
                logits[head] = (mine[head].softmax(-1) / 2 + logits[head].softmax(-1) / 2).log()
            logits[RELEVANCE_AT] = p.logit(1e-6)
        out[k] = logits
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", type=Path)
    p.add_argument("--texts", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--beside", type=Path, help="what another teacher read")
    args = p.parse_args()
    texts = args.texts.read_text(encoding="utf-8").splitlines()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model, tokenizer = open_folder(args.model)
    model.to(device)
    read = dict(zip(map(key, texts), both_ways(model, tokenizer, texts)))
    if args.beside:
        read = merged(stored_in(args.beside), read)
    save_file({"key": torch.tensor(list(read)), "logits": torch.stack(list(read.values())).half()}, args.out)
    print(f"{args.out}: {len(read)} sentences")


if __name__ == "__main__":
    main()
