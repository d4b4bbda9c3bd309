//! Corpora: files of dated articles. A good row becomes an [`Article`], a bad one a [`Reject`]; no row vanishes.

mod columns;
mod dates;
mod mojibake;
mod quoting;
mod reader;

pub use columns::Field;
pub use dates::{DateKind, parse as parse_date};
pub use reader::{ReadOptions, Reader};

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// One news article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// The corpus's id, or one made from the content where it has none.
    pub id: String,
    /// Day of publication as written (no time-zone conversion).
    pub date: Date,
    /// Outlet; the file's name without extension where the corpus names none.
    pub source: String,
    /// Headline; may be empty.
    pub title: String,
    /// Body or lead; may be empty when there is a title.
    pub text: String,
    /// Address; may be empty.
    pub url: String,
}

/// A row that could not be used, as it is written to `rejects.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The corpus file.
    pub path: String,
    /// Line of the row's start, from 1 (the header is line 1).
    pub line: u64,
    /// Byte offset of the row's start in the file (after decoding, where `--encoding` is given).
    pub byte: u64,
    /// Why, and what would help.
    pub reason: String,
    /// The row as found, at most 10,000 characters; bytes that are no UTF-8 shown as `\xNN`.
    pub row: String,
}

/// What a reader hands out for each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A usable article.
    Article(Article),
    /// A row set aside.
    Reject(Reject),
}

/// The files of one run, read one after the other; ids are unique over all of them.
pub struct Corpus {
    readers: Vec<Reader>,
    at: usize,
    seen: reader::Seen,
}

impl Corpus {
    /// Opens every file and reads its header, so that a wrong file is known before any work.
    ///
    /// # Errors
    /// As [`Reader::open`], for the first file that cannot be used.
    pub fn open(paths: &[PathBuf], options: &ReadOptions) -> Result<Corpus> {
        let open = |(number, path): (usize, &PathBuf)| Reader::open(path, number, options);
        let readers = paths.iter().enumerate().map(open).collect::<Result<_>>()?;
        Ok(Corpus { readers, at: 0, seen: reader::Seen::new() })
    }

    /// Bytes read and bytes in all.
    pub fn progress(&self) -> (u64, u64) {
        self.readers.iter().map(Reader::progress).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Articles whose misread UTF-8 was mended.
    pub fn mended(&self) -> u64 {
        self.readers.iter().map(|reader| reader.mended).sum()
    }

    /// How dates were written, with counts.
    pub fn date_kinds(&self) -> BTreeMap<DateKind, u64> {
        let mut kinds = BTreeMap::new();
        for (&kind, &count) in self.readers.iter().flat_map(|reader| &reader.date_kinds) {
            *kinds.entry(kind).or_default() += count;
        }
        kinds
    }
}

impl Iterator for Corpus {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        while let Some(reader) = self.readers.get_mut(self.at) {
            match reader.next_row(&mut self.seen) {
                Ok(None) => self.at += 1,
                Ok(Some(row)) => return Some(Ok(row)),
                Err(error) => {
                    self.at = self.readers.len();
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
