"""What a teacher reads in sentences: its logits, for a smaller model to learn from (Hinton, Vinyals and Dean 2015).

    python teach.py MODEL --texts unlabelled.txt --out taught.safetensors

The text file has a sentence a line. What is written are numbers: the logits, and for each sentence the beginning of its
SHA-256, by which whoever has the sentence finds them.
"""
import argparse
import hashlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import sentences
from heads import MAX_TOKENS


def key(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def readings_of(texts, taught):
    """The sentences of a text file that a teacher has read, in the file's order, and its logits by sentence."""
    stored = load_file(taught)
    place = {k: i for i, k in enumerate(stored["key"].tolist())}
    lines = Path(texts).read_text(encoding="utf-8").splitlines()
    known = [text for text in lines if key(text) in place]
    if len(known) < 0.99 * len(place):
        raise SystemExit(f"{texts}: only {len(known)} of the {len(place)} sentences that the teacher read; cut the corpora again")
    return known, {text: stored["logits"][place[key(text)]] for text in known}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", type=Path)
    p.add_argument("--texts", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    texts = args.texts.read_text(encoding="utf-8").splitlines()
    model = AutoModelForSequenceClassification.from_pretrained(args.model)
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    logits = sentences.predict(model, tokenizer, texts, MAX_TOKENS, autocast=True)
    save_file({"key": torch.tensor([key(text) for text in texts]), "logits": logits}, args.out)
    print(f"{args.out}: {len(texts)} sentences")


if __name__ == "__main__":
    main()
