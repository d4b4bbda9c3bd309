//! Scaling: what is 100, and how sources of different temper are put together.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::Window;
use super::cells::Sums;
use super::grid::Grid;
use crate::error::{Error, Result};

/// How levels become an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// All sources in one pot: `100 · (Σ_s G_st / Σ_s N_st) / base mean` (Caldara and Iacoviello 2022, §1).
    #[default]
    Pooled,
    /// Each source divided by its standard deviation over the base window, then the mean over the sources present,
    /// then 100 × / base mean (Baker, Bloom and Davis 2016, §II.B).
    PerSource,
    /// Pooled, as standard deviations from the base mean: defined where a base mean of 0 is not.
    #[serde(rename = "zscore")]
    ZScore,
    /// Pooled, not scaled.
    Raw,
}

impl Scaling {
    /// As it is written on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Scaling::Pooled => "pooled",
            Scaling::PerSource => "per-source",
            Scaling::ZScore => "zscore",
            Scaling::Raw => "raw",
        }
    }
}

/// A series before it is scaled: in each cell a part of a whole.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// For errors: the column's name.
    pub name: &'static str,
    /// G.
    pub part: fn(&Sums) -> f64,
    /// N; a cell in which it is 0 says nothing.
    pub whole: fn(&Sums) -> u64,
}

/// What a series is measured by, fitted over a base window. Kept in a calibration, so that new data leave old points as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Mean of the levels over the base window; none where the index is not scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Their standard deviation, for z-scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    /// σ_s: the standard deviation of each source's rate over the base window, where sources are scaled each by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, f64>,
}

/// A base mean below this is no scale.
const TINY: f64 = 1e-9;

impl Scale {
    /// Fits a scale over the periods of the base window.
    ///
    /// # Errors
    /// The base window is empty, its mean is 0, or a source has no spread in it.
    pub fn fit(grid: &Grid, rate: Rate, scaling: Scaling, base: Option<Window>) -> Result<Scale> {
        let name = rate.name;
        let mut scale = Scale::default();
        if scaling == Scaling::PerSource {
            scale.sources = deviations(grid, rate, base)?;
        }
        if scaling == Scaling::Raw {
            return Ok(scale);
        }
        let levels = scale.levels(grid, rate, scaling)?;
        let of_base: Vec<f64> = grid
            .dates
            .iter()
            .zip(levels)
            .filter(|(date, _)| in_base(**date, base))
            .filter_map(|(_, level)| level)
            .collect();
        if of_base.is_empty() {
            return Err(Error::index(
                format!("no period of the {name} series lies in the base window"),
                "choose another --base, or leave it out",
            ));
        }
        let mean = mean(&of_base);
        scale.mean = Some(mean);
        if scaling == Scaling::ZScore {
            scale.deviation = deviation(&of_base).filter(|sd| *sd > TINY);
            if scale.deviation.is_none() {
                return Err(Error::index(
                    format!("the {name} series has no spread in the base window"),
                    "choose a longer --base, or take --scaling raw",
                ));
            }
        } else if mean < TINY {
            return Err(Error::index(
                format!(
                    "the mean of the {name} series over the base window is 0, so nothing can be a percentage of it"
                ),
                "choose another --base, or take --scaling zscore",
            ));
        }
        Ok(scale)
    }

    /// The scaled series, a value for each period; `None` where no source has a denominator.
    ///
    /// # Errors
    /// A source that the scale does not know.
    pub fn apply(&self, grid: &Grid, rate: Rate, scaling: Scaling) -> Result<Vec<Option<f64>>> {
        let levels = self.levels(grid, rate, scaling)?;
        Ok(levels.into_iter().map(|level| level.map(|x| self.scaled(x, scaling))).collect())
    }

    fn scaled(&self, level: f64, scaling: Scaling) -> f64 {
        let mean = self.mean.unwrap_or(1.0);
        match scaling {
            Scaling::Raw => level,
            Scaling::ZScore => (level - mean) / self.deviation.unwrap_or(1.0),
            Scaling::Pooled | Scaling::PerSource => 100.0 * level / mean,
        }
    }

    /// Levels before they are scaled: `Σ_s G_st / Σ_s N_st`, or the mean over the sources present of `(G_st / N_st) / σ_s`.
    fn levels(&self, grid: &Grid, rate: Rate, scaling: Scaling) -> Result<Vec<Option<f64>>> {
        let by_source = self.by_source(grid, rate, scaling)?;
        Ok(grid
            .rows()
            .map(|row| {
                let cells = || row.iter().filter(|cell| (rate.whole)(&cell.sums) > 0);
                let n = cells().count() as f64;
                let whole: f64 = cells().map(|cell| (rate.whole)(&cell.sums) as f64).sum();
                (n > 0.0).then(|| match &by_source {
                    None => cells().map(|cell| (rate.part)(&cell.sums)).sum::<f64>() / whole,
                    Some(sd) => {
                        let of = |sums: &Sums| (rate.part)(sums) / (rate.whole)(sums) as f64;
                        cells().map(|cell| of(&cell.sums) / sd[cell.source]).sum::<f64>() / n
                    }
                })
            })
            .collect())
    }

    /// What a source's part is multiplied by in a period: the point is `Σ_s factor_s · G_st`, plus [`Scale::offset`].
    ///
    /// # Errors
    /// As [`Scale::apply`].
    pub fn factors(
        &self,
        grid: &Grid,
        rate: Rate,
        scaling: Scaling,
        period: usize,
    ) -> Result<BTreeMap<usize, f64>> {
        let by_source = self.by_source(grid, rate, scaling)?;
        let cells = || grid.row(period).iter().filter(|cell| (rate.whole)(&cell.sums) > 0);
        let (n, whole) =
            (cells().count() as f64, cells().map(|cell| (rate.whole)(&cell.sums)).sum::<u64>() as f64);
        let unit = self.scaled(1.0, scaling) - self.scaled(0.0, scaling);
        Ok(cells()
            .map(|cell| {
                let divisor = match &by_source {
                    None => whole,
                    Some(sd) => n * sd[cell.source] * (rate.whole)(&cell.sums) as f64,
                };
                (cell.source, unit / divisor)
            })
            .collect())
    }

    /// What a point has that no article gives it: `−mean / deviation` of a z-score, else 0.
    pub fn offset(&self, scaling: Scaling) -> f64 {
        self.scaled(0.0, scaling)
    }

    /// σ_s of each source of a grid, where sources are scaled each by itself.
    fn by_source(&self, grid: &Grid, rate: Rate, scaling: Scaling) -> Result<Option<Vec<f64>>> {
        if scaling != Scaling::PerSource {
            return Ok(None);
        }
        let mut there = vec![false; grid.sources.len()];
        grid.rows()
            .flatten()
            .filter(|cell| (rate.whole)(&cell.sums) > 0)
            .for_each(|cell| there[cell.source] = true);
        let known = |(at, name): (usize, &String)| match self.sources.get(name) {
            Some(sd) => Ok(*sd),
            None if !there[at] => Ok(1.0),
            None => Err(Error::index(
                format!("the calibration does not know the source '{name}'"),
                "calibrate anew with it, leave it out, or take --scaling pooled",
            )),
        };
        grid.sources.iter().enumerate().map(known).collect::<Result<_>>().map(Some)
    }
}

/// σ_s by source: the standard deviation of its rate over the base window.
fn deviations(grid: &Grid, rate: Rate, base: Option<Window>) -> Result<BTreeMap<String, f64>> {
    let mut rates: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (date, row) in grid.dates.iter().zip(grid.rows()) {
        for cell in row {
            let whole = (rate.whole)(&cell.sums);
            if whole > 0 {
                let of_source = rates.entry(cell.source).or_default();
                if in_base(*date, base) {
                    of_source.push((rate.part)(&cell.sums) / whole as f64);
                }
            }
        }
    }
    let spread = |(source, rates): (usize, Vec<f64>)| {
        let name = &grid.sources[source];
        match deviation(&rates).filter(|sd| *sd > TINY) {
            Some(sd) => Ok((name.clone(), sd)),
            None => Err(Error::index(
                format!(
                    "the source '{name}' has no spread of {} in the base window, so it cannot be scaled by it",
                    rate.name
                ),
                "take --scaling pooled or zscore, or a longer --base",
            )),
        }
    };
    rates.into_iter().map(spread).collect()
}

fn in_base(date: Date, base: Option<Window>) -> bool {
    base.is_none_or(|base| base.contains(date))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample standard deviation (n − 1); `None` for fewer than two values.
fn deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values);
    Some((values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt())
}
