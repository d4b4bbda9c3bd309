//! Bands: stories are drawn with replacement, and the index is made anew from each draw, scale and base window included
//! (cluster bootstrap in strata, Davison and Hinkley 1997, §3.2 and §3.8).
//!
//! A story is a set of near-duplicate articles of one period: copies of one wire report say the same thing once. Its stratum is the
//! period and the source of its first article; each stratum is drawn as many times as it has stories. One story drawn from one would
//! never vary: sources of one story are one stratum of the period, and one that is left over joins another. A draw takes its random
//! numbers from a stream of its own, so that bands are the same on any number of threads.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Binomial, Distribution};

use super::cells::Cells;
use super::grid::Grid;
use super::sums::Sums;
use super::{Denominator, IndexOptions, headline, tone};
use crate::statistics::quantile;

/// How bands are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// Draws; 999 by custom.
    pub draws: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// Threads; all cores where `None`. Bands do not depend on it.
    pub threads: Option<usize>,
}

/// The band of one period: 2.5 % and 97.5 % quantiles.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bands {
    /// Of tension, in the index's unit.
    pub tension: Option<(f64, f64)>,
    /// Of tone, in [−1, 1].
    pub tone: Option<(f64, f64)>,
}

/// How many stories make a point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Told {
    /// Stories with a relevant article.
    pub n: u64,
    /// `(Σ S⁺)² / Σ (S⁺)²` over them; `None` where no story has conflict.
    pub effective: Option<f64>,
}

/// The stories of one source and period.
struct Stratum {
    /// Stories to draw.
    n: u64,
    /// Those that bring more than one article of the stratum's own cell that is not relevant: what each adds to which cells.
    stories: Vec<Vec<(usize, Sums)>>,
    /// The stratum's own cell. All other stories are one article in it that is not relevant.
    cell: usize,
    /// What these count together.
    rest: f64,
}

/// The stories of a corpus by source and period.
pub struct Strata {
    strata: Vec<Stratum>,
    told: Vec<Told>,
}

impl Strata {
    /// How many stories make the point of a period, by its place.
    pub fn told(&self, period: usize) -> Told {
        self.told[period]
    }
}

/// Sorts the articles of a corpus into stories. Articles that only the totals know stand each alone.
pub fn strata(cells: &Cells, grid: &Grid, options: &IndexOptions) -> Strata {
    let denominator = &options.denominator;
    // By period and story; the articles come in order, so the first is the same whatever the input's order.
    let mut stories: BTreeMap<(usize, &str), Vec<(usize, Sums)>> = BTreeMap::new();
    let mut read = vec![0_u64; grid.n_cells()];
    for entry in cells.articles(options.unit) {
        let place = grid.period_of(entry.date).zip(grid.source_of(entry.source));
        let Some((period, cell)) =
            place.and_then(|(period, source)| Some((period, grid.cell_of(period, source)?)))
        else {
            continue;
        };
        let counts = match denominator {
            Denominator::All | Denominator::Totals(_) | Denominator::Steady => true,
            Denominator::Relevant => entry.sums.relevant > 0,
        };
        if counts {
            read[cell] += 1;
            stories.entry((period, entry.story)).or_default().push((cell, entry.sums));
        }
    }
    let mut strata: BTreeMap<(usize, usize), Stratum> = BTreeMap::new();
    let mut told = vec![(0_u64, 0.0_f64, 0.0_f64); grid.dates.len()];
    for ((period, _), articles) in stories {
        let cell = articles[0].0;
        let stratum =
            strata.entry((period, cell)).or_insert(Stratum { n: 0, stories: Vec::new(), cell, rest: 0.0 });
        stratum.n += 1;
        let all: Sums = articles.iter().map(|(_, sums)| *sums).sum();
        if all.relevant > 0 {
            let (n, sum, squares) = &mut told[period];
            (*n, *sum, *squares) = (*n + 1, *sum + all.conflict, *squares + all.conflict.powi(2));
        }
        if articles.len() > 1 || all.relevant > 0 {
            stratum.stories.push(articles);
        } else {
            stratum.rest += all.n;
        }
    }
    if let Denominator::Totals(_) = denominator {
        for period in 0..grid.dates.len() {
            for cell in grid.row(period) {
                let Some(at) = grid.cell_of(period, cell.source) else { continue };
                let unread = cell.sums.articles.saturating_sub(read[at]);
                if unread > 0 {
                    let empty = Stratum { n: 0, stories: Vec::new(), cell: at, rest: 0.0 };
                    let stratum = strata.entry((period, at)).or_insert(empty);
                    (stratum.n, stratum.rest) = (stratum.n + unread, stratum.rest + unread as f64);
                }
            }
        }
    }
    let told = told
        .into_iter()
        .map(|(n, sum, squares)| Told { n, effective: (squares > 0.0).then(|| sum * sum / squares) })
        .collect();
    Strata { strata: merged(strata), told }
}

/// Puts the strata of one story together, by period.
fn merged(strata: BTreeMap<(usize, usize), Stratum>) -> Vec<Stratum> {
    let mut out: Vec<Stratum> = Vec::new();
    let mut rest = strata.into_iter().peekable();
    while let Some(((period, _), first)) = rest.next() {
        let mut of_period = vec![first];
        while let Some((_, next)) = rest.next_if(|((other, _), _)| *other == period) {
            of_period.push(next);
        }
        let (single, mut several): (Vec<_>, Vec<_>) =
            of_period.into_iter().partition(|stratum| stratum.n == 1);
        let plain = |one: &Stratum| vec![(one.cell, Sums { articles: 1, n: one.rest, ..Sums::default() })];
        let stories: Vec<_> = single
            .into_iter()
            .map(|one| one.stories.first().cloned().unwrap_or_else(|| plain(&one)))
            .collect();
        match (stories.len(), several.first_mut()) {
            (0, _) => {}
            (1, Some(other)) => {
                other.n += 1;
                other.stories.extend(stories);
            }
            (n, _) => {
                let cell = stories[0][0].0;
                several.push(Stratum { n: n as u64, stories, cell, rest: 0.0 });
            }
        }
        out.extend(several);
    }
    out
}

/// The series of one draw: of the periods that have a band.
struct Draw {
    /// `None` where the scale of the draw is not defined.
    tension: Option<Vec<Option<f64>>>,
    tone: Option<Vec<Option<f64>>>,
}

/// Share of draws without a scale above which those that are left no longer stand for all.
const MOST_FAILED: f64 = 0.05;

impl Bootstrap {
    /// The band of each period, and a note where there are none of tension. A period of fewer than two relevant stories has no
    /// band: one story cannot show how far it might have been another.
    pub fn bands(
        &self,
        grid: &Grid,
        strata: &Strata,
        options: &IndexOptions,
    ) -> (Vec<Bands>, Option<String>) {
        let threads =
            self.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
        let each = self.draws.div_ceil(threads.max(1) as u32).max(1);
        let banded: Vec<usize> = (0..grid.dates.len()).filter(|at| strata.told(*at).n >= 2).collect();
        let banded = banded.as_slice();
        let draws: Vec<Draw> = std::thread::scope(|scope| {
            let starts = (0..self.draws).step_by(each as usize);
            let parts: Vec<_> = starts
                .map(|from| {
                    let to = from.saturating_add(each).min(self.draws);
                    // One grid a thread, filled anew for each draw.
                    let mut drawn = grid.clone();
                    scope.spawn(move || {
                        (from..to)
                            .map(|draw| self.draw(draw, &mut drawn, strata, options, banded))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            parts
                .into_iter()
                .flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        let failed = draws.iter().filter(|draw| draw.tension.is_none()).count();
        let too_many = failed as f64 > MOST_FAILED * draws.len() as f64;
        let note = too_many.then(|| {
            format!(
                "tension has no bands: in {failed} of {} draws a scale is not defined; take --scaling pooled or a longer --base",
                draws.len()
            )
        });
        let band = |values: &mut dyn Iterator<Item = f64>| {
            let mut values: Vec<f64> = values.collect();
            values.sort_by(f64::total_cmp);
            quantile(&values, 0.025).zip(quantile(&values, 0.975))
        };
        let mut bands = vec![Bands::default(); grid.dates.len()];
        for (place, &at) in banded.iter().enumerate() {
            let tension = draws.iter().filter_map(|draw| draw.tension.as_ref()?[place]);
            bands[at] = Bands {
                tension: if too_many { None } else { band(&mut tension.into_iter()) },
                tone: band(&mut draws.iter().filter_map(|draw| draw.tone.as_ref()?[place])),
            };
        }
        (bands, note)
    }

    fn draw(
        &self,
        draw: u32,
        drawn: &mut Grid,
        strata: &Strata,
        options: &IndexOptions,
        banded: &[usize],
    ) -> Draw {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(u64::from(draw));
        let mut sums = vec![Sums::default(); drawn.n_cells()];
        for stratum in &strata.strata {
            let m = stratum.stories.len() as u64;
            // Only the drawn stories that bring something are drawn one by one; the others are counted.
            let telling = match Binomial::new(stratum.n, m as f64 / stratum.n as f64) {
                Ok(binomial) if m < stratum.n => binomial.sample(&mut random).min(stratum.n),
                _ => m,
            };
            for _ in 0..telling {
                for (cell, of_story) in &stratum.stories[random.random_range(0..stratum.stories.len())] {
                    sums[*cell] += *of_story;
                }
            }
            if m < stratum.n {
                // Each counts as much as they do in the mean.
                let plain = stratum.rest / (stratum.n - m) as f64;
                sums[stratum.cell].n += (stratum.n - telling) as f64 * plain;
            }
        }
        drawn.refill(&sums);
        let of_banded = |series: Vec<Option<f64>>| banded.iter().map(|&at| series[at]).collect();
        Draw {
            tension: headline(drawn, options).ok().map(of_banded),
            tone: tone(drawn, options).ok().map(of_banded),
        }
    }
}
