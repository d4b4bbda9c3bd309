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

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use cells::Sums;

/// What tension and attention are shares of.
#[derive(Clone, Debug, Default)]
pub enum Denominator {
    /// All articles of the corpus.
    #[default]
    All,
    /// Articles as counted elsewhere, for a corpus that was filtered before.
    Totals(Totals),
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
    /// Days whose periods have a mean of 100; all where `None`.
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
    let sources = cells.by_source();
    if sources.values().all(|sums| sums.relevant == 0) {
        return Err(Error::index(
            "no article is relevant to the dyad",
            "check rejects.csv, that --column text names the text, and --dyad",
        ));
    }
    let cells = match &options.denominator {
        Denominator::All => {
            refuse_filtered(&sources)?;
            cells.at(options.freq)
        }
        Denominator::Totals(totals) => cells.at(options.freq).with_totals(totals)?,
        Denominator::Relevant => cells.at(options.freq),
    };
    // A period lies in the base window when it shares a day with it.
    let base = options.base.map(|base| Window { from: calendar::first_day(options.freq, base.from), ..base });
    let relevant_only = matches!(options.denominator, Denominator::Relevant);
    let scaled = |name: &str, of: fn(&Sums) -> f64| {
        let divisor = |sums: &Sums| if relevant_only { sums.relevant } else { sums.articles };
        scaling::scale(&cells.rates(&of, &divisor), options.scaling, base, name)
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
    let attention = match relevant_only {
        true => Default::default(),
        false => beside("attention", |sums| sums.relevant as f64),
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
fn refuse_filtered(totals: &BTreeMap<String, Sums>) -> Result<()> {
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
