//! `index`: article scores to a time series.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::IndexArgs;
use super::terminal::say;
use crate::article_score::ArticleScore;
use crate::error::Error;
use crate::index::{self, Cells, IndexOptions};
use crate::output::{for_each_row, to_csv, write};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer index out/articles.csv > index.csv
  tensiometer index out/articles.csv --freq week --base 2017-01..2017-12 -o weekly.csv
  tensiometer index out/articles.csv --scaling per-source --format json -o index.json
  tensiometer index filtered/articles.csv --totals totals.csv
  tensiometer index out/articles.csv --scaling source-effects --topics topics.csv -o index.csv
  tensiometer index out/articles.csv --splice 'Old Herald=New Herald' -o index.csv
  tensiometer index out/articles.csv --base 2017..2019 --write-calibration scales.toml -o 2020-vintage.csv
  tensiometer index out/articles.csv more/articles.csv --calibration scales.toml -o 2021-vintage.csv")]
pub struct Index {
    /// articles.csv of one or more runs
    #[arg(required = true, value_name = "ARTICLES")]
    articles: Vec<PathBuf>,
    #[command(flatten)]
    index: IndexArgs,
    /// File to write; standard output where left out
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where to write the tension of each topic, a row for each period and topic, adding up to the index
    #[arg(long, value_name = "FILE")]
    topics: Option<PathBuf>,
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
        let index = make(&self.articles, &self.index, &self.index.options()?, quiet)?;
        if let Some(path) = &self.topics {
            if index.topics.is_empty() {
                anyhow::bail!(
                    "articles.csv has no topics: it is of an older version; score the corpus again"
                );
            }
            write(path, &to_csv(&index.topics)?)?;
        }
        let bytes = match self.format {
            Format::Csv => to_csv(&index.points)?,
            Format::Json => {
                let mut json = serde_json::to_vec_pretty(&index.points)?;
                json.push(b'\n');
                json
            }
        };
        match self.output {
            Some(path) => write(&path, &bytes)?,
            None => super::terminal::print_data(std::str::from_utf8(&bytes)?)?,
        }
        Ok(())
    }
}

/// The index of some article scores; notes go to stderr.
pub fn make(
    articles: &[PathBuf],
    args: &IndexArgs,
    options: &IndexOptions,
    quiet: bool,
) -> anyhow::Result<index::Index> {
    let index = index::index(&cells(articles)?, options)?;
    index.notes.iter().for_each(|note| say(quiet, format!("note: {note}")));
    if let Some(path) = &args.write_calibration {
        index.calibration.save(path)?;
    }
    Ok(index)
}

/// Article scores, each article once.
pub fn cells(articles: &[PathBuf]) -> anyhow::Result<Cells> {
    let mut cells = Cells::default();
    let mut seen = HashSet::new();
    for path in articles {
        for_each_row(path, |article: ArticleScore| {
            let wrong = |what: String, next: &str| {
                Err(Error::input(path, format!("the article '{}' {what}", article.id), next))
            };
            if let Some(what) = contradiction(&article) {
                return wrong(what.into(), "make the file again");
            }
            if !seen.insert(article.id.clone()) {
                return wrong("was counted already".into(), "give each run once");
            }
            cells.add(&article);
            Ok(())
        })?;
    }
    Ok(cells)
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
            } else if !adds_up(article, conflict) {
                Some("has parts of conflict that do not add up to it")
            } else {
                None
            }
        }
        _ => Some("has only a part of its scores"),
    }
}

/// Whether the parts of a conflict, where they are given, add up to it.
fn adds_up(article: &ArticleScore, conflict: f64) -> bool {
    let whole = |parts: &[f64]| {
        parts.iter().all(|part| *part >= 0.0) && (parts.iter().sum::<f64>() - conflict).abs() < 1e-6
    };
    let directed = match [article.conflict_a_to_b, article.conflict_b_to_a, article.conflict_mutual] {
        [None, None, None] => true,
        [Some(a), Some(b), Some(mutual)] => whole(&[a, b, mutual]),
        _ => false,
    };
    let topics: Vec<f64> = article.by_topic().map(|(_, part)| part).collect();
    directed && (article.conflict_by_topic.is_empty() || whole(&topics))
}
