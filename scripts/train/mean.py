"""The mean of the weights of models that were trained from the same beginning (Wortsman et al. 2022, model soups).

    python mean.py OUT MODEL MODEL ...

OUT is a checkpoint like the first of the models. Networks of the same beginning lie in one basin, where the mean of weights reads much as
the mean of readings does, at the price of one.
"""
import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


def mean_of(paths):
    """The mean of the tensors of safetensors files, name by name, in single precision."""
    all_of = [load_file(path) for path in paths]
    for path, one in zip(paths, all_of):
        if {k: v.shape for k, v in one.items()} != {k: v.shape for k, v in all_of[0].items()}:
            raise SystemExit(f"{path}: not the same network as {paths[0]}; a mean is of models with one beginning")
    return {name: torch.stack([one[name].float() for one in all_of]).mean(0) for name in all_of[0]}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out", type=Path)
    p.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    args = p.parse_args()
    weights = mean_of([model / "model.safetensors" for model in args.models])
    shutil.copytree(args.models[0], args.out, dirs_exist_ok=True)
    save_file(weights, args.out / "model.safetensors", metadata={"format": "pt"})
    print(f"{args.out}: the mean of {len(args.models)} models")


if __name__ == "__main__":
    main()
