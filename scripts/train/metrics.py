"""Figures of agreement between readings and labels; the same as `tensiometer eval` prints, for use while training."""
import numpy as np
from sklearn.metrics import cohen_kappa_score, f1_score

from heads import readings


def agreement_of(read, rows, relevant=None, direction=None):
    """Figures of grades read (and of relevance 0/1 and direction 0 to 2, where they are read), as a dictionary."""
    told, read = np.array([r.grade for r in rows]), np.asarray(read, dtype=float).clip(-3, 3)
    whole = lambda grades: np.round(grades).astype(int)
    figures = {
        "n": len(rows),
        "quadratic_kappa": cohen_kappa_score(whole(told), whole(read), weights="quadratic", labels=list(range(-3, 4))),
        "pearson": float(np.corrcoef(told, read)[0, 1]),
        "mean_absolute_error": float(np.abs(told - read).mean()),
        "sign_macro_f1": f1_score(np.sign(whole(told)), np.sign(whole(read)), average="macro"),
    }
    if relevant is not None:
        figures["relevance_f1"] = f1_score([r.relevant for r in rows], relevant)
    if direction is not None:
        way = np.array([r.direction for r in rows])
        figures["direction_macro_f1"] = f1_score(way[way >= 0], np.asarray(direction)[way >= 0], average="macro")
    return figures


def agreement(logits, rows, temperature=None):
    """Figures of the three heads."""
    grade, relevant, direction = readings(logits, temperature)
    return agreement_of(grade.numpy(), rows, (relevant > 0.5).numpy().astype(int), direction.argmax(-1).numpy())


def line(figures):
    return "  ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures.items())
