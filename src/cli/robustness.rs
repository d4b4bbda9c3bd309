//! `robustness`: the index under other choices, from the same readings.

use std::fmt::Write as _;
use std::path::PathBuf;

use anstyle::Style;
use clap::Args;

use super::args::{CorpusArgs, IndexArgs, ScorerArgs};
use super::folder::Folder;
use super::terminal::{attended, print, say, tame};
use crate::article_score::Rules;
use crate::corpus::Corpus;
use crate::index::IndexOptions;
use crate::output::{to_csv, write};
use crate::pipeline::{self, Job};
use crate::plot::fan as picture;
use crate::robustness::{self, Row, Views, fan};
use crate::scorer::Keywords;

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer run articles.csv -o out
  tensiometer robustness articles.csv -o out
  tensiometer robustness articles.csv --freq quarter --scaling per-source -o out")]
pub struct Robustness {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    scorer: ScorerArgs,
    #[command(flatten)]
    index: IndexArgs,
    /// Folder of the run, whose readings are used; or another, where the corpus is read first
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Where readings are kept and looked up; in the folder where left out
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

impl Robustness {
    /// Runs the command.
    pub fn run(self, quiet: bool) -> anyhow::Result<()> {
        let options = IndexOptions { bands: None, ..self.index.options()? };
        let dyad = self.scorer.dyad()?;
        let opened = Corpus::open(&self.corpus.paths, &self.corpus.options())?;
        let folder = Folder::beside(&self.output)?;
        let mut store = folder.store(self.store.as_deref(), quiet)?;
        let reader = self.scorer.scorer(&dyad)?;
        let keywords = Keywords::bundled()?;
        let rules =
            Rules { dyad: &dyad, keywords: &keywords, options: self.scorer.options(reader.as_ref(), &dyad) };
        let mut views = Views::new(rules);
        let (counts, _) = attended(quiet, |stop, progress| {
            let (scorer, max_sentences) = (reader.as_ref(), self.corpus.max_sentences);
            let job = Job { dyad: &dyad, scorer, store: &mut store, stop, max_sentences };
            pipeline::run(opened, job, &mut views, progress)
        })??;
        say(
            quiet,
            format!(
                "{} articles, {} rows set aside; {} of {} sentences read now, the others' readings were in the store",
                counts.articles, views.rejected, counts.scored_now, counts.sentences_read
            ),
        );
        let variants = views.variants(&options)?;
        let rows = robustness::rows(&variants);
        write(&folder.join("robustness.csv"), &to_csv(&rows)?)?;
        write(&folder.join("variants.csv"), &to_csv(&robustness::points(&variants))?)?;
        let title = format!("{}: tension by {} under other choices", dyad.title, options.freq.label());
        let made = rows.iter().filter(|row| row.note.is_empty()).count();
        let note =
            format!("{made} variants; model {}; tensiometer {}", reader.name(), env!("CARGO_PKG_VERSION"));
        let spread = fan(&variants);
        write(
            &folder.join("robustness.svg"),
            picture::svg(&spread, options.freq, &title, &note)?.as_bytes(),
        )?;
        write(&folder.join("robustness.png"), &picture::png(&spread, options.freq, &title, &note)?)?;
        print(&table(&rows))?;
        for name in ["robustness.csv", "variants.csv", "robustness.svg", "robustness.png"] {
            say(quiet, format!("  {}", folder.join(name).display()));
        }
        Ok(())
    }
}

const BOLD: Style = Style::new().bold();

fn table(rows: &[Row]) -> String {
    let mut out = format!(
        "{BOLD}{:<44}{:>9}{:>10}{:>13}{:>9}{BOLD:#}\n",
        "correlation with the headline", "Pearson", "Spearman", "differences", "periods"
    );
    let number = |x: Option<f64>| x.map_or("—".to_owned(), |x| format!("{x:.3}"));
    for row in rows {
        let name: String = tame(&row.variant).chars().take(43).collect();
        // Writing into a String cannot fail.
        let _ = match row.note.as_str() {
            "" => writeln!(
                out,
                "{name:<44}{:>9}{:>10}{:>13}{:>9}",
                number(row.pearson),
                number(row.spearman),
                number(row.pearson_differences),
                row.n
            ),
            why => writeln!(out, "{name:<44}not defined: {}", tame(why)),
        };
    }
    out
}
