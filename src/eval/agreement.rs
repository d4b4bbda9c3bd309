//! Agreement of readings with labels: Cohen's quadratic kappa, Pearson, mean absolute error, F1; with percentile bands
//! of the bootstrap (Efron and Tibshirani 1993, ch. 13; resampled by group, Davison and Hinkley 1997, §3.8).

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{EvalOptions, Labelled};
use crate::scorer::Reading;
use crate::statistics::{Band, pearson};

/// Figures of agreement; `None` where the labels or the model have no such thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Cohen's kappa with quadratic weights, on whole grades; at most 1.
    pub quadratic_kappa: Option<Band>,
    /// Pearson's correlation of grades told and read.
    pub pearson: Option<Band>,
    /// Mean absolute error, in grades.
    pub mean_absolute_error: Option<Band>,
    /// Mean F1 of cooperation, neutral, conflict, by the sign of the whole grade.
    pub sign_macro_f1: Option<Band>,
    /// F1 of relevance at 0.5.
    pub relevance_f1: Option<Band>,
    /// Mean F1 of the three directions, over sentences labelled with one.
    pub direction_macro_f1: Option<Band>,
}

/// Sentences by whole grade as told (rows, −3 to +3) and as read (columns).
pub type Confusion = [[usize; 7]; 7];

const FIGURES: usize = 6;

/// Labels and readings of one sentence, as the figures want them.
struct Pair {
    told: f64,
    read: f64,
    relevant: Option<(bool, bool)>,
    direction: Option<(usize, usize)>,
}

fn pair(row: &Labelled, reading: &Reading) -> Pair {
    let most_likely =
        |p: [f32; 3]| (0..3).max_by(|&a, &b| p[a].total_cmp(&p[b]).then(b.cmp(&a))).unwrap_or(0);
    Pair {
        told: row.grade,
        read: 3.0 * f64::from(reading.tension()),
        relevant: row.relevant.zip(reading.relevance.map(|p| p > 0.5)),
        direction: row.direction.map(super::Way::place).zip(reading.direction.map(most_likely)),
    }
}

/// The whole grade nearest to a grade; halves go to the even one.
fn whole(grade: f64) -> i32 {
    grade.clamp(-3.0, 3.0).round_ties_even() as i32
}

pub(super) fn figures(
    labelled: &[Labelled],
    readings: &[Reading],
    groups: &[Vec<usize>],
    options: &EvalOptions,
) -> Figures {
    let pairs: Vec<Pair> = labelled.iter().zip(readings).map(|(row, reading)| pair(row, reading)).collect();
    let values = of(&pairs.iter().collect::<Vec<_>>());
    let mut draws: [Vec<f64>; FIGURES] = Default::default();
    for draw in 0..options.draws {
        // One stream a draw: the same bands on any number of threads.
        let mut random = ChaCha8Rng::seed_from_u64(options.seed);
        random.set_stream(u64::from(draw));
        let drawn: Vec<&Pair> = (0..groups.len())
            .flat_map(|_| &groups[random.random_range(0..groups.len())])
            .map(|&at| &pairs[at])
            .collect();
        for (figure, value) in draws.iter_mut().zip(of(&drawn)) {
            figure.extend(value);
        }
    }
    let mut bands = values.into_iter().zip(&mut draws).map(|(value, draws)| {
        draws.sort_by(f64::total_cmp);
        let quantile = |share: f64| draws.get(((draws.len() as f64 - 1.0) * share).round() as usize).copied();
        value.map(|value| Band { value, low: quantile(0.025), high: quantile(0.975) })
    });
    let mut next = || bands.next().flatten();
    Figures {
        quadratic_kappa: next(),
        pearson: next(),
        mean_absolute_error: next(),
        sign_macro_f1: next(),
        relevance_f1: next(),
        direction_macro_f1: next(),
    }
}

/// The figures of some sentences, in the order of [`Figures`].
fn of(pairs: &[&Pair]) -> [Option<f64>; FIGURES] {
    let signs = pairs.iter().map(|p| (whole(p.told).signum(), whole(p.read).signum()));
    let relevance: Vec<(bool, bool)> = pairs.iter().filter_map(|p| p.relevant).collect();
    let directions: Vec<(usize, usize)> = pairs.iter().filter_map(|p| p.direction).collect();
    [
        quadratic_kappa(&pairs.iter().map(|p| (whole(p.told), whole(p.read))).collect::<Vec<_>>()),
        pearson(&pairs.iter().map(|p| (p.told, p.read)).collect::<Vec<_>>()),
        mean(&pairs.iter().map(|p| (p.told - p.read).abs()).collect::<Vec<_>>()),
        macro_f1(&signs.collect::<Vec<_>>()),
        f1(&relevance, true),
        macro_f1(&directions),
    ]
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Cohen (1968): `1 − Σ (t−r)² observed / Σ (t−r)² expected`. `None` where all grades are alike.
pub(super) fn quadratic_kappa(pairs: &[(i32, i32)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let observed: f64 = pairs.iter().map(|&(told, read)| f64::from(told - read).powi(2)).sum::<f64>() / n;
    let moments = |values: &dyn Fn(&(i32, i32)) -> i32| {
        let first = pairs.iter().map(|p| f64::from(values(p))).sum::<f64>() / n;
        let second = pairs.iter().map(|p| f64::from(values(p)).powi(2)).sum::<f64>() / n;
        (first, second)
    };
    let ((told, told_2), (read, read_2)) = (moments(&|p| p.0), moments(&|p| p.1));
    // Σ_t Σ_r p_t p_r (t−r)², multiplied out.
    let expected = told_2 + read_2 - 2.0 * told * read;
    (expected > 1e-12).then(|| 1.0 - observed / expected)
}

/// F1 of one class: `2·hits / (told + read)`. `None` where it is neither told nor read.
pub(super) fn f1<T: PartialEq>(pairs: &[(T, T)], class: T) -> Option<f64> {
    let told = pairs.iter().filter(|pair| pair.0 == class).count();
    let read = pairs.iter().filter(|pair| pair.1 == class).count();
    let hits = pairs.iter().filter(|pair| pair.0 == class && pair.1 == class).count();
    (told + read > 0).then(|| 2.0 * hits as f64 / (told + read) as f64)
}

/// Mean F1 of the classes that are told or read.
pub(super) fn macro_f1<T: PartialEq + Copy + Ord>(pairs: &[(T, T)]) -> Option<f64> {
    let mut classes: Vec<T> = pairs.iter().flat_map(|&(told, read)| [told, read]).collect();
    classes.sort_unstable();
    classes.dedup();
    mean(&classes.into_iter().filter_map(|class| f1(pairs, class)).collect::<Vec<_>>())
}

pub(super) fn confusion(labelled: &[Labelled], readings: &[Reading]) -> Confusion {
    let mut table = Confusion::default();
    let place = |grade: f64| (whole(grade) + 3) as usize;
    for (row, reading) in labelled.iter().zip(readings) {
        table[place(row.grade)][place(3.0 * f64::from(reading.tension()))] += 1;
    }
    table
}
