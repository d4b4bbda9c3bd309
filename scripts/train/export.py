"""Write the model folder from a training checkpoint: half-precision weights, tokenizer, manifest.

    python export.py CHECKPOINT --data DIR --out models/tension-minilm-l6 [--expected tests/data/tension_expected.json]

Temperatures are fitted on the dev sentences. --expected also writes own-words
sentences with the logits transformers computes from the stored weights, for other readers to agree on.
"""
import argparse
import hashlib
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import sentences
from heads import DIRECTION_AT, GRADES, INTENSITY_AT, LABELS, MAX_TOKENS, RELEVANCE_AT
from train import DEV, base_folder

VERSION = "0.2.0"
FILES = ["model.safetensors", "config.json", "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json"]
SIZE_LIMIT = 46_000_000
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


def write_tokenizer(base, out):
    # The base cuts at 128 tokens and pads to 128; here both are the reader's choice.
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    (out / "vocab.txt").write_bytes((base / "vocab.txt").read_bytes())
    specials = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}
    write_json(out / "special_tokens_map.json", specials)
    write_json(out / "tokenizer_config.json", {
        **specials, "tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": None,
        "tokenize_chinese_chars": True, "model_max_length": MAX_TOKENS, "clean_up_tokenization_spaces": False})


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_manifest(out, temperature):
    files = "".join(
        f'\n[[files]]\nname = "{name}"\nbytes = {(out / name).stat().st_size}\n'
        f'sha256 = "{hashlib.sha256((out / name).read_bytes()).hexdigest()}"\n' for name in FILES)
    (out / "model.toml").write_text(f'''\
name = "{out.resolve().name}"
version = "{VERSION}"
base = "sentence-transformers/all-MiniLM-L6-v2"
licence = "Apache-2.0"             # of the base and of these weights; see README.md on the sentences behind them
architecture = "bert"
max_tokens = {MAX_TOKENS}
dyad = "us-china"                  # the pair its relevance and direction heads were trained on

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

    # Matrices in half precision; the last two, the norms and the biases, which are small, stay whole.
    whole = lambda name, value: value.ndim < 2 or name.startswith(("bert.pooler", "classifier"))
    half = {name: value.float() if whole(name, value) else value.half()
            for name, value in load_file(args.checkpoint / "model.safetensors").items()}
    bad = [name for name, value in half.items() if not value.isfinite().all()]
    if bad:
        raise SystemExit(f"{args.checkpoint}: {bad[0]} does not fit half precision")
    save_file(half, args.out / "model.safetensors", metadata={"format": "pt"})
    size = (args.out / "model.safetensors").stat().st_size
    if size > SIZE_LIMIT:
        raise SystemExit(f"{args.out / 'model.safetensors'}: {size} bytes, over {SIZE_LIMIT}")
    config = json.loads((args.checkpoint / "config.json").read_text())
    config.pop("_name_or_path", None)
    config["torch_dtype"] = "float32"  # to compute in; the file stores halves
    write_json(args.out / "config.json", config)
    write_tokenizer(base_folder(), args.out)

    # From here on only what was written is read.
    model = AutoModelForSequenceClassification.from_pretrained(args.out)
    tokenizer = AutoTokenizer.from_pretrained(args.out)
    dev = sentences.read(args.data / DEV)
    temperature = fit_temperatures(sentences.predict(model, tokenizer, [r.text for r in dev], MAX_TOKENS), dev)
    write_manifest(args.out, temperature)
    print(f"{args.out}: {size} bytes of weights, temperatures {temperature}")
    if args.expected:
        sha256 = hashlib.sha256((args.out / "model.safetensors").read_bytes()).hexdigest()
        logits = sentences.predict(model, tokenizer, EXPECTED, MAX_TOKENS).tolist()
        rows = [json.dumps({"text": text, "input_ids": ids, "logits": row}, ensure_ascii=False)
                for text, ids, row in zip(EXPECTED, tokenizer(EXPECTED)["input_ids"], logits)]
        args.expected.write_text(
            f'{{\n"model_sha256": "{sha256}",\n"sentences": [\n' + ",\n".join(rows) + "\n]\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
