"""Fine-tune an encoder on labelled sentences: three heads, one pass. Resumes from the last finished epoch.

    python train.py --data DIR --cut FOLDER --work DIR [--base minilm] [--teacher FILE --texts FILE] [--epochs 8] [--seed 7]

--teacher gives the logits that teach.py wrote for sentences of --texts. Every epoch draws its order and its dropout from seed and epoch
alone, so a resumed run equals an unbroken one. WORK/model is the result: the mean of the weights of the last epochs.
"""
import argparse
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

import corpora
import folder
import markers
import sentences
import swap
import teach
from heads import DIRECTION_AT, INTENSITY_AT, LABELS, MAX_TOKENS, RELEVANCE_AT, ordinal_targets, readings
from metrics import agreement, line
from sentences import DEV, SILVER, Sentence, base_folder


def build(base, tokenizer, marked, vectors):
    """A model folder's network, or an encoder with a fresh head of 11 logits; where sides are marked, the marks become tokens of the
    tokenizer. Its word vectors are learnt only where asked."""
    # Attention written out: with dropout, on a CPU, it takes less time than torch's own.
    if (base / "model.toml").exists():
        model, _ = folder.open_folder(base, attn_implementation="eager")
    else:
        config = AutoConfig.from_pretrained(base, id2label=dict(enumerate(LABELS)),
                                            label2id={label: i for i, label in enumerate(LABELS)})
        model = AutoModelForSequenceClassification.from_pretrained(base, config=config, attn_implementation="eager")
    if marked:
        markers.teach_marks(tokenizer, model)
    model.get_input_embeddings().weight.requires_grad_(vectors)
    return model


def freeze(model, layers):
    """Leaves the encoder's lowest layers, and what is below them, as they are."""
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


def gather(args):
    """Sentences to train on, by the arguments."""
    train = corpora.news(args.data, args.cut if args.corpora else None)
    if args.behaviour:
        train += sentences.behaviour("train", args.behaviour)
    if args.exchanged:
        train += swap.exchanged(train, args.exchanged)
    if args.events:
        train += sentences.events(args.data, args.events)[0]
    return train


def grades_apart(logits, target, loss):
    """How far the grades read are from a distribution over grades: cross-entropy, or half of it and the squared earth mover's distance
    (Hou, Yu and Samaras 2017), which knows that a grade is nearer to the next one than to the last."""
    apart = F.cross_entropy(logits, target, reduction="none")
    if loss == "emd":
        apart = 0.5 * apart + 2 * (logits.softmax(-1).cumsum(-1) - target.cumsum(-1)).square().sum(-1)
    return apart


def loss_of(logits, rows, taught, args):
    """Mean over the batch of each row's losses, by its weight: labels, a teacher's logits, or both in halves."""
    to = lambda values: torch.tensor(values, device=logits.device)
    intensity, relevance, direction = logits[:, INTENSITY_AT], logits[:, RELEVANCE_AT], logits[:, DIRECTION_AT]
    weight = to([r.weight for r in rows])

    told = to([r.grade is not None for r in rows])
    hard = grades_apart(intensity, ordinal_targets(to([r.grade or 0.0 for r in rows]), args.width), args.loss)
    hard = hard + F.binary_cross_entropy_with_logits(relevance, to([float(r.relevant) for r in rows]), reduction="none")
    # Zero where a row has no direction, so a batch without one costs nothing, never NaN.
    hard = hard + F.cross_entropy(direction, to([r.direction for r in rows]), reduction="none")

    # Where only conflict or cooperation is known, the odds of one against the other: how much is neutral is not told.
    pointed = to([r.conflict is not None for r in rows])
    odds = intensity[:, 4:].logsumexp(-1) - intensity[:, :3].logsumexp(-1)
    sign = F.binary_cross_entropy_with_logits(odds, to([r.conflict or 0.0 for r in rows]), reduction="none")
    loss = torch.where(told, hard, torch.where(pointed, sign, 0.0))

    known = to([t is not None for t in taught])
    if known.any():
        logits_of = torch.stack([torch.zeros(len(LABELS)) if t is None else t for t in taught]).to(logits)
        p = logits_of[:, RELEVANCE_AT].sigmoid()
        soft = grades_apart(intensity, logits_of[:, INTENSITY_AT].softmax(-1), args.loss) \
            + F.binary_cross_entropy_with_logits(relevance, p, reduction="none") \
            + p * F.cross_entropy(direction, logits_of[:, DIRECTION_AT].softmax(-1), reduction="none")
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


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True, help="folder with the labelled sentences")
    p.add_argument("--cut", type=Path, help="folder with the corpora cut in sentences, for --corpora")
    p.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    p.add_argument("--base", default="minilm", help="minilm, or a folder")
    p.add_argument("--teacher", type=Path, help="logits of a teacher")
    p.add_argument("--texts", type=Path, help="the sentences it read, one a line")
    p.add_argument("--taught-of", type=Path, help="of those it read only the sentences of this file, one a line")
    p.add_argument("--taught-most", type=int, help="of the sentences without a label that it read, how many")
    p.add_argument("--taught-part", type=int, default=1, help="and of those one in so many, drawn by the seed")
    p.add_argument("--labels-part", type=int, default=1, help="of the sentences with a grade one in so many, drawn by the seed")
    p.add_argument("--part", type=int, default=1, help="learn from one sentence in so many, for a rehearsal")
    p.add_argument("--epochs", type=int, default=8)
    p.add_argument("--average", type=int, default=2, help="last epochs whose weights are averaged")
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=1e-4)
    p.add_argument("--head-lr", type=float, default=5e-4)
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--width", type=float, default=0.5, help="of the soft grades")
    p.add_argument("--loss", choices=["soft", "emd"], default="emd", help="of the grades")
    p.add_argument("--corpora", type=int, default=1, help="0: without the labels of data/labelled/corpora.csv")
    p.add_argument("--behaviour", type=float, default=1.0, help="weight of the project's own sentences; 0: none")
    p.add_argument("--exchanged", type=float, default=0.5, help="weight of sentences with the sides exchanged; 0: none")
    p.add_argument("--events", type=float, default=0.5, help="weight of event sentences; 0: none")
    p.add_argument("--taught", type=float, default=0.5, help="weight of a teacher's sentences without a label")
    p.add_argument("--vectors", type=int, default=0, help="1: the word vectors are learnt too")
    p.add_argument("--frozen", type=int, default=0, help="how many of the lowest layers stay as they are")
    p.add_argument("--eighths", type=int, default=0, help="1: the matrices read as 8-bit integers, as they will be stored")
    p.add_argument("--marked", type=int, default=1, help="0: without the sides marked in the text")
    args = p.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    half = sentences.half_is_fast(device)

    train, teacher = gather(args), {}
    drawn = random.Random(args.seed)
    train = [row for row in train if row.conflict is not None or args.labels_part == 1 or drawn.random() < 1 / args.labels_part]
    if args.teacher:
        texts, teacher = teach.readings_of(args.texts, args.teacher)
        if args.taught_of:
            only = set(args.taught_of.read_text(encoding="utf-8").splitlines())
            texts = [text for text in texts if text in only]
            teacher = {text: teacher[text] for text in texts}
        labelled = {" ".join(r.text.split()) for r in train}
        read = [Sentence("", "", "taught", text, relevant=int(teacher[text][RELEVANCE_AT] > 0), weight=args.taught)
                for text in texts if text not in labelled][:args.taught_most]
        read = [row for row in read if drawn.random() < 1 / args.taught_part]
        # The same sentence with its sides exchanged is to be read alike, its direction turned round.
        for row in swap.exchanged(read, args.exchanged and args.taught / 2):
            teacher[row.text] = teach.turned(teacher[row.source])
            read.append(row)
        train += read
    train = train[::args.part]
    taught = [teacher.get(" ".join(r.text.split())) for r in train]
    tests = kept_out(args.data)
    base = base_folder(args.base)
    tokenizer = AutoTokenizer.from_pretrained(base)
    torch.manual_seed(args.seed)
    model = build(base, tokenizer, args.marked, bool(args.vectors)).to(device)
    if args.frozen:
        freeze(model, args.frozen)
    if args.eighths:
        round_matrices(model)
    texts = [r.text for r in train]
    texts = markers.mark(texts) if args.marked else texts
    encoded = tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]
    lengths = [len(e) for e in encoded]
    print(f"{len(train)} sentences, {sum(t is not None for t in taught)} taught", flush=True)

    optimiser = optimiser_of(model, args.lr, args.head_lr)
    steps = args.epochs * len(sentences.batches(lengths, args.batch, 0))
    warm = max(1, steps * 6 // 100)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warm, max(0.0, (steps - s) / max(1, steps - warm))))

    options = {k: str(v) for k, v in vars(args).items() if k != "work"}
    last, first_epoch, mean = args.work / "last.ckpt", 0, None
    if last.exists():
        state = torch.load(last, map_location=device, weights_only=True)
        if state["options"] != options:
            raise SystemExit(f"{last}: made with other options {state['options']}; give another --work")
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        first_epoch, mean = state["epoch"] + 1, state["mean"]
        print(f"resumed after epoch {first_epoch}")

    for epoch in range(first_epoch, args.epochs):
        torch.manual_seed(args.seed * 1000 + epoch)
        model.train()
        start, total, order = time.time(), 0.0, sentences.batches(lengths, args.batch, args.seed * 1000 + epoch)
        for step, batch in enumerate(order):
            ids, mask = sentences.collate([encoded[i] for i in batch], tokenizer.pad_token_id)
            with torch.autocast(device, torch.bfloat16, enabled=half):
                logits = model(ids.to(device), mask.to(device)).logits
            loss = loss_of(logits.float(), [train[i] for i in batch], [taught[i] for i in batch], args)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
            if step % 100 == 99:
                print(f"epoch {epoch + 1} step {step + 1}/{len(order)} loss {total / (step + 1):.4f} "
                      f"{time.time() - start:.0f} s", flush=True)
        report(model, tokenizer, tests, args.work, f"epoch-{epoch + 1}", args.marked)
        n = epoch - (args.epochs - args.average)
        if n >= 0:
            weights = {k: v.float().clone() for k, v in model.state_dict().items()}
            mean = weights if mean is None else {k: (mean[k] * n + v) / (n + 1) for k, v in weights.items()}
        partial = last.with_suffix(".part")
        torch.save({"options": options, "epoch": epoch, "model": model.state_dict(), "mean": mean,
                    "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}, partial)
        os.replace(partial, last)
    model.load_state_dict(mean)
    report(model, tokenizer, tests, args.work, "mean", args.marked)
    keep_rounded(model)
    model.save_pretrained(args.work / "model")
    tokenizer.save_pretrained(args.work / "model")


if __name__ == "__main__":
    main()
