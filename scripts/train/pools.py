"""The sentences to learn from, by pool, and what teachers read in them.

news: the silver labels. corpora: our labels of the corpora. pairs: our minimal pairs, official statements and world events. reports: our
briefings and news reports. events: event sentences of others. Without a label, a file each in the folder of texts: unlabelled, varied and
event_likes (corpora.py, augment.py).
"""
from dataclasses import replace

import corpora
import recipe
import sentences
import swap
import teach
from heads import RELEVANCE_AT
from sentences import Sentence

REPORTS = ("briefing", "news-report")
OF_EVENTS = ("events", "event_likes")  # which the teachers of taught.safetensors read better than the model that has states


def one_line(text):
    return " ".join(text.split())


def labelled(data, cut):
    """Sentences with a label, by pool, without the dates and the events kept out."""
    own = sentences.behaviour("train")
    return {
        "news": sentences.split_by_date(sentences.read(data / sentences.SILVER))[0],
        "corpora": sentences.split_by_date(corpora.labelled(data, cut))[0],
        "pairs": [row for row in own if row.source not in REPORTS],
        "reports": [row for row in own if row.source in REPORTS],
        "events": sentences.events(data)[0],
    }


def unlabelled(texts, pool):
    return (texts / f"{pool}.txt").read_text(encoding="utf-8").splitlines()


def gather(data, cut, stage, texts=None, taught=None, states=None):
    """Rows of a stage, each with its pool and weight, and the teachers' logits by sentence.

    taught is teach.py's file; states, where a stage has them, tells anew what it has read, but for the events.
    """
    found, read = labelled(data, cut), {}
    if stage.taught:
        stored, known = teach.stored_in(taught), {one_line(row.text) for rows in found.values() for row in rows}
        lines = {pool: [one_line(row.text) for row in found[pool]] for pool in recipe.LABELLED}
        for pool in recipe.UNLABELLED:
            lines[pool] = [text for text in unlabelled(texts, pool) if text not in known and teach.key(text) in stored]
            known.update(lines[pool])
        met = sum(teach.key(text) in stored for text in known)
        if met < 0.99 * len(stored):
            raise SystemExit(f"{texts}: only {met} of the {len(stored)} sentences that the teacher read; cut the corpora again")
        for pool in stage.taught:
            for text in lines[pool]:
                logits = stored.get(teach.key(text))
                if states and pool not in OF_EVENTS:
                    logits = states.read_anew(text, logits)
                if logits is not None:
                    read[text] = logits
            if pool in recipe.UNLABELLED:
                found[pool] = [Sentence("", "", "taught", text, relevant=int(read[text][RELEVANCE_AT] > 0)) for text in lines[pool]]

    out = []
    for pool, rows in found.items():
        if not stage.share[pool]:
            continue
        own = stage.weight["taught"] if pool in recipe.UNLABELLED else stage.weight["events"] if pool == "events" else 1.0
        rows = [replace(row, pool=pool, weight=own) for row in rows]
        # The same sentence with its sides exchanged is to be read alike, its direction turned round.
        exchanged = swap.exchanged(rows, own * stage.weight["exchanged"])
        if pool in recipe.UNLABELLED:
            read |= {row.text: teach.turned(read[row.source]) for row in exchanged}
        out += rows + exchanged
    return out, read
