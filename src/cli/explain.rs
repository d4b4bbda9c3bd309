//! `explain`: the stories and sentences that made a point of an index, and what changed since another.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use super::args::options_of_run;
use super::index::cells;
use super::terminal::{print, print_data, tame};
use crate::explain::{Article, Explanation, Sentence, explain, topic_changes};
use crate::index::{self, Change, Effects, IndexPoint, Window};
use crate::output::{read_table, to_csv};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer explain out --period 2018-07
  tensiometer explain out --period 2018-07 --compare 2018-06
  tensiometer explain out --period 2018-07 --format csv > july.csv")]
pub struct Explain {
    /// Folder of a finished run
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The period: a day in it, or a month such as 2018-07
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    period: Window,
    /// Say what changed since this period
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    compare: Option<Window>,
    /// Stories that the table shows
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Table,
    /// Everything
    Json,
    /// A row a sentence; with --compare a row for each source and topic
    Csv,
}

fn period(text: &str) -> Result<Window, String> {
    format!("{text}..{text}")
        .parse()
        .map_err(|_| format!("'{text}' is no period; write a day, month or year: 2018-07"))
}

/// A row of `--format csv`.
#[derive(Default, Serialize)]
struct Row<'a> {
    date: String,
    story: &'a str,
    article_id: &'a str,
    article_date: String,
    source: &'a str,
    title: &'a str,
    part: Option<crate::article_score::Part>,
    start: usize,
    end: usize,
    text: &'a str,
    tension: f64,
    conflict: f64,
    weight: f64,
    contribution: f64,
    share: f64,
}

/// What changed between two points.
#[derive(Serialize)]
struct Comparison {
    from: Explanation,
    to: Explanation,
    effects: Effects,
    sources: Vec<Change>,
    topics: Vec<Change>,
}

/// A row of `--compare … --format csv`.
#[derive(Default, Serialize)]
struct ChangeRow {
    kind: &'static str,
    name: String,
    from: Option<f64>,
    to: Option<f64>,
    change: f64,
}

impl Explain {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let [articles, sentences] = ["articles.csv", "sentences.csv"].map(|name| self.folder.join(name));
        let path = self.folder.join("run.json");
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("{}: cannot read; name the folder of a finished tensiometer run", path.display())
        })?;
        let run: Value =
            serde_json::from_str(&text).with_context(|| format!("{}: is no run.json", path.display()))?;
        let options = options_of_run(&run)?;
        let cells = cells(std::slice::from_ref(&articles))?;
        let made = |window: Window| -> anyhow::Result<_> {
            let attribution = index::attribute(&cells, &options, window)?;
            same_as_written(&self.folder.join("index.csv"), attribution.date, attribution.tension)?;
            let explanation = explain(&attribution, &articles, &sentences)?;
            Ok((attribution, explanation))
        };
        let (to, point) = made(self.period)?;
        let Some(compare) = self.compare else {
            return match self.format {
                Format::Table => print(&self.table(&point)),
                Format::Json => print_data(&(serde_json::to_string_pretty(&point)? + "\n")),
                Format::Csv => print_data(&String::from_utf8(to_csv(&rows(&point))?)?),
            };
        };
        let (from, before) = made(compare)?;
        let (effects, sources) = index::change(&from, &to);
        let topics = topic_changes(&before, &point);
        let comparison = Comparison { from: before, to: point, effects, sources, topics };
        match self.format {
            Format::Table => print(&self.compared(&comparison)),
            Format::Json => print_data(&(serde_json::to_string_pretty(&comparison)? + "\n")),
            Format::Csv => print_data(&String::from_utf8(to_csv(&change_rows(&comparison))?)?),
        }
    }

    fn table(&self, point: &Explanation) -> String {
        let mut out = format!("{BOLD}{}: tension {:.2}{BOLD:#}\n", point.date, point.tension);
        if point.offset != 0.0 {
            line(&mut out, format!("{:.2} of it from no article: the base mean of a z-score", point.offset));
        }
        let articles: usize = point.stories.iter().map(|story| story.articles.len()).sum();
        line(
            &mut out,
            format!(
                "{} relevant articles, {} stories; contributions add up to the point\n",
                articles,
                point.stories.len()
            ),
        );
        self.stories(&mut out, point);
        out
    }

    fn stories(&self, out: &mut String, point: &Explanation) {
        let width = textwrap::termwidth().clamp(60, 110);
        for story in point.stories.iter().take(self.top) {
            let Some(first) = story.articles.first() else { continue };
            line(
                out,
                format!(
                    "{BOLD}{:>8.2}{BOLD:#} {:>5.1} %  {}  {}{}",
                    story.contribution,
                    100.0 * story.share,
                    first.date,
                    tame(&first.source),
                    match story.articles.len() {
                        1 => String::new(),
                        n => format!(", and {} copies", n - 1),
                    }
                ),
            );
            line(out, wrapped(&format!("{BOLD}{}{BOLD:#}", tame(headline(first))), width));
            for sentence in
                first.sentences.iter().filter(|sentence| sentence.contribution > 0.0).take(SENTENCES)
            {
                line(out, wrapped(&said(sentence), width));
            }
        }
        let rest: Vec<f64> = point.stories.iter().skip(self.top).map(|story| story.contribution).collect();
        if !rest.is_empty() {
            line(
                out,
                format!(
                    "{:>8.2}          {} more stories (--top N, --format csv)",
                    rest.iter().sum::<f64>(),
                    rest.len()
                ),
            );
        }
    }

    fn compared(&self, comparison: &Comparison) -> String {
        let Comparison { from, to, effects, .. } = comparison;
        let mut out = format!(
            "{BOLD}{}: tension {:.2}, {:+.2} since {} ({:.2}){BOLD:#}\n",
            to.date,
            to.tension,
            to.tension - from.tension,
            from.date,
            from.tension
        );
        for (effect, why) in [
            (effects.attention, "more or fewer relevant articles among all"),
            (effects.conflict, "more or less conflict in a relevant article"),
            (effects.sources, "sources that weigh more or less, come or go"),
        ] {
            line(&mut out, format!("{effect:>+8.2}  {why}"));
        }
        for (what, changes) in [("source", &comparison.sources), ("topic", &comparison.topics)] {
            line(&mut out, format!("\n{DIM}  change     from       to  {what}{DIM:#}"));
            let mut changes: Vec<&Change> = changes.iter().collect();
            changes.sort_by(|a, b| (b.to - b.from).abs().total_cmp(&(a.to - a.from).abs()));
            for change in changes.iter().take(self.top) {
                let Change { name, from, to } = change;
                line(
                    &mut out,
                    format!("{:>+8.2} {from:>8.2} {to:>8.2}  {}", to - from, tame(&name.replace('_', " "))),
                );
            }
        }
        for point in [to, from] {
            line(&mut out, format!("\n{DIM}stories of {}{DIM:#}", point.date));
            self.stories(&mut out, point);
        }
        out
    }
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const CONFLICT: Style = AnsiColor::Red.on_default();
/// Sentences that the table shows of a story.
const SENTENCES: usize = 2;

fn line(out: &mut String, text: String) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

fn headline(article: &Article) -> &str {
    if article.title.is_empty() { &article.id } else { &article.title }
}

fn said(sentence: &Sentence) -> String {
    format!(
        "{CONFLICT}{:+.2}{CONFLICT:#} {:.2}  {}",
        sentence.tension,
        sentence.contribution,
        tame(&sentence.text)
    )
}

fn wrapped(text: &str, width: usize) -> String {
    let indent = " ".repeat(10);
    textwrap::fill(text, textwrap::Options::new(width).initial_indent(&indent).subsequent_indent(&indent))
}

/// What is explained must be what stands in the file.
fn same_as_written(path: &Path, date: jiff::civil::Date, tension: f64) -> anyhow::Result<()> {
    let points: Vec<IndexPoint> = read_table(path)?;
    let written = points.iter().find(|point| point.date == date).and_then(|point| point.tension);
    anyhow::ensure!(
        written.is_some_and(|written| (written - tension).abs() <= 1e-9 * written.abs().max(1.0)),
        "{}: says {} for {date}, its articles make {tension}; the files are of different runs: run again",
        path.display(),
        written.map_or("nothing".to_owned(), |written| written.to_string())
    );
    Ok(())
}

fn rows(point: &Explanation) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for story in &point.stories {
        for article in &story.articles {
            rows.extend(article.sentences.iter().map(|sentence| Row {
                date: point.date.to_string(),
                story: &story.id,
                article_id: &article.id,
                article_date: article.date.to_string(),
                source: &article.source,
                title: &article.title,
                part: Some(sentence.part),
                start: sentence.start,
                end: sentence.end,
                text: &sentence.text,
                tension: sentence.tension,
                conflict: sentence.conflict,
                weight: sentence.weight,
                contribution: sentence.contribution,
                share: sentence.share,
            }));
        }
    }
    rows
}

fn change_rows(comparison: &Comparison) -> Vec<ChangeRow> {
    let Comparison { from, to, effects, sources, topics } = comparison;
    let effect =
        |name: &str, change| ChangeRow { kind: "effect", name: name.into(), from: None, to: None, change };
    let mut rows = vec![
        ChangeRow {
            kind: "point",
            name: to.date.to_string(),
            from: Some(from.tension),
            to: Some(to.tension),
            change: to.tension - from.tension,
        },
        effect("attention", effects.attention),
        effect("conflict", effects.conflict),
        effect("sources", effects.sources),
    ];
    for (kind, changes) in [("source", sources), ("topic", topics)] {
        rows.extend(changes.iter().map(|Change { name, from, to }| ChangeRow {
            kind,
            name: name.clone(),
            from: Some(*from),
            to: Some(*to),
            change: to - from,
        }));
    }
    rows
}
