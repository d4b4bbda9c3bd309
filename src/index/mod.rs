//! From article scores to an index over time. Knows neither text nor models.
//!
//! For source s and period t, `N` articles of which `R` are relevant, and article scores `S`, `S⁺`, `S⁻`:
//! attention `R/N`, tone `ΣS/R`, tension `ΣS⁺/N`, cooperation `ΣS⁻/N`.

mod calendar;
mod cells;
mod point;
mod scaling;
mod totals;

pub use calendar::Window;
pub use cells::Cells;
pub use point::{Freq, IndexPoint};
pub use scaling::Scaling;
pub use totals::Totals;

use serde::Serialize;

use crate::error::{Error, Result};
use cells::Sums;

/// What tension and attention are shares of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Denominator {
    /// All articles of the corpus.
    #[default]
    All,
    /// Articles as `--totals` counts them.
    Totals,
    /// Relevant articles only; attention is then empty.
    Relevant,
}

/// How an index is made.
#[derive(Clone, Debug, Default)]
pub struct IndexOptions {
    /// Length of a period.
    pub freq: Freq,
    /// How levels are scaled.
    pub scaling: Scaling,
    /// What is divided by.
    pub denominator: Denominator,
    /// Periods (by first day) whose mean is 100; all where `None`.
    pub base: Option<Window>,
}

/// All articles of a source that has at least this many are relevant: it was filtered before it came here.
const FILTERED: u64 = 20;

/// An index and what is to be said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// One point for each period from the first to the last, empty ones too.
    pub points: Vec<IndexPoint>,
    /// Series other than the headline that are not defined for this input, and why.
    pub notes: Vec<String>,
}

/// The index of some cells.
///
/// # Errors
/// No articles; no real denominator; or a scale of the headline that is not defined, naming the source.
pub fn index(cells: &Cells, options: &IndexOptions) -> Result<Index> {
    if cells.is_empty() {
        return Err(Error::index("there are no articles", "check the corpus and rejects.csv"));
    }
    if options.denominator == Denominator::All {
        refuse_filtered(cells)?;
    }
    let cells = cells.at(options.freq);
    if options.denominator == Denominator::Totals {
        cells.check_totals()?;
    }
    let scaled = |name: &str, of: fn(&Sums) -> f64| {
        let divisor = |sums: &Sums| match options.denominator {
            Denominator::Relevant => sums.relevant,
            Denominator::All | Denominator::Totals => sums.articles,
        };
        scaling::scale(&cells.rates(&of, &divisor), options.scaling, options.base, name)
    };
    let tension = scaled("tension", |sums| sums.conflict)?;
    let mut notes = Vec::new();
    let mut beside = |name: &str, of: fn(&Sums) -> f64| {
        scaled(name, of).unwrap_or_else(|error| {
            notes.push(format!("{name} is left empty: {error}"));
            Default::default()
        })
    };
    let cooperation = beside("cooperation", |sums| sums.cooperation);
    let attention = match options.denominator {
        Denominator::Relevant => Default::default(),
        Denominator::All | Denominator::Totals => beside("attention", |sums| sums.relevant as f64),
    };
    let points = cells
        .periods()
        .into_iter()
        .map(|date| {
            let all = cells.sum(date);
            IndexPoint {
                date,
                freq: options.freq,
                tension: tension.get(&date).copied(),
                cooperation: cooperation.get(&date).copied(),
                tone: (all.relevant > 0).then(|| all.tone / all.relevant as f64),
                attention: attention.get(&date).copied(),
                n_articles: all.articles,
                n_relevant: all.relevant,
                n_sentences: all.sentences,
                n_sources: cells.n_sources(date),
            }
        })
        .collect();
    Ok(Index { points, notes })
}

/// A corpus that holds relevant articles only cannot say how large a share of the news they are.
fn refuse_filtered(cells: &Cells) -> Result<()> {
    let totals = cells.by_source();
    let filtered: Vec<&str> = totals
        .iter()
        .filter(|(_, sums)| sums.articles >= FILTERED && sums.relevant == sums.articles)
        .map(|(source, _)| source.as_str())
        .collect();
    let all = totals.values().all(|sums| sums.relevant == sums.articles);
    if filtered.is_empty() && !all {
        return Ok(());
    }
    let whose = if all { "the corpus".to_owned() } else { filtered.join(", ") };
    Err(Error::index(
        format!(
            "every article of {whose} is about the dyad: it was filtered before, and tension as a share of all news is not defined"
        ),
        "give the numbers of all articles with --totals FILE (source,date,n), or take --denominator relevant",
    ))
}

#[cfg(test)]
mod tests;
