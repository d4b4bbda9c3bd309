"""A model folder from Python: its network with the weights as they are stored, and its logits as the program takes them."""
import json
import tomllib

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

import markers
import sentences
from heads import MAX_TOKENS

GROUP = 64  # weights that share a scale


def in_eighths(value):
    """A matrix as 8-bit integers [rows, columns] and half-precision scales [rows, groups]."""
    grouped = value.float().unflatten(1, (-1, GROUP))
    scale = (grouped.abs().amax(-1) / 127).clamp(min=2.0 ** -24).half()
    integers = (grouped / scale.float().unsqueeze(-1)).round().clamp(-127, 127).to(torch.int8)
    return integers.flatten(1), scale


def in_single(integers, scale):
    """The matrix that in_eighths stored, in single precision."""
    return (integers.float().unflatten(1, (scale.shape[1], -1)) * scale.float().unsqueeze(-1)).flatten(1)


def rounded(weight):
    """A matrix as it reads once stored in 8 bits."""
    return in_single(*in_eighths(weight))


def is_matrix(name, weight):
    """Whether a weight is stored in fewer bits: the last two layers, the norms and the biases, which are small, stay whole."""
    return weight.ndim == 2 and weight.shape[1] % GROUP == 0 and not name.startswith(("bert.pooler", "classifier"))


def weights_of(path):
    """The weights of a safetensors file in single precision; integers are multiplied by their scales."""
    stored = load_file(path)
    scales = {name: stored.pop(name) for name in list(stored) if name.endswith(".scale")}
    whole = {}
    for name, value in stored.items():
        whole[name] = in_single(value, scales[name + ".scale"]) if value.dtype == torch.int8 else value.float()
    return whole


def open_folder(path, **how):
    """Network and tokenizer of a model folder or a checkpoint."""
    model = AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(path), **how)
    found = model.load_state_dict(weights_of(path / "model.safetensors"), strict=False)
    missing = [name for name in found.missing_keys if not name.endswith("position_ids")]
    if missing or found.unexpected_keys:
        raise SystemExit(f"{path}: weights missing {missing}, not known {found.unexpected_keys}")
    return model.eval(), AutoTokenizer.from_pretrained(path)


def logits_of(model, tokenizer, texts, autocast=False):
    """Logits [n, 11]; with the sides marked where the tokenizer knows marks."""
    read = markers.mark(texts) if markers.MARKS[0] in tokenizer.get_vocab() else texts
    return sentences.predict(model, tokenizer, read, MAX_TOKENS, autocast=autocast)


def manifest_of(path):
    return tomllib.loads((path / "model.toml").read_text(encoding="utf-8"))


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
