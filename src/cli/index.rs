//! `index`: article scores to a time series.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::args::IndexArgs;
use super::terminal::say;
use crate::article_score::ArticleScore;
use crate::index::{self, Cells, IndexOptions, IndexPoint};
use crate::output::{read_table, to_csv, write};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer index out/articles.csv > index.csv
  tensiometer index out/articles.csv --freq week --base 2017-01..2017-12 -o weekly.csv
  tensiometer index out/articles.csv --scaling per-source --format json -o index.json
  tensiometer index filtered/articles.csv --totals totals.csv")]
pub struct Index {
    /// articles.csv of one or more runs
    #[arg(required = true, value_name = "ARTICLES")]
    articles: Vec<PathBuf>,
    #[command(flatten)]
    index: IndexArgs,
    /// File to write; standard output where left out
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Csv,
    Json,
}

impl Index {
    /// Runs the command.
    pub fn run(self, quiet: bool) -> anyhow::Result<()> {
        let points = make(&self.articles, &self.index.options()?, quiet)?;
        let bytes = match self.format {
            Format::Csv => to_csv(&points)?,
            Format::Json => {
                let mut json = serde_json::to_vec_pretty(&points)?;
                json.push(b'\n');
                json
            }
        };
        match self.output {
            Some(path) => write(&path, &bytes)?,
            None => super::terminal::print(std::str::from_utf8(&bytes)?)?,
        }
        Ok(())
    }
}

/// The index of some article scores; notes go to stderr.
pub fn make(articles: &[PathBuf], options: &IndexOptions, quiet: bool) -> anyhow::Result<Vec<IndexPoint>> {
    let mut cells = Cells::default();
    let mut seen = HashSet::new();
    for path in articles {
        for article in read_table::<ArticleScore>(path)? {
            let id = &article.id;
            if let Some(wrong) = contradiction(&article) {
                bail!("{}: the article '{id}' {wrong}; make the file again", path.display());
            }
            if !seen.insert(id.clone()) {
                bail!("{}: the article '{id}' was counted already; give each run once", path.display());
            }
            cells.add(&article);
        }
    }
    let index = index::index(&cells, options)?;
    index.notes.iter().for_each(|note| say(quiet, format!("note: {note}")));
    Ok(index.points)
}

/// What is wrong with a row that this program would not have written.
fn contradiction(article: &ArticleScore) -> Option<&'static str> {
    match (article.tension, article.conflict, article.cooperation) {
        (None, None, None) => (article.n_relevant > 0).then_some("has relevant sentences and no score"),
        (Some(tension), Some(conflict), Some(cooperation)) => {
            let unit = 0.0..=1.0;
            if article.n_relevant == 0 {
                Some("has a score and no relevant sentence")
            } else if !unit.contains(&conflict) || !unit.contains(&cooperation) {
                Some("has a score outside [0, 1]")
            } else if (tension - (conflict - cooperation)).abs() > 1e-6 {
                Some("has a tension that is not conflict less cooperation")
            } else {
                None
            }
        }
        _ => Some("has only a part of its scores"),
    }
}
