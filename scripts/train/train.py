"""Fine-tune an encoder on labelled sentences: three heads, one pass. Resumes from the last finished epoch.

    python train.py STAGE --data DIR --cut FOLDER --work DIR [--base minilm] [--taught FILE --texts FOLDER [--states FILE]] [--seed 7]

STAGE is one of recipes.toml, or of the file given with --recipes. Every epoch draws its sentences, their order and its dropout from seed and
epoch alone, so a resumed run equals an unbroken one. WORK/model is the result.
"""
import argparse
import dataclasses
import json
import os
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
import torch.nn.utils.parametrize as parametrize
from sklearn.metrics import f1_score
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

import folder
import markers
import pools
import recipe
import sentences
import states
from heads import DIRECTION_AT, INTENSITY_AT, LABELS, MAX_TOKENS, RELEVANCE_AT, ordinal_targets, readings
from metrics import agreement, line
from sentences import DEV, SILVER, base_folder


def build(base, tokenizer, stage):
    """A model folder's network, or an encoder with a fresh head of 11 logits; where sides are marked, the marks become tokens of the
    tokenizer. Its word vectors are learnt only where asked."""
    # Attention written out: with dropout, on a CPU, it takes less time than torch's own.
    if (base / "model.toml").exists():
        model, _ = folder.open_folder(base, attn_implementation="eager")
    else:
        config = AutoConfig.from_pretrained(base, id2label=dict(enumerate(LABELS)),
                                            label2id={label: i for i, label in enumerate(LABELS)})
        model = AutoModelForSequenceClassification.from_pretrained(base, config=config, attn_implementation="eager")
    if stage.marked:
        markers.teach_marks(tokenizer, model)
    model.get_input_embeddings().weight.requires_grad_(stage.vectors)
    for part in model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = stage.dropout
    return model


def freeze(model, layers):
    """Leaves the encoder's lowest layers, and what is below them, as they are; none: nothing."""
    if not layers:
        return
    encoder = model.base_model.encoder
    for part in (model.base_model.embeddings, getattr(encoder, "relative_attention_bias", None), *encoder.layer[:layers]):
        if part is not None:
            part.requires_grad_(False)


class Rounded(torch.nn.Module):
    """A matrix that reads as it will once stored as integers; its gradient passes straight through (Bengio, Léonard and Courville 2013)."""

    def forward(self, weight):
        return weight + (folder.rounded(weight) - weight).detach()


def round_matrices(model):
    """From here on the network reads as it will be stored: what is not learnt is rounded now, what is learnt whenever it is read."""
    found = []
    for at, module in model.named_modules():
        for name, weight in module.named_parameters(recurse=False):
            if folder.is_matrix(f"{at}.{name}", weight):
                found.append((module, name))
    for module, name in found:
        weight = getattr(module, name)
        if weight.requires_grad:
            parametrize.register_parametrization(module, name, Rounded())
        else:
            weight.data = folder.rounded(weight.data)


def keep_rounded(model):
    """Puts the rounded matrices in the place of those that were learnt."""
    for module in list(model.modules()):
        if parametrize.is_parametrized(module):
            for name in list(module.parametrizations):
                parametrize.remove_parametrizations(module, name, leave_parametrized=True)


def grades_apart(logits, target, loss):
    """How far the grades read are from a distribution over grades: cross-entropy, or half of it and the squared earth mover's distance
    (Hou, Yu and Samaras 2017), which knows that a grade is nearer to the next one than to the last."""
    apart = F.cross_entropy(logits, target, reduction="none")
    if loss == "emd":
        apart = 0.5 * apart + 2 * (logits.softmax(-1).cumsum(-1) - target.cumsum(-1)).square().sum(-1)
    return apart


def loss_of(logits, rows, taught, stage):
    """Mean over the batch of each row's losses, by its weight: labels, a teacher's logits, or both in halves."""
    to = lambda values: torch.tensor(values, device=logits.device)
    intensity, relevance, direction = logits[:, INTENSITY_AT], logits[:, RELEVANCE_AT], logits[:, DIRECTION_AT]
    weight = to([r.weight for r in rows])

    told = to([r.grade is not None for r in rows])
    hard = grades_apart(intensity, ordinal_targets(to([r.grade or 0.0 for r in rows]), stage.width), stage.loss)
    hard = hard + F.binary_cross_entropy_with_logits(relevance, to([float(r.relevant) for r in rows]), reduction="none")
    # Zero where a row has no direction, so a batch without one costs nothing, never NaN.
    hard = hard + stage.direction * F.cross_entropy(direction, to([r.direction for r in rows]), reduction="none")

    # Where only conflict or cooperation is known, the odds of one against the other: how much is neutral is not told.
    pointed = to([r.conflict is not None for r in rows])
    odds = intensity[:, 4:].logsumexp(-1) - intensity[:, :3].logsumexp(-1)
    sign = F.binary_cross_entropy_with_logits(odds, to([r.conflict or 0.0 for r in rows]), reduction="none")
    loss = torch.where(told, hard, torch.where(pointed, sign, 0.0))

    known = to([t is not None for t in taught])
    if known.any():
        logits_of = torch.stack([torch.zeros(len(LABELS)) if t is None else t for t in taught]).to(logits)
        p = logits_of[:, RELEVANCE_AT].sigmoid()
        soft = grades_apart(intensity, logits_of[:, INTENSITY_AT].softmax(-1), stage.loss) \
            + F.binary_cross_entropy_with_logits(relevance, p, reduction="none") \
            + stage.direction * p * F.cross_entropy(direction, logits_of[:, DIRECTION_AT].softmax(-1), reduction="none")
        loss = torch.where(known, torch.where(told, 0.5 * loss + 0.5 * soft, loss + soft), loss)
    return (loss * weight).mean()


def optimiser_of(model, lr, head_lr):
    """AdamW without decay on biases and norms; pooler and classifier, which start afresh, learn faster."""
    groups = {}
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        key = ("pooler" in name or name.startswith("classifier"), p.ndim > 1)
        groups.setdefault(key, []).append(p)
    return torch.optim.AdamW([
        {"params": ps, "lr": head_lr if head else lr, "weight_decay": 0.01 if decay else 0.0}
        for (head, decay), ps in groups.items()
    ], fused=True)  # one pass over the weights, not a dozen


def kept_out(data):
    """Sentences that nothing is learnt from, by part."""
    return {
        "held": sentences.split_by_date(sentences.read(data / SILVER))[1],
        "dev": sentences.read(data / DEV),
        "events": sentences.events(data)[1],
    }


def report(model, tokenizer, tests, work, name, marked):
    """Figures of the sentences kept out, printed and in WORK/<name>.json."""
    found = {}
    for part, rows in tests.items():
        texts = [r.text for r in rows]
        logits = sentences.predict(model, tokenizer, markers.mark(texts) if marked else texts, MAX_TOKENS)
        if part == "events":
            told, read = [r.conflict for r in rows], (readings(logits)[0] > 0).float().tolist()
            found[part] = {"n": len(rows), "macro_f1": f1_score(told, read, average="macro")}
        else:
            found[part] = agreement(logits, rows)
        print(f"{name} {part}: {line(found[part])}", flush=True)
    (work / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")


def order_of(rows, lengths, stage, seed):
    """Batches of an epoch: of every pool the stage's share, drawn and put in order by the seed."""
    drawn = random.Random(seed)
    here = [i for i, row in enumerate(rows) if drawn.random() < stage.share[row.pool]]
    return [[here[i] for i in batch] for batch in sentences.batches([lengths[i] for i in here], stage.batch, seed)]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("stage")
    p.add_argument("--recipes", type=Path, default=Path(__file__).with_name("recipes.toml"))
    p.add_argument("--data", type=Path, required=True, help="folder with the labelled sentences")
    p.add_argument("--cut", type=Path, required=True, help="folder with the corpora cut in sentences")
    p.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    p.add_argument("--base", default="minilm", help="minilm, or a folder")
    p.add_argument("--taught", type=Path, help="teachers' logits, for a stage that is taught")
    p.add_argument("--texts", type=Path, help="folder of the sentences without a label")
    p.add_argument("--states", type=Path, help="a large model's states, for a stage that learns from them")
    p.add_argument("--seed", type=int, help="in place of the stage's")
    p.add_argument("--part", type=int, default=1, help="learn from one sentence in so many, for a rehearsal")
    args = p.parse_args()
    stage = recipe.stage_of(args.recipes, args.stage)
    if args.seed is not None:
        stage = dataclasses.replace(stage, seed=args.seed)
    if stage.taught and not (args.taught and args.texts) or stage.states and not args.states:
        p.error(f"stage {args.stage} learns from a teacher: give --taught and --texts, and --states where it has states")
    args.work.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    half = sentences.half_is_fast(device)

    stored = states.Stored(args.states) if stage.states else None
    train, teacher = pools.gather(args.data, args.cut, stage, args.texts, args.taught, stored)
    train = train[::args.part]
    taught = [teacher.get(pools.one_line(row.text)) for row in train]
    tests = kept_out(args.data)
    base = base_folder(args.base)
    tokenizer = AutoTokenizer.from_pretrained(base)
    torch.manual_seed(stage.seed)
    model = build(base, tokenizer, stage).to(device)
    freeze(model, stage.frozen)
    if stage.eighths:
        round_matrices(model)
    texts = [row.text for row in train]
    texts = markers.mark(texts) if stage.marked else texts
    encoded = tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]
    orders = [order_of(train, [len(e) for e in encoded], stage, stage.seed * 1000 + epoch) for epoch in range(stage.epochs)]
    steps = sum(map(len, orders))
    print(f"{len(train)} sentences, {sum(t is not None for t in taught)} taught; {steps} steps", flush=True)

    told = states.Told(stored, model, encoded, texts) if stage.states else None
    optimiser = optimiser_of(model, stage.lr, stage.head_lr)
    if told:
        optimiser.add_param_group({"params": list(told.parameters()), "lr": stage.head_lr, "weight_decay": 0.0})
    warm = max(1, steps * 6 // 100)
    fall = lambda step: max(0.0, (steps - step) / max(1, steps - warm)) if stage.falling else 1.0
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min((step + 1) / warm, fall(step)))

    options = {"stage": str(stage)} | {k: str(v) for k, v in vars(args).items() if k != "work"}
    last, first_epoch, step, mean, averaged = args.work / "last.ckpt", 0, 0, None, 0
    if last.exists():
        state = torch.load(last, map_location=device, weights_only=True)
        if state["options"] != options:
            raise SystemExit(f"{last}: made with other options {state['options']}; give another --work")
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        if told:
            told.load_state_dict(state["told"])
        first_epoch, step, mean, averaged = state["epoch"] + 1, state["step"], state["mean"], state["averaged"]
        print(f"resumed after epoch {first_epoch}")

    for epoch in range(first_epoch, stage.epochs):
        torch.manual_seed(stage.seed * 1000 + epoch)
        model.train()
        start, total, apart = time.time(), 0.0, torch.zeros(2)
        for n, batch in enumerate(orders[epoch], 1):
            ids, mask = sentences.collate([encoded[i] for i in batch], tokenizer.pad_token_id)
            with torch.autocast(device, torch.bfloat16, enabled=half):
                read = model(ids.to(device), mask.to(device), output_hidden_states=bool(told))
            loss = loss_of(read.logits.float(), [train[i] for i in batch], [taught[i] for i in batch], stage)
            if told:
                between = told(read.hidden_states, batch)
                apart += between.detach().cpu()
                loss = loss + stage.states * between.sum()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
            step += 1
            if step == steps or step % 10 == 0 and step > stage.average_from * steps:
                weights = {k: v.detach().float() for k, v in model.state_dict().items()}
                averaged += 1
                mean = {k: (v.clone() if mean is None else mean[k] + (v - mean[k]) / averaged) for k, v in weights.items()}
            if n % 100 == 0:
                print(f"epoch {epoch + 1} step {n}/{len(orders[epoch])} loss {total / n:.4f} "
                      + (f"states apart {apart[0] / n:.3f} {apart[1] / n:.3f} " if told else "") + f"{time.time() - start:.0f} s", flush=True)
        report(model, tokenizer, tests, args.work, f"epoch-{epoch + 1}", stage.marked)
        partial = last.with_suffix(".part")
        torch.save({"options": options, "epoch": epoch, "step": step, "model": model.state_dict(), "mean": mean, "averaged": averaged,
                    "told": told.state_dict() if told else None,
                    "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}, partial)
        os.replace(partial, last)
    model.load_state_dict(mean)
    report(model, tokenizer, tests, args.work, "mean", stage.marked)
    keep_rounded(model)
    model.save_pretrained(args.work / "model")
    tokenizer.save_pretrained(args.work / "model")


if __name__ == "__main__":
    main()
