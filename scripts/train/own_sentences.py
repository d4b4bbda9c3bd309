"""Own-words training sentences: what negation, hedging and background do to an event, after the codebook.

News samples hold few of them, and a model that has seen none reads "will not impose tariffs" as tariffs.
Every sentence is an event in a frame between two sides; the frame says what becomes of the event's grade.
"""
import random
import re

from sentences import Sentence

US = [("the United States", "American"), ("Washington", "American"), ("the White House", "American"),
      ("the US government", "American"), ("the Trump administration", "American"), ("the US Congress", "American")]
CHINA = [("China", "Chinese"), ("Beijing", "Chinese"), ("the Chinese government", "Chinese"),
         ("the Chinese leadership", "Chinese"), ("China's commerce ministry", "Chinese")]
OTHERS = [("Japan", "Japanese"), ("India", "Indian"), ("Russia", "Russian"), ("Germany", "German"),
          ("Turkey", "Turkish"), ("Iran", "Iranian"), ("Mexico", "Mexican"), ("Australia", "Australian")]

# infinitive, past, gerund, grade as a reported fact, between both sides alike
EVENTS = [
    ("impose tariffs on {b} steel", "imposed tariffs on {b} steel", "imposing tariffs on {b} steel", 2, False),
    ("raise duties on {b} cars", "raised duties on {b} cars", "raising duties on {b} cars", 2, False),
    ("sanction {b} banks", "sanctioned {b} banks", "sanctioning {b} banks", 2, False),
    ("ban {b} software", "banned {b} software", "banning {b} software", 2, False),
    ("blacklist {b} companies", "blacklisted {b} companies", "blacklisting {b} companies", 2, False),
    ("expel {b} diplomats", "expelled {b} diplomats", "expelling {b} diplomats", 2, False),
    ("close a {b} consulate", "closed a {b} consulate", "closing a {b} consulate", 2, False),
    ("break off talks with {B}", "broke off talks with {B}", "breaking off talks with {B}", 2, False),
    ("accuse {B} of spying", "accused {B} of spying", "accusing {B} of spying", 2, False),
    ("condemn {b} policy", "condemned {b} policy", "condemning {b} policy", 2, False),
    ("retaliate against {B}", "retaliated against {B}", "retaliating against {B}", 2, False),
    ("seize a {b} ship", "seized a {b} ship", "seizing a {b} ship", 3, False),
    ("use force against {b} forces", "used force against {b} forces", "using force against {b} forces", 3, False),
    ("sever relations with {B}", "severed relations with {B}", "severing relations with {B}", 3, False),
    ("send warships against {B}", "sent warships against {B}", "sending warships against {B}", 3, False),
    ("sign a trade deal with {B}", "signed a trade deal with {B}", "signing a trade deal with {B}", -3, True),
    ("lift its tariffs on {b} goods", "lifted its tariffs on {b} goods", "lifting its tariffs on {b} goods", -3, False),
    ("restore relations with {B}", "restored relations with {B}", "restoring relations with {B}", -3, True),
    ("hold talks with {B}", "held talks with {B}", "holding talks with {B}", -2, True),
    ("resume cooperation with {B}", "resumed cooperation with {B}", "resuming cooperation with {B}", -2, True),
    ("ease sanctions on {b} firms", "eased sanctions on {b} firms", "easing sanctions on {b} firms", -2, False),
    ("buy more {b} grain", "bought more {b} grain", "buying more {b} grain", -2, False),
    ("receive a {b} delegation", "received a {b} delegation", "receiving a {b} delegation", -2, False),
    ("pause its tariffs on {b} goods", "paused its tariffs on {b} goods", "pausing its tariffs on {b} goods", -2, False),
]

CALMER = lambda g: g - 1 if g > 0 else g + 1  # one step nearer to neutral
# template, grade of a conflictual event, grade of a cooperative one (None: not said so)
FRAMES = [
    ("{A} {past} on {day}.", lambda g: g, lambda g: g),
    ("{A} {past}, officials said {day}.", lambda g: g, lambda g: g),
    ("On {day} {A} {past}.", lambda g: g, lambda g: g),
    ("{A} has not {past} after all.", lambda g: -0.3, lambda g: 0.7),
    ("{A} will not {inf}, a spokesman said on {day}.", lambda g: -0.5, lambda g: 1.0),
    ("{A} said it has no plans to {inf}.", lambda g: -0.5, lambda g: 0.7),
    ("{A} denied that it {past}.", lambda g: 0.3, lambda g: 0.7),
    ("{A} ruled out {ing}.", lambda g: -0.5, lambda g: 1.0),
    ("{A} did not rule out {ing}.", lambda g: 1.0, lambda g: -0.5),
    ("{A} refused to {inf}.", lambda g: -0.5, lambda g: 1.5),
    ("{A} decided against {ing}.", lambda g: -1.0, lambda g: 1.0),
    ("{A} dropped its plan to {inf}.", lambda g: -1.0, lambda g: 1.0),
    ("Nobody expects {A} to {inf}.", lambda g: 0.0, lambda g: 0.5),
    ("It would be wrong for {A} to {inf}, the paper wrote.", lambda g: 0.3, lambda g: 0.5),
    ("{A} may {inf} next year.", CALMER, CALMER),
    ("{A} could {inf} if nothing changes.", CALMER, CALMER),
    ("{A} is considering {ing}.", CALMER, CALMER),
    ("{A} threatened to {inf}.", lambda g: g, None),
    ("{A} promised to {inf}.", None, CALMER),
    ("{A} is ready to {inf}.", CALMER, CALMER),
    ("{A} {past} two decades ago.", CALMER, CALMER),
    ("Years ago {A} {past}, a history of the period recalls.", CALMER, CALMER),
]
FACTS = [template for template, _, _ in FRAMES[:3]]  # an act of both is mutual once done; before that it is one side's stance
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


def make(n, seed, weight):
    """n labelled sentences: half between the US and China, half with another country on one side."""
    rng, rows, seen = random.Random(seed), [], set()
    while len(rows) < n:
        a, b = rng.choice([(US, CHINA), (CHINA, US), (US, OTHERS), (OTHERS, US), (CHINA, OTHERS), (OTHERS, CHINA),
                           (OTHERS, OTHERS), (US, CHINA), (CHINA, US), (US, CHINA), (CHINA, US)])
        (actor, own), (target, adjective) = rng.choice(a), rng.choice(b)
        template, on_conflict, on_cooperation = rng.choice(FRAMES)
        inf, past, ing, grade, alike = rng.choice(EVENTS)
        rule = on_conflict if grade > 0 else on_cooperation
        if rule is None or own == adjective:
            continue
        words = {form: phrase.format(b=adjective, B=target) for form, phrase in
                 (("inf", inf), ("past", past), ("ing", ing))}
        if template.startswith("{A} has not"):
            words["past"] = words["past"].replace("broke off", "broken off")
        text = template.format(A=actor, day=rng.choice(DAYS), **words)
        text = re.sub(r"\ba (?=[AEIOU])", "an ", text)
        text = text[0].upper() + text[1:]
        if text in seen:
            continue
        seen.add(text)
        relevant = int({own, adjective} == {"American", "Chinese"})
        way = -100 if not relevant else 2 if alike and template in FACTS else 0 if own == "American" else 1
        rows.append(Sentence(f"own{len(rows)}", "", "own", text, float(rule(grade)), relevant, way, weight))
    return rows
