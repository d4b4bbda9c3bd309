//! Whether a reading means what it says: reliability curves and the expected calibration error
//! (Naeini, Cooper and Hauskrecht 2015): the mean distance from the diagonal, weighted by sentences.

use serde::Serialize;

use super::Labelled;
use crate::scorer::Reading;

const BINS: usize = 10;

/// Readings of like size: what was read on average, and what was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bin {
    /// Sentences in the bin.
    pub n: usize,
    /// Mean reading.
    pub read: f64,
    /// Mean label: a tension, a share that is relevant, or a share whose direction was read right.
    pub told: f64,
}

/// A reliability curve of ten bins of equal width; empty bins are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// The bins, from low to high readings.
    pub bins: Vec<Bin>,
    /// Expected calibration error, in the unit of the reading.
    pub error: f64,
}

/// The curves of the three heads; `None` where the labels or the model have no such thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reliability {
    /// Tension read against tension told, both in [−1, +1].
    pub tension: Option<Curve>,
    /// Probability of relevance against the share that is relevant.
    pub relevance: Option<Curve>,
    /// Probability of the likeliest direction against the share where it is right.
    pub direction: Option<Curve>,
}

pub(super) fn reliability(labelled: &[Labelled], readings: &[Reading]) -> Reliability {
    let pairs = || labelled.iter().zip(readings);
    let tension =
        pairs().map(|(row, reading)| (f64::from(reading.tension()), row.grade / 3.0)).collect::<Vec<_>>();
    let relevance = pairs()
        .filter_map(|(row, reading)| {
            Some((f64::from(reading.relevance?), f64::from(u8::from(row.relevant?))))
        })
        .collect::<Vec<_>>();
    let direction = pairs()
        .filter_map(|(row, reading)| {
            let (told, p) = (row.direction?.place(), reading.direction?);
            let most = p.into_iter().fold(0.0, f32::max);
            Some((f64::from(most), f64::from(u8::from(p[told] == most))))
        })
        .collect::<Vec<_>>();
    Reliability {
        tension: curve(&tension, -1.0),
        relevance: curve(&relevance, 0.0),
        direction: curve(&direction, 0.0),
    }
}

/// Readings from `low` to 1 in bins of equal width.
pub(super) fn curve(pairs: &[(f64, f64)], low: f64) -> Option<Curve> {
    let mut bins = [Bin::default(); BINS];
    for &(read, told) in pairs {
        let at = ((read - low) / (1.0 - low) * BINS as f64) as usize;
        let bin = &mut bins[at.min(BINS - 1)];
        *bin = Bin { n: bin.n + 1, read: bin.read + read, told: bin.told + told };
    }
    let bins: Vec<Bin> = bins
        .into_iter()
        .filter(|bin| bin.n > 0)
        .map(|bin| Bin { n: bin.n, read: bin.read / bin.n as f64, told: bin.told / bin.n as f64 })
        .collect();
    let apart = bins.iter().map(|bin| bin.n as f64 * (bin.read - bin.told).abs()).sum::<f64>();
    (!pairs.is_empty()).then(|| Curve { bins, error: apart / pairs.len() as f64 })
}
