//! What a sentence is: running text, a heading, or residue of the page and the wire.
//!
//! To flag news as boilerplate loses data without a trace, and to miss boilerplate adds one neutral sentence to an
//! article, so every rule asks for a form that running text does not take.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::{Kind, Sentence};

/// The longest boilerplate sentence without brackets, in bytes; a longer one says something else as well.
const LONGEST: usize = 240;

/// The longest link to another article within a line, in bytes; a longer one has run into the next sentence.
const LONGEST_LINK: usize = 120;

/// Beginnings of links to other articles, in small letters; a colon or dash must follow, or the sentence's end.
const LINKS: &str = "read also|also read|read more|see also|see more|read next|up next|related|\
    related article|related articles|related stories|related story|related news|\
    related coverage|related content|related topics|more on this story|recommended|\
    recommended reading|must read|don't miss|watch also|explore more|further reading|\
    most read|advertisement|continue reading";

/// Beginnings of calls to the reader, in small letters: imperatives that news does not open a sentence with.
const CALLS: &str = "click here|click to|tap here|click on the link|sign up for|sign up to|sign up here|\
    subscribe to our|subscribe to the|subscribe now|subscribe for|follow us on|\
    like us on|join us on|download our app|download the app|share this article|\
    share this story|share on facebook|share on twitter|get our free|get the latest news|\
    get breaking news|send us your|write to us|we welcome your comments|log in to|\
    enable javascript|please enable javascript|accept cookies|we use cookies|\
    this website uses cookies|story continues below|article continues below|\
    read the full story|read the full article|for more information, visit|\
    for more stories like this|this article was originally published|\
    this story was originally published|this story has been updated|\
    this article has been updated|supported by wordpress|skip to main content";

/// Beginnings of rights notices, in small letters.
const RIGHTS: &str = "copyright ©|copyright (c)|copyright 1|copyright 2|©|(c) 20|(c) copyright";

/// Beginnings of credits, in small letters, that stand in brackets or make a sentence of their own.
const CREDITS: &str = "reporting by|additional reporting by|writing by|editing by|compiled by|edited by|\
    web editor|photo by|photo:|photo from|photos by|photo/|xinhua/|xinhua photo|\
    photograph by|file photo|ap photo|image:|image source|image credit|video by|graphic by|\
    illustration by|source:|translated by|contributed by";

/// The kind that a trimmed sentence has by itself, without its neighbours.
pub(super) fn kind(sentence: &str) -> Kind {
    let boilerplate = !sentence.chars().any(char::is_alphanumeric)
        || is_script(sentence)
        || (sentence.len() <= LONGEST && may_be_residue(sentence) && {
            let small = small(sentence);
            let plain = plain(&small);
            (sentence.len() <= LONGEST_LINK && is_link(plain))
                || CALLS.split('|').any(|call| is_call(plain, call))
                || is_rights(plain)
                || is_credit(plain)
        });
    if boilerplate { Kind::Boilerplate } else { Kind::Text }
}

/// Whether a sentence starts with the first word of a phrase above, or could be a notice: a quick look before the slow one.
fn may_be_residue(sentence: &str) -> bool {
    static FIRST_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        [LINKS, CALLS, RIGHTS, CREDITS]
            .iter()
            .flat_map(|phrases| phrases.split('|').map(first_word))
            .collect()
    });
    let plain = plain(sentence);
    plain.starts_with(['©', '(', '['])
        || FIRST_WORDS.contains(first_word(plain).to_lowercase().as_str())
        || ends_with_reserved(sentence)
}

/// `All rights reserved.` in any case, without a copy of the sentence.
fn ends_with_reserved(sentence: &str) -> bool {
    let end = sentence.trim_end_matches('.').as_bytes();
    end.len() >= 8 && end[end.len() - 8..].eq_ignore_ascii_case(b"reserved")
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("")
}

/// The sentence in small letters with straight apostrophes.
fn small(sentence: &str) -> String {
    sentence.to_lowercase().replace('’', "'")
}

/// The sentence without the arrows and bars before its first word.
fn plain(small: &str) -> &str {
    small.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '©' | '(' | '['))
}

/// `READ ALSO: …`, `Related stories`, `>> Read more`.
fn is_link(small: &str) -> bool {
    LINKS.split('|').any(|link| {
        small.strip_prefix(link).is_some_and(|rest| {
            let rest = rest.trim_end_matches(['.', '…', '>', '»', ' ', '!']);
            rest.is_empty()
                || rest.starts_with(':')
                || rest.starts_with(" :")
                || rest.starts_with(" >")
                || rest.starts_with(" |")
        })
    })
}

fn is_call(small: &str, call: &str) -> bool {
    small.strip_prefix(call).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

fn is_rights(small: &str) -> bool {
    small.trim_end_matches('.').ends_with("all rights reserved")
        || RIGHTS.split('|').any(|right| small.starts_with(right))
}

/// `(Reporting by A; Editing by B)`, `[Photo/VCG]`, `Editing by C.`
fn is_credit(small: &str) -> bool {
    let inner = small.trim_matches(|c| matches!(c, '(' | ')' | '[' | ']' | '.' | ' '));
    let closed = inner.len() + 2 <= small.len() && !inner.contains([')', ']']);
    let bracketed =
        closed && small.starts_with(['(', '[']) && small.trim_end_matches('.').ends_with([')', ']']);
    let credit = CREDITS.split('|').any(|credit| inner.starts_with(credit));
    (bracketed && (credit || inner.ends_with("/xinhua") || inner.ends_with(" photo")))
        || (credit
            && (inner.contains("; editing by")
                || inner.contains("; writing by")
                || inner.starts_with("editing by")))
}

/// The longest credit in brackets within a line, in bytes.
const LONGEST_CREDIT: usize = 120;

/// Spans of the credits in brackets that stand between sentences: `… in Shanghai. [Photo/VCG] China …`.
pub(super) fn credits(paragraph: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + paragraph.get(at..)?.find(['(', '['])?;
            at = open + 1;
            let window = &paragraph
                [open..super::neighbours::floor(paragraph, paragraph.len().min(open + LONGEST_CREDIT))];
            let Some(close) = window.find([')', ']']).map(|close| close + 1) else {
                continue;
            };
            // After a sentence or at the start, and before another or at the end; within a sentence it is a remark.
            let before = paragraph[..open].trim_end().chars().next_back();
            let after = paragraph[open + close..].trim_start().chars().next();
            let apart = before
                .is_none_or(|c| super::neighbours::ends_sentence(c) || matches!(c, '"' | '”' | ')' | ']'))
                && after.is_none_or(|c| {
                    c.is_uppercase() || c.is_ascii_digit() || matches!(c, '"' | '“' | '(' | '[' | '>')
                });
            if apart && is_credit(&small(&window[..close])) {
                at = open + close;
                return Some(open..at);
            }
        }
    })
}

/// A script statement that a scraper left: `var config = {…};`
fn is_script(sentence: &str) -> bool {
    sentence.strip_prefix("var ").is_some_and(|rest| rest.contains('=') && sentence.ends_with([';', '}']))
}

/// What parts a dateline from the story; `\u{97}` is a dash read in the wrong encoding, two spaces are one that was lost.
const DATELINE_MARKS: &[&str] = &["—", "–", "--", "\u{97}", " - ", "  "];

/// Length of the dateline that starts a paragraph, with its dash, or 0: `BEIJING, Dec. 11 (Xinhua) -- `.
///
/// A place in capitals, at most followed by a region, a date and an agency, then a dash, then a capital, digit or quote.
pub(super) fn dateline(paragraph: &str) -> usize {
    let indent = paragraph.len() - paragraph.trim_start().len();
    let body = &paragraph[indent..];
    let window = &body[..super::neighbours::floor(body, body.len().min(90))];
    if window.chars().take(4).any(char::is_lowercase) {
        return 0; // a place of more than three capitals stands first: said early, for most paragraphs are none
    }
    let marks = DATELINE_MARKS.iter().filter_map(|mark| window.find(mark).map(|at| (at, mark.len())));
    let Some((at, width)) = marks.min() else {
        return 0;
    };
    let head = window[..at].trim_end();
    let place = head.split([',', '(']).next().unwrap_or("").trim_end();
    let is_place = place.chars().filter(|c| c.is_uppercase()).count() > 3
        && place.chars().all(|c| c.is_uppercase() || matches!(c, ' ' | '.' | '\'' | '’' | '-' | '/'));
    let is_rest = head[place.len()..].split([' ', '\u{a0}']).all(|word| {
        let word = word.trim_matches(|c| matches!(c, ',' | '(' | ')' | '.'));
        word.is_empty() || word == "and" || word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
    });
    let story = body[at + width..].trim_start_matches(['-', ' ', '\u{a0}']);
    let starts = story
        .starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '“' | '"' | '‘' | '\''));
    if is_place && is_rest && starts { paragraph.len() - story.len() } else { 0 }
}

/// Marks what only a whole line shows: bylines, and sentences of a line that a link began.
pub(super) fn mark_lines(text: &str, paragraphs: &[Range<usize>], found: &mut [Sentence]) {
    for paragraph in paragraphs {
        let sentences = &mut found[paragraph.clone()];
        let line = match (sentences.first(), sentences.last()) {
            (Some(first), Some(last)) => &text[first.start..last.end],
            _ => continue,
        };
        let linked = || line.len() <= LONGEST && may_be_residue(line) && is_link(plain(&small(line)));
        if is_byline(line) || linked() {
            sentences.iter_mut().for_each(|sentence| sentence.kind = Kind::Boilerplate);
        }
    }
}

/// `By Ann Lee`, `By Ann Lee and Bo Chen, Reuters`: a line of names without a final mark.
fn is_byline(line: &str) -> bool {
    let Some(names) = line.strip_prefix("By ").or_else(|| line.strip_prefix("BY ")) else {
        return false;
    };
    let words = names.split([' ', ',']).filter(|word| !word.is_empty());
    line.len() <= 100
        && !line.ends_with(super::neighbours::ends_sentence)
        && (2..=10).contains(&words.clone().count())
        && words.clone().all(|word| {
            word.starts_with(char::is_uppercase) || matches!(word, "and" | "in" | "for" | "of" | "de" | "&")
        })
}

/// Marks headings: short lines of one sentence, without a final mark, right before running text.
///
/// Without running text below it a line is text, so that a headline alone, or a list, is scored.
pub(super) fn mark_headings(text: &str, paragraphs: &[Range<usize>], found: &mut [Sentence]) {
    let mut before_prose = false;
    for paragraph in paragraphs.iter().rev() {
        let sentences = &mut found[paragraph.clone()];
        let Some(last) = sentences.iter().rev().find(|sentence| sentence.kind == Kind::Text) else {
            continue;
        };
        let closed = text[last.start..last.end]
            .trim_end_matches(|c: char| !c.is_alphanumeric() && !super::neighbours::ends_sentence(c));
        let prose = closed.ends_with(super::neighbours::ends_sentence);
        if before_prose
            && let [only] = sentences
            && is_heading(&text[only.start..only.end])
        {
            only.kind = Kind::Heading;
        }
        before_prose = prose;
    }
}

/// Whether a line has the form of a heading: no final mark, and short, or of middle length in title case.
fn is_heading(line: &str) -> bool {
    let starts = line
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || c.is_numeric() || matches!(c, '“' | '"' | '‘' | '\''));
    if !starts
        || line.len() > 160
        || line
            .trim_end_matches(['"', '”', '’', '\''])
            .ends_with(|c: char| super::neighbours::ends_sentence(c) || matches!(c, ':' | ',' | ';'))
    {
        return false;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let long = words.iter().filter(|word| word.chars().count() > 3);
    let capital = long
        .clone()
        .filter(|word| word.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase()));
    words.len() <= 8 || (words.len() <= 16 && capital.count() * 10 >= long.count() * 7)
}
