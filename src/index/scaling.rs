//! Scaling: what is 100, and how sources of different temper are put together.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::calendar::Window;
use crate::error::{Error, Result};

/// Numerator and denominator of a rate, by source and period.
pub type Series = BTreeMap<String, BTreeMap<Date, (f64, f64)>>;

/// How levels become an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// All sources in one pot: `100 · (Σ_s G_st / Σ_s N_st) / base mean` (Caldara and Iacoviello 2022, §1).
    #[default]
    Pooled,
    /// Each source divided by its standard deviation over the base window, then the mean over the sources present,
    /// then 100 × / base mean (Baker, Bloom and Davis 2016, §II.B).
    PerSource,
    /// Pooled, as standard deviations from the base mean: defined where a base mean of 0 is not.
    ZScore,
    /// Pooled, not scaled.
    Raw,
}

/// A base mean below this is no scale.
const TINY: f64 = 1e-9;

/// The scaled series by period; periods without a denominator are left out.
///
/// # Errors
/// The base window is empty, its mean is 0, or a source has no spread in it. `name` says which series.
pub fn scale(
    series: &Series,
    scaling: Scaling,
    base: Option<Window>,
    name: &str,
) -> Result<BTreeMap<Date, f64>> {
    let level = match scaling {
        Scaling::PerSource => per_source(series, base, name)?,
        Scaling::Pooled | Scaling::ZScore | Scaling::Raw => pooled(series),
    };
    if scaling == Scaling::Raw {
        return Ok(level);
    }
    let of_base: Vec<f64> = within(&level, base);
    if of_base.is_empty() {
        return Err(Error::index(
            format!("no period of the {name} series lies in the base window"),
            "choose another --base, or leave it out",
        ));
    }
    let mean = mean(&of_base);
    if scaling == Scaling::ZScore {
        let sd = deviation(&of_base).filter(|sd| *sd > TINY).ok_or_else(|| {
            Error::index(
                format!("the {name} series has no spread in the base window"),
                "choose a longer --base, or take --scaling raw",
            )
        })?;
        return Ok(level.into_iter().map(|(date, x)| (date, (x - mean) / sd)).collect());
    }
    if mean < TINY {
        return Err(Error::index(
            format!(
                "the mean of the {name} series over the base window is 0, so nothing can be a percentage of it"
            ),
            "choose another --base, or take --scaling zscore",
        ));
    }
    Ok(level.into_iter().map(|(date, x)| (date, 100.0 * x / mean)).collect())
}

/// `Σ_s G_st / Σ_s N_st`.
fn pooled(series: &Series) -> BTreeMap<Date, f64> {
    let mut sums: BTreeMap<Date, (f64, f64)> = BTreeMap::new();
    for (&date, &(part, whole)) in series.values().flatten() {
        let sum = sums.entry(date).or_default();
        *sum = (sum.0 + part, sum.1 + whole);
    }
    sums.into_iter().map(|(date, (part, whole))| (date, part / whole)).collect()
}

/// `mean over s present of (G_st / N_st) / σ_s`, σ_s over the base window.
fn per_source(series: &Series, base: Option<Window>, name: &str) -> Result<BTreeMap<Date, f64>> {
    let mut at: BTreeMap<Date, Vec<f64>> = BTreeMap::new();
    for (source, rates) in series {
        let rates: BTreeMap<Date, f64> =
            rates.iter().map(|(&date, (part, whole))| (date, part / whole)).collect();
        let sd = deviation(&within(&rates, base)).filter(|sd| *sd > TINY).ok_or_else(|| {
            Error::index(
                format!("the source '{source}' has no spread of {name} in the base window, so it cannot be scaled by it"),
                "take --scaling pooled or zscore, or a longer --base",
            )
        })?;
        for (date, rate) in rates {
            at.entry(date).or_default().push(rate / sd);
        }
    }
    Ok(at.into_iter().map(|(date, rates)| (date, mean(&rates))).collect())
}

fn within(series: &BTreeMap<Date, f64>, base: Option<Window>) -> Vec<f64> {
    series.iter().filter(|(date, _)| base.is_none_or(|base| base.contains(**date))).map(|(_, x)| *x).collect()
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
