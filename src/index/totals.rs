//! Numbers of all articles by source and date, for corpora that were filtered before: `source,date,n`.

use std::collections::HashSet;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use crate::error::{Error, Result};

/// No source prints more articles on a day, or in a year.
const LARGEST: u64 = 1_000_000_000;

/// Rows of a totals file.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    rows: Vec<Row>,
}

#[derive(Clone, Debug, Deserialize)]
struct Row {
    source: String,
    date: Date,
    n: u64,
}

impl Totals {
    /// Reads a totals file; a date is a day, or the first day of the period it counts.
    ///
    /// # Errors
    /// The file cannot be read, or a row is not `source,date,n`.
    pub fn open(path: &Path) -> Result<Totals> {
        let failed = |source| Error::Csv { path: path.into(), source };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(failed)?;
        let rows: Vec<Row> = reader.deserialize().collect::<Result<_, _>>().map_err(failed)?;
        if rows.is_empty() {
            return Err(Error::input(
                path,
                "there are no totals in it",
                "write a header source,date,n and a row for each source and period",
            ));
        }
        let mut seen = HashSet::new();
        for row in &rows {
            if !seen.insert((row.date, row.source.as_str())) {
                let reason = format!("{} of {} is counted twice", row.source, row.date);
                return Err(Error::input(path, reason, "keep one row for each source and date"));
            }
            if row.n > LARGEST {
                let reason =
                    format!("{} articles of {} on {} are beyond reason", row.n, row.source, row.date);
                return Err(Error::input(path, reason, "check the column n"));
            }
        }
        Ok(Totals { rows })
    }

    /// Date, source and number of each row.
    pub fn rows(&self) -> impl Iterator<Item = (Date, &str, u64)> {
        self.rows.iter().map(|row| (row.date, row.source.as_str(), row.n))
    }
}
