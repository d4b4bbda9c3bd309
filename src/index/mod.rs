//! From article scores to an index over time. Knows neither text nor models.
//!
//! For source s and period t, `N` articles of which `R` are relevant, and article scores `S`, `S⁺`, `S⁻`:
//! attention `R/N`, tone `ΣS/R`, tension `ΣS⁺/N`, cooperation `ΣS⁻/N`.

mod attribution;
mod bootstrap;
mod calendar;
mod calibration;
mod cells;
mod grid;
mod point;
mod scaling;
mod totals;

pub use attribution::{Attribution, Change, Contribution, Effects, attribute, change};
pub use bootstrap::Bootstrap;
pub use calendar::Window;
pub use calibration::Calibration;
pub use cells::Cells;
pub use point::{Freq, IndexPoint};
pub use scaling::{Scale, Scaling};
pub use totals::Totals;

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use cells::Sums;
use grid::Grid;
use scaling::Rate;

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

/// The series that are shares of something.
struct Rates {
    tension: Rate,
    cooperation: Rate,
    attention: Option<Rate>,
}

impl Denominator {
    /// `all`, `totals` or `relevant`.
    pub fn name(&self) -> &'static str {
        match self {
            Denominator::All => "all",
            Denominator::Totals(_) => "totals",
            Denominator::Relevant => "relevant",
        }
    }

    fn rates(&self) -> Rates {
        let whole: fn(&Sums) -> u64 = match self {
            Denominator::All | Denominator::Totals(_) => |sums| sums.articles,
            Denominator::Relevant => |sums| sums.relevant,
        };
        let attention = Rate { name: "attention", part: |sums| sums.relevant as f64, whole };
        Rates {
            tension: Rate { name: "tension", part: |sums| sums.conflict, whole },
            cooperation: Rate { name: "cooperation", part: |sums| sums.cooperation, whole },
            attention: (!matches!(self, Denominator::Relevant)).then_some(attention),
        }
    }
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
    /// Scales fitted before; fitted on this input where `None`.
    pub calibration: Option<Calibration>,
    /// How bands are drawn; none where `None`.
    pub bands: Option<Bootstrap>,
}

impl IndexOptions {
    /// The base window from the first day of a period: a period lies in it when it shares a day with it.
    fn base_of_periods(&self) -> Option<Window> {
        self.base.map(|base| Window { from: calendar::first_day(self.freq, base.from), ..base })
    }
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
    /// The scales it was measured by.
    pub calibration: Calibration,
}

/// The index of some cells.
///
/// # Errors
/// No articles; no real denominator; or a scale of the headline that is not defined, naming the source.
pub fn index(cells: &Cells, options: &IndexOptions) -> Result<Index> {
    let grid = grid(cells, options)?;
    let mut notes = Vec::new();
    let calibration = calibration(&grid, options, &mut notes)?;
    let rates = options.denominator.rates();
    let scaled = |scale: &Scale, rate: Rate| scale.apply(&grid, rate, options.scaling);
    let none = || vec![None; grid.dates.len()];
    if options.calibration.is_some() && calibration.cooperation.is_none() {
        notes.push("cooperation is left empty: the calibration has no scale for it".into());
    }
    let tension = scaled(&calibration.tension, rates.tension)?;
    let cooperation = match &calibration.cooperation {
        Some(scale) => scaled(scale, rates.cooperation)?,
        None => none(),
    };
    let attention = match calibration.attention.as_ref().zip(rates.attention) {
        Some((scale, rate)) => scaled(scale, rate)?,
        None => none(),
    };
    let stories = bootstrap::strata(cells, &grid, &options.denominator);
    let (bands, note) = match &options.bands {
        Some(bootstrap) => bootstrap.bands(&grid, &stories, options),
        None => (vec![Default::default(); grid.dates.len()], None),
    };
    notes.extend(note);
    let range = without_each_source(&grid, options);
    let points = (0..grid.dates.len())
        .map(|at| {
            let all: Sums = grid.row(at).iter().map(|cell| cell.sums).sum();
            let told = stories.told(at);
            let band = bands[at];
            IndexPoint {
                date: grid.dates[at],
                freq: options.freq,
                tension: tension[at],
                tension_low: band.tension.map(|band| band.0),
                tension_high: band.tension.map(|band| band.1),
                cooperation: cooperation[at],
                tone: (all.relevant > 0).then(|| all.tone / all.relevant as f64),
                tone_low: band.tone.map(|band| band.0),
                tone_high: band.tone.map(|band| band.1),
                attention: attention[at],
                n_articles: all.articles,
                n_relevant: all.relevant,
                n_sentences: all.sentences,
                n_sources: grid.row(at).iter().filter(|cell| cell.sums.articles > 0).count() as u64,
                n_stories: told.n,
                effective_stories: told.effective,
                tension_without_low: range[at].map(|range| range.0),
                tension_without_high: range[at].map(|range| range.1),
            }
        })
        .collect();
    Ok(Index { points, notes, calibration })
}

/// The sums that an index is made of, with the denominator that was asked for.
fn grid(cells: &Cells, options: &IndexOptions) -> Result<Grid> {
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
    match &options.denominator {
        Denominator::All => {
            refuse_filtered(&sources)?;
            Ok(cells.at(options.freq))
        }
        Denominator::Totals(totals) => cells.at(options.freq).with_totals(totals),
        Denominator::Relevant => Ok(cells.at(options.freq)),
    }
}

/// The scales that were given, or new ones.
fn calibration(grid: &Grid, options: &IndexOptions, notes: &mut Vec<String>) -> Result<Calibration> {
    match &options.calibration {
        Some(calibration) => {
            calibration.fits(options)?;
            Ok(calibration.clone())
        }
        None => Calibration::fit(grid, options, notes),
    }
}

/// Beyond so many sources one more or less moves nothing, and an index without each of them would take long.
const MOST_SOURCES: usize = 1000;

/// The lowest and highest tension of each period when the index is made anew without each of its sources in turn; `None` where
/// fewer than two sources have articles.
fn without_each_source(grid: &Grid, options: &IndexOptions) -> Vec<Option<(f64, f64)>> {
    let mut range: Vec<Option<(f64, f64)>> = vec![None; grid.dates.len()];
    let here = |at: usize| grid.row(at).iter().filter(|cell| cell.sums.articles > 0);
    let several: Vec<bool> = (0..grid.dates.len()).map(|at| here(at).count() > 1).collect();
    if grid.sources.len() > MOST_SOURCES || !several.contains(&true) {
        return range;
    }
    for source in 0..grid.sources.len() {
        // Without it the scale may not be defined; then its part cannot be told.
        let Ok(rest) = headline(&grid.without(source), options) else { continue };
        for at in (0..rest.len()).filter(|&at| several[at] && here(at).any(|cell| cell.source == source)) {
            if let Some(x) = rest[at] {
                range[at] = Some(range[at].map_or((x, x), |(low, high)| (low.min(x), high.max(x))));
            }
        }
    }
    range
}

/// The headline alone: its scale fitted anew, unless a calibration was given.
fn headline(grid: &Grid, options: &IndexOptions) -> Result<Vec<Option<f64>>> {
    let rate = options.denominator.rates().tension;
    let fitted;
    let scale = match &options.calibration {
        Some(calibration) => &calibration.tension,
        None => {
            fitted = Scale::fit(grid, rate, options.scaling, options.base_of_periods())?;
            &fitted
        }
    };
    scale.apply(grid, rate, options.scaling)
}

/// A corpus that holds relevant articles only cannot say how large a share of the news they are.
fn refuse_filtered(totals: &BTreeMap<&str, Sums>) -> Result<()> {
    let filtered: Vec<&str> = totals
        .iter()
        .filter(|(_, sums)| sums.articles >= FILTERED && sums.relevant == sums.articles)
        .map(|(source, _)| *source)
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
