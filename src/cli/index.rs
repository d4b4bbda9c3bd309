//! `index`: article scores to a time series.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::args::IndexArgs;
use super::terminal::say;
use crate::article_score::ArticleScore;
use crate::index::{self, Cells, IndexPoint};
use crate::output::{Table, read_table, write};

/// Sums add up: a lower frequency is made from the articles, never by averaging a higher one.
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
        let points = make(&self.articles, &self.index, quiet)?;
        let bytes = match self.format {
            Format::Csv => {
                let mut csv = csv::Writer::from_writer(Vec::new());
                points.iter().try_for_each(|point| csv.serialize(point))?;
                csv.into_inner()?
            }
            Format::Json => {
                let mut json = serde_json::to_vec_pretty(&points)?;
                json.push(b'\n');
                json
            }
        };
        match self.output {
            Some(path) => write(&path, &bytes)?,
            None => super::terminal::print(&bytes)?,
        }
        Ok(())
    }
}

/// The index of some article scores; notes go to stderr.
pub fn make(articles: &[PathBuf], args: &IndexArgs, quiet: bool) -> anyhow::Result<Vec<IndexPoint>> {
    let mut cells = Cells::default();
    let mut seen = HashSet::new();
    for path in articles {
        for article in read_table::<ArticleScore>(path)? {
            let id = &article.id;
            let scores = [article.tension, article.conflict, article.cooperation];
            if scores.iter().flatten().any(|score| !(-1.0..=1.0).contains(score)) {
                bail!(
                    "{}: the article '{id}' has a score outside [−1, 1]; make the file again",
                    path.display()
                );
            }
            if (article.n_relevant > 0) != article.conflict.is_some() {
                bail!(
                    "{}: the article '{id}' has relevant sentences or a score, not both; make the file again",
                    path.display()
                );
            }
            if !seen.insert(id.clone()) {
                bail!("{}: the article '{id}' was counted already; give each run once", path.display());
            }
            cells.add(&article);
        }
    }
    let (options, cells) = args.options(cells)?;
    let index = index::index(&cells, &options)?;
    index.notes.iter().for_each(|note| say(quiet, format!("note: {note}")));
    Ok(index.points)
}

/// Writes `index.csv`.
pub fn save(path: &Path, points: &[IndexPoint]) -> anyhow::Result<()> {
    let mut table = Table::create(path)?;
    points.iter().try_for_each(|point| table.row(point))?;
    Ok(table.finish()?)
}

/// What `run.json` says of the index.
pub fn describe(args: &IndexArgs) -> anyhow::Result<serde_json::Value> {
    let (options, _) = args.options(Cells::default())?;
    Ok(json!({
        "freq": options.freq,
        "scaling": options.scaling,
        "denominator": options.denominator,
        "base": options.base.map(|base| format!("{}..{}", base.from, base.to)),
    }))
}
