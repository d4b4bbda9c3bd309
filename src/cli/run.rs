//! `run`: corpus to index and picture, the main job.

use clap::Args;
use serde_json::json;

use super::args::{CorpusArgs, IndexArgs, ScorerArgs};
use super::batch::{self, OutArgs};
use super::index;
use super::plot::{self, PlotArgs};
use super::terminal::say;
use crate::output::{to_csv, write};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer run articles.csv -o out
  tensiometer run articles.csv --freq quarter --scaling per-source --base 2017-01..2019-12 -o out
  tensiometer run export.csv --column text=content --date-format %d/%m/%Y --encoding windows-1252 -o out
  tensiometer run china_only.csv --denominator relevant -o out")]
pub struct Run {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    scorer: ScorerArgs,
    #[command(flatten)]
    index: IndexArgs,
    #[command(flatten)]
    picture: PlotArgs,
    #[command(flatten)]
    out: OutArgs,
}

impl Run {
    /// Runs the command.
    pub fn run(self, quiet: bool) -> anyhow::Result<()> {
        // A wrong totals file is known before the work.
        let options = self.index.options()?;
        let mut scored = batch::score(&self.corpus, &self.scorer, &self.out, quiet)?;
        let folder = &scored.folder;
        let made = index::make(&[folder.join("articles.csv")], &self.index, &options, quiet)?;
        let points = made.points;
        write(&folder.join("index.csv"), &to_csv(&points)?)?;
        write(&folder.join("topics.csv"), &to_csv(&made.topics)?)?;

        let title = format!("{}: tension in the news by {}", scored.dyad.title, options.freq.label());
        let relevant: u64 = points.iter().map(|point| point.n_relevant).sum();
        let all: u64 = points.iter().map(|point| point.n_articles).sum();
        let note = format!(
            "{relevant} relevant of {all} articles; model {}; tensiometer {}{}",
            scored.model,
            env!("CARGO_PKG_VERSION"),
            if options.bands.is_some() { "; shaded: 95 % band" } else { "" }
        );
        let look = self.picture.options(&points, title, Some(note));
        for name in ["index.svg", "index.png"] {
            plot::draw(&points, &look, &folder.join(name))?;
        }
        scored.run["index"] = self.index.describe(&options)?;
        scored.run["points"] = json!(points.len());
        folder.finish(&scored.run)?;
        for name in ["index.csv", "topics.csv", "index.svg", "index.png"] {
            say(quiet, format!("  {}", folder.join(name).display()));
        }
        Ok(())
    }
}
