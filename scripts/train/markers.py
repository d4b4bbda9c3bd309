"""The two sides marked in the text, `[A] Washington`, `[B] Beijing`, by the program itself, so that training and use mark alike."""
import subprocess

import torch

from program import PROGRAM

MARKS = ["[A]", "[B]"]


def mark(texts):
    """Each text on one line, with a mark before each name of a side, by `tensiometer mark`."""
    lines = [" ".join(text.split()) for text in texts]
    done = subprocess.run([PROGRAM, "mark", "-"], input="\n".join([*lines, "."]), check=True,
                          capture_output=True, text=True, encoding="utf-8")
    marked = done.stdout.split("\n")[:-2]
    assert len(marked) == len(lines)
    return marked


def teach_marks(tokenizer, model):
    """Makes a token of each mark. Its vector begins, and stays unless word vectors are learnt, as the mean of those of its three pieces."""
    pieces = [tokenizer(mark, add_special_tokens=False)["input_ids"] for mark in MARKS]
    tokenizer.add_tokens(MARKS, special_tokens=True)
    old = model.get_input_embeddings().weight.detach()
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    with torch.no_grad():
        for mark, ids in zip(MARKS, pieces):
            model.get_input_embeddings().weight[tokenizer.convert_tokens_to_ids(mark)] = old[ids].mean(0)
