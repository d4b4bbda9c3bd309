//! Splicing: a source that replaces another goes on at the other's level, measured where both are there (the overlap method of price
//! indices; International Monetary Fund 2020, *Consumer Price Index Manual*, ch. 6).

use serde::{Deserialize, Serialize};

use super::rates::Rates;
use crate::error::{Error, Result};

/// A source that goes on as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The source whose name and level stay.
    pub old: String,
    /// The one that replaces it.
    pub new: String,
}

impl std::str::FromStr for Replaced {
    type Err = String;

    /// Reads `OLD=NEW`.
    fn from_str(text: &str) -> std::result::Result<Replaced, String> {
        match text.split_once('=').map(|(old, new)| (old.trim(), new.trim())) {
            Some((old, new)) if !old.is_empty() && !new.is_empty() && old != new => {
                Ok(Replaced { old: old.into(), new: new.into() })
            }
            _ => Err(format!("'{text}' names no two sources; write OLD=NEW as they stand in articles.csv")),
        }
    }
}

/// A splice of one series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Splice {
    /// The source whose name and level stay.
    pub old: String,
    /// The one that replaces it.
    pub new: String,
    /// What the new source's rate is multiplied by: the old one's rate over the periods in which both have articles, divided by its own.
    pub factor: f64,
}

impl Splice {
    /// Measures the factor over the periods in which both have articles: `(Σ G_old / Σ N_old) / (Σ G_new / Σ N_new)`.
    ///
    /// # Errors
    /// A source is not there, they never have articles in one period, or one has a rate of 0 there.
    pub fn fit(rates: &Rates<'_>, replaced: &Replaced) -> Result<Splice> {
        let Replaced { old, new } = replaced;
        let of = |name: &str| {
            rates.source_of(name).ok_or_else(|| {
                Error::index(
                    format!("there is no source '{name}' to splice in the {} series", rates.name),
                    "write --splice OLD=NEW with names as in articles.csv; a third source is spliced onto the first, OLD=THIRD",
                )
            })
        };
        let [old_at, new_at] = [of(old)?, of(new)?];
        let mut sums = [(0.0, 0.0); 2];
        for row in rates.rows() {
            let find = |source| row.iter().find(|cell| cell.source == source);
            if let Some((a, b)) = find(old_at).zip(find(new_at)) {
                for (sum, cell) in sums.iter_mut().zip([a, b]) {
                    *sum = (sum.0 + cell.part, sum.1 + cell.whole);
                }
            }
        }
        let refused = |reason: String| {
            Err(Error::index(
                reason,
                "splice sources that overlap for a while, or take --scaling source-effects",
            ))
        };
        if sums[0].1 == 0.0 {
            return refused(format!(
                "'{old}' and '{new}' never have articles in one period, so one cannot go on at the other's level"
            ));
        }
        let [old_rate, new_rate] = sums.map(|(part, whole)| part / whole);
        if !(old_rate > 0.0 && new_rate > 0.0) {
            let name = if old_rate > 0.0 { new } else { old };
            return refused(format!("the {} of '{name}' is 0 where '{old}' and '{new}' overlap", rates.name));
        }
        Ok(Splice { old: old.clone(), new: new.clone(), factor: old_rate / new_rate })
    }

    /// The series with the new source counted to the old one, at the old one's level.
    pub fn apply<'a>(&self, rates: Rates<'a>) -> Rates<'a> {
        let place = |name: &str| rates.sources.binary_search_by(|known| known.as_str().cmp(name)).ok();
        match (place(&self.old), place(&self.new)) {
            (Some(old), Some(new)) => rates.joined(new, old, self.factor),
            // Of what is not there nothing is to be joined.
            _ => rates,
        }
    }
}
