//! `eval`: a model on labelled sentences.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::args::ScorerArgs;
use super::terminal::{print, say};
use crate::dyad::Dyad;
use crate::eval::{self, EvalOptions, Evaluation, Exchanged, Labelled};
use crate::output::{to_csv, write};
use crate::plot::reliability;
use crate::scorer::{Reading, Scorer};
use crate::sentence::plain;
use crate::statistics::Band;

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer eval data/labelled/behaviour.csv --part test
  tensiometer eval dev.csv -o report
  tensiometer eval dev.csv --model keywords --format json | jq .figures.quadratic_kappa")]
pub struct Eval {
    /// CSV file with the columns sentence and tension (−3 to +3); id, relevant, direction, kind, family, set, part where there are such
    #[arg(value_name = "LABELLED")]
    labelled: PathBuf,
    /// Only the rows of this part, by the column part
    #[arg(long, value_name = "NAME")]
    part: Option<String>,
    #[command(flatten)]
    scorer: ScorerArgs,
    /// Bootstrap draws of the 95 % bands; 0 for none
    #[arg(long, value_name = "N", default_value_t = 999)]
    draws: u32,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Folder for eval.json, readings.csv, pairs.csv, reliability.svg and reliability.png
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Table,
    Json,
}

/// A row of `readings.csv`: a label and the reading beside it.
#[derive(Default, Serialize)]
struct Row<'a> {
    id: &'a str,
    kind: &'a str,
    /// Grade, −3 to +3.
    told: f64,
    /// Tension as a grade.
    read: f64,
    relevant: Option<bool>,
    relevance: Option<f32>,
    direction: Option<&'static str>,
    a_to_b: Option<f32>,
    b_to_a: Option<f32>,
    mutual: Option<f32>,
    /// Tension as a grade with the sides exchanged.
    exchanged: Option<f64>,
}

#[derive(Serialize)]
struct Report<'a> {
    model: &'a str,
    labelled: String,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
}

const WAYS: [&str; 3] = ["a_to_b", "b_to_a", "mutual"];

impl Eval {
    /// Runs the command.
    pub fn run(self, quiet: bool) -> anyhow::Result<()> {
        let labelled = eval::read(&self.labelled, self.part.as_deref())?;
        if let Some(folder) = &self.output {
            // A folder that cannot be made is known before the model has worked.
            std::fs::create_dir_all(folder).map_err(crate::error::io(folder, "make the folder"))?;
        }
        let dyad = self.scorer.dyad()?;
        let scorer = self.scorer.scorer(&dyad)?;
        let texts: Vec<Cow<'_, str>> = labelled.iter().map(|row| plain(&row.text)).collect();
        let readings = scorer.score(&texts.iter().map(Cow::as_ref).collect::<Vec<_>>())?;
        let exchanged = exchange(&labelled, &dyad, scorer.as_ref())?;
        let options = EvalOptions {
            draws: self.draws,
            seed: self.seed,
            trust_heads: scorer.dyad() == Some(&dyad.name),
        };
        let (evaluation, pairs) = eval::evaluate(&labelled, &readings, &exchanged, &options);
        let report = Report {
            model: scorer.name(),
            labelled: self.labelled.display().to_string(),
            evaluation: &evaluation,
        };
        let mut json = serde_json::to_string_pretty(&report)?;
        json.push('\n');
        if let Some(folder) = &self.output {
            let title = format!(
                "{} on {}",
                report.model,
                self.labelled.file_name().unwrap_or_default().to_string_lossy()
            );
            write(&folder.join("eval.json"), json.as_bytes())?;
            write(&folder.join("readings.csv"), &to_csv(&rows(&labelled, &readings, &exchanged))?)?;
            if !pairs.is_empty() {
                write(&folder.join("pairs.csv"), &to_csv(&pairs)?)?;
            }
            let svg = reliability::svg(&evaluation.reliability, &title)?;
            write(&folder.join("reliability.svg"), svg.as_bytes())?;
            write(&folder.join("reliability.png"), &reliability::png(&evaluation.reliability, &title)?)?;
            say(quiet, format!("written: {}", folder.display()));
        }
        print(&match self.format {
            Format::Json => json,
            Format::Table => table(&report),
        })
    }
}

/// Scores once more every sentence in which the sides can be exchanged.
fn exchange(labelled: &[Labelled], dyad: &Dyad, scorer: &dyn Scorer) -> anyhow::Result<Vec<Exchanged>> {
    let turned: Vec<(usize, String)> = labelled
        .iter()
        .enumerate()
        .filter_map(|(at, row)| Some((at, dyad.exchanged(&plain(&row.text))?)))
        .collect();
    let readings = scorer.score(&turned.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>())?;
    Ok(turned.into_iter().map(|(at, _)| at).zip(readings).collect())
}

fn rows<'a>(labelled: &'a [Labelled], readings: &[Reading], exchanged: &[Exchanged]) -> Vec<Row<'a>> {
    let grade = |reading: &Reading| 3.0 * f64::from(reading.tension());
    let mut turned = vec![None; labelled.len()];
    exchanged.iter().for_each(|(at, reading)| turned[*at] = Some(grade(reading)));
    let row = |((row, reading), exchanged): ((&'a Labelled, &Reading), Option<f64>)| {
        let way = |at: usize| reading.direction.map(|p| p[at]);
        Row {
            id: &row.id,
            kind: &row.kind,
            told: row.grade,
            read: grade(reading),
            relevant: row.relevant,
            relevance: reading.relevance,
            direction: row.direction.map(|way| WAYS[way.place()]),
            a_to_b: way(0),
            b_to_a: way(1),
            mutual: way(2),
            exchanged,
        }
    };
    labelled.iter().zip(readings).zip(turned).map(row).collect()
}

fn table(report: &Report) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = fill(&mut out, report);
    out
}

fn fill(out: &mut String, report: &Report) -> std::fmt::Result {
    let found = report.evaluation;
    writeln!(out, "{} on {}", report.model, report.labelled)?;
    writeln!(
        out,
        "{} sentences, {} relevant, {} with a direction; bands are 95 % of bootstrap draws over {} {}\n",
        found.n_sentences,
        found.n_relevant,
        found.n_directed,
        found.n_groups,
        if found.n_groups < found.n_sentences { "families" } else { "sentences" }
    )?;
    let figures = &found.figures;
    for (name, band) in [
        ("tension, quadratic kappa", figures.quadratic_kappa),
        ("tension, Pearson", figures.pearson),
        ("tension, mean absolute error, grades", figures.mean_absolute_error),
        ("sign of tension, macro-F1", figures.sign_macro_f1),
        ("relevance, F1", figures.relevance_f1),
        ("direction, macro-F1", figures.direction_macro_f1),
    ] {
        writeln!(out, "{name:<38} {}", band.map_or("—".into(), shown))?;
    }
    let reliability = &found.reliability;
    for (name, curve) in [
        ("tension, calibration error", &reliability.tension),
        ("relevance, calibration error", &reliability.relevance),
        ("direction, calibration error", &reliability.direction),
    ] {
        writeln!(
            out,
            "{name:<38} {}",
            curve.as_ref().map_or("—".into(), |curve| format!("{:.3}", curve.error))
        )?;
    }
    if let Some(gap) = found.exchange {
        writeln!(
            out,
            "sides exchanged, mean |Δ tension|       {:.3}, largest {:.3}, over {} sentences",
            gap.mean, gap.largest, gap.n
        )?;
        if let Some(leaning) = gap.leaning {
            writeln!(out, "  tension when B acts less when A acts {leaning:+.3}")?;
        }
    }
    writeln!(out, "\ngrades told (rows) and read (columns)")?;
    writeln!(out, "      {}", (-3..=3).map(|grade| format!("{grade:>+6}")).collect::<String>())?;
    for (row, grade) in found.confusion.iter().zip(-3..=3) {
        writeln!(out, "  {grade:>+3} {}", row.iter().map(|n| format!("{n:>6}")).collect::<String>())?;
    }
    if !found.kinds.is_empty() {
        writeln!(
            out,
            "\n{:<24}{:>10}{:>20}{:>20}{:>20}{:>20}",
            "kind", "sentences", "pairs in order", "read alike", "relevance", "direction"
        )?;
        for kind in &found.kinds {
            let rate = |right: usize, of: usize| match of {
                0 => "—".to_owned(),
                of => format!("{right}/{of} {:>5.1} %", 100.0 * right as f64 / of as f64),
            };
            writeln!(
                out,
                "{:<24}{:>10}{:>20}{:>20}{:>20}{:>20}",
                kind.kind,
                kind.sentences,
                rate(kind.ordered_right, kind.ordered),
                rate(kind.alike_right, kind.alike),
                rate(kind.relevance_right, kind.relevance),
                rate(kind.direction_right, kind.direction)
            )?;
        }
    }
    Ok(())
}

fn shown(band: Band) -> String {
    match (band.low, band.high) {
        (Some(low), Some(high)) => format!("{:.3}  [{low:.3}, {high:.3}]", band.value),
        _ => format!("{:.3}", band.value),
    }
}
