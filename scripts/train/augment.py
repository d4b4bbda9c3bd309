"""Sentences much like those we have, for a teacher to read: words replaced by their neighbours, or left out (after Jiao et al. 2020, TinyBERT).

    python augment.py --data DIR --cut FOLDER --texts FOLDER --relevant FILE

What such a sentence says is told by the teacher's reading, so a replacement may change it. Every sentence draws its words from its
own text alone, so the same sentences come out each time. FOLDER has unlabelled.txt; written are varied.txt and, those like the events,
event_likes.txt, a sentence a line.
"""
import argparse
import random
import re
import zlib
from pathlib import Path

import torch
from safetensors import safe_open
from transformers import AutoTokenizer

import pools
import teach
from heads import RELEVANCE_AT
from sentences import base_folder

REPLACED, LEFT_OUT, NEIGHBOURS = 0.25, 0.05, 10
# How many sentences are made like each: most like those on the two sides, and like the events, which are few.
RELEVANT, EVENT, RELEVANT_UNLABELLED, OTHER = 10, 8, 5, 1
WORD = re.compile(r"[A-Za-z]{3,}")


def neighbours(words):
    """For each word that is a word of MiniLM's vocabulary, the words nearest to it by the cosine of their vectors."""
    folder = base_folder()
    vocabulary = AutoTokenizer.from_pretrained(folder).get_vocab()
    whole = sorted(word for word in vocabulary if WORD.fullmatch(word))
    with safe_open(folder / "model.safetensors", "pt") as file:
        name = next(name for name in file.keys() if name.endswith("word_embeddings.weight"))
        vectors = file.get_tensor(name).float()
    vectors = torch.nn.functional.normalize(vectors[[vocabulary[word] for word in whole]], dim=-1)
    place = {word: i for i, word in enumerate(whole)}
    asked = [word for word in sorted(words) if word in place]
    out = {}
    for start in range(0, len(asked), 1000):
        part = asked[start:start + 1000]
        near = (vectors[[place[word] for word in part]] @ vectors.T).topk(NEIGHBOURS + 1).indices[:, 1:]
        out |= {word: [whole[i] for i in row] for word, row in zip(part, near.tolist())}
    return out


def like(text, near, number):
    """The sentence with some words replaced or left out; a capital stays a capital."""
    rng = random.Random(zlib.crc32(f"{number} {text}".encode()))

    def one(match):
        word, drawn = match.group(), rng.random()
        if drawn < REPLACED and word.lower() in near:
            other = rng.choice(near[word.lower()])
            return other.capitalize() if word[0].isupper() else other
        return "" if drawn > 1 - LEFT_OUT else word

    return " ".join(WORD.sub(one, text).split())


def augmented(texts_and_counts):
    """For each (text, count) that many sentences like it."""
    near = neighbours({word.lower() for text, _ in texts_and_counts for word in WORD.findall(text)})
    return [like(text, near, number) for text, count in texts_and_counts for number in range(count)]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--cut", type=Path, required=True)
    p.add_argument("--texts", type=Path, required=True, help="folder of the sentences without a label")
    p.add_argument("--relevant", type=Path, required=True, help="a teacher's logits, by which some of them are relevant")
    args = p.parse_args()
    labelled = pools.labelled(args.data, args.cut)
    counts = {}
    for pool in ("news", "corpora"):
        counts |= {pools.one_line(row.text): RELEVANT if row.relevant else OTHER for row in labelled[pool]}
    events = [pools.one_line(row.text) for row in labelled["events"]]
    counts |= {pools.one_line(row.text): OTHER for pool in ("pairs", "reports") for row in labelled[pool]}
    met = counts.keys() | set(events)
    read = teach.stored_in(args.relevant)
    for text in pools.unlabelled(args.texts, "unlabelled"):
        if text not in met and teach.key(text) in read and read[teach.key(text)][RELEVANCE_AT] > 0:
            counts[text] = RELEVANT_UNLABELLED
    for pool, of in (("varied", counts), ("event_likes", dict.fromkeys(events, EVENT))):
        out = list(dict.fromkeys(augmented(of.items())))
        (args.texts / f"{pool}.txt").write_text("".join(text + "\n" for text in out), encoding="utf-8")
        print(f"{args.texts / pool}.txt: {len(out)} sentences")


if __name__ == "__main__":
    main()
