"""Write a model folder from a training checkpoint: weights in half precision or as 8-bit integers, tokenizer, manifest.

    python export.py CHECKPOINT --data DIR --out models/tension-minilm-l6 [--expected tests/data/tension-minilm-l6.json]

MiniLM is kept in half precision, which transformers loads as it is; MPNet, five times as large, as 8-bit integers with scales (folder.py).
Temperatures are fitted on the dev sentences. --expected also writes own-words sentences with the logits transformers computes from the
stored weights, for other readers to agree on.
"""
import argparse
import hashlib
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoTokenizer

import markers
import sentences
from folder import in_eighths, is_matrix, logits_of, open_folder, write_json
from heads import DIRECTION_AT, GRADES, INTENSITY_AT, LABELS, MAX_TOKENS, RELEVANCE_AT
from sentences import DEV

VERSIONS = {"bert": "0.8.0", "mpnet": "0.2.0"}
FILES = ["model.safetensors", "config.json", "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json"]
BASES = {"bert": "sentence-transformers/all-MiniLM-L6-v2", "mpnet": "sentence-transformers/all-mpnet-base-v2"}
EXPECTED = [
    "Beijing summoned the American ambassador over the arms sale.",
    "The two presidents agreed to pause new tariffs for ninety days.",
    "The White House will not impose new tariffs on Chinese goods, officials said.",
    "China's defence ministry warned that its forces would respond if American ships entered the strait again.",
    "The central bank left its rate unchanged.",
    "Tensions.",
    "“We are not looking for a new cold war,” the secretary said in Beijing.",
    "北京 and Washington exchanged notes — politely, for once.",
    "Exports of soybeans from Iowa to Guangdong rose 12.5% to $1,234,567,890 in the third quarter of 2019.",
    "India and Pakistan traded fire across the line of control.",
    "After a long night of talks in Geneva, in which neither delegation would say whether the licences for rare "
    "earths, the port fees, the visas of students and the fate of two detained engineers had been settled, both "
    "sides spoke of progress, and both sides kept their export controls exactly where they had been in the morning.",
    "?",
]


def fit_temperatures(logits, rows):
    """One positive divisor for each head, the least cross-entropy on these rows."""
    grade = torch.tensor([r.grade for r in rows])
    # A fractional grade is shared between the two whole grades beside it.
    told = (1 - (GRADES - grade[:, None]).abs()).clamp(min=0)
    relevant = torch.tensor([float(r.relevant) for r in rows])
    way = torch.tensor([r.direction for r in rows])
    losses = {
        "intensity": lambda t: F.cross_entropy(logits[:, INTENSITY_AT] / t, told),
        "relevance": lambda t: F.binary_cross_entropy_with_logits(logits[:, RELEVANCE_AT] / t, relevant),
        "direction": lambda t: F.cross_entropy(logits[:, DIRECTION_AT] / t, way, ignore_index=-100),
    }
    grid = [round(0.3 + 0.01 * i, 2) for i in range(271)]
    return {head: min(grid, key=lambda t: loss(t).item()) for head, loss in losses.items()}


def write_tokenizer(tokenizer, out):
    """The tokenizer without truncation and padding, which are the reader's choice."""
    tokenizer.model_max_length = MAX_TOKENS
    tokenizer.save_pretrained(out)
    if markers.MARKS[0] in tokenizer.get_vocab():
        for name in ("vocab.txt", "added_tokens.json"):  # the one knows nothing of marks, the other says what tokenizer.json says
            (out / name).unlink(missing_ok=True)
    plain = Tokenizer.from_file(str(out / "tokenizer.json"))
    plain.no_truncation()
    plain.no_padding()
    plain.save(str(out / "tokenizer.json"), pretty=False)


def write_manifest(out, family, marks, temperature):
    files = "".join(
        f'\n[[files]]\nname = "{name}"\nbytes = {(out / name).stat().st_size}\n'
        f'sha256 = "{hashlib.sha256((out / name).read_bytes()).hexdigest()}"\n' for name in FILES if (out / name).exists())
    (out / "model.toml").write_text(f'''\
name = "{out.resolve().name}"
version = "{VERSIONS[family]}"
base = "{BASES[family]}"
licence = "Apache-2.0"             # of the base and of these weights; see README.md on the sentences behind them
architecture = "{family}"
max_tokens = {MAX_TOKENS}
int8 = {str(family == "bert").lower()}                        # reads as well in 8-bit integers: see that scripts/precision.py finds it so
dyad = "us-china"                  # the pair its relevance and direction heads were trained on
marks = {str(marks).lower()}                       # reads sentences with the sides marked: [A] Washington, [B] Beijing

[reading]
kind = "tension"                   # three heads side by side in one vector of {len(LABELS)} logits
intensity = [0, 7]                 # grades -3 to +3
relevance = 7                      # one logit, sigmoid
direction = [8, 11]                # a_to_b, b_to_a, mutual; a = US, b = China
temperature = {{ intensity = {temperature["intensity"]}, relevance = {temperature["relevance"]}, direction = {temperature["direction"]} }}
{files}''', encoding="utf-8")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("checkpoint", type=Path)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--expected", type=Path)
    args = p.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    tokenizer = AutoTokenizer.from_pretrained(args.checkpoint)
    config = json.loads((args.checkpoint / "config.json").read_text())
    family = config["model_type"]
    stored = {}
    for name, value in load_file(args.checkpoint / "model.safetensors").items():
        if not is_matrix(name, value):
            stored[name] = value.float()
        elif family == "mpnet":
            stored[name], stored[name + ".scale"] = in_eighths(value)
        else:
            stored[name] = value.half()
    bad = [name for name, value in stored.items() if value.is_floating_point() and not value.isfinite().all()]
    if bad:
        raise SystemExit(f"{args.checkpoint}: {bad[0]} does not fit half precision")
    save_file(stored, args.out / "model.safetensors", metadata={"format": "pt"})
    config.pop("_name_or_path", None)
    config["torch_dtype"] = "float32"  # to compute in
    write_json(args.out / "config.json", config)
    write_tokenizer(tokenizer, args.out)

    # From here on only what was written is read.
    model, tokenizer = open_folder(args.out)
    dev = sentences.read(args.data / DEV)
    temperature = fit_temperatures(logits_of(model, tokenizer, [r.text for r in dev]), dev)
    write_manifest(args.out, family, markers.MARKS[0] in tokenizer.get_vocab(), temperature)
    print(f"{args.out}: {(args.out / 'model.safetensors').stat().st_size} bytes of weights, temperatures {temperature}")
    if args.expected:
        # Marked already, where the model knows marks: what is compared is the network, and marks are part of its input.
        sha256 = hashlib.sha256((args.out / "model.safetensors").read_bytes()).hexdigest()
        texts = markers.mark(EXPECTED) if markers.MARKS[0] in tokenizer.get_vocab() else EXPECTED
        logits = sentences.predict(model, tokenizer, texts, MAX_TOKENS).tolist()
        rows = [json.dumps({"text": text, "input_ids": ids, "logits": row}, ensure_ascii=False)
                for text, ids, row in zip(texts, tokenizer(texts)["input_ids"], logits)]
        args.expected.write_text(
            f'{{\n"model_sha256": "{sha256}",\n"sentences": [\n' + ",\n".join(rows) + "\n]\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
