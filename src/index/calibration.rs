//! A calibration: the scales of an index, kept in a file, so that later vintages are measured by the same.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::IndexOptions;
use super::cells::Unit;
use super::grid::Grid;
use super::point::Freq;
use super::rates::Rate;
use super::scaling::{Scale, Scaling};
use crate::error::{Error, Result, io};
use crate::output::write;

/// The scales of an index and what they were fitted for. As TOML, it is the calibration file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Length of a period.
    pub freq: Freq,
    /// What is counted.
    #[serde(default)]
    pub unit: Unit,
    /// How levels become an index.
    pub scaling: Scaling,
    /// `all`, `totals`, `relevant` or `steady`.
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
    /// Of tone: it has no base, and numbers only where sources have effects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Scale>,
}

impl Calibration {
    /// Fits the scales; what cannot be fitted beside the headline is left out and noted.
    ///
    /// # Errors
    /// The headline's scale cannot be fitted.
    pub fn fit(grid: &Grid, options: &IndexOptions, notes: &mut Vec<String>) -> Result<Calibration> {
        let mut beside = |rate: Rate| {
            Scale::fit(grid, rate, options)
                .inspect_err(|error| notes.push(format!("{} is left empty: {error}", rate.name)))
                .ok()
        };
        let rates = options.denominator.rates();
        Ok(Calibration {
            freq: options.freq,
            unit: options.unit,
            scaling: options.scaling,
            denominator: options.denominator.name().to_owned(),
            base: options.base.map(|base| format!("{}..{}", base.from, base.to)),
            cooperation: beside(rates.cooperation),
            attention: rates.attention.and_then(&mut beside),
            tone: beside(rates.tone),
            tension: Scale::fit(grid, rates.tension, options)?,
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
        let mut found: Calibration =
            toml::from_str(&text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
        if found.scaling != Scaling::SourceEffects {
            found.tone.get_or_insert_default(); // in files of older versions it is not named
        }
        let named = [
            ("tension", Some(&found.tension)),
            ("cooperation", found.cooperation.as_ref()),
            ("attention", found.attention.as_ref()),
            ("tone", found.tone.as_ref()),
        ];
        for (name, scale) in named.into_iter().filter_map(|(name, scale)| Some((name, scale?))) {
            let factors = scale.splices.iter().map(|splice| &splice.factor);
            let positive =
                scale.mean.iter().chain(&scale.deviation).chain(scale.sources.values()).chain(factors);
            if let Some(number) = positive.into_iter().find(|number| !(number.is_finite() && **number > 0.0))
            {
                return Err(wrong(format!("[{name}]: {number} is not above 0")));
            }
            if let Some(number) = scale.effects.values().find(|number| !number.is_finite()) {
                return Err(wrong(format!("[{name}]: {number} is no source's effect")));
            }
            let based = name == "tone" || scale.mean.is_some();
            let complete = match found.scaling {
                Scaling::Raw => true,
                _ if name == "tone" && found.scaling != Scaling::SourceEffects => true,
                Scaling::Pooled => based,
                Scaling::PerSource => based && !scale.sources.is_empty(),
                Scaling::SourceEffects => based && !scale.effects.is_empty(),
                Scaling::ZScore => based && scale.deviation.is_some(),
            };
            if !complete {
                let scaling = found.scaling.name();
                return Err(wrong(format!("[{name}] lacks numbers that the scaling '{scaling}' needs")));
            }
        }
        Ok(found)
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
        if self.unit != options.unit {
            return differs("--unit", self.unit.name(), options.unit.name());
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
