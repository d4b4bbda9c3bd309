//! The library's one error type. Every message names the file, the place and the next step.

use std::path::{Path, PathBuf};

/// What can go wrong below the command line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be opened, read or written.
    #[error("{}: cannot {action}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, after "cannot": `open`, `write`, …
        action: &'static str,
        /// The operating system's answer.
        #[source]
        source: std::io::Error,
    },
    /// An input file cannot be used as it is.
    #[error("{}: {reason}; {hint}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        reason: String,
        /// What to do next.
        hint: String,
    },
    /// A CSV file could not be parsed or written.
    #[error("{}: not readable as the table it should be; compare its header with docs/method.md", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// The parser's answer, with record, line and byte.
        #[source]
        source: csv::Error,
    },
    /// A model cannot be used.
    #[error("model {}: {reason}; {hint}", path.display())]
    Model {
        /// The model's folder, file or hub name.
        path: PathBuf,
        /// What is wrong.
        reason: String,
        /// What to do next.
        hint: String,
    },
    /// The model ran and failed.
    #[error("the scorer failed: {0}")]
    Scorer(String),
    /// The run was asked to stop.
    #[error("stopped by signal {signal}; readings so far are kept, run the same command to go on")]
    Stopped {
        /// The signal: 2 for an interrupt from the keyboard, 15 for a request to end.
        signal: usize,
    },
    /// The store of readings could not be used.
    #[error("{}: the store of readings cannot be used; {hint}", path.display())]
    Store {
        /// The SQLite file.
        path: PathBuf,
        /// What to do next.
        hint: &'static str,
        /// SQLite's answer.
        #[source]
        source: rusqlite::Error,
    },
    /// The index is not defined for this input and these options.
    #[error("{reason}; {hint}")]
    Index {
        /// Why there is no such index.
        reason: String,
        /// What to do next.
        hint: String,
    },
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An input file with a reason and a next step.
    pub fn input(path: &Path, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Error::Input { path: path.into(), reason: reason.into(), hint: hint.into() }
    }

    /// A model with a reason and a next step.
    pub fn model(path: &Path, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Error::Model { path: path.into(), reason: reason.into(), hint: hint.into() }
    }

    /// An index with a reason and a next step.
    pub fn index(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Error::Index { reason: reason.into(), hint: hint.into() }
    }
}

/// Wraps an I/O error with the path and what was tried: `.map_err(io(path, "open"))`.
pub fn io(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| Error::Io { path, action, source }
}
