//! `batch`: a corpus to `articles.csv`, `sentences.csv`, `rejects.csv`, resumable.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use indicatif::HumanCount;
use serde_json::{Value, json};

use super::args::{CorpusArgs, ScorerArgs};
use super::folder::Folder;
use super::terminal::{attended, say};
use crate::article_score::{self, ArticleScore, Cut, Rules, ScoreOptions, SentenceScore};
use crate::corpus::{Corpus, Reject};
use crate::digest::sha256;
use crate::dyad::Dyad;
use crate::error::{Error, Result};
use crate::output::{Formulas, Table, replace_last};
use crate::pipeline::{self, Counts, Job, Sink};
use crate::scorer::{Keywords, Reading, Scorer};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer batch articles.csv -o out
  tensiometer batch 2018.csv 2019.csv --column text=body --date-format %d.%m.%Y -o out
  tensiometer batch articles.csv --model keywords -o baseline")]
pub struct Batch {
    #[command(flatten)]
    pub corpus: CorpusArgs,
    #[command(flatten)]
    pub scorer: ScorerArgs,
    #[command(flatten)]
    pub out: OutArgs,
}

/// Where results go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutArgs {
    /// Folder of the results
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
    /// Run again in a folder that holds a finished run or other files
    #[arg(long)]
    pub force: bool,
    /// Where readings are kept and looked up, to share them between runs; in the output folder where left out
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// Leave texts that a spreadsheet would run as formulas as they are, without an apostrophe before them
    #[arg(long)]
    formulas: bool,
}

impl OutArgs {
    /// What becomes of a text that a spreadsheet would run as a formula.
    fn formulas(&self) -> Formulas {
        if self.formulas { Formulas::Kept } else { Formulas::Guarded }
    }
}

impl Batch {
    /// Runs the command.
    pub fn run(self, quiet: bool) -> anyhow::Result<()> {
        let scored = score(&self.corpus, &self.scorer, &self.out, quiet)?;
        scored.folder.finish(&scored.run)?;
        say(quiet, format!("articles, sentences and rejects are in {}", self.out.output.display()));
        Ok(())
    }
}

/// A scored corpus.
pub struct Scored {
    /// Where it lies.
    pub folder: Folder,
    /// What `run.json` will say.
    pub run: Value,
    /// The pair, for titles.
    pub dyad: Dyad,
    /// The scorer's name, for notes.
    pub model: String,
}

/// Scores a corpus into a folder; `run.json` is left to the caller, who finishes.
pub fn score(corpus: &CorpusArgs, scorer: &ScorerArgs, out: &OutArgs, quiet: bool) -> anyhow::Result<Scored> {
    // Cheap checks first: what is wrong is said before the model is loaded.
    let dyad = scorer.dyad()?;
    let read = corpus.options();
    let opened = Corpus::open(&corpus.paths, &read)?;
    let folder = Folder::prepare(&out.output, out.force)?;
    let mut store = folder.store(out.store.as_deref(), quiet)?;
    let reader = scorer.scorer(&dyad)?;
    let options = scorer.options(reader.as_ref(), &dyad);
    let keywords = Keywords::bundled()?;
    let rules = Rules { dyad: &dyad, keywords: &keywords, options };
    let mut files = Files::create(&folder, corpus.strict, out.formulas(), rules)?;
    for line in opened.columns() {
        say(quiet, line);
    }
    say(quiet, format!("reading with {} about {}", reader.name(), dyad.title));

    let paths = corpus.paths.clone();
    let inputs = std::thread::spawn(move || describe_inputs(&paths));
    let began = std::time::Instant::now();
    let outcome = attended(quiet, |stop, progress| {
        let (scorer, max_sentences) = (reader.as_ref(), corpus.max_sentences);
        let job = Job { dyad: &dyad, scorer, store: &mut store, stop, max_sentences };
        pipeline::run(opened, job, &mut files, progress)
    })?;
    let (mut counts, stories) = outcome.map_err(|error| {
        let passing = matches!(error, Error::Scorer(_) | Error::Io { .. });
        let error = anyhow::Error::from(error);
        match passing {
            true => error.context(
                "the run stopped; readings are kept: mend the cause and run the same command to go on",
            ),
            false => error,
        }
    })?;
    let rejects = folder.join("rejects.csv");
    folder.reopen()?;
    let first_reject = files.first_reject.clone().unwrap_or_default();
    counts.relevant = files.relevant;
    files.finish()?;
    let told = stories.told();
    counts.copies = told.iter().filter(|(article, story)| article != story).count() as u64;
    if !told.is_empty() {
        // Which story an article tells is known only when all have been read.
        replace_last(&folder.join("articles.csv"), out.formulas(), |id| told.get(id).cloned())?;
    }
    report(&counts, began.elapsed().as_secs_f64(), quiet);
    if counts.rejected > 0 {
        say(
            quiet,
            format!(
                "  rows set aside, with reasons: {} in {} (the first: {first_reject})",
                HumanCount(counts.rejected),
                rejects.display()
            ),
        );
    }
    if counts.rows == 0 {
        bail!("the corpus has a header and no rows; check that it is the whole file");
    }
    if counts.articles == 0 {
        bail!("no row could be used; {} says why", rejects.display());
    }
    let inputs = inputs
        .join()
        .map_err(|_| Error::Scorer("the hashing of inputs stopped; please report this".into()))??;
    let run = describe(corpus, inputs, reader.as_ref(), &dyad, &options, out.formulas(), &counts);
    let model = reader.name().to_owned();
    drop(reader); // it borrows the dyad
    Ok(Scored { folder, run, model, dyad })
}

fn report(counts: &Counts, seconds: f64, quiet: bool) {
    let n = |count: u64| HumanCount(count).to_string();
    say(
        quiet,
        format!(
            "  {} rows: {} articles, {} rejected",
            n(counts.rows),
            n(counts.articles),
            n(counts.rejected)
        ),
    );
    say(
        quiet,
        format!("  {} articles name both sides, {} are relevant", n(counts.candidates), n(counts.relevant)),
    );
    let rate = counts.scored_now as f64 / seconds.max(1e-3);
    say(
        quiet,
        format!(
            "  {} of {} sentences read, {} of them now: {seconds:.1} s, {:.1} s of it waiting for text, {rate:.0} sentences/s",
            n(counts.sentences_read),
            n(counts.sentences),
            n(counts.scored_now),
            counts.waited
        ),
    );
    if counts.copies > 0 {
        say(
            quiet,
            format!("  {} articles tell a story that another tells: near-duplicates", n(counts.copies)),
        );
    }
    if counts.date_kinds.len() > 1 {
        let kinds: Vec<String> =
            counts.date_kinds.iter().map(|(kind, count)| format!("{kind} {}", n(*count))).collect();
        say(quiet, format!("  dates are written in {} ways: {}", kinds.len(), kinds.join(", ")));
    }
    if counts.mended > 0 {
        say(
            quiet,
            format!(
                "  {} articles held misread UTF-8, which was mended (--keep-mojibake leaves it)",
                n(counts.mended)
            ),
        );
    }
}

/// The files of a corpus by size and SHA-256; a pipe is gone.
fn describe_inputs(paths: &[PathBuf]) -> Result<Vec<Value>> {
    let file = |path: &PathBuf| {
        let metadata = std::fs::metadata(path).map_err(crate::error::io(path, "read"))?;
        let hash = if metadata.is_file() { Some(sha256(path)?) } else { None };
        Ok(json!({ "path": path.display().to_string(), "bytes": metadata.len(), "sha256": hash }))
    };
    paths.iter().map(file).collect()
}

/// What `run.json` says: all that the outputs depend on, and nothing that differs between two equal runs.
fn describe(
    corpus: &CorpusArgs,
    inputs: Vec<Value>,
    scorer: &dyn Scorer,
    dyad: &Dyad,
    options: &ScoreOptions,
    formulas: Formulas,
    counts: &Counts,
) -> Value {
    json!({
        "program": "tensiometer",
        "version": env!("CARGO_PKG_VERSION"),
        "splitter": crate::sentence::VERSION,
        "model": { "name": scorer.name(), "hash": scorer.hash() },
        "dyad": { "name": dyad.name, "hash": dyad.hash },
        "options": {
            "relevance": options.relevance,
            "weighting": format!("{:?}", options.weighting).to_lowercase(),
            "relevance_from": if options.trust_head { "gazetteer and model" } else { "gazetteer" },
        },
        "formulas": formulas,
        "reading": corpus.describe(),
        "inputs": inputs,
        "counts": counts,
    })
}

struct Files<'a> {
    rules: Rules<'a>,
    relevant: u64,
    articles: Table<ArticleScore>,
    sentences: Table<SentenceScore>,
    rejects: Table<Reject>,
    first_reject: Option<String>,
    strict: bool,
}

impl<'a> Files<'a> {
    fn create(folder: &Folder, strict: bool, formulas: Formulas, rules: Rules<'a>) -> Result<Files<'a>> {
        Ok(Files {
            rules,
            relevant: 0,
            articles: Table::create(&folder.join("articles.csv"), formulas)?,
            sentences: Table::create(&folder.join("sentences.csv"), formulas)?,
            rejects: Table::create(&folder.join("rejects.csv"), formulas)?,
            first_reject: None,
            strict,
        })
    }

    fn finish(self) -> Result<()> {
        self.articles.finish()?;
        self.sentences.finish()?;
        self.rejects.finish()
    }
}

impl Sink for Files<'_> {
    fn article(&mut self, cut: &Cut, readings: &[Option<Reading>]) -> Result<()> {
        let (article, sentences) = article_score::score(cut, readings, &self.rules);
        self.relevant += u64::from(article.n_relevant > 0);
        self.articles.row(&article)?;
        sentences.iter().try_for_each(|sentence| self.sentences.row(sentence))
    }

    fn reject(&mut self, reject: &Reject) -> Result<()> {
        if self.strict {
            return Err(reject.refused());
        }
        self.first_reject.get_or_insert_with(|| format!("line {}, {}", reject.line, reject.reason));
        self.rejects.row(reject)
    }
}
