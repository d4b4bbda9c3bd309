//! Corpora: files of dated articles. A good row becomes an [`Article`], a bad one a [`Reject`]; no row vanishes.

mod columns;
pub mod dates;
mod mojibake;
mod packed;
mod quoting;
mod reader;

pub use columns::Field;
pub use dates::DateKind;
pub use reader::{ReadOptions, Reader};

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

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

impl Reject {
    /// What a run that bears no bad row says of this one.
    pub fn refused(&self) -> Error {
        let reason = format!("line {}: {}", self.line, self.reason);
        Error::input(self.path.as_ref(), reason, "mend the row, or leave --strict out to set it aside")
    }
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
    options: ReadOptions,
    /// Files still to be read, the next one first.
    waiting: VecDeque<Waiting>,
    columns: Vec<String>,
    reader: Option<Reader>,
    seen: reader::Seen,
    bytes: u64,
    bytes_done: u64,
    mended: u64,
    date_kinds: BTreeMap<DateKind, u64>,
}

/// A file whose header has been read. Few files are held open at a time; a pipe cannot be opened twice.
enum Waiting {
    Closed(usize, PathBuf),
    Open(Box<Reader>),
}

impl Corpus {
    /// Opens every file and reads its header, so that a wrong file is known before any work.
    ///
    /// # Errors
    /// As [`Reader::open`], for the first file that cannot be used.
    pub fn open(paths: &[PathBuf], options: &ReadOptions) -> Result<Corpus> {
        let mut corpus = Corpus {
            options: options.clone(),
            waiting: VecDeque::new(),
            columns: Vec::new(),
            reader: None,
            seen: reader::Seen::new(),
            bytes: 0,
            bytes_done: 0,
            mended: 0,
            date_kinds: BTreeMap::new(),
        };
        for (number, path) in paths.iter().enumerate() {
            let reader = Reader::open(path, number, options)?;
            corpus.bytes += reader.progress().1;
            if !corpus.columns.contains(&reader.columns_read) {
                corpus.columns.push(reader.columns_read.clone());
            }
            corpus.waiting.push_back(match path.is_file() && paths.len() > 1 {
                true => Waiting::Closed(number, path.clone()),
                false => Waiting::Open(Box::new(reader)),
            });
        }
        Ok(corpus)
    }

    /// Which columns of the files are read as what, and which are not: a line for each kind of header.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Bytes read and bytes in all.
    pub fn progress(&self) -> (u64, u64) {
        (self.bytes_done + self.reader.as_ref().map_or(0, |reader| reader.progress().0), self.bytes)
    }

    /// Articles whose misread UTF-8 was mended, in the files that have been read.
    pub fn mended(&self) -> u64 {
        self.mended
    }

    /// How dates were written in the files that have been read, with counts.
    pub fn date_kinds(&self) -> &BTreeMap<DateKind, u64> {
        &self.date_kinds
    }

    /// The row that was read last, set aside after all.
    ///
    /// # Errors
    /// Its file cannot be read again, or no row has been read.
    pub fn reject_last(&self, reason: String) -> Result<Reject> {
        match &self.reader {
            Some(reader) => reader.reject_last(reason),
            None => Err(Error::index("no row has been read", "please report this")),
        }
    }

    /// As [`Corpus::reject_last`], for a row of more sentences than an article may have.
    ///
    /// # Errors
    /// As there.
    pub fn reject_long(&self, found: usize, most: usize) -> Result<Reject> {
        self.reject_last(format!(
            "{found} sentences are over the limit of {most}; raise it with --max-sentences"
        ))
    }

    fn next_row(&mut self) -> Result<Option<Row>> {
        loop {
            if let Some(reader) = &mut self.reader
                && let Some(row) = reader.next_row(&mut self.seen)?
            {
                return Ok(Some(row));
            }
            if let Some(done) = self.reader.take() {
                self.bytes_done += done.progress().1;
                self.mended += done.mended;
                for (&kind, &count) in &done.date_kinds {
                    *self.date_kinds.entry(kind).or_default() += count;
                }
            }
            self.reader = match self.waiting.pop_front() {
                None => return Ok(None),
                Some(Waiting::Open(reader)) => Some(*reader),
                Some(Waiting::Closed(number, path)) => Some(Reader::open(&path, number, &self.options)?),
            };
        }
    }
}

impl Iterator for Corpus {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        let row = self.next_row();
        if row.is_err() {
            (self.reader, self.waiting) = (None, VecDeque::new()); // what fails once is not tried for ever
        }
        row.transpose()
    }
}
