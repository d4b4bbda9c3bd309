//! Which articles make a point, adding up to it; and why one point is higher than another.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::cells::Cells;
use super::grid::{Cell, Grid};
use super::{IndexOptions, Window, calendar, calibration, grid};
use crate::error::{Error, Result};

/// What one article gives to a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution<'a> {
    /// The article.
    pub id: &'a str,
    /// The story that it tells.
    pub story: &'a str,
    /// S⁺_a, its conflict, in [0, 1].
    pub conflict: f64,
    /// What its conflict is multiplied by: `100 / base mean / N_t` where sources are pooled, times how often it counts.
    pub factor: f64,
}

impl Contribution<'_> {
    /// c_a = factor · S⁺_a, in the index's unit.
    pub fn value(&self) -> f64 {
        self.factor * self.conflict
    }
}

/// A point of the headline and the relevant articles that make it: `tension = offset + Σ c_a`.
#[derive(Clone, Debug)]
pub struct Attribution<'a> {
    /// First day of the period.
    pub date: Date,
    /// The point.
    pub tension: f64,
    /// What no article gives: 0, but for z-scores `−mean / deviation`, and with source effects what the mix of sources is corrected by.
    pub offset: f64,
    /// The relevant articles of the period, in the order of days, sources and ids.
    pub articles: Vec<Contribution<'a>>,
    /// What each source gives.
    sources: BTreeMap<String, Giving>,
}

/// What a source gives to a point: the product of three factors, and what its effect takes off.
#[derive(Clone, Copy, Debug)]
struct Giving {
    /// Its weight in the index, its share of relevant articles, its conflict in a relevant article (NaN without one).
    factors: [f64; 3],
    /// Of source effects.
    offset: f64,
}

/// Explains the point of the period that holds a window of days.
///
/// # Errors
/// As [`super::index`]; or the window is not one period of the index, or the period has no value.
pub fn attribute<'a>(cells: &'a Cells, options: &IndexOptions, window: Window) -> Result<Attribution<'a>> {
    let grid = grid(cells, options)?;
    let calibration = calibration(&grid, options, &mut Vec::new())?;
    let (rate, scale) = (options.denominator.rates().tension, &calibration.tension);
    let period = period(&grid, window)?;
    let date = grid.dates[period];
    let tension = scale.apply(&grid, rate, options.scaling)?[period].ok_or_else(|| {
        Error::index(
            format!("the {} of {date} has no value: no article was read", grid.freq.label()),
            "choose another --period",
        )
    })?;
    let share = scale.shares(&grid, rate, options.scaling)?.swap_remove(period);
    let factor = |source: &str| grid.source_of(source).and_then(|at| share.factors.get(&at)).copied();
    let articles = cells
        .articles(options.unit)
        .filter(|entry| calendar::first_day(grid.freq, entry.date) == date && entry.sums.relevant > 0)
        .filter_map(|entry| {
            let factor = entry.times * factor(entry.source)?;
            Some(Contribution { id: entry.id, story: entry.story, conflict: entry.conflict, factor })
        })
        .collect();
    let of_source = |cell: &Cell| {
        let (n, r) = ((rate.whole)(&cell.sums), cell.sums.r);
        let conflict = if r > 0.0 { cell.sums.conflict / r } else { f64::NAN };
        let offset = share.corrections.get(&cell.source).map_or(0.0, |correction| correction * n);
        let giving = Giving { factors: [share.factors.get(&cell.source)? * n, r / n, conflict], offset };
        Some((grid.sources[cell.source].clone(), giving))
    };
    let sources = grid.row(period).iter().filter_map(of_source).collect();
    Ok(Attribution { date, tension, offset: share.offset, articles, sources })
}

fn period(grid: &Grid, window: Window) -> Result<usize> {
    let [first, last] = [window.from, window.to].map(|day| calendar::first_day(grid.freq, day));
    if first != last {
        return Err(Error::index(
            format!("{}..{} is more than one {}", window.from, window.to, grid.freq.label()),
            "name a day of the period, or a month such as 2018-07",
        ));
    }
    grid.period_of(first).ok_or_else(|| {
        let ends = grid
            .dates
            .first()
            .zip(grid.dates.last())
            .map(|(a, b)| format!(" ({a} to {b})"))
            .unwrap_or_default();
        Error::index(
            format!("the {} of {first} is not in the index{ends}", grid.freq.label()),
            "choose another --period",
        )
    })
}

/// Why a point differs from another; the three effects add up to the difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Effects {
    /// More or fewer relevant articles among all.
    pub attention: f64,
    /// More or less conflict in a relevant article.
    pub conflict: f64,
    /// Sources that weigh more or less, come or go; with source effects, less what their mix is corrected by.
    pub sources: f64,
}

/// What a source gives in each of two periods, in the index's unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The source.
    pub name: String,
    /// In the period that is compared with.
    pub from: f64,
    /// In the period that is explained.
    pub to: f64,
}

/// Splits the difference of two points of one index. What a source gives is the product of its weight, its attention and its conflict;
/// the difference of two products is shared among their factors by Shapley's value: the mean over all orders in which the
/// factors may change (Shapley 1953; Sun 1998 for products).
pub fn change(from: &Attribution, to: &Attribution) -> (Effects, Vec<Change>) {
    let mut effects = Effects::default();
    let mut changes = Vec::new();
    let mut names: Vec<&String> = from.sources.keys().chain(to.sources.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let given = |source: &Giving| {
            let [weight, attention, conflict] = source.factors;
            source.offset + if attention > 0.0 { weight * attention * conflict } else { 0.0 }
        };
        let (before, after) = (from.sources.get(name), to.sources.get(name));
        let (old, new) = (before.map_or(0.0, given), after.map_or(0.0, given));
        match before.zip(after) {
            Some((before, after)) => {
                // Without a relevant article there is no conflict in one: that of the other period stands for it.
                let mut ends = [before.factors, after.factors];
                for (at, other) in [(0, 1), (1, 0)] {
                    if ends[at][2].is_nan() {
                        ends[at][2] = if ends[other][2].is_nan() { 0.0 } else { ends[other][2] };
                    }
                }
                let [weight, attention, conflict] = shares(ends[0], ends[1]);
                effects.sources += weight + after.offset - before.offset;
                effects.attention += attention;
                effects.conflict += conflict;
            }
            None => effects.sources += new - old,
        }
        changes.push(Change { name: name.clone(), from: old, to: new });
    }
    (effects, changes)
}

/// The share of each of three factors in the difference of their products.
fn shares(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|at| {
        let [j, k] = [(at + 1) % 3, (at + 2) % 3];
        let rest = a[j] * a[k] / 3.0 + (a[j] * b[k] + b[j] * a[k]) / 6.0 + b[j] * b[k] / 3.0;
        (b[at] - a[at]) * rest
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::shares;

    #[test]
    fn shares_by_hand() {
        // 1·1·1 to 2·3·1: of the difference 5 the first factor has (1 + 3)/2 = 2, the second 2·(1 + 2)/2 = 3.
        let [a, b, c] = shares([1.0, 1.0, 1.0], [2.0, 3.0, 1.0]);
        assert!((a - 2.0).abs() < 1e-12 && (b - 3.0).abs() < 1e-12 && c == 0.0);
    }

    proptest! {
        #[test]
        fn shares_add_up(a in proptest::array::uniform3(0.0_f64..10.0), b in proptest::array::uniform3(0.0_f64..10.0)) {
            let difference = b.iter().product::<f64>() - a.iter().product::<f64>();
            prop_assert!((shares(a, b).iter().sum::<f64>() - difference).abs() < 1e-9);
        }
    }
}
