#!/usr/bin/env python3
"""Writes a synthetic news corpus (CSV) to measure speed and memory on; it means nothing.

    scripts/synthetic.py ARTICLES [--relevant 0.05] [--copies 0.30] [--seed 1] [--first 0] > corpus.csv

Lengths are log-normal (median 350 words, 95 % below 1,150), as in newspapers. A share of the articles names both the
United States and China, in about two sentences in five. A share, over all articles, is wire copies: an article of the
last days again in another outlet, with a new dateline, now and then a word changed or the end cut. Article N depends on
the seed and N alone, so that a corpus can be made longer (`--first` numbers the first article).
"""
import argparse
import csv
import datetime
import math
import random
import sys

OUTLETS = [f"Outlet {n:02}" for n in range(20)]
CITIES = "Lisbon Nairobi Oslo Lima Quito Perth Cairo Dublin Accra Osaka Turin Gdansk Porto Leeds Malmo Bergen".split()
NOUNS = """council harbour budget school team market museum river report factory clinic festival court library bridge
farmer engineer union airline minister hospital tunnel election company orchestra festival vaccine harvest league
programme network station pension district survey contract garden storm ferry archive studio""".split()
VERBS = """opened closed reviewed delayed approved rejected praised questioned rebuilt funded won lost sold bought
studied announced cancelled renewed inspected painted moved expanded merged tested recorded""".split()
ADJECTIVES = """new old northern public private early late regional quiet costly narrow broad popular rare annual
temporary modern historic crowded distant""".split()
ENDS = """after a long debate|before the end of the year|despite the weather|for the third time since spring|
to the surprise of residents|as costs rose by {n} per cent|according to a report of {n} pages|in front of {n} people|
while talks went on|with the help of volunteers|without giving a reason|at a price of {n} million""".replace("\n", "").split("|")
A = ["the United States", "Washington", "the White House", "American officials", "the U.S. Commerce Department"]
B = ["China", "Beijing", "Chinese officials", "China's foreign ministry", "the Chinese government"]
DEEDS = """accused {b} of breaking the rules of trade|imposed tariffs on {n} goods from {b}|lifted curbs on {n} firms of {b}|
agreed with {b} to hold talks next month|warned {b} against a blockade of Taiwan|welcomed an offer of {b}|
sent {n} ships past islands claimed by {b}|signed a deal with {b} on farm goods|expelled {n} diplomats of {b}|
did not rule out sanctions on {b}|called for dialogue with {b}|postponed a meeting with {b}""".replace("\n", "").split("|")


def sentence(rng, relevant):
    if relevant and rng.random() < 0.4:
        one, other = (A, B) if rng.random() < 0.5 else (B, A)
        start, deed = rng.choice(one), rng.choice(DEEDS).format(b=rng.choice(other), n=rng.randrange(2, 900))
        clause = f"{start} {deed}"
    else:
        clause = (f"the {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)} of {rng.choice(CITIES)} {rng.choice(VERBS)} "
                  f"the {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}")
    words = clause + " " + rng.choice(ENDS).format(n=rng.randrange(2, 900))
    while rng.random() < 0.45:
        words += f", and the {rng.choice(NOUNS)} {rng.choice(VERBS)} the {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}"
    return words[0].upper() + words[1:] + "."


def original(seed, n, options):
    """Article n as its own outlet would print it: relevant or not, title, sentences."""
    rng = random.Random(f"{seed} {n}")
    relevant = rng.random() < options.relevant
    left = min(max(int(math.exp(rng.gauss(math.log(350), 0.72))), 30), 8000)
    title = f"{rng.choice(NOUNS).title()} of {rng.choice(CITIES)} {rng.choice(VERBS)} {rng.choice(NOUNS)} no. {n}"
    if relevant:
        title = f"{rng.choice(A)} and {rng.choice(B)}: {title}"
    sentences = []
    while left > 0:
        sentences.append(sentence(rng, relevant))
        left -= sentences[-1].count(" ") + 1
    if relevant:
        sentences[0] = f"{rng.choice(A)} {rng.choice(DEEDS).format(b=rng.choice(B), n=n)}."
    return title, sentences


def article(seed, n, options):
    rng = random.Random(f"{seed} copy {n}")
    back = rng.randrange(1, 200)
    if n > 200 and rng.random() < options.copies:
        # A copy of a copy is a copy of its original, so that a chain ends at once.
        title, sentences = original(seed, n - back, options)
        sentences[0] = f"{rng.choice(CITIES).upper()} (Wire) - {sentences[0]}"
        if rng.random() < 0.3:
            at = rng.randrange(len(sentences))
            sentences[at] = sentences[at].replace(" the ", " a ", 1)
        if rng.random() < 0.4 and len(sentences) > 6:
            sentences = sentences[: -rng.randrange(1, len(sentences) // 3)]
    else:
        title, sentences = original(seed, n, options)
    paragraphs = ["".join(s + " " for s in sentences[at:at + 3]).rstrip() for at in range(0, len(sentences), 3)]
    day = datetime.date(2015, 1, 1) + datetime.timedelta(days=n * 3650 // max(options.spread, n + 1))
    return [f"s{n:08}", day.isoformat(), title, "\n\n".join(paragraphs), rng.choice(OUTLETS)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int)
    parser.add_argument("--relevant", type=float, default=0.05, help="share that names both sides")
    parser.add_argument("--copies", type=float, default=0.30, help="share that is a wire copy")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first article")
    parser.add_argument("--spread", type=int, default=1_000_000, help="articles that ten years hold")
    options = parser.parse_args()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["id", "date", "title", "text", "source"])
    for n in range(options.first, options.first + options.articles):
        out.writerow(article(options.seed, n, options))


if __name__ == "__main__":
    main()
