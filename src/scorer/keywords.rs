//! The keyword scorer: weighted conflict and cooperation words, negation and easing. A baseline that anyone can check
//! by hand, and a scorer for tests that needs no model.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::reading::{Reading, Scorer};
use crate::error::{Error, Result};

const BUNDLED: &str = include_str!("../../data/keywords/tension.toml");

/// A negator counts for a term that begins at most this many words after it.
const NEGATION_REACH: usize = 3;
/// An easing word counts for an easable term at most this many words away.
const EASING_REACH: usize = 4;
/// What is denied weighs less than what is said.
const NEGATED_WEIGHT: f32 = 0.5;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WordList {
    name: String,
    #[serde(rename = "version")]
    _version: u32,
    conflict: Steps,
    cooperation: Steps,
    negators: Negators,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    strong: Vec<String>,
    clear: Vec<String>,
    mild: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Negators {
    before: Vec<String>,
    easing: Vec<String>,
    easable: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    /// Signed weight: conflict above 0, cooperation below.
    Weight(f32),
    Negator,
    Easing,
    Easable,
}

/// A term's words; a word that ends in `*` matches any ending.
#[derive(Debug)]
struct Term {
    words: Vec<String>,
    meaning: Meaning,
}

/// The keyword scorer.
#[derive(Debug)]
pub struct Keywords {
    name: String,
    hash: String,
    /// Terms by the first two letters of their first word.
    terms: BTreeMap<String, Vec<Term>>,
}

impl Keywords {
    /// The bundled list, `data/keywords/tension.toml`.
    ///
    /// # Errors
    /// Never for an unchanged build: a test reads it.
    pub fn bundled() -> Result<Keywords> {
        Keywords::parse(BUNDLED, Path::new("data/keywords/tension.toml"))
    }

    fn parse(text: &str, path: &Path) -> Result<Keywords> {
        let list: WordList = toml::from_str(text).map_err(|error| {
            Error::input(path, error.to_string().trim().to_owned(), "compare with data/keywords/tension.toml")
        })?;
        let mut terms: BTreeMap<String, Vec<Term>> = BTreeMap::new();
        let mut add = |list: &[String], meaning: Meaning| {
            for term in list {
                let words: Vec<String> = term.to_lowercase().split_whitespace().map(str::to_owned).collect();
                if let Some(first) = words.first() {
                    terms.entry(head(first)).or_default().push(Term { words, meaning });
                }
            }
        };
        for (steps, sign) in [(&list.conflict, 1.0), (&list.cooperation, -1.0)] {
            for (step, weight) in [(&steps.strong, 1.0), (&steps.clear, 2.0 / 3.0), (&steps.mild, 1.0 / 3.0)]
            {
                add(step, Meaning::Weight(sign * weight));
            }
        }
        add(&list.negators.before, Meaning::Negator);
        add(&list.negators.easing, Meaning::Easing);
        add(&list.negators.easable, Meaning::Easable);
        for list in terms.values_mut() {
            // The longest term at a place wins, then the one without a wildcard.
            list.sort_by_key(|term| (usize::MAX - term.words.len(), term.words.concat().contains('*')));
        }
        Ok(Keywords { name: list.name, hash: blake3::hash(text.as_bytes()).to_hex()[..32].to_owned(), terms })
    }

    /// Terms of a wanted meaning, from left to right, the longest at each place: first word, word after the last, meaning.
    fn hits(&self, words: &[String], wanted: impl Fn(Meaning) -> bool) -> Vec<(usize, usize, Meaning)> {
        let mut hits = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let found = self.terms.get(&head(&words[at])).and_then(|terms| {
                terms.iter().find(|term| wanted(term.meaning) && matches(&term.words, &words[at..]))
            });
            if let Some(term) = found {
                hits.push((at, at + term.words.len(), term.meaning));
            }
            at += found.map_or(1, |term| term.words.len());
        }
        hits
    }

    /// The reading of one sentence.
    pub fn read(&self, sentence: &str) -> Reading {
        let words = words(sentence);
        let weighted = self.hits(&words, |meaning| matches!(meaning, Meaning::Weight(_)));
        let negators = self.hits(&words, |meaning| meaning == Meaning::Negator);
        let easing = self.hits(&words, |meaning| meaning == Meaning::Easing);
        let easable = self.hits(&words, |meaning| meaning == Meaning::Easable);
        let overlaps = |a: &(usize, usize, Meaning), b: &(usize, usize, Meaning)| a.0 < b.1 && b.0 < a.1;
        let near = |a: &(usize, usize, Meaning), b: &(usize, usize, Meaning)| {
            !overlaps(a, b) && a.0 < b.1 + EASING_REACH && b.0 < a.1 + EASING_REACH
        };
        let eased: Vec<_> =
            easable.iter().filter(|measure| easing.iter().any(|word| near(word, measure))).collect();
        let (mut conflict, mut cooperation, mut total) = (0.0_f32, 0.0_f32, 0.0_f32);
        for hit in &weighted {
            let Meaning::Weight(weight) = hit.2 else { continue };
            // "suspend tariffs": the measure turns to cooperation, and the word that eases it is no conflict.
            let measure = eased.iter().any(|measure| overlaps(hit, measure));
            if !measure
                && weight > 0.0
                && easing
                    .iter()
                    .any(|word| overlaps(hit, word) && eased.iter().any(|measure| near(word, measure)))
            {
                continue;
            }
            let negated = negators.iter().any(|negator| {
                negator.1 <= hit.0 && hit.0 < negator.1 + NEGATION_REACH && !overlaps(negator, hit)
            });
            let mut x = if measure { -weight.abs() } else { weight };
            if negated {
                x *= -NEGATED_WEIGHT;
            }
            total += x.abs();
            if x > 0.0 { conflict += x } else { cooperation -= x }
        }
        let scale = total.max(1.0);
        Reading {
            conflict: conflict / scale,
            cooperation: cooperation / scale,
            relevance: None,
            direction: None,
            windows: 1,
        }
    }
}

impl Scorer for Keywords {
    fn name(&self) -> &str {
        &self.name
    }

    fn hash(&self) -> &str {
        &self.hash
    }

    fn dyad(&self) -> Option<&str> {
        None
    }

    fn score(&self, sentences: &[&str]) -> Result<Vec<Reading>> {
        Ok(sentences.iter().map(|sentence| self.read(sentence)).collect())
    }
}

fn head(word: &str) -> String {
    word.chars().take(2).filter(|&c| c != '*').collect()
}

fn matches(term: &[String], words: &[String]) -> bool {
    term.len() <= words.len()
        && term.iter().zip(words).all(|(pattern, word)| match pattern.strip_suffix('*') {
            Some(stem) => word.starts_with(stem),
            None => word == pattern,
        })
}

/// Lower-case words; hyphens and apostrophes stay inside.
fn words(sentence: &str) -> Vec<String> {
    sentence
        .to_lowercase()
        .replace('’', "'")
        .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\''))
        .map(|word| word.trim_matches(['-', '\'']))
        .filter(|word| !word.is_empty())
        .map(|word| word.strip_suffix("'s").unwrap_or(word).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    static LIST: std::sync::LazyLock<Keywords> = std::sync::LazyLock::new(|| Keywords::bundled().unwrap());

    fn tension(sentence: &str) -> f32 {
        LIST.read(sentence).tension()
    }

    #[test]
    fn conflict_is_above_zero_and_cooperation_below() {
        assert!(tension("Beijing condemned the new tariffs and vowed to retaliate.") > 0.5);
        assert!(tension("The two sides signed an agreement after talks.") < -0.5);
        assert_eq!(tension("The river is long."), 0.0);
    }

    #[test]
    fn negation_and_easing_turn_a_measure_round() {
        assert!(tension("Washington will not impose tariffs.") < 0.0);
        assert!(tension("Washington lifted the tariffs.") < 0.0);
        assert!(tension("Washington imposed tariffs.") > 0.0);
    }

    proptest::proptest! {
        #[test]
        fn readings_stay_in_range(sentence in "(not|lift|tariffs|war|talks|the|hope|,| ){0,30}\\PC{0,10}") {
            let reading = LIST.read(&sentence);
            proptest::prop_assert!((0.0..=1.0).contains(&reading.conflict));
            proptest::prop_assert!((0.0..=1.0).contains(&reading.cooperation));
            proptest::prop_assert!(reading.tension().abs() <= 1.0);
        }
    }
}
