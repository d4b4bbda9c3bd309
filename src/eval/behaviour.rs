//! Behaviour on minimal pairs (after Ribeiro and others 2020, CheckList, and Gardner and others 2020, contrast sets):
//! sentences of one set share their words but for what is tested, and the readings must differ as the labels do.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::Labelled;
use crate::scorer::Reading;

/// Grades that must be apart for a pair to have an order; below this it must be read alike.
const APART: f64 = 0.5;
/// How far apart the readings of a pair with the same grade may lie: half a grade, as tension.
const ALIKE: f64 = 0.5 / 3.0;

/// Two sentences of a set and whether they were read as they differ.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PairOutcome {
    /// What is tested.
    pub kind: String,
    /// Template family.
    pub family: String,
    /// Set within the family.
    pub set: String,
    /// The sentence with the higher grade.
    pub higher: String,
    /// The sentence with the lower grade.
    pub lower: String,
    /// Grades told apart; 0 where both must be read alike.
    pub told: f64,
    /// Tension of the first less tension of the second, in [−2, +2].
    pub read: f64,
    /// Ordered rightly; or, where the grades are alike, within half a grade of each other.
    pub right: bool,
}

/// How many pairs and sentences of a kind were read right.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct KindRate {
    /// The kind, or `all`.
    pub kind: String,
    /// Sentences.
    pub sentences: usize,
    /// Pairs whose grades are at least half a grade apart.
    pub ordered: usize,
    /// Those that were read in that order.
    pub ordered_right: usize,
    /// Pairs with the same grade.
    pub alike: usize,
    /// Those whose tensions lie within half a grade (1/6).
    pub alike_right: usize,
    /// Sentences labelled for relevance, where the model has that head.
    pub relevance: usize,
    /// Those read right at 0.5.
    pub relevance_right: usize,
    /// Sentences labelled with a direction, where the model has that head.
    pub direction: usize,
    /// Those whose likeliest direction is right.
    pub direction_right: usize,
}

impl KindRate {
    fn add(&mut self, other: &KindRate) {
        self.sentences += other.sentences;
        self.ordered += other.ordered;
        self.ordered_right += other.ordered_right;
        self.alike += other.alike;
        self.alike_right += other.alike_right;
        self.relevance += other.relevance;
        self.relevance_right += other.relevance_right;
        self.direction += other.direction;
        self.direction_right += other.direction_right;
    }
}

/// All pairs within sets, by the file's order of sets.
pub(super) fn pairs(labelled: &[Labelled], readings: &[Reading]) -> Vec<PairOutcome> {
    let mut sets: IndexMap<(&str, &str, &str), Vec<usize>> = IndexMap::new();
    for (at, row) in labelled.iter().enumerate().filter(|(_, row)| !row.set.is_empty()) {
        sets.entry((&row.kind, &row.family, &row.set)).or_default().push(at);
    }
    let mut outcomes = Vec::new();
    for ((kind, family, set), members) in sets {
        for (n, &first) in members.iter().enumerate() {
            for &second in &members[n + 1..] {
                let (high, low) = if labelled[first].grade >= labelled[second].grade {
                    (first, second)
                } else {
                    (second, first)
                };
                let told = labelled[high].grade - labelled[low].grade;
                let read = f64::from(readings[high].tension()) - f64::from(readings[low].tension());
                let right = match told {
                    apart if apart >= APART => read > 0.0,
                    0.0 => read.abs() <= ALIKE,
                    _ => continue,
                };
                outcomes.push(PairOutcome {
                    kind: kind.into(),
                    family: family.into(),
                    set: set.into(),
                    higher: labelled[high].text.clone(),
                    lower: labelled[low].text.clone(),
                    told,
                    read,
                    right,
                });
            }
        }
    }
    outcomes
}

/// Rates by kind, in alphabetical order, and of `all`; none where there are no pairs.
pub(super) fn rates(labelled: &[Labelled], readings: &[Reading], pairs: &[PairOutcome]) -> Vec<KindRate> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let mut kinds: BTreeMap<&str, KindRate> = BTreeMap::new();
    for (row, reading) in labelled.iter().zip(readings) {
        let kind = kinds.entry(&row.kind).or_default();
        kind.sentences += 1;
        if let (Some(told), Some(p)) = (row.relevant, reading.relevance) {
            kind.relevance += 1;
            kind.relevance_right += usize::from(told == (p > 0.5));
        }
        if let (Some(told), Some(p)) = (row.direction, reading.direction) {
            kind.direction += 1;
            kind.direction_right += usize::from(p[told.place()] == p.into_iter().fold(0.0, f32::max));
        }
    }
    for pair in pairs {
        let kind = kinds.entry(&pair.kind).or_default();
        if pair.told > 0.0 {
            kind.ordered += 1;
            kind.ordered_right += usize::from(pair.right);
        } else {
            kind.alike += 1;
            kind.alike_right += usize::from(pair.right);
        }
    }
    let mut all = KindRate { kind: "all".into(), ..KindRate::default() };
    let mut rates: Vec<KindRate> = Vec::new();
    for (kind, rate) in kinds {
        all.add(&rate);
        rates.push(KindRate { kind: kind.into(), ..rate });
    }
    rates.push(all);
    rates
}
