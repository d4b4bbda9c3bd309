//! From article scores to an index over time. Knows neither text nor models.
//!
//! For source s and period t, `N` articles of which `R` are relevant, and article scores `S`, `S⁺`, `S⁻`:
//! attention `R/N`, tone `ΣS/R`, tension `ΣS⁺/N`, cooperation `ΣS⁻/N`.

mod attribution;
mod bootstrap;
mod calendar;
mod calibration;
mod cells;
mod effects;
mod grid;
mod parts;
mod point;
mod rates;
mod scaling;
mod smoothing;
mod splice;
mod sums;
mod totals;

pub use attribution::{Attribution, Change, Contribution, Effects, attribute, change};
pub use bootstrap::Bootstrap;
pub use calendar::{Window, first_day};
pub use calibration::Calibration;
pub use cells::{Cells, Unit};
pub use parts::{OFFSET, TopicPoint};
pub use point::{Freq, IndexPoint};
pub use scaling::{Scale, Scaling};
pub use splice::{Replaced, Splice};
pub use totals::Totals;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::error::{Error, Result};
use grid::Grid;
use parts::Parts;
use rates::Rate;
use sums::Sums;

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
    /// The same number in every period from a source's first article to its last: for a corpus that was filtered before, of sources
    /// that print about as much at all times. Tension is then a sum.
    Steady,
}

/// The series of an index.
struct Series {
    tension: Rate,
    cooperation: Rate,
    attention: Option<Rate>,
    tone: Rate,
}

impl Denominator {
    /// `all`, `totals`, `relevant` or `steady`.
    pub fn name(&self) -> &'static str {
        match self {
            Denominator::All => "all",
            Denominator::Totals(_) => "totals",
            Denominator::Relevant => "relevant",
            Denominator::Steady => "steady",
        }
    }

    fn rates(&self) -> Series {
        let whole: fn(&Sums) -> f64 = match self {
            Denominator::All | Denominator::Totals(_) => |sums| sums.n,
            Denominator::Relevant => |sums| sums.r,
            Denominator::Steady => |_| 1.0,
        };
        let rate = |name, part| Rate { name, part, whole, based: true };
        let attention = rate("attention", |sums| sums.r);
        Series {
            tension: rate("tension", |sums| sums.conflict),
            cooperation: rate("cooperation", |sums| sums.cooperation),
            attention: (!matches!(self, Denominator::Relevant)).then_some(attention),
            tone: Rate { name: "tone", part: |sums| sums.tone, whole: |sums| sums.r, based: false },
        }
    }
}

/// How an index is made.
#[derive(Clone, Debug, Default)]
pub struct IndexOptions {
    /// Length of a period.
    pub freq: Freq,
    /// What is counted.
    pub unit: Unit,
    /// How levels are scaled.
    pub scaling: Scaling,
    /// What is divided by.
    pub denominator: Denominator,
    /// Days whose periods have a mean of 100; all where `None`.
    pub base: Option<Window>,
    /// Sources that go on as others.
    pub splices: Vec<Replaced>,
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
    /// Tension by topic: in each period a row for each topic of the corpus. None where articles do not say.
    pub topics: Vec<TopicPoint>,
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
    if let Denominator::Steady = options.denominator {
        notes.push(
            "tension is a sum: each source is taken to print as much in every period (--denominator steady)"
                .into(),
        );
    }
    let calibration = calibration(&grid, options, &mut notes)?;
    let rates = options.denominator.rates();
    if options.calibration.is_some() && calibration.cooperation.is_none() {
        notes.push("cooperation is left empty: the calibration has no scale for it".into());
    }
    let effects = calibration.tone.as_ref().map(|scale| &scale.effects).filter(|effects| !effects.is_empty());
    if let Some(effects) = effects {
        let unknown = cells
            .by_source()
            .into_iter()
            .filter(|(name, sums)| sums.relevant > 0 && !effects.contains_key(*name));
        notes.extend(unknown.map(|(name, _)| {
            format!("tone leaves out the source '{name}': the calibration has no effect for it")
        }));
    }
    let beside = |scale: &Option<Scale>, rate: Option<Rate>| match scale.as_ref().zip(rate) {
        Some((scale, rate)) => scale.apply(&grid, rate, options.scaling),
        None => Ok(vec![None; grid.dates.len()]),
    };
    let tension = calibration.tension.apply(&grid, rates.tension, options.scaling)?;
    let cooperation = beside(&calibration.cooperation, Some(rates.cooperation))?;
    let attention = beside(&calibration.attention, rates.attention)?;
    let tone = beside(&calibration.tone, Some(rates.tone))?;
    let shares = calibration.tension.shares(&grid, rates.tension, options.scaling)?;
    let parts = parts::parts(cells, &grid, &shares, options.unit);
    let smoothed = smoothing::smoothed_tone(cells, &grid.dates, options.freq, options.unit);
    let stories = bootstrap::strata(cells, &grid, options);
    let (bands, note) = match &options.bands {
        Some(bootstrap) => bootstrap.bands(&grid, &stories, options),
        None => (vec![Default::default(); grid.dates.len()], None),
    };
    notes.extend(note);
    let range = without_each_source(&grid, options);
    let points: Vec<IndexPoint> = (0..grid.dates.len())
        .map(|at| {
            let all: Sums = grid.row(at).iter().map(|cell| cell.sums).sum();
            let told = stories.told(at);
            let band = bands[at];
            let directed = |way: usize| tension[at].and(Some(parts.directed.as_ref()?[at][way]));
            IndexPoint {
                date: grid.dates[at],
                freq: options.freq,
                tension: tension[at],
                tension_low: band.tension.map(|band| band.0),
                tension_high: band.tension.map(|band| band.1),
                cooperation: cooperation[at],
                tone: tone[at],
                tone_low: band.tone.map(|band| band.0),
                tone_high: band.tone.map(|band| band.1),
                tone_smoothed: smoothed[at],
                attention: attention[at],
                tension_a_to_b: directed(0),
                tension_b_to_a: directed(1),
                tension_mutual: directed(2),
                tension_offset: tension[at].map(|_| shares[at].offset),
                n_articles: all.articles,
                n_relevant: all.relevant,
                n_sentences: all.sentences,
                n_keyword: all.keyword,
                n_sources: grid.row(at).iter().filter(|cell| cell.sums.articles > 0).count() as u64,
                n_stories: told.n,
                effective_stories: told.effective,
                tension_without_low: range[at].map(|range| range.0),
                tension_without_high: range[at].map(|range| range.1),
            }
        })
        .collect();
    let topics = by_topic(&points, &parts);
    Ok(Index { points, topics, notes, calibration })
}

/// The headline alone, by period, without one of the sources (and those spliced to it) where it is named: for comparing many ways to make an index.
///
/// # Errors
/// As [`index`].
pub fn tension(
    cells: &Cells,
    options: &IndexOptions,
    without: Option<&str>,
) -> Result<Vec<(Date, Option<f64>)>> {
    let grid = grid(cells, options)?;
    let source = without.and_then(|name| grid.source_of(name));
    let series =
        match united(&grid, options).iter().find(|group| source.is_some_and(|at| group.contains(&at))) {
            Some(group) => headline_without(&grid, options, group)?,
            None => headline(&grid, options)?,
        };
    Ok(grid.dates.into_iter().zip(series).collect())
}

/// A row for each period and topic; where there is an offset, it has a row too.
fn by_topic(points: &[IndexPoint], parts: &Parts) -> Vec<TopicPoint> {
    let mut rows = Vec::new();
    let offset = points.iter().any(|point| point.tension_offset.is_some_and(|offset| offset != 0.0));
    for (at, point) in points.iter().enumerate() {
        let row = |topic: &str, part: f64, n_relevant| TopicPoint {
            date: point.date,
            freq: point.freq,
            topic: topic.to_owned(),
            tension: point.tension.map(|_| part),
            n_relevant,
        };
        rows.extend(parts.topics.iter().map(|(topic, series)| row(topic, series[at].0, series[at].1)));
        if offset && !parts.topics.is_empty() {
            rows.push(row(OFFSET, point.tension_offset.unwrap_or_default(), 0));
        }
    }
    rows
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
    let grid = cells.at(options.freq, options.unit);
    match &options.denominator {
        Denominator::All => refuse_filtered(&sources).map(|()| grid),
        Denominator::Totals(_) if options.unit == Unit::Sentence => Err(Error::index(
            "the totals count articles, and the index sentences",
            "take --unit article, or another --denominator",
        )),
        Denominator::Totals(totals) => grid.with_totals(totals),
        Denominator::Relevant => Ok(grid),
        Denominator::Steady => Ok(grid.steady()),
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
/// fewer than two sources have articles. Sources that are spliced are one.
fn without_each_source(grid: &Grid, options: &IndexOptions) -> Vec<Option<(f64, f64)>> {
    let mut range: Vec<Option<(f64, f64)>> = vec![None; grid.dates.len()];
    let united = united(grid, options);
    let here = |at: usize, group: &[usize]| {
        group.iter().any(|source| grid.cell(at, *source).is_some_and(|cell| cell.sums.articles > 0))
    };
    let several: Vec<bool> = (0..grid.dates.len())
        .map(|at| united.iter().filter(|group| here(at, group)).nth(1).is_some())
        .collect();
    if united.len() > MOST_SOURCES || !several.contains(&true) {
        return range;
    }
    for group in &united {
        // Without it the scale may not be defined; then its part cannot be told.
        let Ok(rest) = headline_without(grid, options, group) else { continue };
        for at in (0..rest.len()).filter(|&at| several[at] && here(at, group)) {
            if let Some(x) = rest[at] {
                range[at] = Some(range[at].map_or((x, x), |(low, high)| (low.min(x), high.max(x))));
            }
        }
    }
    range
}

/// The sources by place, each with those that go on as it.
fn united(grid: &Grid, options: &IndexOptions) -> Vec<Vec<usize>> {
    let mut united: Vec<Vec<usize>> = (0..grid.sources.len()).map(|source| vec![source]).collect();
    let splices: Vec<(&str, &str)> = match &options.calibration {
        Some(known) => known.tension.splices.iter().map(|one| (one.old.as_str(), one.new.as_str())).collect(),
        None => options.splices.iter().map(|one| (one.old.as_str(), one.new.as_str())).collect(),
    };
    for (old, new) in splices {
        if let Some((old, new)) = grid.source_of(old).zip(grid.source_of(new)) {
            let moved = std::mem::take(&mut united[new]);
            united[old].extend(moved);
        }
    }
    united.retain(|group| !group.is_empty());
    united
}

/// The headline without some sources; what is left is not spliced to them.
fn headline_without(grid: &Grid, options: &IndexOptions, group: &[usize]) -> Result<Vec<Option<f64>>> {
    let mut options = options.clone();
    options
        .splices
        .retain(|one| !group.iter().any(|source| [&one.old, &one.new].contains(&&grid.sources[*source])));
    headline(&grid.without(group), &options)
}

/// The headline alone: its scale fitted anew, unless a calibration was given.
fn headline(grid: &Grid, options: &IndexOptions) -> Result<Vec<Option<f64>>> {
    let known = options.calibration.as_ref().map(|calibration| &calibration.tension);
    series(grid, options.denominator.rates().tension, known, options)
}

/// Tone alone, likewise.
fn tone(grid: &Grid, options: &IndexOptions) -> Result<Vec<Option<f64>>> {
    let known = options.calibration.as_ref().and_then(|calibration| calibration.tone.as_ref());
    series(grid, options.denominator.rates().tone, known, options)
}

fn series(
    grid: &Grid,
    rate: Rate,
    known: Option<&Scale>,
    options: &IndexOptions,
) -> Result<Vec<Option<f64>>> {
    match known {
        Some(scale) => scale.apply(grid, rate, options.scaling),
        None => Scale::fit(grid, rate, options)?.apply(grid, rate, options.scaling),
    }
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
        "give the numbers of all articles with --totals FILE (source,date,n), or take --denominator relevant or steady",
    ))
}

#[cfg(test)]
mod tests;
