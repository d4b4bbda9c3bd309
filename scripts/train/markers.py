"""The two sides marked in the text, `[A] Washington`, `[B] Beijing`: one of the recipes that variants.py compares."""
import re
import tomllib
from pathlib import Path

DYAD = Path(__file__).resolve().parents[2] / "data" / "dyads" / "us-china.toml"


def _pattern():
    dyad = tomllib.loads(DYAD.read_text(encoding="utf-8"))
    names = {}
    for side in ("b", "a"):
        for kind in ("names", "metonyms", "offices", "firms"):
            names |= {name: side.upper() for name in dyad[side].get(kind, [])}
        for leader in dyad[side].get("leaders", []):
            names |= {name: side.upper() for name in leader["names"]}
    for phrase in dyad["ignore"]:
        names[phrase] = ""
    words = sorted(names, key=len, reverse=True)
    return re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, words)) + r")(?![\w-])"), names


PATTERN, SIDE = _pattern()


def mark(text):
    """The text with a marker before each name of a side. The tokenizer reads a marker as its three characters."""
    return PATTERN.sub(lambda m: f"[{SIDE[m.group()]}] {m.group()}" if SIDE[m.group()] else m.group(), text)
