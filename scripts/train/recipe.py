"""One training as recipes.toml describes it: what is learnt from, how much of it, and how."""
import dataclasses
import tomllib
from pathlib import Path

LABELLED = ("news", "corpora", "pairs", "reports", "events")  # pools.py says what each is
UNLABELLED = ("unlabelled", "varied", "event_likes")
WEIGHT = {"exchanged": 0.5, "events": 0.5, "taught": 0.5}  # sides exchanged, event sentences, sentences without a label; all else 1


@dataclasses.dataclass(frozen=True)
class Stage:
    """One training. A share or a weight that a stage leaves out is the one here."""
    epochs: int = 1
    seed: int = 7
    batch: int = 32
    lr: float = 1e-4
    head_lr: float = 5e-4  # of pooler and classifier
    falling: bool = True  # after the warm-up the rate falls to nothing; false: it stays
    average_from: float = 1.0  # from this part of the steps on the weights of every tenth are averaged; 1: the last weights alone
    loss: str = "emd"  # of the grades: soft, or with the squared earth mover's distance
    width: float = 0.5  # in grades, of the soft labels
    dropout: float = 0.1
    direction: float = 1.0  # weight of the direction's loss
    states: float = 0.0  # weight of the large model's states; 0: none
    marked: bool = False  # the sides are marked in the text
    vectors: bool = False  # the word vectors are learnt too
    frozen: int = 0  # how many of the lowest layers stay as they are
    eighths: bool = False  # the matrices read as 8-bit integers, as they will be stored
    taught: tuple = ()  # pools whose sentences are learnt from a teacher's readings, beside their labels where they have some
    share: dict = dataclasses.field(default_factory=dict)  # of a pool's sentences, drawn anew each epoch
    weight: dict = dataclasses.field(default_factory=dict)  # of a sentence in the loss

    def __post_init__(self):
        object.__setattr__(self, "share", dict.fromkeys(LABELLED + UNLABELLED, 1.0) | self.share)
        object.__setattr__(self, "weight", WEIGHT | self.weight)


def stage_of(file, name):
    """The stage of that name; what it does not say is as in the one that it is `like`."""
    stages = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    if name not in stages:
        raise SystemExit(f"{file}: no stage '{name}'; it has {', '.join(stages)}")

    def whole(name):
        own = dict(stages[name])
        base = whole(own.pop("like")) if "like" in own else {}
        return base | own | {key: base[key] | own[key] for key in own if isinstance(own[key], dict) and key in base}

    found = whole(name)
    known = {field.name for field in dataclasses.fields(Stage)}
    pools = set(LABELLED + UNLABELLED)
    wrong = {*found} - known | {*found.get("share", {})} - pools | {*found.get("taught", ())} - pools | {*found.get("weight", {})} - {*WEIGHT}
    if wrong:
        raise SystemExit(f"{file}: stage '{name}' has {', '.join(sorted(wrong))}, which recipe.py does not know")
    return Stage(**found)
