//! What stands around a mark that may end a sentence: the run of marks, the word before it, and what follows.

use super::abbreviations::{belongs_to_name, is_finite_verb, is_speech_verb, starts_sentence};

/// How far a decision may look, in bytes: longer than any abbreviation, or any subject and its verb.
pub(super) const WINDOW: usize = 96;

/// Whether a character may end a sentence.
pub(super) fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '‼' | '⁇' | '⁈' | '⁉') || ends_anywhere(c)
}

/// Marks of scripts that put no space between sentences, or no other use to the mark: CJK, Devanagari, Arabic, Urdu.
pub(super) fn ends_anywhere(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡' | '।' | '॥' | '؟' | '۔')
}

pub(super) fn is_bullet(c: char) -> bool {
    matches!(c, '•' | '‣' | '⁃' | '●' | '▪' | '■' | '◦')
}

pub(super) fn is_closer(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | ')' | ']' | '}' | '»' | '›' | '」' | '』' | '）' | '】' | '》')
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»')
}

/// Marks that may stand before a sentence's first word.
pub(super) fn is_opener(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '‘'
            | '„'
            | '('
            | '['
            | '{'
            | '«'
            | '‹'
            | '「'
            | '『'
            | '（'
            | '【'
            | '《'
            | '¿'
            | '¡'
    ) || matches!(c, '—' | '–' | '-' | '*' | '_')
}

/// Curly quotes whose UTF-8 bytes were read as Latin-1 or Windows-1252, as scraped news is full of them.
pub(super) const GARBLED_QUOTES: [&str; 8] =
    ["â\u{80}\u{9c}", "â\u{80}\u{9d}", "â\u{80}\u{98}", "â\u{80}\u{99}", "â€œ", "â€\u{9d}", "â€˜", "â€™"];

/// Length of the garbled quote that starts the text, or 0. Opening and closing ones are not told apart.
pub(super) fn garbled_quote(text: &str) -> usize {
    if !text.starts_with('â') {
        return 0;
    }
    GARBLED_QUOTES.iter().find(|quote| text.starts_with(**quote)).map_or(0, |quote| quote.len())
}

/// A run of final marks with the closing marks after it: `?!`, `.”`, `...`, `. . . .`
pub(super) struct Run {
    pub(super) end: usize,
    pub(super) dots: usize,
    /// Dots that stand for left-out words: three with spaces between, where a fourth is the full stop, or `[...]`.
    pub(super) left_out: bool,
    pub(super) quoted: bool,
    pub(super) closed_cjk: bool,
}

impl Run {
    pub(super) fn read(text: &str, start: usize, at: usize) -> Run {
        let mut end = at;
        let (mut dots, mut spaced, mut cjk, mut quoted) = (0, false, false, false);
        while let Some(c) = text[end..].chars().next() {
            if ends_sentence(c) {
                dots += usize::from(c == '.');
                cjk |= ends_anywhere(c);
                end += c.len_utf8();
            } else if dots > 0 && c == ' ' && is_spaced_dot(&text[end + 1..]) {
                spaced = true;
                end += 1;
            } else {
                break;
            }
        }
        while let Some(c) = text[end..].chars().next() {
            if is_closer(c) {
                quoted |= is_quote(c);
                end += c.len_utf8();
            } else if let Some(length) = footnote(&text[end..]) {
                end += length;
            } else if garbled_quote(&text[end..]) > 0 {
                quoted = true;
                end += garbled_quote(&text[end..]);
            } else {
                break;
            }
        }
        let head = text[start..at].trim_start();
        let left_out = dots > 2 && (spaced && dots == 3 && head.ends_with(' ') || head.ends_with('['));
        Run { end, dots, left_out, quoted, closed_cjk: cjk }
    }
}

/// Whether the text starts with a dot that stands alone, as in `. . .`, and not with `.5`.
pub(super) fn is_spaced_dot(text: &str) -> bool {
    let mut marks = text.chars();
    marks.next() == Some('.') && marks.next().is_none_or(|c| c == ' ' || c == '.' || is_closer(c))
}

/// Length of a footnote mark such as `[3]` at the start of the text.
pub(super) fn footnote(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('[')?;
    let digits = inner.bytes().take(3).take_while(u8::is_ascii_digit).count();
    (digits > 0 && inner[digits..].starts_with(']')).then_some(digits + 2)
}

/// The beginning of what follows a mark.
pub(super) struct Next<'a> {
    /// The first word, without the marks before it.
    pub(super) word: &'a str,
    /// A bounded window from the first word on.
    pub(super) window: &'a str,
    /// Whether a quotation opens, or a dash stands, before it.
    pub(super) opened: bool,
    /// Whether a sentence can start like this at all: not in small letters, not with `,`.
    pub(super) may_start: bool,
}

impl<'a> Next<'a> {
    pub(super) fn read(text: &'a str) -> Next<'a> {
        let text = text.trim_start();
        let window = &text[..floor(text, text.len().min(WINDOW))];
        let unquoted = &window[garbled_quote(window)..];
        let plain = unquoted.trim_start_matches(|c: char| is_opener(c) || c.is_whitespace());
        let opened = plain.len() < window.len() && !window.starts_with(['(', '[', '{']);
        let word = plain
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '\'' | '’')))
            .next()
            .unwrap_or("");
        let may_start = match plain.chars().next() {
            None => true,
            Some(c) if c.is_lowercase() => is_camel(word) || is_script(plain),
            Some(c) => {
                !matches!(c, ',' | ';' | ':' | '.' | '!' | '?' | '%' | '/' | '&' | '+' | '=') && !is_closer(c)
            }
        };
        Next { word, window: plain, opened, may_start }
    }

    pub(super) fn starts_with_digit(&self) -> bool {
        self.word.starts_with(|c: char| c.is_ascii_digit())
    }

    /// A capitalised subject of up to four words and its verb: `China is`, `Xi Jinping has`.
    pub(super) fn starts_clause(&self) -> bool {
        let mut words = self.window.split_whitespace();
        if belongs_to_name(self.word) || !words.next().is_some_and(is_name) {
            return false;
        }
        words.take(4).find(|word| !is_name(word)).is_some_and(is_finite_verb)
    }

    /// A speaker and a verb of speech that ends its clause: `Wang asked.`, `Mr. Li said on Monday`.
    pub(super) fn is_speaker(&self) -> bool {
        let mut words = self.window.split_whitespace().skip_while(|word| is_name(word.trim_end_matches('.')));
        let verb = words.next().unwrap_or("");
        let bare = verb.trim_end_matches([',', '.', ':', ';']);
        !self.opened
            && !starts_sentence(self.word)
            && is_speech_verb(bare)
            && (bare.len() < verb.len()
                || words.next().is_none_or(|word| {
                    matches!(
                        word,
                        "in" | "at"
                            | "on"
                            | "during"
                            | "after"
                            | "before"
                            | "as"
                            | "when"
                            | "while"
                            | "reporters"
                    )
                }))
    }
}

/// A word of a name: capitalised and without a mark at its end.
pub(super) fn is_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.ends_with(char::is_alphanumeric)
}

/// A brand in mixed case that can start a sentence although it starts small: `iPhone`, `eBay`.
pub(super) fn is_camel(word: &str) -> bool {
    word.chars().nth(1).is_some_and(char::is_uppercase)
}

/// A script statement that a scraper left in the text: `var config = {…};`
pub(super) fn is_script(text: &str) -> bool {
    text.strip_prefix("var ")
        .and_then(|rest| rest.split_whitespace().nth(1))
        .is_some_and(|word| word.starts_with('='))
}

/// The word that ends at `at`, from the last whitespace or opening mark on, within the sentence and the window.
pub(super) fn word_before(text: &str, start: usize, at: usize) -> &str {
    let window = &text[floor(text, at.saturating_sub(WINDOW).max(start))..at];
    let word = window.rsplit(char::is_whitespace).next().unwrap_or("");
    word.trim_start_matches(|c: char| is_opener(c) || is_bullet(c))
}

/// The greatest character boundary not above `at`.
pub(super) fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
