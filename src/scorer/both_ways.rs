//! A sentence read as it is and with the two sides exchanged; tension is the mean of both.
//!
//! Who acts is no part of tension, but a model trained on news learns who usually does. The mean over both inputs, which
//! ought to read alike, takes what it learnt out again without training.

use super::reading::{Reading, Scorer};
use crate::dyad::Dyad;
use crate::error::Result;

/// A scorer trained on a dyad, made to read both sides alike. A sentence in which the sides cannot be exchanged
/// ([`Dyad::exchanged`]) is read once.
pub struct BothWays<'a> {
    inner: Box<dyn Scorer + 'a>,
    dyad: &'a Dyad,
    hash: String,
}

impl<'a> BothWays<'a> {
    /// Readings depend on the dyad's words from here on, and so does the hash.
    pub fn new(inner: Box<dyn Scorer + 'a>, dyad: &'a Dyad) -> Self {
        let hash = format!("{}+tension-exchanged-by-{}", inner.hash(), dyad.hash);
        BothWays { inner, dyad, hash }
    }
}

impl Scorer for BothWays<'_> {
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
        let turned: Vec<(usize, String)> = sentences
            .iter()
            .enumerate()
            .filter_map(|(at, text)| Some((at, self.dyad.exchanged(text)?)))
            .collect();
        let all: Vec<&str> =
            sentences.iter().copied().chain(turned.iter().map(|(_, text)| text.as_str())).collect();
        let mut readings = self.inner.score(&all)?;
        let others = readings.split_off(sentences.len());
        for ((at, _), other) in turned.iter().zip(others) {
            readings[*at] = mean(readings[*at], other);
        }
        Ok(readings)
    }
}

/// The mean tension of a reading and of that of the exchanged sentence. Relevance and direction stay those of the sentence
/// itself: news of one side alone may concern the pair and the same of the other not, and who acts is read best as it was written.
fn mean(one: Reading, other: Reading) -> Reading {
    let half = |a: f32, b: f32| (a + b) / 2.0;
    Reading {
        conflict: half(one.conflict, other.conflict),
        cooperation: half(one.cooperation, other.cooperation),
        windows: one.windows.max(other.windows),
        ..one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sees conflict where China comes first, cooperation where America does: as leaning as can be.
    struct Leaning;

    impl Scorer for Leaning {
        fn name(&self) -> &str {
            "leaning"
        }

        fn hash(&self) -> &str {
            "leaning-1"
        }

        fn dyad(&self) -> Option<&str> {
            Some("us-china")
        }

        fn score(&self, sentences: &[&str]) -> Result<Vec<Reading>> {
            let read = |text: &&str| {
                let china = text.starts_with("China");
                Reading {
                    conflict: if china { 0.75 } else { 0.125 },
                    cooperation: 0.0625,
                    relevance: Some(if china { 1.0 } else { 0.5 }),
                    direction: Some(if china { [0.0, 0.75, 0.25] } else { [0.5, 0.25, 0.25] }),
                    windows: 1,
                }
            };
            Ok(sentences.iter().map(read).collect())
        }
    }

    #[test]
    fn exchanging_the_sides_leaves_tension() {
        let dyad = Dyad::us_china().unwrap();
        let scorer = BothWays::new(Box::new(Leaning), &dyad);
        let read = scorer
            .score(&["China sued the United States.", "The United States sued China.", "It rained in Oslo."])
            .unwrap();
        assert_eq!(read[0].tension(), read[1].tension());
        assert_eq!(read[0].tension(), (0.75 + 0.125) / 2.0 - 0.0625);
        assert_eq!(
            [read[0].relevance, read[1].relevance],
            [Some(1.0), Some(0.5)],
            "relevance is the sentence's own"
        );
        assert_eq!(read[0].direction, Some([0.0, 0.75, 0.25]), "direction is the sentence's own");
        assert_eq!(read[2], Leaning.score(&["It rained in Oslo."]).unwrap()[0], "no side, no second reading");
        assert!(read.iter().all(Reading::is_sound));
    }

    #[test]
    fn the_hash_tells_it_from_the_scorer_inside() {
        let dyad = Dyad::us_china().unwrap();
        assert_ne!(BothWays::new(Box::new(Leaning), &dyad).hash(), Leaning.hash());
    }
}
