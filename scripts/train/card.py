"""Tables of the model card stand between marks, so that the scripts that measure can renew them."""
import re


def put(card, name, text):
    """Writes `text` between `<!-- name -->` and `<!-- end of name -->` of the file `card`."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    old = card.read_text(encoding="utf-8")
    if not marked.search(old):
        raise SystemExit(f"{card}: no '<!-- {name} -->' … '<!-- end of {name} -->' lines to write between")
    card.write_text(marked.sub(lambda m: m[1] + "\n" + text + "\n\n" + m[2], old), encoding="utf-8")
