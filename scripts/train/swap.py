"""Training sentences with the two sides exchanged: the same act from the other side, its direction turned round.

The corpora have the two sides do different things, and a model may learn who acts from what is done. Only
sentences that name both sides in words that can be exchanged, and neither side in any other word, are used.
"""
import re
from dataclasses import replace

EXCHANGE = {
    "the united states": "China", "the u.s.": "China", "the us": "China", "united states": "China", "u.s.": "Chinese",
    "us": "Chinese", "america": "China", "american": "Chinese", "americans": "Chinese", "washington": "Beijing",
    "china": "the United States", "chinese": "American", "beijing": "Washington",
}
NAMES = re.compile(r"(?<![\w.])(?:[Tt]he United States|[Tt]he U\.S\.|[Tt]he US|United States|U\.S\.|US|America|Americans?|"
                   r"Washington|China|Chinese|Beijing)(?![\w-])")
# Words of one side that would stay behind.
FIXED = re.compile(
    r"\b(Trump|Biden|Obama|Clinton|Bush|Harris|Pence|Rubio|Blinken|Kerry|Pompeo|Hegseth|Yellen|Bessent|Mnuchin|Greer|"
    r"Lutnick|Sullivan|Bolton|Lighthizer|Navarro|Tillerson|Austin|Mattis|Geithner|Romney|McCain|Pelosi|Schumer|Congress\w*|"
    r"Senat\w*|House|Representatives|Pentagon|Treasury|Republicans?|Democrats?|Fed|Federal|F\.?B\.?I|C\.?I\.?A|N\.?S\.?A|"
    r"Xi|Hu|Wen|Wang|Li|Lu|Liu|He|Yang|Zhao|Qin|Guo|Lin|Mao|Tai|Taiwan\w*|Taipei|Hong|Xinjiang|Tibet\w*|Uighurs?|Uyghurs?|"
    r"Dalai|PLA|Huawei|TikTok|ByteDance|ZTE|Tencent|Alibaba|Google|Apple|Boeing|Tesla|Nvidia|NVIDIA|Communist|CPC|"
    r"Xinhua|South China|yuan|renminbi|dollar|New York|California|Texas|Secretary|Shanghai|MOFCOM|PRC|DPP|NATO)\b")


def exchanged(rows, weight):
    """Rows about the dyad, each a second time with its sides exchanged, where that can be done; `source` is the first text."""
    out = []
    for row in rows if weight else []:
        found = [m.group().lower() for m in NAMES.finditer(row.text)]
        sides = {"b" if word in ("china", "chinese", "beijing") else "a" for word in found}
        if not row.relevant or sides != {"a", "b"} or FIXED.search(row.text):
            continue
        text = NAMES.sub(lambda m: EXCHANGE[m.group().lower()], row.text)
        way = {0: 1, 1: 0}.get(row.direction, row.direction)
        out.append(replace(row, id=f"{row.id}-exchanged", source=row.text, text=text[0].upper() + text[1:], direction=way,
                           weight=weight))
    return out
