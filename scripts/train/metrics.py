"""Figures of agreement between readings and labels."""
import torch
from sklearn.metrics import cohen_kappa_score, f1_score

from heads import readings


def grade_of(expected):
    """The nearest whole grade, -3 to 3."""
    return expected.clamp(-3, 3).round().long()


def agreement(logits, rows, temperature=None):
    """Quadratic kappa, Pearson, F1 figures of a set of sentences, as a dictionary."""
    expected, relevant, direction = readings(logits, temperature)
    grade = torch.tensor([r.grade for r in rows])
    told, read = grade_of(grade), grade_of(expected)
    is_relevant = torch.tensor([r.relevant for r in rows])
    way = torch.tensor([r.direction for r in rows])
    directed = way >= 0
    return {
        "n": len(rows),
        "kappa": cohen_kappa_score(told, read, weights="quadratic", labels=list(range(-3, 4))),
        "pearson": torch.corrcoef(torch.stack([grade, expected]))[0, 1].item(),
        "mae": (grade - expected).abs().mean().item(),
        "sign_macro_f1": f1_score(told.sign(), read.sign(), average="macro"),
        "relevance_f1": f1_score(is_relevant, (relevant > 0.5).long()),
        "direction_macro_f1": f1_score(way[directed], direction[directed].argmax(-1), average="macro"),
    }


def line(figures):
    return "  ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures.items())
