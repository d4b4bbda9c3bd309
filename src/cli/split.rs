//! `split`: the sentences of a corpus, to draw from and to label.

use std::path::PathBuf;

use clap::Args;
use indicatif::HumanCount;
use jiff::civil::Date;
use serde::Serialize;

use super::args::{CorpusArgs, dyad};
use super::terminal::say;
use crate::article_score::{Cut, Part};
use crate::corpus::{Corpus, Row};
use crate::output::{Formulas, Table};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer split articles.csv -o sentences.csv
  tensiometer split articles.csv --all -o sentences.csv")]
pub struct Split {
    #[command(flatten)]
    corpus: CorpusArgs,
    /// The two sides: a dyad file; US–China where left out
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    dyad: Option<PathBuf>,
    /// Articles that do not name the pair, too
    #[arg(long, help_heading = "Reading")]
    all: bool,
    /// Where the sentences go
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: PathBuf,
}

/// A row of the output.
#[derive(Debug, Default, Serialize)]
struct SentenceRow {
    article_id: String,
    date: Date,
    source: String,
    part: Part,
    /// First byte in that part, as the corpus is read.
    start: usize,
    /// Byte after its last.
    end: usize,
    /// Whether it names something of the dyad: only such sentences are scored.
    named: bool,
    text: String,
}

impl Split {
    /// Runs the command.
    pub fn run(self, quiet: bool) -> anyhow::Result<()> {
        let dyad = dyad(self.dyad.as_deref())?;
        let mut corpus = Corpus::open(&self.corpus.paths, &self.corpus.options())?;
        let mut table = Table::create(&self.output, Formulas::Guarded)?;
        let aside = self.output.with_extension("rejects.csv");
        let mut rejects = Table::create(&aside, Formulas::Guarded)?;
        let (mut articles, mut sentences, mut rejected) = (0, 0, 0);
        while let Some(row) = corpus.next() {
            let most = self.corpus.max_sentences;
            let cut = match row? {
                Row::Reject(reject) => Err(reject),
                Row::Article(article) => match Cut::new(article, &dyad) {
                    cut if cut.spans.len() > most => Err(corpus.reject_long(cut.spans.len(), most)?),
                    cut => Ok(cut),
                },
            };
            let cut = match cut {
                Ok(cut) => cut,
                Err(reject) if self.corpus.strict => return Err(reject.refused().into()),
                Err(reject) => {
                    rejected += 1;
                    rejects.row(&reject)?;
                    continue;
                }
            };
            if !(self.all || cut.candidate) {
                continue;
            }
            articles += 1;
            for piece in &cut.pieces {
                sentences += 1;
                table.row(&SentenceRow {
                    article_id: cut.article.id.clone(),
                    date: cut.article.date,
                    source: cut.article.source.clone(),
                    part: piece.part,
                    start: piece.start,
                    end: piece.end,
                    named: piece.mentions.any(),
                    text: cut.text(piece).to_owned(),
                })?;
            }
        }
        table.finish()?;
        let (sentences, articles) = (HumanCount(sentences), HumanCount(articles));
        say(quiet, format!("{sentences} sentences of {articles} articles: {}", self.output.display()));
        if rejected > 0 {
            rejects.finish()?;
            say(
                quiet,
                format!("rows set aside, with reasons: {} in {}", HumanCount(rejected), aside.display()),
            );
        }
        Ok(())
    }
}
