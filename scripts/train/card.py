"""Tables of the model card stand between marks, so that the scripts that measure can renew them."""
import re


def block(card, name):
    """The text of the file `card` and in it the match of `<!-- name -->`, what stands between, `<!-- end of name -->`."""
    text = card.read_text(encoding="utf-8")
    found = re.search(rf"(<!-- {name} -->\n)(.*?)(<!-- end of {name} -->)", text, re.DOTALL)
    if not found:
        raise SystemExit(f"{card}: no '<!-- {name} -->' … '<!-- end of {name} -->' lines to write between")
    return text, found


def lines(card, name):
    """The lines that stand there."""
    return block(card, name)[1][2].strip().splitlines()


def put(card, name, text):
    """Writes `text` there."""
    old, found = block(card, name)
    card.write_text(old[:found.start(2)] + "\n" + text + "\n\n" + old[found.end(2):], encoding="utf-8")
