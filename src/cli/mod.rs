//! The command line: the only place that knows clap or a terminal. One file per command.

mod args;
mod batch;
mod eval;
mod explain;
mod folder;
mod generate;
mod index;
mod mark;
mod model;
mod plot;
mod robustness;
mod run;
mod score;
mod split;
mod terminal;
mod validate;

pub use terminal::tame_lines;

use clap::{CommandFactory, Parser, Subcommand};

/// Read news, measure tension between two sides, make an index of it over time.
#[derive(Debug, Parser)]
#[command(name = "tensiometer", version, max_term_width = 110, after_long_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true)]
    quiet: bool,
}

const EXAMPLES: &str = "Examples:
  The tension of one article, sentence by sentence:
    tensiometer score article.txt

  From a corpus (CSV with date, title, text, source) to index, picture and every sentence's reading:
    tensiometer run articles.csv -o out

  The same corpus by quarter, from the scores that are there already:
    tensiometer index out/articles.csv --freq quarter -o quarterly.csv
    tensiometer plot quarterly.csv -o quarterly.svg

  Another pair of countries:
    tensiometer run articles.csv --dyad data/dyads/india-pakistan.toml -o out-ip";

#[derive(Debug, Subcommand)]
enum Command {
    /// Score one article, for a person to read
    ///
    /// Each sentence has its tension x from −1 (cooperation) to +1 (conflict) with a bar, its relevance r to the dyad, and who
    /// acts toward whom. Headings and boilerplate are shown, but not read.
    Score(score::Score),
    /// Score a corpus: articles.csv, sentences.csv, rejects.csv
    ///
    /// A run that was stopped goes on where it was when the same command is given again.
    Batch(batch::Batch),
    /// Make the time series from article scores; needs no model
    ///
    /// Sums add up: a lower frequency is made from the articles, never by averaging a higher one.
    Index(index::Index),
    /// Draw an index
    ///
    /// The form of a picture goes by the file's ending.
    Plot(plot::Plot),
    /// Score a corpus, make its index and draw it: the main job
    ///
    /// The folder holds articles.csv, sentences.csv, rejects.csv, index.csv, index.svg, index.png, run.json and the store
    /// of readings. A run that was stopped goes on where it was when the same command is given again.
    Run(run::Run),
    /// Say which stories and sentences made a point of an index
    ///
    /// What each gives adds up to the point. With --compare, also what changed: how much is news on the two sides, how much conflict is
    /// in it, which sources and topics.
    Explain(explain::Explain),
    /// Measure a model on labelled sentences
    ///
    /// Agreement with bands, calibration, behaviour on minimal pairs, and what exchanging the two sides does to the tension.
    Eval(eval::Eval),
    /// Compare an index with a published series
    ///
    /// Correlations in levels and first differences with bands, who leads, peaks met; and the same for mere counts of articles and
    /// words, so that no one is fooled by volume.
    Validate(validate::Validate),
    /// Make the index under other choices, and compare
    ///
    /// Relevance thresholds, weightings, scalings, denominators, each source left out, keywords instead of the model: a table of correlations
    /// with the headline, and a picture. Readings that the folder holds are used again.
    Robustness(robustness::Robustness),
    /// List, show and verify models
    ///
    /// Without a command, lists the installed models.
    Model(model::Model),
    /// Mark the two sides in sentences
    ///
    /// A line in, a line out: [A] before each name of side A, [B] before each of side B. Some models were trained on sentences
    /// marked so (`model show`); this program marks what they read by itself, other programs can by this command.
    Mark(mark::Mark),
    /// Write the sentences of a corpus, to draw from and to label
    ///
    /// A row for each sentence of the articles that name the pair, as they are cut to be scored, with its place: article, part, first byte,
    /// byte after the last. Rows that cannot be used go beside it, sentences.rejects.csv for sentences.csv.
    Split(split::Split),
    /// Print the completions of a shell
    ///
    /// For example: tensiometer completions bash > ~/.local/share/bash-completion/completions/tensiometer
    Completions(generate::Completions),
    /// Write the manual pages into a folder
    ///
    /// For example: tensiometer man ~/.local/share/man/man1
    Man(generate::Man),
}

/// Parses the arguments and runs the command. Usage errors exit with 2 here.
///
/// # Errors
/// What the command says; the chain is for `{:#}`.
pub fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let quiet = cli.quiet;
    match cli.command {
        Command::Score(score) => score.run(),
        Command::Batch(batch) => batch.run(quiet),
        Command::Index(index) => index.run(quiet),
        Command::Plot(plot) => plot.run(quiet),
        Command::Run(run) => run.run(quiet),
        Command::Explain(explain) => explain.run(),
        Command::Eval(eval) => eval.run(quiet),
        Command::Robustness(robustness) => robustness.run(quiet),
        Command::Validate(validate) => validate.run(quiet),
        Command::Model(model) => model.run(),
        Command::Mark(mark) => mark.run(),
        Command::Split(split) => split.run(quiet),
        Command::Completions(completions) => completions.run(&mut Cli::command()),
        Command::Man(man) => man.run(Cli::command()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }
}
