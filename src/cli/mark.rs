//! `mark`: sentences as a model with marked sides reads them, for use in other programs.

use std::path::PathBuf;

use clap::Args;

use super::args::{dyad, read_text};
use super::terminal::print_data;

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  echo 'Washington warned Beijing.' | tensiometer mark -
  tensiometer mark sentences.txt > marked.txt")]
pub struct Mark {
    /// Text with a sentence a line; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The two sides: a dyad file; US–China where left out
    #[arg(long, value_name = "FILE")]
    dyad: Option<PathBuf>,
}

impl Mark {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let dyad = dyad(self.dyad.as_deref())?;
        let text = read_text(&self.file)?;
        print_data(&text.lines().map(|line| dyad.marked(line) + "\n").collect::<String>())
    }
}
