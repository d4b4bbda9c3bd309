//! Sums of articles by source and period: all that the index needs. A lower frequency adds up the sums of a higher one.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::calendar;
use super::point::Freq;
use super::scaling::Series;
use super::totals::Totals;
use crate::article_score::ArticleScore;
use crate::error::{Error, Result};

/// Sums over the articles of one source and period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// N.
    pub articles: u64,
    /// R.
    pub relevant: u64,
    /// Relevant sentences.
    pub sentences: u64,
    /// ΣS.
    pub tone: f64,
    /// ΣS⁺.
    pub conflict: f64,
    /// ΣS⁻.
    pub cooperation: f64,
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Sums) {
        self.articles += other.articles;
        self.relevant += other.relevant;
        self.sentences += other.sentences;
        self.tone += other.tone;
        self.conflict += other.conflict;
        self.cooperation += other.cooperation;
    }
}

/// Articles of one day and source, as (id, sums), so that sums do not depend on the order of the input.
type Day = Vec<(String, Sums)>;

/// Articles by day and source.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    days: BTreeMap<(Date, String), Day>,
}

impl Cells {
    /// Adds an article.
    pub fn add(&mut self, article: &ArticleScore) {
        let sums = Sums {
            articles: 1,
            relevant: u64::from(article.n_relevant > 0),
            sentences: article.n_relevant,
            tone: article.tension.unwrap_or_default(),
            conflict: article.conflict.unwrap_or_default(),
            cooperation: article.cooperation.unwrap_or_default(),
        };
        self.days.entry((article.date, article.source.clone())).or_default().push((article.id.clone(), sums));
    }

    /// Whether there is no article.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Sums over all periods, by source.
    pub fn by_source(&self) -> BTreeMap<String, Sums> {
        let mut sources: BTreeMap<String, Sums> = BTreeMap::new();
        for ((_, source), day) in &self.days {
            let of_source = sources.entry(source.clone()).or_default();
            day.iter().for_each(|(_, sums)| *of_source += *sums);
        }
        sources
    }

    /// The sums at a frequency.
    pub fn at(&self, freq: Freq) -> Periods {
        let mut cells: BTreeMap<(Date, String), Sums> = BTreeMap::new();
        for ((date, source), day) in &self.days {
            // Floating-point sums depend on order: one order, whatever the input's.
            let mut day: Vec<&(String, Sums)> = day.iter().collect();
            day.sort_by(|a, b| a.0.cmp(&b.0));
            let cell = cells.entry((calendar::first_day(freq, *date), source.clone())).or_default();
            day.into_iter().for_each(|(_, sums)| *cell += *sums);
        }
        Periods { freq, cells }
    }
}

/// Sums by period and source at one frequency.
#[derive(Clone, Debug)]
pub struct Periods {
    freq: Freq,
    cells: BTreeMap<(Date, String), Sums>,
}

impl Periods {
    /// First days of all periods from the first with an article to the last.
    pub fn periods(&self) -> Vec<Date> {
        match (self.cells.first_key_value(), self.cells.last_key_value()) {
            (Some(((first, _), _)), Some(((last, _), _))) => calendar::periods(self.freq, *first, *last),
            _ => Vec::new(),
        }
    }

    fn of(&self, date: Date) -> impl Iterator<Item = &Sums> {
        self.cells
            .range((date, String::new())..)
            .take_while(move |((day, _), _)| *day == date)
            .map(|(_, sums)| sums)
    }

    /// Sums over all sources of a period.
    pub fn sum(&self, date: Date) -> Sums {
        self.of(date).fold(Sums::default(), |mut sum, cell| {
            sum += *cell;
            sum
        })
    }

    /// Sources with an article in a period.
    pub fn n_sources(&self, date: Date) -> u64 {
        self.of(date).filter(|sums| sums.articles > 0).count() as u64
    }

    /// Numerators and denominators of a rate by source and period; cells with a denominator of 0 are left out.
    pub fn rates(&self, of: &dyn Fn(&Sums) -> f64, divisor: &dyn Fn(&Sums) -> u64) -> Series {
        let mut series = Series::new();
        for ((date, source), sums) in &self.cells {
            let n = divisor(sums);
            if n > 0 {
                series.entry(source.clone()).or_default().insert(*date, (of(sums), n as f64));
            }
        }
        series
    }

    /// The same sums with the numbers of all articles from elsewhere. Totals may reach further than the corpus: where
    /// nothing was read nothing is known, and they are left out.
    ///
    /// # Errors
    /// A total is below the relevant articles that were read; names the source and the period.
    pub fn with_totals(mut self, totals: &Totals) -> Result<Periods> {
        let Some((first, last)) = self.cells.first_key_value().zip(self.cells.last_key_value()) else {
            return Ok(self);
        };
        let (first, last) = (first.0.0, last.0.0);
        self.cells.values_mut().for_each(|cell| cell.articles = 0);
        for (date, source, n) in totals.rows() {
            let period = calendar::first_day(self.freq, date);
            if first <= period && period <= last {
                self.cells.entry((period, source.to_owned())).or_default().articles += n;
            }
        }
        match self.cells.iter().find(|(_, sums)| sums.articles < sums.relevant) {
            None => Ok(self),
            Some(((date, source), sums)) => Err(Error::index(
                format!(
                    "the totals give {source} {} articles in the {} of {date}, {} relevant ones were read",
                    sums.articles,
                    self.freq.label(),
                    sums.relevant
                ),
                "complete the --totals file, or take a lower --freq",
            )),
        }
    }
}
