"""The mean of the weights of models that were trained from the same beginning, which may be among them (Wortsman et al. 2022, model soups).

    python mean.py MODEL MODEL ... --data DIR --work DIR

WORK/model is the result. Networks of the same beginning lie in one basin, where the mean of weights reads much as the mean of
readings does, at the price of one.
"""
import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import markers
from folder import open_folder
from train import kept_out, report


def mean_of(paths):
    """The mean of the tensors of safetensors files, name by name, in single precision."""
    all_of = [load_file(path) for path in paths]
    for path, one in zip(paths, all_of):
        if {k: v.shape for k, v in one.items()} != {k: v.shape for k, v in all_of[0].items()}:
            raise SystemExit(f"{path}: not the same network as {paths[0]}; a mean is of models with one beginning")
    return {name: torch.stack([one[name].float() for one in all_of]).mean(0) for name in all_of[0]}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    p.add_argument("--data", type=Path, required=True, help="folder with the labelled sentences")
    p.add_argument("--work", type=Path, required=True, help="folder for the result")
    args = p.parse_args()
    weights = mean_of([model / "model.safetensors" for model in args.models])
    out = args.work / "model"
    shutil.copytree(args.models[0], out, dirs_exist_ok=True)
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    model, tokenizer = open_folder(out)
    report(model, tokenizer, kept_out(args.data), args.work, "mean", markers.MARKS[0] in tokenizer.get_vocab())


if __name__ == "__main__":
    main()
