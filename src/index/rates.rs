//! A series by period and source before it is scaled: in each cell a part of a whole.

use jiff::civil::Date;

use super::grid::Grid;
use super::sums::Sums;

/// Which sums are the part and which the whole.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// For errors: the column's name.
    pub name: &'static str,
    /// G.
    pub part: fn(&Sums) -> f64,
    /// N; a cell in which it is 0 says nothing.
    pub whole: fn(&Sums) -> f64,
    /// Whether it is an index with a base; tone is not, and stays in [−1, 1].
    pub based: bool,
}

/// A source's part and whole in one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rated {
    /// Place in [`Rates::sources`].
    pub source: usize,
    /// G.
    pub part: f64,
    /// N > 0.
    pub whole: f64,
}

/// A series by period and source; cells without a whole are left out.
#[derive(Debug)]
pub struct Rates<'a> {
    /// For errors: the column's name.
    pub name: &'static str,
    /// First days of the periods.
    pub dates: &'a [Date],
    /// Names of the sources.
    pub sources: &'a [String],
    starts: Vec<usize>,
    cells: Vec<Rated>,
}

impl<'a> Rates<'a> {
    /// A rate over the cells of a grid.
    pub fn new(grid: &'a Grid, rate: Rate) -> Rates<'a> {
        let mut rates = Rates {
            name: rate.name,
            dates: &grid.dates,
            sources: &grid.sources,
            starts: Vec::with_capacity(grid.dates.len() + 1),
            cells: Vec::with_capacity(grid.n_cells()),
        };
        rates.starts.push(0);
        for row in grid.rows() {
            rates.cells.extend(row.iter().filter_map(|cell| {
                let whole = (rate.whole)(&cell.sums);
                (whole > 0.0).then(|| Rated { source: cell.source, part: (rate.part)(&cell.sums), whole })
            }));
            rates.starts.push(rates.cells.len());
        }
        rates
    }

    /// The cells of a period, by its place, in the order of sources.
    pub fn row(&self, period: usize) -> &[Rated] {
        &self.cells[self.starts[period]..self.starts[period + 1]]
    }

    /// The cells of every period.
    pub fn rows(&self) -> impl Iterator<Item = &[Rated]> {
        (0..self.dates.len()).map(|period| self.row(period))
    }

    /// Place of a source that has a cell.
    pub fn source_of(&self, name: &str) -> Option<usize> {
        let at = self.sources.binary_search_by(|known| known.as_str().cmp(name)).ok()?;
        self.cells.iter().any(|cell| cell.source == at).then_some(at)
    }

    /// The cells of some sources.
    pub fn of_sources(self, kept: impl Fn(&str) -> bool) -> Rates<'a> {
        let kept: Vec<bool> = self.sources.iter().map(|name| kept(name)).collect();
        let mut some = Rates { starts: vec![0], cells: Vec::with_capacity(self.cells.len()), ..self };
        for row in self.starts.windows(2).map(|ends| &self.cells[ends[0]..ends[1]]) {
            some.cells.extend(row.iter().filter(|cell| kept[cell.source]));
            some.starts.push(some.cells.len());
        }
        some
    }

    /// The same with a source's cells counted to another: its parts multiplied by a factor, its wholes as they are.
    pub fn joined(self, source: usize, to: usize, factor: f64) -> Rates<'a> {
        let mut joined = Rates { starts: vec![0], cells: Vec::with_capacity(self.cells.len()), ..self };
        for row in self.starts.windows(2).map(|ends| &self.cells[ends[0]..ends[1]]) {
            let begin = joined.cells.len();
            joined.cells.extend(row.iter().filter(|cell| cell.source != source));
            if let Some(moved) = row.iter().find(|cell| cell.source == source) {
                let moved = Rated { source: to, part: moved.part * factor, ..*moved };
                match joined.cells[begin..].binary_search_by_key(&to, |cell| cell.source) {
                    Ok(at) => {
                        joined.cells[begin + at].part += moved.part;
                        joined.cells[begin + at].whole += moved.whole;
                    }
                    Err(at) => joined.cells.insert(begin + at, moved),
                }
            }
            joined.starts.push(joined.cells.len());
        }
        joined
    }
}
