//! The command line: the only place that knows clap or a terminal. One file per command.

mod args;
mod batch;
mod folder;
mod generate;
mod index;
mod model;
mod plot;
mod run;
mod score;
mod terminal;

use clap::{CommandFactory, Parser, Subcommand};

/// Read news, measure tension between two sides, make an index of it over time.
#[derive(Debug, Parser)]
#[command(name = "tensiometer", version, about, max_term_width = 110, after_long_help = EXAMPLES)]
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
    Score(score::Score),
    /// Score a corpus: articles.csv, sentences.csv, rejects.csv
    Batch(batch::Batch),
    /// Make the time series from article scores; needs no model
    Index(index::Index),
    /// Draw an index
    Plot(plot::Plot),
    /// Score a corpus, make its index and draw it: the main job
    Run(run::Run),
    /// List, show and verify models
    Model(model::Model),
    /// Print the completions of a shell
    Completions(generate::Completions),
    /// Write the manual pages into a folder
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
        Command::Score(score) => score.run(quiet),
        Command::Batch(batch) => batch.run(quiet),
        Command::Index(index) => index.run(quiet),
        Command::Plot(plot) => plot.run(quiet),
        Command::Run(run) => run.run(quiet),
        Command::Model(model) => model.run(),
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
