//! Scaling: what is 100, and how sources of different temper are put together.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::IndexOptions;
use super::calendar::Window;
use super::effects::effects;
use super::grid::Grid;
use super::rates::{Rate, Rates};
use super::splice::Splice;
use crate::error::{Error, Result};
use crate::statistics::{deviation, mean};

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
    /// Pooled, less what the mix of sources adds: the period effects δ_t of `y_st = δ_t + γ_s + ε_st`, with `Σ_s π_s γ_s = 0` for the
    /// sources' shares π of the base window's articles; then 100 × / base mean (Shapiro, Sudhof and Wilson 2022, eq. 1).
    SourceEffects,
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
            Scaling::SourceEffects => "source-effects",
            Scaling::ZScore => "zscore",
            Scaling::Raw => "raw",
        }
    }

    /// How a rate is scaled in an index of this scaling: what has no base is corrected for its sources, where that is asked for, and
    /// else left as it is.
    fn for_rate(self, rate: Rate) -> Scaling {
        match self {
            Scaling::SourceEffects => self,
            _ if rate.based => self,
            _ => Scaling::Raw,
        }
    }
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
    /// Sources that go on as others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splices: Vec<Splice>,
    /// σ_s: the standard deviation of each source's rate over the base window, where sources are scaled each by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, f64>,
    /// γ_s: how far each source's rate lies above the level, where sources have effects.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub effects: BTreeMap<String, f64>,
}

/// How a point is made of its sources: `Σ_s factor_s · G_s + offset`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Share {
    /// What a source's part is multiplied by.
    pub factors: BTreeMap<usize, f64>,
    /// What a point has that no article gives it: `−mean / deviation` of a z-score, `Σ_s correction_s · N_s` of source effects, else 0.
    pub offset: f64,
    /// What a source's effect takes off for each article of its whole.
    pub corrections: BTreeMap<usize, f64>,
}

/// A base mean below this is no scale.
const TINY: f64 = 1e-9;

/// What each source of a grid is divided by, or what is taken off, by its place.
enum BySource {
    Nothing,
    Deviations(Vec<f64>),
    Effects(Vec<f64>),
}

impl Scale {
    /// Fits a scale: base mean, deviations over the periods of the base window; splices and source effects over all periods.
    ///
    /// # Errors
    /// The base window is empty, its mean is 0, or a source has no spread in it; sources cannot be spliced, or compared.
    pub fn fit(grid: &Grid, rate: Rate, options: &IndexOptions) -> Result<Scale> {
        let name = rate.name;
        let scaling = options.scaling.for_rate(rate);
        let base = options.base_of_periods();
        let mut scale = Scale::default();
        if rate.based {
            for replaced in &options.splices {
                scale.splices.push(Splice::fit(&scale.rates(grid, rate), replaced)?);
            }
        }
        let rates = scale.rates(grid, rate);
        match scaling {
            Scaling::PerSource => scale.sources = deviations(&rates, base)?,
            Scaling::SourceEffects => scale.effects = centred(&rates, base)?,
            Scaling::Pooled | Scaling::ZScore | Scaling::Raw => {}
        }
        if scaling == Scaling::Raw || !rate.based {
            return Ok(scale);
        }
        let levels = scale.levels(&rates, scaling)?;
        let of_base: Vec<f64> = grid
            .dates
            .iter()
            .zip(levels)
            .filter(|(date, _)| in_base(**date, base))
            .filter_map(|(_, level)| level)
            .collect();
        if of_base.is_empty() {
            return Err(no_base(name));
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
        let scaling = scaling.for_rate(rate);
        let levels = self.levels(&self.rates(grid, rate), scaling)?;
        Ok(levels.into_iter().map(|level| level.map(|x| self.scaled(x, scaling))).collect())
    }

    /// The series before it is scaled, spliced. What has no base is told without sources whose effect is not known.
    fn rates<'a>(&self, grid: &'a Grid, rate: Rate) -> Rates<'a> {
        let rates = self.splices.iter().fold(Rates::new(grid, rate), |rates, splice| splice.apply(rates));
        let complete = rate.based || self.effects.is_empty();
        if complete { rates } else { rates.of_sources(|name| self.effects.contains_key(name)) }
    }

    fn scaled(&self, level: f64, scaling: Scaling) -> f64 {
        match (scaling, self.mean) {
            (Scaling::Raw, _) | (_, None) => level,
            (Scaling::ZScore, Some(mean)) => (level - mean) / self.deviation.unwrap_or(1.0),
            (Scaling::Pooled | Scaling::PerSource | Scaling::SourceEffects, Some(mean)) => {
                100.0 * level / mean
            }
        }
    }

    /// Levels before they are scaled: `Σ_s G_st / Σ_s N_st`, less `Σ_s N_st γ_s / Σ_s N_st` with source effects, or the mean over
    /// the sources present of `(G_st / N_st) / σ_s`.
    fn levels(&self, rates: &Rates<'_>, scaling: Scaling) -> Result<Vec<Option<f64>>> {
        let by_source = self.by_source(rates, scaling)?;
        Ok(rates
            .rows()
            .map(|row| {
                let whole: f64 = row.iter().map(|cell| cell.whole).sum();
                (!row.is_empty()).then(|| match &by_source {
                    BySource::Nothing => row.iter().map(|cell| cell.part).sum::<f64>() / whole,
                    // That of least squares: the derivative to δ_t is 0 there.
                    BySource::Effects(effect) => {
                        row.iter().map(|cell| cell.part - cell.whole * effect[cell.source]).sum::<f64>()
                            / whole
                    }
                    BySource::Deviations(sd) => {
                        let rates = row.iter().map(|cell| cell.part / cell.whole / sd[cell.source]);
                        rates.sum::<f64>() / row.len() as f64
                    }
                })
            })
            .collect())
    }

    /// How each period's point is made of its sources.
    ///
    /// # Errors
    /// As [`Scale::apply`].
    pub fn shares(&self, grid: &Grid, rate: Rate, scaling: Scaling) -> Result<Vec<Share>> {
        let scaling = scaling.for_rate(rate);
        let rates = self.rates(grid, rate);
        let by_source = self.by_source(&rates, scaling)?;
        let constant = self.scaled(0.0, scaling);
        let unit = self.scaled(1.0, scaling) - constant;
        let replaced: Vec<(usize, usize, f64)> = self
            .splices
            .iter()
            .filter_map(|splice| {
                Some((grid.source_of(&splice.old)?, grid.source_of(&splice.new)?, splice.factor))
            })
            .collect();
        let share = |row: &[super::rates::Rated]| {
            let whole: f64 = row.iter().map(|cell| cell.whole).sum();
            let mut share = Share { offset: constant, ..Share::default() };
            for cell in row {
                let divisor = match &by_source {
                    BySource::Nothing | BySource::Effects(_) => whole,
                    BySource::Deviations(sd) => row.len() as f64 * sd[cell.source] * cell.whole,
                };
                share.factors.insert(cell.source, unit / divisor);
                if let BySource::Effects(effect) = &by_source {
                    let correction = -unit * effect[cell.source] / whole;
                    share.corrections.insert(cell.source, correction);
                    share.offset += correction * cell.whole;
                }
            }
            for (old, new, factor) in &replaced {
                if let Some(of_old) = share.factors.get(old).copied() {
                    share.factors.insert(*new, of_old * factor);
                }
                if let Some(of_old) = share.corrections.get(old).copied() {
                    share.corrections.insert(*new, of_old);
                }
            }
            share
        };
        Ok(rates.rows().map(share).collect())
    }

    /// σ_s or γ_s of each source of a grid, where they are asked for.
    fn by_source(&self, rates: &Rates<'_>, scaling: Scaling) -> Result<BySource> {
        let known = match scaling {
            Scaling::PerSource => &self.sources,
            Scaling::SourceEffects => &self.effects,
            Scaling::Pooled | Scaling::ZScore | Scaling::Raw => return Ok(BySource::Nothing),
        };
        let mut there = vec![false; rates.sources.len()];
        rates.rows().flatten().for_each(|cell| there[cell.source] = true);
        let of = |(at, name): (usize, &String)| match known.get(name) {
            Some(number) => Ok(*number),
            None if !there[at] => Ok(1.0),
            None => Err(Error::index(
                format!("the calibration does not know the source '{name}'"),
                "calibrate anew with it, leave it out, or take --scaling pooled",
            )),
        };
        let numbers = rates.sources.iter().enumerate().map(of).collect::<Result<_>>()?;
        Ok(if scaling == Scaling::PerSource {
            BySource::Deviations(numbers)
        } else {
            BySource::Effects(numbers)
        })
    }
}

/// γ_s by source, less their mean by the sources' shares of the base window's articles.
fn centred(rates: &Rates<'_>, base: Option<Window>) -> Result<BTreeMap<String, f64>> {
    let effects = effects(rates)?;
    let (mut sum, mut whole) = (0.0, 0.0);
    for (_, row) in rates.dates.iter().zip(rates.rows()).filter(|(date, _)| in_base(**date, base)) {
        for cell in row {
            sum += cell.whole * effects.get(&cell.source).copied().unwrap_or_default();
            whole += cell.whole;
        }
    }
    if whole == 0.0 {
        return Err(no_base(rates.name));
    }
    Ok(effects
        .into_iter()
        .map(|(source, effect)| (rates.sources[source].clone(), effect - sum / whole))
        .collect())
}

fn no_base(name: &str) -> Error {
    Error::index(
        format!("no period of the {name} series lies in the base window"),
        "choose another --base, or leave it out",
    )
}

/// σ_s by source: the standard deviation of its rate over the base window.
fn deviations(rates: &Rates<'_>, base: Option<Window>) -> Result<BTreeMap<String, f64>> {
    let mut of_sources: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (date, row) in rates.dates.iter().zip(rates.rows()) {
        for cell in row {
            let of_source = of_sources.entry(cell.source).or_default();
            if in_base(*date, base) {
                of_source.push(cell.part / cell.whole);
            }
        }
    }
    let spread = |(source, of_source): (usize, Vec<f64>)| {
        let name = &rates.sources[source];
        match deviation(&of_source).filter(|sd| *sd > TINY) {
            Some(sd) => Ok((name.clone(), sd)),
            None => Err(Error::index(
                format!(
                    "the source '{name}' has no spread of {} in the base window, so it cannot be scaled by it",
                    rates.name
                ),
                "take --scaling pooled or zscore, or a longer --base",
            )),
        }
    };
    of_sources.into_iter().map(spread).collect()
}

fn in_base(date: Date, base: Option<Window>) -> bool {
    base.is_none_or(|base| base.contains(date))
}
