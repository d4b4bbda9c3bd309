//! Sums by period and source at one frequency. Cells without articles take no room.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::calendar;
use super::point::Freq;
use super::sums::Sums;
use super::totals::Totals;
use crate::error::{Error, Result};

/// Sums of one source in one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Place in [`Grid::sources`].
    pub source: usize,
    /// The sums.
    pub sums: Sums,
}

/// Periods without gaps, and in each the cells of its sources in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Length of a period.
    pub freq: Freq,
    /// First days of the periods.
    pub dates: Vec<Date>,
    /// Names of the sources, in order.
    pub sources: Vec<String>,
    /// Where the cells of each period begin, and the end.
    starts: Vec<usize>,
    cells: Vec<Cell>,
}

impl Grid {
    /// From the sums of some cells; `dates` and `sources` are in order and hold every cell's.
    pub fn new(
        freq: Freq,
        dates: Vec<Date>,
        sources: Vec<String>,
        sums: BTreeMap<(Date, &str), Sums>,
    ) -> Grid {
        let place: BTreeMap<&str, usize> =
            sources.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        let (mut starts, mut cells) = (Vec::with_capacity(dates.len() + 1), Vec::with_capacity(sums.len()));
        let mut rest = sums.into_iter().peekable();
        for date in &dates {
            starts.push(cells.len());
            while let Some(((_, name), sums)) = rest.next_if(|((day, _), _)| day == date) {
                cells.push(Cell { source: place[name], sums });
            }
        }
        starts.push(cells.len());
        Grid { freq, dates, sources, starts, cells }
    }

    /// The cells of a period, by its place.
    pub fn row(&self, period: usize) -> &[Cell] {
        &self.cells[self.starts[period]..self.starts[period + 1]]
    }

    /// The cells of every period.
    pub fn rows(&self) -> impl Iterator<Item = &[Cell]> {
        (0..self.dates.len()).map(|period| self.row(period))
    }

    /// Place of a date's period.
    pub fn period_of(&self, date: Date) -> Option<usize> {
        self.dates.binary_search(&calendar::first_day(self.freq, date)).ok()
    }

    /// Place of a source.
    pub fn source_of(&self, name: &str) -> Option<usize> {
        self.sources.binary_search_by(|known| known.as_str().cmp(name)).ok()
    }

    /// The cell of a source in a period.
    pub fn cell(&self, period: usize, source: usize) -> Option<&Cell> {
        self.cell_of(period, source).map(|at| &self.cells[at])
    }

    /// Place of a cell among all cells.
    pub fn cell_of(&self, period: usize, source: usize) -> Option<usize> {
        let row = self.row(period);
        row.binary_search_by_key(&source, |cell| cell.source).ok().map(|at| self.starts[period] + at)
    }

    /// Number of cells.
    pub fn n_cells(&self) -> usize {
        self.cells.len()
    }

    /// Gives the cells other sums, one for each cell in order.
    pub fn refill(&mut self, sums: &[Sums]) {
        self.cells.iter_mut().zip(sums).for_each(|(cell, sums)| cell.sums = *sums);
    }

    /// The cells of all sources but some.
    pub fn without(&self, left_out: &[usize]) -> Grid {
        let (dates, sources) = (self.dates.clone(), self.sources.clone());
        let mut grid = Grid { freq: self.freq, dates, sources, starts: vec![0], cells: Vec::new() };
        for row in self.rows() {
            grid.cells.extend(row.iter().filter(|cell| !left_out.contains(&cell.source)));
            grid.starts.push(grid.cells.len());
        }
        grid
    }

    /// The same sums, with a cell for each source in every period from its first to its last: empty ones where it has no article.
    pub fn steady(self) -> Grid {
        let mut sums: BTreeMap<(Date, &str), Sums> = BTreeMap::new();
        let mut ends: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (period, row) in self.rows().enumerate() {
            for cell in row {
                sums.insert((self.dates[period], self.sources[cell.source].as_str()), cell.sums);
                ends.entry(cell.source).or_insert((period, period)).1 = period;
            }
        }
        for (source, (first, last)) in ends {
            for date in &self.dates[first..=last] {
                sums.entry((*date, self.sources[source].as_str())).or_default();
            }
        }
        Grid::new(self.freq, self.dates.clone(), self.sources.clone(), sums)
    }

    /// The same sums with the numbers of all articles from elsewhere. Totals may reach further than the corpus: where
    /// nothing was read nothing is known, and they are left out.
    ///
    /// # Errors
    /// A total is below the articles that were read; names the source and the period.
    pub fn with_totals(self, totals: &Totals) -> Result<Grid> {
        let mut sums: BTreeMap<(Date, &str), Sums> = BTreeMap::new();
        for (date, row) in self.dates.iter().zip(self.rows()) {
            for cell in row {
                let read = Sums { articles: 0, n: 0.0, ..cell.sums };
                sums.insert((*date, self.sources[cell.source].as_str()), read);
            }
        }
        for (date, source, n) in totals.rows() {
            let period = calendar::first_day(self.freq, date);
            if self.dates.binary_search(&period).is_ok() {
                let cell = sums.entry((period, source)).or_default();
                (cell.articles, cell.n) = (cell.articles + n, cell.n + n as f64);
            }
        }
        let read = |date: &Date, source: &str| {
            let cell = self
                .period_of(*date)
                .zip(self.source_of(source))
                .and_then(|(at, source)| self.cell_of(at, source));
            cell.map_or(0, |at| self.cells[at].sums.articles)
        };
        if let Some(((date, source), sums)) =
            sums.iter().find(|((date, source), sums)| sums.articles < read(date, source))
        {
            return Err(Error::index(
                format!(
                    "the totals give {source} {} articles in the {} of {date}, {} were read",
                    sums.articles,
                    self.freq.label(),
                    read(date, source)
                ),
                "complete the --totals file, or take a lower --freq",
            ));
        }
        let sources: BTreeSet<&str> = sums.keys().map(|(_, source)| *source).collect();
        let sources = sources.into_iter().map(str::to_owned).collect();
        Ok(Grid::new(self.freq, self.dates.clone(), sources, sums))
    }
}
