//! The same sentence with the two sides exchanged: what the one did, the other does.

use super::{Dyad, Role, gazetteer::fold};

/// The words that stand for each other, from a dyad file's `pair.exchange`: a word of side A, a word of side B.
/// A word may stand in several pairs; it is replaced by its partner in the first.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// From, to; the longest first, so that `the United States` goes before `United States`.
    words: Vec<(String, String)>,
}

impl Exchange {
    pub fn new(pairs: &[[String; 2]]) -> Self {
        let mut words: Vec<(String, String)> = Vec::new();
        for [a, b] in pairs {
            for (from, to) in [(a, b), (b, a)] {
                if !words.iter().any(|(known, _)| known == from) {
                    words.push((from.clone(), to.clone()));
                }
            }
        }
        words.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        Exchange { words }
    }

    /// The longest word with a partner that ends where this text ends, in lower or title case: its length and the partner.
    fn at_end_of(&self, text: &str) -> Option<(usize, &str)> {
        self.words.iter().find_map(|(from, to)| {
            let start = text.len().checked_sub(from.len())?;
            let tail = text.get(start..)?;
            let whole = !text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
            (whole && (tail == from || tail == capital(from))).then_some((from.len(), to.as_str()))
        })
    }
}

impl Dyad {
    /// The sentence with the names of the two sides exchanged. `None` where it names no side, or names one in a word
    /// without a partner (a leader, a firm, a place): that word would stay behind on the wrong side.
    pub fn exchanged(&self, sentence: &str) -> Option<String> {
        let folded = fold(sentence);
        let (mut out, mut done, mut found) = (String::new(), 0, false);
        for (span, role) in self.actors.spans(&folded, None) {
            match role {
                Role::Ignored | Role::Implicit => continue,
                Role::Contested | Role::Explicit => return None,
                Role::A | Role::B => {}
            }
            let (length, partner) = self.exchange.at_end_of(&folded[..span.end])?;
            let start = span.end - length;
            if length < span.len() || start < done {
                return None;
            }
            out.push_str(&folded[done..start]);
            let first = !out.chars().any(char::is_alphanumeric);
            out.push_str(&if first { capital(partner) } else { partner.to_owned() });
            (done, found) = (span.end, true);
        }
        out.push_str(&folded[done..]);
        found.then_some(out)
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
