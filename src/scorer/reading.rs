//! What a scorer is, in plain data: no tensor and no terminal.

use serde::{Deserialize, Serialize};

use crate::error::Result;

/// What a scorer reads in one sentence. Tension is `conflict − cooperation`, in [−1, +1].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// x⁺ in [0, 1]: `Σ_{k>0} k·p_k / 3` over the levels, or the probability of the negative label.
    pub conflict: f32,
    /// x⁻ in [0, 1]: `Σ_{k<0} |k|·p_k / 3` over the levels, or the probability of the positive label.
    pub cooperation: f32,
    /// Probability in [0, 1] that the sentence concerns the scorer's own dyad; `None` where the scorer has no such head.
    pub relevance: Option<f32>,
    /// Probabilities of A→B, B→A, mutual; `None` where the scorer has no such head.
    pub direction: Option<[f32; 3]>,
    /// Windows the sentence was read in: 1 unless it was longer than the model takes.
    pub windows: u16,
}

impl Reading {
    /// Whether every number lies in its range.
    pub fn is_sound(&self) -> bool {
        let unit = |x: f32| (0.0..=1.0).contains(&x);
        unit(self.conflict)
            && unit(self.cooperation)
            && self.relevance.is_none_or(unit)
            && self.direction.is_none_or(|direction| direction.into_iter().all(unit))
            && self.windows > 0
    }

    /// x in [−1, +1].
    pub fn tension(&self) -> f32 {
        self.conflict - self.cooperation
    }
}

/// Reads sentences.
pub trait Scorer: Send {
    /// For people: the model's name.
    fn name(&self) -> &str;

    /// Identifies everything a reading depends on but the sentence, for the store and `run.json`.
    fn hash(&self) -> &str;

    /// Slug of the dyad that the relevance and direction heads were trained on, where there are such heads.
    fn dyad(&self) -> Option<&str>;

    /// Whether it was trained on sentences with the sides of its dyad marked, and wants them so (`Marked`).
    fn marks(&self) -> bool {
        false
    }

    /// One reading for each sentence, in order. A sentence's reading does not depend on its neighbours.
    ///
    /// # Errors
    /// The model fails on an input; nothing is returned for the others then.
    fn score(&self, sentences: &[&str]) -> Result<Vec<Reading>>;
}
