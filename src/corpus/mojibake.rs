//! Mends UTF-8 that was once read as Latin-1 or Windows-1252 and saved again (`â€™` for `’`), the commonest
//! damage in scraped corpora. Only runs that decode to valid UTF-8 are touched.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

/// `text` with its misread runs mended; borrowed when there are none.
///
/// A run is two or more neighbouring characters above ASCII that Windows-1252 (which holds the C1 controls too, so
/// Latin-1 as well) can write, and whose bytes are valid UTF-8. Well-formed text does not contain such runs:
/// `é` or `“` alone is no valid UTF-8 sequence.
pub fn mend(text: &str) -> Cow<'_, str> {
    // A run holds at least one of U+00C0 to U+00FF, in UTF-8 with this first byte.
    if !text.as_bytes().contains(&0xc3) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut kept = 0; // everything before this byte of `text` is in `out`
    let mut at = 0;
    while at < text.len() {
        let run = text[at..].find(|c: char| c.is_ascii()).unwrap_or(text.len() - at);
        if run == 0 {
            at += text[at..].find(|c: char| !c.is_ascii()).unwrap_or(text.len() - at);
            continue;
        }
        if let Some(mended) = misread(&text[at..at + run]) {
            out.push_str(&text[kept..at]);
            out.push_str(&mended);
            kept = at + run;
        }
        at += run;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

/// A run of non-ASCII characters read back as the UTF-8 it was, if it was.
fn misread(run: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(run.len());
    for c in run.chars() {
        if ('\u{80}'..='\u{ff}').contains(&c) {
            bytes.push(c as u8); // Latin-1 wins over Windows-1252 for 0x80–0x9f: both are met in the wild
        } else {
            let mut buffer = [0; 4];
            let (byte, _, failed) = WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
            if failed || byte.len() != 1 {
                return None;
            }
            bytes.push(byte[0]);
        }
    }
    String::from_utf8(bytes).ok().filter(|mended| mended.len() < run.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_misreadings_are_mended() {
        assert_eq!(mend("China\u{e2}\u{80}\u{99}s side"), "China’s side");
        assert_eq!(mend("China\u{e2}€™s side"), "China’s side");
        assert_eq!(mend("caf\u{c3}\u{a9}\u{c2}\u{a0}1"), "café\u{a0}1");
    }

    #[test]
    fn sound_text_is_left_alone() {
        for text in ["plain", "café — “quoted” déjà vu", "中美贸易", "naïve Zoë", "Ã alone", "50 € – ok"]
        {
            assert!(matches!(mend(text), Cow::Borrowed(_)), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn damage_is_undone(text in "[a-z ]{0,5}[’“”—é中]{1,4}[a-z ]{0,5}") {
            let damaged: String = text.bytes().map(char::from).collect();
            proptest::prop_assert_eq!(mend(&damaged), text);
        }
    }
}
