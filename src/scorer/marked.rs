//! A scorer that was trained on sentences with the two sides marked, fed with them.

use super::reading::{Reading, Scorer};
use crate::dyad::Dyad;
use crate::error::Result;

/// Marks the sides of the dyad that the scorer was trained on ([`Dyad::marked`]) in each sentence before it is read.
pub struct Marked<'a> {
    inner: Box<dyn Scorer>,
    dyad: &'a Dyad,
    hash: String,
}

impl<'a> Marked<'a> {
    /// Readings depend on the dyad's names from here on, and so does the hash.
    pub fn new(inner: Box<dyn Scorer>, dyad: &'a Dyad) -> Self {
        let hash = format!("{}+marked-by-{}", inner.hash(), dyad.hash);
        Marked { inner, dyad, hash }
    }
}

impl Scorer for Marked<'_> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn hash(&self) -> &str {
        &self.hash
    }

    fn dyad(&self) -> Option<&str> {
        self.inner.dyad()
    }

    fn score(&self, sentences: &[&str]) -> Result<Vec<Reading>> {
        let marked: Vec<String> = sentences.iter().map(|sentence| self.dyad.marked(sentence)).collect();
        self.inner.score(&marked.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many windows as there are marks: what it was given can be seen in what it says.
    struct Counting;

    impl Scorer for Counting {
        fn name(&self) -> &str {
            "counting"
        }

        fn hash(&self) -> &str {
            "counting-1"
        }

        fn dyad(&self) -> Option<&str> {
            Some("us-china")
        }

        fn marks(&self) -> bool {
            true
        }

        fn score(&self, sentences: &[&str]) -> Result<Vec<Reading>> {
            let read = |text: &&str| Reading {
                conflict: 0.0,
                cooperation: 0.0,
                relevance: None,
                direction: None,
                windows: text.matches("[A] ").count() as u16 * 10 + text.matches("[B] ").count() as u16,
            };
            Ok(sentences.iter().map(read).collect())
        }
    }

    #[test]
    fn the_scorer_inside_sees_the_marks_and_no_one_marks_twice() {
        let dyad = Dyad::us_china().unwrap();
        let scorer = Marked::new(Box::new(Counting), &dyad);
        let read =
            scorer.score(&["Washington warned Beijing and Wuhan, China.", "It rained in Oslo."]).unwrap();
        assert_eq!(read.iter().map(|reading| reading.windows).collect::<Vec<_>>(), [12, 0]);
        assert!(!scorer.marks() && Counting.marks(), "what is marked already wants no marks");
        assert_ne!(scorer.hash(), Counting.hash());
    }
}
