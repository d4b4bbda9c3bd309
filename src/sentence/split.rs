//! A paragraph to sentences: finds the marks that may end a sentence and decides each by its two neighbours.
//!
//! One pass from left to right. At each mark only a bounded window is looked at on either side, so the time is linear
//! in the text whatever the text is.

use super::abbreviations::{Stop, follows_time, starts_sentence, stop, takes_letter};
use super::neighbours::{
    Next, Run, WINDOW, ends_sentence, floor, is_bullet, is_opener, is_quote, word_before,
};

/// The longest list number with the marks before it, in bytes.
const LIST_NUMBER: usize = 16;

/// Byte spans of the sentences of one paragraph, without the whitespace before them.
pub(super) fn split(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let (mut start, mut at) = (skip_space(text, 0), 0);
    while let Some((position, mark)) = next_mark(text, at) {
        let (cut, resume) = decide(text, start, position, mark);
        at = resume;
        if let Some(cut) = cut.filter(|&cut| cut > start && cut < text.len()) {
            spans.push((start, cut));
            start = skip_space(text, cut);
        }
    }
    spans.push((start, text.len()));
    spans
}

/// The first place from `at` on that is not whitespace.
fn skip_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

/// The next character from `at` on that may end or, for a bullet, start a sentence.
fn next_mark(text: &str, at: usize) -> Option<(usize, char)> {
    let found = text[at..].find(|c: char| match c {
        '.' | '!' | '?' => true,
        c if c.is_ascii() => false,
        c => ends_sentence(c) || is_bullet(c),
    })?;
    let position = at + found;
    text[position..].chars().next().map(|mark| (position, mark))
}

/// Where the sentence ends, if the mark at `at` ends it, and where to go on looking.
fn decide(text: &str, start: usize, at: usize, mark: char) -> (Option<usize>, usize) {
    if is_bullet(mark) {
        let spaced = text[..at].chars().next_back().is_none_or(char::is_whitespace);
        return (spaced.then_some(at), at + mark.len_utf8());
    }
    let run = Run::read(text, start, at);
    let end = run.end;
    let rest = &text[end..];
    if rest.is_empty() || run.closed_cjk {
        return (Some(end), end);
    }
    let before = word_before(text, start, at);
    if !rest.starts_with(char::is_whitespace) {
        return (glued(before, rest, &run).then_some(end), end);
    }
    let next = rest.trim_start();
    // `no comment. ” Others`: the closing quote was parted from its sentence.
    let mut marks = next.char_indices();
    if let Some((_, quote)) = marks.next().filter(|&(_, c)| is_quote(c))
        && marks.next().is_none_or(|(_, c)| c.is_whitespace())
    {
        let end = text.len() - next.len() + quote.len_utf8();
        let after = Next::read(&text[end..]);
        return (after.may_start.then_some(end), end);
    }
    let next = Next::read(next);
    let ends = next.may_start
        && match mark {
            _ if run.dots > 1 || mark == '…' => !run.left_out,
            '.' => full_stop_ends(text, start, at, before, &next),
            _ if run.quoted && next.is_speaker() => false,
            _ => before != "Yahoo" || starts_sentence(next.word),
        };
    (ends.then_some(end), end)
}

/// Whether a single full stop before whitespace and a possible start ends the sentence.
fn full_stop_ends(text: &str, start: usize, at: usize, before: &str, next: &Next) -> bool {
    let starter = starts_sentence(next.word);
    if at - start <= LIST_NUMBER && is_list_number(&text[start..at]) {
        return false;
    }
    match stop(before) {
        None => true,
        Some(Stop::Never) => false,
        Some(Stop::BeforeNumber) => !next.starts_with_digit(),
        Some(Stop::BeforeStarter) => starter || is_label(text, start, at, before),
        Some(Stop::BeforeClause) => starter || next.opened || next.starts_clause(),
        Some(Stop::Time) => !follows_time(next.word),
    }
}

/// Whether a single capital is a label and not an initial: `class A. Foreigners`, `Plan B. Nobody`.
fn is_label(text: &str, start: usize, at: usize, letter: &str) -> bool {
    let head = text[start..at - letter.len()].trim_end();
    letter.len() == 1 && takes_letter(word_before(head, 0, head.len()))
}

/// Whether the sentence so far is only the number of a list item: `1`, `• 9`, `(2`, `a`.
fn is_list_number(sentence: &str) -> bool {
    let item = sentence
        .trim_start_matches(|c: char| c.is_whitespace() || is_bullet(c) || is_opener(c))
        .trim_end_matches(')');
    item.len() <= 3 && !item.is_empty() && (item.bytes().all(|b| b.is_ascii_digit()) || item.len() == 1)
}

/// Two sentences run together without a space, as scrapers leave them: `collapsed.The delegation`.
fn glued(before: &str, rest: &str, run: &Run) -> bool {
    let window = &rest[..floor(rest, rest.len().min(WINDOW))];
    let token = window.split(char::is_whitespace).next().unwrap_or("");
    let next = token.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let mut letters = next.chars();
    let capitalised = letters.next().is_some_and(char::is_uppercase)
        && letters.next().map_or(starts_sentence(next), char::is_lowercase)
        && !matches!(next, "Com" | "Org" | "Net" | "Gov" | "Edu");
    let worded = before.len() > 2
        && before.bytes().rev().take(2).all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && stop(before).is_none()
        && !before.contains(['/', '@', '.', '\\', '_'])
        && !token.contains(['/', '@', '_']);
    capitalised && (worded || run.quoted)
}
