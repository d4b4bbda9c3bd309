//! The figures of a validation. Bands are drawn in blocks of periods, since neighbours are alike (circular block bootstrap, Politis and
//! Romano 1992; blocks of about n^(1/3), Hall, Horowitz and Jing 1995), the same blocks for every series, so that differences between
//! two series have bands too.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::index::{Freq, Window, first_day};
use crate::statistics::{Band, pearson, spearman};

/// How a validation is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Length of a period of the index.
    pub freq: Freq,
    /// Periods to compare; all that both series have where `None`.
    pub within: Option<Window>,
    /// Bootstrap draws of the bands; 0 for none.
    pub draws: u32,
    /// Seed of the draws.
    pub seed: u64,
}

/// Correlations with the published series, each in [−1, 1]; `None` where a series does not vary.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Pearson's.
    pub pearson: Option<Band>,
    /// Spearman's, of ranks.
    pub spearman: Option<Band>,
    /// Pearson's of the index less that of this series; `None` for the index itself.
    pub index_less: Option<Band>,
    /// Pearson's where the part of both that goes with the first rival is taken off (partial correlation): what is there beyond volume.
    /// `None` for that rival itself.
    pub beyond_volume: Option<Band>,
}

/// A series and how it agrees with the published one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// In levels.
    pub levels: Agreement,
    /// In changes from one period to the next.
    pub differences: Agreement,
    /// Peaks of the published series that it meets.
    pub peaks: Peaks,
}

/// Correlations of the index with the published series some periods later.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lag {
    /// Periods by which the index leads; below 0 it lags.
    pub lead: i32,
    /// Pearson's, in levels.
    pub levels: Option<f64>,
    /// Pearson's, in first differences.
    pub differences: Option<f64>,
    /// Periods compared in levels.
    pub n: usize,
}

/// Correlation of trailing means.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Smoothed {
    /// Periods in a mean.
    pub periods: usize,
    /// Pearson's, in levels.
    pub pearson: Option<f64>,
    /// Means compared.
    pub n: usize,
}

/// A peak of the published series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Peak {
    /// First day of its period.
    pub date: Date,
    /// Whether the series has a peak there, or one period before or after.
    pub met: bool,
}

/// Peaks of the published series: its highest tenth of periods, of those that are above both neighbours.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Peaks {
    /// Each peak, by date.
    pub peaks: Vec<Peak>,
    /// How many are met.
    pub met: usize,
    /// How many would be met by chance: the mean over all ways to turn the series around in time.
    pub by_chance: f64,
}

/// Everything that [`validate`] finds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Validation {
    /// First periods' days of what is compared.
    pub first: Date,
    /// And the last one's.
    pub last: Date,
    /// Periods compared in levels.
    pub n_levels: usize,
    /// Changes compared: between periods that follow each other.
    pub n_differences: usize,
    /// Periods in a block of the bootstrap.
    pub block: usize,
    /// The index first, then its rivals.
    pub series: Vec<Compared>,
    /// The index, by periods of lead.
    pub lead_lag: Vec<Lag>,
    /// The index, by length of the mean.
    pub smoothed: Vec<Smoothed>,
    /// What was compared: dates, the published series, the index.
    #[serde(skip)]
    pub points: Vec<(Date, f64, f64)>,
}

/// Furthest lead and lag, periods.
const LAGS: i32 = 6;
/// Lengths of trailing means, periods.
const MEANS: [usize; 3] = [3, 6, 12];
/// With fewer periods a correlation says nothing.
const FEWEST: usize = 8;

/// Values by the first day of their period.
type ByPeriod = BTreeMap<Date, f64>;

/// Compares an index and its rivals with a published series. A published series by shorter periods is averaged over those of the index.
///
/// # Errors
/// The published series has longer periods than the index, or fewer than eight periods can be compared.
pub fn validate(
    published: &BTreeMap<Date, f64>,
    index: (&str, &ByPeriod),
    rivals: &[(String, ByPeriod)],
    options: &Options,
) -> Result<Validation> {
    coarser(published, options.freq)?;
    let published = by_period(published, options.freq);
    let all: Vec<(&str, &ByPeriod)> =
        std::iter::once(index).chain(rivals.iter().map(|(name, values)| (name.as_str(), values))).collect();
    let inside = |date: &Date| options.within.is_none_or(|window| window.contains(*date));
    let rows: Vec<Row> = published
        .iter()
        .filter(|(date, _)| inside(date))
        .filter_map(|(date, told)| {
            let values = all.iter().map(|(_, series)| series.get(date).copied()).collect::<Option<_>>()?;
            Some(Row { date: *date, told: *told, values })
        })
        .collect();
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Err(too_few(0, &published, index.1));
    };
    if rows.len() < FEWEST {
        return Err(too_few(rows.len(), &published, index.1));
    }
    let changes = changes(&rows, options.freq);
    let block = (rows.len() as f64).cbrt().ceil() as usize;
    let levels = agreements(&rows, all.len(), block, options, 0);
    let differences = agreements(&changes, all.len(), block, options, 1);
    let told: Vec<f64> = rows.iter().map(|row| row.told).collect();
    let series = all.iter().zip(levels).zip(differences).enumerate().map(
        |(at, (((name, _), levels), differences))| {
            let values: Vec<f64> = rows.iter().map(|row| row.values[at]).collect();
            Compared { name: (*name).to_owned(), levels, differences, peaks: peaks(&rows, &told, &values) }
        },
    );
    Ok(Validation {
        first: first.date,
        last: last.date,
        n_levels: rows.len(),
        n_differences: changes.len(),
        block,
        series: series.collect(),
        lead_lag: (-LAGS..=LAGS).map(|lead| lag(lead, &rows, &published, options.freq)).collect(),
        smoothed: MEANS.into_iter().map(|periods| smoothed(periods, &rows, options.freq)).collect(),
        points: rows.iter().map(|row| (row.date, row.told, row.values[0])).collect(),
    })
}

/// A period that all series have: the published value, and that of each series.
struct Row {
    date: Date,
    told: f64,
    values: Vec<f64>,
}

fn by_period(values: &BTreeMap<Date, f64>, freq: Freq) -> ByPeriod {
    let mut sums: BTreeMap<Date, (f64, f64)> = BTreeMap::new();
    for (date, value) in values {
        let (sum, n) = sums.entry(first_day(freq, *date)).or_default();
        (*sum, *n) = (*sum + value, *n + 1.0);
    }
    sums.into_iter().map(|(date, (sum, n))| (date, sum / n)).collect()
}

/// Refuses a published series whose dates never follow each other in steps of the index's periods.
fn coarser(published: &BTreeMap<Date, f64>, freq: Freq) -> Result<()> {
    let dates: Vec<Date> = published.keys().map(|date| first_day(freq, *date)).collect();
    let follows = |pair: &[Date]| pair[0] == pair[1] || next(pair[0], freq) == Some(pair[1]);
    if dates.len() < 2 || dates.windows(2).any(follows) {
        return Ok(());
    }
    Err(Error::index(
        format!(
            "the published series has no two {}s that follow each other: its periods are longer than the index's",
            freq.label()
        ),
        "make the index with a lower --freq",
    ))
}

fn next(date: Date, freq: Freq) -> Option<Date> {
    date.checked_add(freq.step()).ok()
}

fn too_few(n: usize, published: &ByPeriod, index: &ByPeriod) -> Error {
    let span = |series: &ByPeriod| match (series.keys().next(), series.keys().next_back()) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "none".to_owned(),
    };
    Error::index(
        format!(
            "{n} periods have a value in all series, {FEWEST} at least are wanted (published: {}; index: {})",
            span(published),
            span(index)
        ),
        "compare series of the same time, or widen --within",
    )
}

/// Changes from a period to the one that follows it.
fn changes(rows: &[Row], freq: Freq) -> Vec<Row> {
    let follows = |pair: &&[Row]| next(pair[0].date, freq) == Some(pair[1].date);
    let change = |pair: &[Row]| Row {
        date: pair[1].date,
        told: pair[1].told - pair[0].told,
        values: pair[1].values.iter().zip(&pair[0].values).map(|(new, old)| new - old).collect(),
    };
    rows.windows(2).filter(follows).map(change).collect()
}

/// Figures of one series in one draw.
#[derive(Clone, Copy, Default)]
struct Figures {
    pearson: Option<f64>,
    spearman: Option<f64>,
    index_less: Option<f64>,
    beyond_volume: Option<f64>,
}

fn agreements(rows: &[Row], n_series: usize, block: usize, options: &Options, part: u64) -> Vec<Agreement> {
    let whole: Vec<usize> = (0..rows.len()).collect();
    let values = figures(rows, &whole, n_series);
    let draws: Vec<Vec<Figures>> = (0..if rows.is_empty() { 0 } else { options.draws })
        .map(|draw| {
            let mut random = ChaCha8Rng::seed_from_u64(options.seed);
            random.set_stream(2 * u64::from(draw) + part);
            let mut drawn = Vec::with_capacity(rows.len() + block);
            while drawn.len() < rows.len() {
                let start = random.random_range(0..rows.len());
                drawn.extend((start..start + block).map(|at| at % rows.len()));
            }
            drawn.truncate(rows.len());
            figures(rows, &drawn, n_series)
        })
        .collect();
    let band = |at: usize, of: fn(&Figures) -> Option<f64>| {
        of(&values[at]).map(|value| Band::of(value, draws.iter().filter_map(|draw| of(&draw[at])).collect()))
    };
    (0..n_series)
        .map(|at| Agreement {
            pearson: band(at, |figures| figures.pearson),
            spearman: band(at, |figures| figures.spearman),
            index_less: band(at, |figures| figures.index_less),
            beyond_volume: band(at, |figures| figures.beyond_volume),
        })
        .collect()
}

/// The figures of each series over some rows.
fn figures(rows: &[Row], drawn: &[usize], n_series: usize) -> Vec<Figures> {
    let told = |at: usize| -> Vec<(f64, f64)> {
        drawn.iter().map(|&row| (rows[row].told, rows[row].values[at])).collect()
    };
    let of = |a: usize, b: usize| {
        pearson(&drawn.iter().map(|&row| (rows[row].values[a], rows[row].values[b])).collect::<Vec<_>>())
    };
    let index = pearson(&told(0));
    let volume = (n_series > 1).then(|| pearson(&told(1))).flatten();
    (0..n_series)
        .map(|at| {
            let pairs = told(at);
            let own = pearson(&pairs);
            Figures {
                pearson: own,
                spearman: spearman(&pairs),
                index_less: index.zip(own).filter(|_| at > 0).map(|(index, own)| index - own),
                beyond_volume: (at != 1 && n_series > 1)
                    .then(|| partial(own?, volume?, of(at, 1)?))
                    .flatten(),
            }
        })
        .collect()
}

/// The correlation of x and y without what goes with z: `(r_xy − r_xz r_yz) / √((1 − r_xz²)(1 − r_yz²))`.
fn partial(xy: f64, xz: f64, yz: f64) -> Option<f64> {
    let rest = (1.0 - xz * xz) * (1.0 - yz * yz);
    (rest > 1e-12).then(|| (xy - xz * yz) / rest.sqrt())
}

fn lag(lead: i32, rows: &[Row], published: &ByPeriod, freq: Freq) -> Lag {
    // The published value so many periods after each of the index; its periods have no gaps to be counted over.
    let shifted = |date: Date| {
        let date = (0..lead.abs()).try_fold(date, |date, _| match lead > 0 {
            true => next(date, freq),
            false => date.checked_sub(freq.step()).ok(),
        });
        date.and_then(|date| published.get(&date).copied())
    };
    let moved: Vec<Row> = rows
        .iter()
        .filter_map(|row| Some(Row { date: row.date, told: shifted(row.date)?, values: vec![row.values[0]] }))
        .collect();
    let pairs = |rows: &[Row]| rows.iter().map(|row| (row.told, row.values[0])).collect::<Vec<_>>();
    Lag {
        lead,
        levels: pearson(&pairs(&moved)),
        differences: pearson(&pairs(&changes(&moved, freq))),
        n: moved.len(),
    }
}

fn smoothed(periods: usize, rows: &[Row], freq: Freq) -> Smoothed {
    let whole =
        |window: &&[Row]| window.windows(2).all(|pair| next(pair[0].date, freq) == Some(pair[1].date));
    let mean = |window: &[Row]| {
        let n = window.len() as f64;
        (
            window.iter().map(|row| row.told).sum::<f64>() / n,
            window.iter().map(|row| row.values[0]).sum::<f64>() / n,
        )
    };
    let means: Vec<(f64, f64)> = rows.windows(periods).filter(whole).map(mean).collect();
    Smoothed { periods, pearson: pearson(&means), n: means.len() }
}

/// Places of the highest tenth of values, of those that are above both neighbours.
fn highest(values: &[f64]) -> Vec<usize> {
    let above = |at: &usize| {
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| values.get(at));
        beside.into_iter().all(|other| values[*at] > *other)
    };
    let mut peaks: Vec<usize> = (0..values.len()).filter(above).collect();
    peaks.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    peaks.truncate(values.len().div_ceil(10));
    peaks.sort_unstable();
    peaks
}

fn peaks(rows: &[Row], told: &[f64], values: &[f64]) -> Peaks {
    let (theirs, ours) = (highest(told), highest(values));
    let n = rows.len();
    let met = |peak: usize, shift: usize| {
        ours.iter().any(|own| {
            let own = (own + shift) % n;
            let apart = own.abs_diff(peak);
            // Turned around, the ends are neighbours.
            apart <= 1 || (shift > 0 && apart == n - 1)
        })
    };
    let count = |shift: usize| theirs.iter().filter(|peak| met(**peak, shift)).count();
    Peaks {
        peaks: theirs.iter().map(|&at| Peak { date: rows[at].date, met: met(at, 0) }).collect(),
        met: count(0),
        by_chance: (0..n).map(|shift| count(shift) as f64).sum::<f64>() / n as f64,
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const OPTIONS: Options = Options { freq: Freq::Month, within: None, draws: 99, seed: 1 };

    fn months(values: &[f64]) -> ByPeriod {
        values
            .iter()
            .enumerate()
            .map(|(at, x)| (date(2015, 1, 1).saturating_add((at as i64).months()), *x))
            .collect()
    }

    /// Numbers without a pattern.
    fn noise(n: usize, seed: u64) -> Vec<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        (0..n).map(|_| random.random_range(0.0..1.0)).collect()
    }

    #[test]
    fn a_series_agrees_with_itself_and_beyond_any_volume() {
        let (index, volume) = (noise(40, 1), noise(40, 2));
        let rivals = [("articles".to_owned(), months(&volume))];
        let found = validate(&months(&index), ("tension", &months(&index)), &rivals, &OPTIONS).unwrap();
        let own = &found.series[0];
        assert_eq!((found.n_levels, found.n_differences, found.block), (40, 39, 4));
        for agreement in [own.levels, own.differences] {
            for band in [agreement.pearson, agreement.spearman, agreement.beyond_volume] {
                assert!((band.unwrap().value - 1.0).abs() < 1e-9 && band.unwrap().low.unwrap() > 0.999);
            }
        }
        let rival = &found.series[1];
        assert!(rival.levels.index_less.unwrap().value > 0.5 && rival.levels.beyond_volume.is_none());
        assert_eq!((own.peaks.met, own.peaks.peaks.len()), (4, 4));
        assert!(own.peaks.by_chance < 2.5, "{}", own.peaks.by_chance);
        assert_eq!(found.lead_lag[6].levels, own.levels.pearson.map(|band| band.value));
    }

    #[test]
    fn a_lead_is_found_with_its_sign() {
        // What the index says today is published three months later.
        let index = noise(60, 3);
        let published: Vec<f64> =
            (0..60_usize).map(|at| at.checked_sub(3).map_or(0.5, |at| index[at])).collect();
        let found = validate(&months(&published), ("tension", &months(&index)), &[], &OPTIONS).unwrap();
        let best = found.lead_lag.iter().max_by(|a, b| a.levels.partial_cmp(&b.levels).unwrap()).unwrap();
        assert_eq!((best.lead, best.n), (3, 57));
        assert!(best.levels.unwrap() > 0.999 && best.differences.unwrap() > 0.999);
    }

    #[test]
    fn partial_correlations_by_hand() {
        // 0.8 − 0.6·0.5 over √(0.64·0.75).
        assert!((partial(0.8, 0.6, 0.5).unwrap() - 0.5 / 0.48_f64.sqrt()).abs() < 1e-12);
        assert_eq!(partial(0.8, 1.0, 0.8), None);
    }

    #[test]
    fn days_are_averaged_and_years_refused() {
        let index = months(&noise(12, 4));
        let days: BTreeMap<Date, f64> = index
            .iter()
            .flat_map(|(date, x)| [(*date, x - 1.0), (date.saturating_add(9.days()), x + 1.0)])
            .collect();
        let found = validate(&days, ("tension", &index), &[], &OPTIONS).unwrap();
        assert!((found.series[0].levels.pearson.unwrap().value - 1.0).abs() < 1e-9);
        let years: BTreeMap<Date, f64> =
            (2010..2020).map(|year| (date(year, 1, 1), f64::from(year))).collect();
        let refusal = |published: &BTreeMap<Date, f64>| {
            validate(published, ("tension", &index), &[], &OPTIONS).unwrap_err().to_string()
        };
        assert!(refusal(&years).contains("--freq"));
        let elsewhere = index.iter().map(|(date, x)| (date.saturating_add(20.years()), *x)).collect();
        assert!(refusal(&elsewhere).contains("0 periods have a value"));
    }

    proptest! {
        #[test]
        fn a_gap_makes_no_change(gap in 2_usize..18, values in prop::collection::vec(0.0_f64..1.0, 20)) {
            let mut series = months(&values);
            let all = validate(&series, ("tension", &series), &[], &Options { draws: 0, ..OPTIONS }).unwrap();
            let date = *series.keys().nth(gap).unwrap();
            series.remove(&date);
            let less = validate(&series, ("tension", &series), &[], &Options { draws: 0, ..OPTIONS }).unwrap();
            prop_assert_eq!((less.n_levels, less.n_differences), (all.n_levels - 1, all.n_differences - 2));
        }

        #[test]
        fn scale_and_level_do_not_matter(scale in 0.1_f64..50.0, level in -100.0_f64..100.0, seed: u64) {
            let (told, index) = (months(&noise(24, seed)), noise(24, seed ^ 1));
            let moved: Vec<f64> = index.iter().map(|x| scale * x + level).collect();
            let of = |values: &[f64]| validate(&told, ("tension", &months(values)), &[], &OPTIONS).unwrap();
            let (plain, moved) = (of(&index), of(&moved));
            let figure = |found: &Validation| found.series[0].differences.pearson.unwrap();
            prop_assert!((figure(&plain).value - figure(&moved).value).abs() < 1e-6);
            prop_assert!((figure(&plain).low.unwrap() - figure(&moved).low.unwrap()).abs() < 1e-6);
            prop_assert_eq!(plain.series[0].peaks.met, moved.series[0].peaks.met);
        }
    }
}
