//! A calibration: the scales of an index, kept in a file, so that later vintages are measured by the same.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::IndexOptions;
use super::grid::Grid;
use super::point::Freq;
use super::scaling::{Rate, Scale, Scaling};
use crate::error::{Error, Result, io};
use crate::output::write;

/// The scales of an index and what they were fitted for. As TOML, it is the calibration file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Length of a period.
    pub freq: Freq,
    /// How levels become an index.
    pub scaling: Scaling,
    /// `all`, `totals` or `relevant`.
    pub denominator: String,
    /// The base window, `FROM..TO`; all periods of the data it was fitted on where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Of tension, the headline.
    pub tension: Scale,
    /// Of cooperation, where it could be fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooperation: Option<Scale>,
    /// Of attention, where it could be fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<Scale>,
}

impl Calibration {
    /// Fits the scales; what cannot be fitted beside the headline is left out and noted.
    ///
    /// # Errors
    /// The headline's scale cannot be fitted.
    pub fn fit(grid: &Grid, options: &IndexOptions, notes: &mut Vec<String>) -> Result<Calibration> {
        let base = options.base_of_periods();
        let mut beside = |rate: Rate| {
            Scale::fit(grid, rate, options.scaling, base)
                .inspect_err(|error| notes.push(format!("{} is left empty: {error}", rate.name)))
                .ok()
        };
        let rates = options.denominator.rates();
        Ok(Calibration {
            freq: options.freq,
            scaling: options.scaling,
            denominator: options.denominator.name().to_owned(),
            base: options.base.map(|base| format!("{}..{}", base.from, base.to)),
            cooperation: beside(rates.cooperation),
            attention: rates.attention.and_then(&mut beside),
            tension: Scale::fit(grid, rates.tension, options.scaling, base)?,
        })
    }

    /// Reads a calibration file.
    ///
    /// # Errors
    /// The file cannot be read or is none.
    pub fn open(path: &Path) -> Result<Calibration> {
        let wrong = |reason: String| {
            Error::input(path, reason, "write one with --write-calibration FILE, and leave it as it is")
        };
        let text = std::fs::read_to_string(path).map_err(io(path, "read"))?;
        let found: Calibration =
            toml::from_str(&text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
        let scales = [Some(&found.tension), found.cooperation.as_ref(), found.attention.as_ref()];
        let wrong_number = scales
            .into_iter()
            .flatten()
            .flat_map(|scale| scale.mean.iter().chain(&scale.deviation).chain(scale.sources.values()))
            .find(|number| !(number.is_finite() && **number > 0.0));
        if let Some(number) = wrong_number {
            return Err(wrong(format!("{number} is not above 0")));
        }
        let complete = |scale: &Scale| match found.scaling {
            Scaling::Raw => true,
            Scaling::Pooled => scale.mean.is_some(),
            Scaling::PerSource => scale.mean.is_some() && !scale.sources.is_empty(),
            Scaling::ZScore => scale.mean.is_some() && scale.deviation.is_some(),
        };
        let named = [
            ("tension", Some(&found.tension)),
            ("cooperation", found.cooperation.as_ref()),
            ("attention", found.attention.as_ref()),
        ];
        let lacking = named
            .into_iter()
            .find(|(_, scale)| scale.is_some_and(|scale| !complete(scale)))
            .map(|(name, _)| name);
        match lacking {
            Some(name) => Err(wrong(format!(
                "[{name}] lacks numbers that the scaling '{}' needs",
                found.scaling.name()
            ))),
            None => Ok(found),
        }
    }

    /// Writes a calibration file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let text =
            toml::to_string_pretty(self).map_err(|error| Error::index(error.to_string(), "report this"))?;
        write(
            path,
            format!("# Scales of a tensiometer index; later vintages read them with --calibration.\n{text}")
                .as_bytes(),
        )
    }

    /// Whether it was made for such an index.
    ///
    /// # Errors
    /// Names what differs.
    pub fn fits(&self, options: &IndexOptions) -> Result<()> {
        let differs = |what: &str, of_file: &str, asked: &str| {
            Err(Error::index(
                format!("the calibration is for {what} {of_file}, not {asked}"),
                "give the options it was made with, or make another with --write-calibration",
            ))
        };
        if self.freq != options.freq {
            return differs("--freq", self.freq.label(), options.freq.label());
        }
        if self.scaling != options.scaling {
            return differs("--scaling", self.scaling.name(), options.scaling.name());
        }
        if self.denominator != options.denominator.name() {
            return differs("the denominator", &self.denominator, options.denominator.name());
        }
        Ok(())
    }
}
