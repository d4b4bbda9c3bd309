//! Is the model right? Labelled sentences and their readings to figures of agreement with bands, calibration,
//! behaviour on minimal pairs, and what exchanging the two sides does.

mod agreement;
mod behaviour;
mod calibration;
mod labelled;

use serde::Serialize;

pub use agreement::{Confusion, Figures};
pub use behaviour::{KindRate, PairOutcome};
pub use calibration::{Bin, Curve, Reliability};
pub use labelled::{Labelled, Way, read};

use crate::scorer::Reading;

/// How an evaluation is made.
#[derive(Clone, Copy, Debug)]
pub struct EvalOptions {
    /// Bootstrap draws of the bands; 0 for none.
    pub draws: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// Whether the scorer's relevance and direction heads were trained on the dyad of the labels.
    pub trust_heads: bool,
}

/// A sentence scored a second time with the two sides exchanged: its place among the labelled, and the reading.
pub type Exchanged = (usize, Reading);

/// Everything that [`evaluate`] finds.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// Labelled sentences.
    pub n_sentences: usize,
    /// Sentences labelled as relevant.
    pub n_relevant: usize,
    /// Sentences labelled with a direction.
    pub n_directed: usize,
    /// Groups that were drawn for the bands: families where the labels name them, else sentences.
    pub n_groups: usize,
    /// Agreement of readings with labels.
    pub figures: Figures,
    /// Grades as told and as read.
    pub confusion: Confusion,
    /// Whether a reading means what it says.
    pub reliability: Reliability,
    /// What exchanging the two sides does; `None` where no sentence could be exchanged.
    pub exchange: Option<ExchangeGap>,
    /// Rates over minimal pairs, a kind each, and `all`; empty where the labels form no sets.
    pub kinds: Vec<KindRate>,
}

/// Readings of the same sentences before and after the two sides' names were exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ExchangeGap {
    /// Sentences whose names could be exchanged.
    pub n: usize,
    /// Mean |Δ tension|, tension in [−1, +1].
    pub mean: f64,
    /// Largest |Δ tension|.
    pub largest: f64,
    /// Mean of tension with B acting less tension with A acting, over sentences in which one side acts: above 0 where the
    /// same act is read as more hostile when it is B's. `None` without such sentences.
    pub leaning: Option<f64>,
}

/// Compares readings with labels. `readings` has one reading for each labelled sentence, in order.
pub fn evaluate(
    labelled: &[Labelled],
    readings: &[Reading],
    exchanged: &[Exchanged],
    options: &EvalOptions,
) -> (Evaluation, Vec<PairOutcome>) {
    let readings: Vec<Reading> = readings
        .iter()
        .map(|reading| match options.trust_heads {
            true => *reading,
            false => Reading { relevance: None, direction: None, ..*reading },
        })
        .collect();
    let groups = labelled::groups(labelled);
    let pairs = behaviour::pairs(labelled, &readings);
    let evaluation = Evaluation {
        n_sentences: labelled.len(),
        n_relevant: labelled.iter().filter(|row| row.relevant == Some(true)).count(),
        n_directed: labelled.iter().filter(|row| row.direction.is_some()).count(),
        n_groups: groups.len(),
        figures: agreement::figures(labelled, &readings, &groups, options),
        confusion: agreement::confusion(labelled, &readings),
        reliability: calibration::reliability(labelled, &readings),
        exchange: gap(labelled, &readings, exchanged),
        kinds: behaviour::rates(labelled, &readings, &pairs),
    };
    (evaluation, pairs)
}

fn gap(labelled: &[Labelled], readings: &[Reading], exchanged: &[Exchanged]) -> Option<ExchangeGap> {
    let n = exchanged.len();
    if n == 0 {
        return None;
    }
    let moved = |&(at, after): &Exchanged| f64::from(after.tension()) - f64::from(readings[at].tension());
    let leanings: Vec<f64> = exchanged
        .iter()
        .filter_map(|one| match labelled[one.0].direction? {
            Way::AToB => Some(moved(one)),
            Way::BToA => Some(-moved(one)),
            Way::Mutual => None,
        })
        .collect();
    Some(ExchangeGap {
        n,
        mean: exchanged.iter().map(|one| moved(one).abs()).sum::<f64>() / n as f64,
        largest: exchanged.iter().map(|one| moved(one).abs()).fold(0.0, f64::max),
        leaning: (!leanings.is_empty()).then(|| leanings.iter().sum::<f64>() / leanings.len() as f64),
    })
}

#[cfg(test)]
mod tests;
