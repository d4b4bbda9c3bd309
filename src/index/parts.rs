//! Parts of the headline: by who acts toward whom, and by topic. What no article gives (a z-score's base mean, what the mix of
//! sources adds) is a part of its own, so that parts always add up to the point.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::cells::{Cells, Unit};
use super::grid::Grid;
use super::point::Freq;
use super::scaling::Share;

/// What one topic gives to a point, as it stands in `topics.csv`: over the topics of a period these add up to its tension.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TopicPoint {
    /// First day of the period.
    pub date: Date,
    /// Length of the period.
    pub freq: Freq,
    /// A topic of the dyad; `other` for sentences that name none; `(offset)` for what no article gives.
    pub topic: String,
    /// Its part of the tension, in the same unit; empty where tension is.
    pub tension: Option<f64>,
    /// Relevant articles that have it; an article may have several.
    pub n_relevant: u64,
}

/// The name of what no article gives.
pub const OFFSET: &str = "(offset)";

/// Parts of the headline by period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// A→B, B→A, mutual; `None` where an article with a score does not say.
    pub directed: Option<Vec<[f64; 3]>>,
    /// By topic: of each period the part and the number of relevant articles. None where articles do not say.
    pub topics: BTreeMap<String, Vec<(f64, u64)>>,
}

/// Adds up what each article gives, from the shares of each period.
pub fn parts(cells: &Cells, grid: &Grid, shares: &[Share], unit: Unit) -> Parts {
    let mut directed = Some(vec![[0.0; 3]; grid.dates.len()]);
    let mut topics = vec![vec![(0.0, 0); grid.dates.len()]; cells.topics().len()];
    let mut told = true;
    for entry in cells.articles(unit) {
        let Some(own) = entry.parts else { continue };
        let place = grid.period_of(entry.date).zip(grid.source_of(entry.source));
        let Some((period, factor)) = place
            .and_then(|(period, source)| Some((period, entry.times * shares[period].factors.get(&source)?)))
        else {
            continue;
        };
        match (&mut directed, own.directed) {
            (Some(series), Some(parts)) => {
                series[period].iter_mut().zip(parts).for_each(|(sum, part)| *sum += factor * part);
            }
            _ => directed = None,
        }
        told &= !own.topics.is_empty();
        for (topic, part) in &own.topics {
            let (sum, n) = &mut topics[*topic as usize][period];
            (*sum, *n) = (*sum + factor * part, *n + 1);
        }
    }
    let topics = cells.topics().iter().cloned().zip(topics).filter(|_| told).collect();
    Parts { directed, topics }
}
