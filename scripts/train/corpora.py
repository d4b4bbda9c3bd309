"""Sentences of the corpora: those that more labels name by place, and those without a label, for a teacher to read.

    python corpora.py --data DIR --cut FOLDER --out unlabelled.txt

DIR/../corpora holds the csv files; FOLDER/<corpus>.csv are their sentences by `tensiometer split`.
data/labelled/corpora.csv keeps labels as article, part, byte span and label, never as text.
"""
import argparse
import random
import re
from pathlib import Path

from sentences import DEV, DIRECTION_OF, OWN, SILVER, Sentence, events, normal, read, rows_of

CORPORA = {"nyt": "nyt_us_china_2009_2021", "pd": "peoples_daily_tariffs_2018_raw", "h": "headlines_2022"}
CHRONICLE = "us_china_chronicle"  # the project's own
# Political text of other kinds, how many sentences.
OTHERS = {"un_quad_train": 2500, "news_target_sentiment_train": 2500, "directed_sentiment_train": 8000}
POLITICS = re.compile(
    r"\b(China|Chinese|Beijing|U\.?S\.?|American?|Washington|Xi|Biden|Trump|Obama|Taiwan|Russia|Ukrain|NATO|Japan|Korea|India|"
    r"Iran|EU|sanction|minister|president|embassy|envoy|summit|military|troops|missile|treaty|ceasefire|diplom|bilateral|"
    r"cooperat|tariff|warn|slam|condemn|urge|oppos)\w*")
SEVERAL = re.compile(r"[.?!][”\"]? +[“\"A-Z]")


def cut_rows(cut, name):
    """The sentences of a corpus, without the apostrophe that keeps spreadsheets from running a text as a formula."""
    for r in rows_of(cut / f"{name}.csv"):
        yield r | {"text": re.sub(r"^'(?='*[=+\-@\t\r＝＋－＠])", "", r["text"])}


def pool(data, cut):
    """(corpus, article, part, start, end, text) of every sentence; those of articles that name both sides first."""
    out, seen = [], set()
    for corpus, name in CORPORA.items():
        for r in cut_rows(cut, name):
            out.append((corpus, r["article_id"], r["part"], int(r["start"]), int(r["end"]), r["text"]))
            seen.add(r["article_id"])
    for corpus in ("nyt", "h"):  # headlines and leads of one sentence in the articles that name one side or none
        for r in rows_of(data.parent / "corpora" / f"{CORPORA[corpus]}.csv"):
            for part in ("title", "text") if corpus == "nyt" else ("title",):
                text = r[part].strip()
                if r["id"] not in seen and text and not SEVERAL.search(text.replace("U.S.", "US")):
                    start = len(r[part][:r[part].index(text)].encode())
                    out.append((corpus + "-other", r["id"], part, start, start + len(text.encode()), text))
    return out


def labelled(data, cut):
    """The labels of data/labelled/corpora.csv with the sentences that they name."""
    texts = {row[1:5]: row[5] for row in pool(data, cut)}
    articles = {r["id"]: r for name in CORPORA.values() for r in rows_of(data.parent / "corpora" / f"{name}.csv") if "id" in r}
    dates = {}
    for name in CORPORA.values():
        dates |= {r["id"]: r["date"] for r in rows_of(data.parent / "corpora" / f"{name}.csv") if "id" in r}
        dates |= {r["article_id"]: r["date"] for r in cut_rows(cut, name)}
    out = []
    for r in rows_of(OWN / "corpora.csv"):
        place = (r["article_id"], r["part"], int(r["start"]), int(r["end"]))
        text = texts.get(place) or articles[place[0]][place[1]].encode()[place[2]:place[3]].decode()
        out.append(Sentence("-".join(map(str, place)), dates[place[0]], place[0].split("-")[0], text,
                            float(r["tension"]), int(r["relevant"]), DIRECTION_OF[r["direction"]]))
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--cut", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    dev = {normal(r.text) for r in read(args.data / DEV)}
    known = dev | {normal(r.text) for r in read(args.data / SILVER)}
    rows = pool(args.data, args.cut)
    # No sentence of an article of which one is in dev.
    shut = {row[1] for row in rows if normal(row[5]) in dev}
    chosen, headlines = [], []
    for row in rows:
        key = normal(row[5])
        if row[1] not in shut and key not in known and len(key) >= 15:
            known.add(key)
            (headlines if row[0] == "h-other" else chosen).append(row[5])
    rng = random.Random(5)
    rng.shuffle(headlines)
    political = [bool(POLITICS.search(text)) for text in headlines]
    chosen += [text for text, yes in zip(headlines, political) if yes][:9500]
    chosen += [text for text, yes in zip(headlines, political) if not yes][:2500]
    more = [r["text"] for r in cut_rows(args.cut, CHRONICLE)]
    more += [row.text for row in events(args.data)[0]]
    for name, n in OTHERS.items():
        more += rng.sample([r["sentence"] for r in rows_of(args.data / f"{name}.csv")], n)
    for text in more:
        if len(normal(text)) >= 15 and normal(text) not in known:
            known.add(normal(text))
            chosen.append(text)
    rng.shuffle(chosen)
    args.out.write_text("".join(re.sub(r"\s+", " ", text) + "\n" for text in chosen), encoding="utf-8")
    print(f"{args.out}: {len(chosen)} sentences")


if __name__ == "__main__":
    main()
