"""The three heads that share one logits vector, and how logits become a reading.

The order below is the order of `id2label` in config.json and of `[reading]` in model.toml.
"""
import torch

INTENSITY = ["-3", "-2", "-1", "0", "+1", "+2", "+3"]
DIRECTION = ["a_to_b", "b_to_a", "mutual"]  # a = the US side, b = the China side
LABELS = INTENSITY + ["relevant"] + DIRECTION
INTENSITY_AT, RELEVANCE_AT, DIRECTION_AT = slice(0, 7), 7, slice(8, 11)
GRADES = torch.arange(-3.0, 4.0)
MAX_TOKENS = 256


def readings(logits, temperature=None):
    """Logits [n, 11] to grade (expected, -3..3), p(relevant) and direction probabilities [n, 3]."""
    t = temperature or {"intensity": 1.0, "relevance": 1.0, "direction": 1.0}
    intensity = (logits[:, INTENSITY_AT] / t["intensity"]).softmax(-1)
    relevant = (logits[:, RELEVANCE_AT] / t["relevance"]).sigmoid()
    direction = (logits[:, DIRECTION_AT] / t["direction"]).softmax(-1)
    return intensity @ GRADES.to(logits), relevant, direction


def ordinal_targets(grades, width=0.5):
    """Soft labels over the seven grades: a Gaussian of this width about the (possibly fractional) grade."""
    distance = GRADES.to(grades) - grades[:, None]
    return (-0.5 * (distance / width) ** 2).softmax(-1)
