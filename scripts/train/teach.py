"""What a teacher reads in sentences: its logits, for a smaller model to learn from (Hinton, Vinyals and Dean 2015).

    python teach.py MODEL --texts unlabelled.txt --out taught.safetensors

The text file has a sentence a line.
"""
import argparse
from pathlib import Path

from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import sentences
from heads import MAX_TOKENS


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
    args.out.with_suffix(".txt").write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    save_file({"logits": logits}, args.out)
    print(f"{args.out}: {len(texts)} sentences")


if __name__ == "__main__":
    main()
