"""What a large model makes of each word, for a small one to learn from (after Jiao et al. 2020, TinyBERT).

    python states.py LARGE --data DIR --cut FOLDER --texts FOLDER --out states.safetensors

Written are, of every labelled and unlabelled sentence and of one varied one in five, the large model's logits, what its last linear layer
reads, and the states of its tenth layer for each token, 1,536 bytes a token. The small model's tokenizer cuts alike, but for the marks of the
sides, which are left out. Some twenty minutes for 100,000 sentences on two cores with bfloat16.
"""
import argparse
import random
import time
import zlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

import markers
import pools
import sentences
import teach
from folder import open_folder
from heads import DIRECTION_AT, MAX_TOKENS
from sentences import base_folder

LARGE_LAYER, SMALL_LAYER, VARIED_PART = 10, 5, 5


class Stored:
    """The file as this script wrote it."""

    def __init__(self, path):
        self.stored = load_file(path)  # by memory map: only what is used is read
        self.place = {key: i for i, key in enumerate(self.stored["key"].tolist())}
        self.offset = self.stored["offset"].tolist()

    def span(self, text):
        """Where a sentence and its tokens' states stand: (row, first, end), or None where it was not read."""
        row = self.place.get(teach.key(text))
        return None if row is None else (row, self.offset[row], self.offset[row + 1])

    def read_anew(self, text, before):
        """Logits of a sentence: the mean with what was read before, the direction as the large model now reads it."""
        found = self.span(text)
        if found is None:
            return before
        now = self.stored["logits"][found[0]].float()
        if before is None:
            return now
        out = teach.merged({0: before}, {0: now})[0]
        out[DIRECTION_AT] = now[DIRECTION_AT]
        return out


class Told(torch.nn.Module):
    """Linear maps from the small model's states to the large one's, and how far they are apart in standard deviations."""

    def __init__(self, stored, model, encoded, texts):
        super().__init__()
        self.stored, self.pooler = stored.stored, [model.base_model.pooler]  # in a list: not this module's to learn
        self.device = next(model.parameters()).device
        self.spans = [stored.span(pools.one_line(text)) for text in texts]
        self.spans = [s if s and s[2] - s[1] == len(e) else None for s, e in zip(self.spans, encoded)]
        both = [i for i, s in enumerate(self.spans) if s]
        some = random.Random(3).sample(both, min(3000, len(both)))
        tokens, pooled = self.of(some)
        self.token_scale, self.pooled_scale = ((x.mean(0), x.std(0) + 1e-3) for x in (tokens, pooled))
        small, vectors = [], []
        model.eval()
        for batch in (some[k:k + 60] for k in range(0, len(some), 60)):
            ids, mask = sentences.collate([encoded[i] for i in batch])
            with torch.no_grad():
                read = model.base_model(ids.to(self.device), mask.to(self.device), output_hidden_states=True)
            small.append(read.hidden_states[SMALL_LAYER][mask.to(self.device)])
            vectors.append(read.pooler_output)
        self.token = least_squares(torch.cat(small), scaled(tokens, self.token_scale))
        self.pooled = least_squares(torch.cat(vectors), scaled(pooled, self.pooled_scale))
        print(f"{len(both)} of {len(texts)} sentences with states", flush=True)

    def of(self, rows):
        """The large model's states of all tokens of these sentences, one after another, and its vector of each sentence."""
        spans = [self.spans[i] for i in rows]
        return (torch.cat([self.stored["states"][first:end] for _, first, end in spans]).to(self.device).float(),
                self.stored["pooled"][[row for row, _, _ in spans]].to(self.device).float())

    def forward(self, hidden, batch):
        """Mean squared error of the batch's tokens and of its sentences, those that have states: [2]."""
        rows = [j for j, i in enumerate(batch) if self.spans[i]]
        if not rows:
            return torch.zeros(2, device=self.device)
        tokens, pooled = self.of([batch[j] for j in rows])
        small = torch.cat([hidden[SMALL_LAYER][j, :self.spans[batch[j]][2] - self.spans[batch[j]][1]] for j in rows])
        with torch.autocast(self.device.type, torch.bfloat16, enabled=sentences.half_is_fast(self.device.type)):
            told = self.token(small), self.pooled(self.pooler[0](hidden[-1][rows]))
        return torch.stack([(told[0].float() - scaled(tokens, self.token_scale)).square().mean(),
                            (told[1].float() - scaled(pooled, self.pooled_scale)).square().mean()])


def scaled(x, scale):
    return (x - scale[0]) / scale[1]


def least_squares(x, y):
    """The linear map that tells y from x best, with a little ridge."""
    wide = torch.cat([x, torch.ones(len(x), 1, device=x.device)], 1)
    ridge = 0.01 * len(x) * x.var() * torch.eye(wide.shape[1], device=x.device)
    found = torch.linalg.solve(wide.T @ wide + ridge, wide.T @ y)
    out = torch.nn.Linear(x.shape[1], y.shape[1], device=x.device)
    out.weight.data, out.bias.data = found[:-1].T.contiguous(), found[-1].contiguous()
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", type=Path)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--cut", type=Path, required=True)
    p.add_argument("--texts", type=Path, required=True, help="folder of the sentences without a label")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--part", type=int, default=1, help="read one sentence in so many, for a rehearsal")
    args = p.parse_args()
    texts = [pools.one_line(row.text) for rows in pools.labelled(args.data, args.cut).values() for row in rows]
    texts += pools.unlabelled(args.texts, "unlabelled")
    texts += [text for text in pools.unlabelled(args.texts, "varied") if zlib.crc32(text.encode()) % VARIED_PART == 0]
    texts = list(dict.fromkeys(texts))[::args.part]

    device = "cuda" if torch.cuda.is_available() else "cpu"
    model, tokenizer = open_folder(args.model)
    model.to(device)
    small = AutoTokenizer.from_pretrained(base_folder())(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]
    encoded = tokenizer(markers.mark(texts), truncation=True, max_length=MAX_TOKENS)["input_ids"]
    marks = set(tokenizer.convert_tokens_to_ids(markers.MARKS))
    unmarked = [[at for at, token in enumerate(tokens) if token not in marks] for tokens in encoded]
    alike = [i for i in range(len(texts)) if len(unmarked[i]) == len(small[i])]
    texts, encoded, unmarked = ([x[i] for i in alike] for x in (texts, encoded, unmarked))
    offset = torch.tensor([0, *map(len, unmarked)]).cumsum(0)
    width = model.config.hidden_size
    out = {
        "key": torch.tensor([teach.key(text) for text in texts]), "offset": offset,
        "logits": torch.empty(len(texts), model.config.num_labels, dtype=torch.half),
        "pooled": torch.empty(len(texts), width, dtype=torch.half),
        "states": torch.empty(int(offset[-1]), width, dtype=torch.half),
    }
    model.classifier.out_proj.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    start, done = time.time(), 0
    for at, batch in enumerate(sentences.batches([len(e) for e in encoded], 64)):
        ids, mask = sentences.collate([encoded[i] for i in batch], tokenizer.pad_token_id)
        seen = []
        with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=sentences.half_is_fast(device)):
            read = model(ids.to(device), mask.to(device), output_hidden_states=True)
        out["logits"][batch], out["pooled"][batch] = read.logits.half().cpu(), seen[0].half().cpu()
        for j, i in enumerate(batch):
            out["states"][offset[i]:offset[i + 1]] = read.hidden_states[LARGE_LAYER][j, unmarked[i]].half().cpu()
        done += len(batch)
        if at % 100 == 99:
            print(f"{done} of {len(texts)} sentences, {time.time() - start:.0f} s", flush=True)
    save_file(out, args.out)
    print(f"{args.out}: {len(texts)} sentences, {int(offset[-1])} tokens")


if __name__ == "__main__":
    main()
