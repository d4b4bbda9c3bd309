//! From article text to sentences: byte spans, each with its kind.
//!
//! The sentence is the unit that is scored, so where it ends decides what the index measures. The text is cut in three
//! steps: into paragraphs (here), into sentences (`split`, which looks at the `neighbours` of every mark with the word
//! lists of `abbreviations`), and then each sentence gets its kind (`boilerplate`), so that web-page residue and section headings are not scored as news.
//! Everything runs in linear time, looks only a bounded distance ahead and back, and needs no dependency.
//!
//! Conventions: a quotation of several sentences is cut inside, and its closing marks stay with the sentence that they
//! close; `“…?” Wang asked.` is one sentence. A dateline (`BEIJING, Dec. 11 (Xinhua) --`) is cut off as boilerplate,
//! because where a story was filed is not a claim about the two sides. The rules and the measurements are in
//! `docs/splitter.md`.

mod abbreviations;
mod boilerplate;
mod neighbours;
mod split;

use std::borrow::Cow;

/// Version of the sentence boundaries and kinds, stated in `run.json`: raise it whenever either changes. (Stored readings go
/// by a sentence's text, so other boundaries are other readings by themselves.)
pub const VERSION: &str = "1";

/// What a sentence is, and so whether it is worth scoring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Running text.
    Text,
    /// A section heading: a short line of its own without final punctuation, followed by running text.
    Heading,
    /// Residue of the page or the wire: `READ ALSO: …`, `(Reporting by …)`, `[Photo/VCG]`, bylines, datelines,
    /// copyright and subscription lines, scripts, and spans without a letter or digit.
    Boilerplate,
}

/// One sentence of a text: a byte span and its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// First byte in the text, on a character boundary.
    pub start: usize,
    /// One past the last byte, on a character boundary; greater than `start`.
    pub end: usize,
    /// What the sentence is.
    pub kind: Kind,
}

/// Cuts a text into sentences.
///
/// The spans are in order, do not overlap, are not empty, and neither start nor end with whitespace; together they
/// cover every character that is not whitespace. `&text[s.start..s.end]` is the sentence exactly as it stands in the
/// text. Any text will do; a text without a sentence gives an empty vector.
pub fn sentences(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut paragraphs = Vec::new();
    for (start, end) in paragraphs_of(text) {
        let first = found.len();
        // A photo credit within a line parts a caption from the story, whose dateline may follow.
        let mut from = start;
        for credit in boilerplate::credits(&text[start..end]) {
            let (open, close) = (start + credit.start, start + credit.end);
            section(text, from, open, &mut found);
            push(text, open, close, Some(Kind::Boilerplate), &mut found);
            from = close;
        }
        section(text, from, end, &mut found);
        if found.len() > first {
            paragraphs.push(first..found.len());
        }
    }
    boilerplate::mark_lines(text, &paragraphs, &mut found);
    boilerplate::mark_headings(text, &paragraphs, &mut found);
    found
}

/// Cuts a dateline and the sentences after it.
fn section(text: &str, start: usize, end: usize, found: &mut Vec<Sentence>) {
    let body = start + boilerplate::dateline(&text[start..end]);
    push(text, start, body, Some(Kind::Boilerplate), found);
    for (from, to) in split::split(&text[body..end]) {
        push(text, body + from, body + to, None, found);
    }
}

/// The sentence as scorers read it: each run of whitespace and control codes as one space, and nothing that has no width. So copies
/// of one report, laid out by different outlets, are read once.
pub fn plain(sentence: &str) -> Cow<'_, str> {
    let bytes = sentence.as_bytes();
    let graphic = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    if bytes.iter().all(graphic) && !bytes.windows(2).any(|pair| pair == b"  ") {
        return Cow::Borrowed(sentence);
    }
    let mut plain = String::with_capacity(sentence.len());
    for c in sentence.chars() {
        match c {
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            c if c.is_whitespace() || c.is_control() => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            c => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// Pushes the span without the whitespace at its ends, unless nothing is left. Its kind is read from it if not given.
fn push(text: &str, start: usize, end: usize, kind: Option<Kind>, found: &mut Vec<Sentence>) {
    let piece = &text[start..end];
    let trimmed = piece.trim();
    if !trimmed.is_empty() {
        let start = start + (piece.len() - piece.trim_start().len());
        let end = start + trimmed.len();
        let kind = kind.unwrap_or_else(|| boilerplate::kind(trimmed));
        found.push(Sentence { start, end, kind });
    }
}

/// The widest line, in characters, that is still taken for hard-wrapped prose.
const WRAP_LIMIT: usize = 120;

/// The narrowest column at which prose is wrapped, in characters; shorter lines are lists.
const WRAP_MIN: usize = 40;

/// A paragraph's byte span: a line, or several lines of hard-wrapped prose.
///
/// A line end closes a paragraph, as scraped news has one paragraph a line, unless the lines are one wrapped paragraph.
fn paragraphs_of(text: &str) -> Vec<(usize, usize)> {
    let mut paragraphs = Vec::new();
    let mut block: Vec<(usize, usize)> = Vec::new();
    for line in lines(text) {
        if text[line.0..line.1].trim().is_empty() {
            close(text, &mut block, &mut paragraphs);
        } else {
            block.push(line);
        }
    }
    close(text, &mut block, &mut paragraphs);
    paragraphs
}

/// Lines without their ends; `\n`, `\r`, form feed and the Unicode line and paragraph separators end one.
/// `\r\n` gives no empty line between, which would look like a paragraph's end.
fn lines(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let bytes = rest.as_bytes();
        let ends = |at: &usize| match bytes[*at] {
            b'\n' | b'\r' | 0xc => true,
            0xe2 => rest[*at..].starts_with(['\u{2028}', '\u{2029}']),
            _ => false,
        };
        let length = (0..bytes.len()).find(ends).unwrap_or(bytes.len());
        let line = (start, start + length);
        let tail = &rest[length..];
        let mark = if tail.starts_with("\r\n") { 2 } else { tail.chars().next().map_or(0, char::len_utf8) };
        start += length + mark;
        Some(line)
    })
}

/// Ends a block of lines that no blank line parts, and adds its paragraphs.
fn close(text: &str, block: &mut Vec<(usize, usize)>, paragraphs: &mut Vec<(usize, usize)>) {
    let wrapped = is_wrapped(text, block);
    let mut open: Option<(usize, usize)> = None;
    for line in block.drain(..) {
        open = match open {
            Some((start, end)) if wrapped || continues(&text[start..end], &text[line.0..line.1]) => {
                Some((start, line.1))
            }
            Some(done) => {
                paragraphs.push(done);
                Some(line)
            }
            None => Some(line),
        };
    }
    paragraphs.extend(open);
}

/// Whether the lines are prose filled greedily to a column: no line had room for the first word of the next.
/// Three lines at least, or two short paragraphs would pass by chance.
fn is_wrapped(text: &str, block: &[(usize, usize)]) -> bool {
    let width = |line: &(usize, usize)| text[line.0..line.1].trim().chars().count();
    let Some(column) = block.iter().map(width).max() else {
        return false;
    };
    block.len() > 2
        && (WRAP_MIN..=WRAP_LIMIT).contains(&column)
        && block.windows(2).all(|pair| {
            let next =
                text[pair[1].0..pair[1].1].split_whitespace().next().map_or(0, |word| word.chars().count());
            width(&pair[0]) + 1 + next > column
        })
}

/// Whether a line goes on with the sentence of the line before: it starts small, and that line is no list item.
fn continues(before: &str, line: &str) -> bool {
    let small = line.trim_start().chars().next().is_some_and(char::is_lowercase);
    let tail = &before[neighbours::floor(before, before.len().saturating_sub(200))..];
    small
        && !tail.trim_end().ends_with(neighbours::ends_sentence)
        && tail.split_whitespace().take(4).count() == 4
}

#[cfg(test)]
mod tests;
