//! `score`: one article for a person to read, or as JSON or CSV.

use std::borrow::Cow;
use std::path::PathBuf;

use anstyle::{AnsiColor, Reset, Style};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::args::{ScorerArgs, read_text};
use super::terminal::{print, print_data, tame};
use crate::article_score::{self, ArticleScore, Cut, Rules, SentenceScore};
use crate::corpus::Article;
use crate::dyad::Dyad;
use crate::output::to_csv;
use crate::scorer::{Keywords, Reading};
use crate::sentence::{Kind, plain};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer score article.txt
  pbpaste | tensiometer score -
  tensiometer score article.txt --format json | jq .tension
  tensiometer score article.txt --model keywords")]
pub struct Score {
    /// Plain text of the article; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Headline, read as a sentence of its own
    #[arg(long, default_value = "")]
    title: String,
    /// Day of publication: office-holders count as such on that day; on any day where left out
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    #[command(flatten)]
    scorer: ScorerArgs,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Table,
    Json,
    Csv,
}

/// What `--format json` prints: the article's score without the columns that only a corpus has.
#[derive(Serialize)]
struct Report<'a> {
    model: &'a str,
    dyad: &'a str,
    tension: Option<f64>,
    conflict: Option<f64>,
    cooperation: Option<f64>,
    n_sentences: u64,
    n_relevant: u64,
    topics: &'a str,
    sentences: &'a [SentenceScore],
}

impl Score {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let text = read_text(&self.file)?;
        let dyad = self.scorer.dyad()?;
        let scorer = self.scorer.scorer(&dyad)?;
        let options = self.scorer.options(scorer.as_ref(), &dyad);
        let keywords = Keywords::bundled()?;
        let article = Article {
            id: self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            date: self.date.unwrap_or_default(),
            source: String::new(),
            title: self.title.trim().to_owned(),
            text: text.trim_start_matches('\u{feff}').to_owned(),
            url: String::new(),
        };
        let cut = Cut::on(article, &dyad, self.date);
        // A person wants to see all of them, also those that no score depends on.
        let pieces: Vec<Cow<'_, str>> = cut.pieces.iter().map(|piece| plain(cut.text(piece))).collect();
        let readings = scorer.score(&pieces.iter().map(Cow::as_ref).collect::<Vec<_>>())?;
        let readings: Vec<Option<Reading>> = readings.into_iter().map(Some).collect();
        let (article, sentences) =
            article_score::score(&cut, &readings, &Rules { dyad: &dyad, keywords: &keywords, options });
        let out = match self.format {
            Format::Table => table(&cut, &article, &sentences, &dyad, scorer.name()),
            Format::Json => {
                let report = Report {
                    model: scorer.name(),
                    dyad: &dyad.name,
                    tension: article.tension,
                    conflict: article.conflict,
                    cooperation: article.cooperation,
                    n_sentences: article.n_sentences,
                    n_relevant: article.n_relevant,
                    topics: &article.topics,
                    sentences: &sentences,
                };
                serde_json::to_string_pretty(&report)? + "\n"
            }
            Format::Csv => String::from_utf8(to_csv(&sentences)?)?,
        };
        if self.format == Format::Table { print(&out) } else { print_data(&out) }
    }
}

const CONFLICT: Style = AnsiColor::Red.on_default();
const COOPERATION: Style = AnsiColor::Blue.on_default();
const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// What a tension in [−1, 1] is called, in the codebook's steps of a third.
fn words(tension: f64) -> &'static str {
    match (3.0 * tension).round() as i64 {
        3.. => "severe conflict",
        2 => "clear conflict",
        1 => "mild friction",
        0 => "neutral or balanced",
        -1 => "mildly conciliatory",
        -2 => "clear cooperation",
        _ => "major cooperation",
    }
}

/// A bar of `2 × half` cells and its axis: cooperation to the left, conflict to the right.
fn bar(tension: f64, half: usize) -> String {
    let eighths = (tension.abs().min(1.0) * (half * 8) as f64).round() as usize;
    let (full, part) = (eighths / 8, eighths % 8);
    let right: &[char] = &[' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let blank = " ".repeat(half);
    if tension >= 0.0 {
        let tail = if part > 0 { right[part].to_string() } else { String::new() };
        let cells = "█".repeat(full) + &tail;
        format!("{blank}│{CONFLICT}{cells}{CONFLICT:#}{}", " ".repeat(half - cells.chars().count()))
    } else {
        // There are no left-growing eighths; half a cell is near enough.
        let tail = if part >= 4 { "▐" } else { "" };
        let cells = tail.to_owned() + &"█".repeat(full);
        format!("{}{COOPERATION}{cells}{COOPERATION:#}│{blank}", " ".repeat(half - cells.chars().count()))
    }
}

fn direction(sentence: &SentenceScore, dyad: &Dyad) -> String {
    let [a, b] = &dyad.sides;
    let ways = [
        (sentence.a_to_b, format!("{a} → {b}")),
        (sentence.b_to_a, format!("{b} → {a}")),
        (sentence.mutual, "mutual".to_owned()),
    ];
    let best = ways.into_iter().filter_map(|(p, way)| p.map(|p| (p, way))).max_by(|x, y| x.0.total_cmp(&y.0));
    best.map_or(String::new(), |(p, way)| format!("{way} {p:.2}"))
}

fn table(cut: &Cut, article: &ArticleScore, sentences: &[SentenceScore], dyad: &Dyad, model: &str) -> String {
    let width = textwrap::termwidth().clamp(60, 110);
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    if !cut.article.title.is_empty() {
        line(format!("{BOLD}{}{BOLD:#}", tame(&cut.article.title)));
    }
    match (article.tension, article.conflict, article.cooperation) {
        (Some(tension), Some(conflict), Some(cooperation)) => {
            line(format!(
                "{BOLD}{}: {}{BOLD:#}, tension {BOLD}{tension:+.2}{BOLD:#} on a scale from −1 to +1",
                dyad.title,
                words(tension)
            ));
            line(format!(
                "conflict {conflict:.2}, cooperation {cooperation:.2}, over {} relevant of {} sentences; model {model}",
                article.n_relevant, article.n_sentences
            ));
        }
        _ => line(format!(
            "{BOLD}{}: no sentence concerns the two sides, so there is no tension to read{BOLD:#} ({} sentences; model {model})",
            dyad.title, article.n_sentences
        )),
    }
    if !article.topics.is_empty() {
        line(format!("topics: {}", article.topics.replace(';', ", ").replace('_', " ")));
    }
    line(String::new());
    line(format!("{DIM}     x  cooperation │ conflict{DIM:#}"));
    let indent = " ".repeat(8);
    let wrap = |text: &str| {
        textwrap::wrap(
            &tame(text),
            textwrap::Options::new(width).initial_indent(&indent).subsequent_indent(&indent),
        )
        .join("\n")
    };
    let mut read = sentences.iter().peekable();
    let show = |sentence: &SentenceScore| {
        let dim = if sentence.relevance > 0.0 { Style::new() } else { DIM };
        let about = if sentence.relevance > 0.0 {
            format!("r {:.2}   {}", sentence.relevance, direction(sentence, dyad))
        } else {
            "not about the two sides".to_owned()
        };
        format!(
            "{dim}{:>+6.2}{dim:#}  {} {dim}  {about}{dim:#}\n{dim}{}{dim:#}",
            sentence.tension,
            bar(sentence.tension, 10),
            wrap(&sentence.text)
        )
    };
    while let Some(title) = read.next_if(|sentence| sentence.part == article_score::Part::Title) {
        line(show(title));
    }
    for span in &cut.spans {
        let text = &cut.article.text[span.start..span.end];
        match span.kind {
            Kind::Text => {
                if let Some(sentence) = read.next() {
                    line(show(sentence));
                }
            }
            Kind::Heading => line(format!("\n{DIM}heading, not read{DIM:#}\n{BOLD}{}{BOLD:#}", wrap(text))),
            Kind::Boilerplate => line(format!("{DIM}boilerplate, not read\n{}{DIM:#}", wrap(text))),
        }
    }
    line(String::new());
    line(format!(
        "{DIM}x: tension; r: relevance to {}; then who acts toward whom, with its probability{DIM:#}{Reset}",
        dyad.title
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_codebook() {
        assert_eq!(words(0.0), "neutral or balanced");
        assert_eq!(words(0.17), "mild friction");
        assert_eq!(words(-1.0), "major cooperation");
        assert_eq!(words(1.0), "severe conflict");
    }

    #[test]
    fn bars_are_always_as_wide() {
        for at in -20..=20 {
            let shown = anstream::adapter::strip_str(&bar(f64::from(at) / 20.0, 10)).to_string();
            assert_eq!(shown.chars().count(), 21, "{at}");
        }
    }
}
