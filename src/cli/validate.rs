//! `validate`: an index against a published series, beside what mere counts would give.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anstyle::Style;
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::plot::{Form, form, picture};
use super::terminal::{print, print_data, say, tame};
use crate::index::{Freq, IndexPoint, Window};
use crate::output::{read_table, to_csv, write};
use crate::plot::validation;
use crate::statistics::Band;
use crate::validate::{self, Agreement, Compared, Options, Source, Validation};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer validate out/index.csv --against data_gpr_export.csv --column GPRC_CHN
  tensiometer validate out/index.csv --against ai_gpr.csv --column USA_to_China --series tension_a_to_b
  tensiometer validate out/index.csv --against gpr.csv --column GPR --within 2015-01..2019-12 -o validation.svg
  tensiometer validate out/index.csv --against gpr.csv --column GPR --rival baseline/index.csv:tension")]
pub struct Validate {
    /// index.csv
    #[arg(value_name = "INDEX")]
    index: PathBuf,
    /// CSV file with a published series: a column of dates, or year and month
    #[arg(long, value_name = "FILE")]
    against: PathBuf,
    /// Its column; may be left out where there is only one with numbers
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// Form of its dates in strftime directives, e.g. %d/%m/%Y
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// Column of the index to compare
    #[arg(long, value_name = "NAME", default_value = "tension")]
    series: String,
    /// Another series to compare with, beside the counts of the index; may be given more than once
    #[arg(long = "rival", value_name = "FILE:COLUMN", value_parser = rival)]
    rivals: Vec<(PathBuf, String)>,
    /// Only these periods
    #[arg(long, value_name = "FROM..TO")]
    within: Option<Window>,
    /// Bootstrap draws of the 95 % bands; 0 for none
    #[arg(long, value_name = "N", default_value_t = 999, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    draws: u32,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Picture to write: .svg or .png; may be given more than once
    #[arg(long, short, value_name = "FILE", value_parser = picture)]
    output: Vec<PathBuf>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Table,
    Json,
    /// A row for each figure
    Csv,
}

fn rival(text: &str) -> Result<(PathBuf, String), String> {
    match text.rsplit_once(':') {
        Some((path, column)) if !path.is_empty() && !column.is_empty() => Ok((path.into(), column.into())),
        _ => Err(format!("'{text}' names no column of a file; write FILE:COLUMN")),
    }
}

/// Columns of the index that only count, and what they are called. The first is what `beyond volume` takes off.
const COUNTS: [(&str, &str); 5] = [
    ("n_relevant", "relevant articles"),
    ("n_sentences", "relevant sentences"),
    ("n_articles", "all articles"),
    ("n_keyword", "keyword sentences"),
    ("attention", "attention"),
];

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    index: String,
    series: &'a str,
    against: String,
    column: &'a str,
    draws: u32,
    seed: u64,
    #[serde(flatten)]
    found: &'a Validation,
}

/// A row of `--format csv`.
#[derive(Default, Serialize)]
struct Row<'a> {
    series: &'a str,
    of: &'static str,
    figure: &'static str,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

impl Validate {
    /// Runs the command.
    pub fn run(self, quiet: bool) -> anyhow::Result<()> {
        let points: Vec<IndexPoint> = read_table(&self.index)?;
        let freq = one_freq(&points).with_context(|| self.index.display().to_string())?;
        let index = column(&points, &self.series).with_context(|| self.index.display().to_string())?;
        let published = validate::read(&Source {
            path: self.against.clone(),
            column: self.column.clone(),
            date_format: self.date_format.clone(),
        })?;
        published.note.iter().for_each(|note| say(quiet, format!("note: {note}")));
        let mut rivals: Vec<(String, BTreeMap<Date, f64>)> = Vec::new();
        for (name, called) in COUNTS.iter().filter(|(name, _)| *name != self.series) {
            let Ok(values) = column(&points, name) else { continue };
            // One that says what another says, or nothing, is no rival.
            let alike = |(_, other): &(String, BTreeMap<Date, f64>)| alike(other, &values);
            if !alike(&(String::new(), values.keys().map(|date| (*date, 1.0)).collect()))
                && !rivals.iter().any(alike)
            {
                rivals.push(((*called).to_owned(), values));
            }
        }
        for (path, name) in &self.rivals {
            let source = Source { path: path.clone(), column: Some(name.clone()), date_format: None };
            let called = format!("{}:{name}", path.file_stem().unwrap_or_default().to_string_lossy());
            rivals.push((called, validate::read(&source)?.values));
        }
        let options = Options { freq, within: self.within, draws: self.draws, seed: self.seed };
        let found = validate::validate(&published.values, (&self.series, &index), &rivals, &options)?;
        for path in &self.output {
            let title = format!("{} against {}", self.series, published.name);
            let bytes = match form(path) {
                Some(Form::Png) => validation::png(&found, &published.name, freq, &title)?,
                _ => validation::svg(&found, &published.name, freq, &title)?.into_bytes(),
            };
            write(path, &bytes)?;
            say(quiet, path.display().to_string());
        }
        match self.format {
            Format::Table => print(&self.table(&found, &published.name, freq)),
            Format::Json => {
                let report = Report {
                    index: self.index.display().to_string(),
                    series: &self.series,
                    against: self.against.display().to_string(),
                    column: &published.name,
                    draws: self.draws,
                    seed: self.seed,
                    found: &found,
                };
                print_data(&(serde_json::to_string_pretty(&report)? + "\n"))
            }
            Format::Csv => print_data(&String::from_utf8(to_csv(&rows(&found))?)?),
        }
    }

    fn table(&self, found: &Validation, published: &str, freq: Freq) -> String {
        let mut out = String::new();
        // Writing into a String cannot fail.
        let _ = self.fill(&mut out, found, published, freq);
        out
    }

    fn fill(&self, out: &mut String, found: &Validation, published: &str, freq: Freq) -> std::fmt::Result {
        writeln!(
            out,
            "{BOLD}{} of {} against {} of {}{BOLD:#}",
            tame(&self.series),
            file(&self.index),
            tame(published),
            file(&self.against)
        )?;
        writeln!(
            out,
            "{} {}s, {} to {}, {} changes; bands are 95 % of {} block bootstrap draws, {} {}s a block",
            found.n_levels,
            freq.label(),
            found.first,
            found.last,
            found.n_differences,
            self.draws,
            found.block,
            freq.label()
        )?;
        for (name, of) in
            [("levels", levels as fn(&Compared) -> &Agreement), ("first differences", differences)]
        {
            writeln!(
                out,
                "\n{DIM}{name:<24}{:<23}{:<23}{:<24}beyond volume{DIM:#}",
                "Pearson", "Spearman", "index less rival"
            )?;
            for series in &found.series {
                let agreement = of(series);
                writeln!(
                    out,
                    "{:<24}{:<23}{:<23}{:<24}{}",
                    tame(&series.name).chars().take(23).collect::<String>(),
                    shown(agreement.pearson, false),
                    shown(agreement.spearman, false),
                    shown(agreement.index_less, true),
                    shown(agreement.beyond_volume, false)
                )?;
            }
        }
        writeln!(
            out,
            "\n{DIM}{:<24}{}{DIM:#}",
            "the index leads by",
            found.lead_lag.iter().map(|lag| format!("{:>7}", lag.lead)).collect::<String>()
        )?;
        for (name, of) in [
            ("levels", (|lag| lag.levels) as fn(&validate::Lag) -> Option<f64>),
            ("first differences", |lag| lag.differences),
        ] {
            let figures: String = found
                .lead_lag
                .iter()
                .map(|lag| format!("{:>7}", of(lag).map_or("—".into(), plain)))
                .collect();
            writeln!(out, "{name:<24}{figures}")?;
        }
        let means: Vec<String> = found
            .smoothed
            .iter()
            .map(|mean| {
                format!("{} {}s {}", mean.periods, freq.label(), mean.pearson.map_or("—".into(), plain))
            })
            .collect();
        writeln!(out, "\ntrailing means          {}", means.join(", "))?;
        for series in &found.series {
            let peaks = &series.peaks;
            writeln!(
                out,
                "{:<24}meets {} of {} peaks, {:.1} by chance",
                tame(&series.name).chars().take(23).collect::<String>(),
                peaks.met,
                peaks.peaks.len(),
                peaks.by_chance
            )?;
        }
        if let Some(index) = found.series.first() {
            let peaks: Vec<String> = index
                .peaks
                .peaks
                .iter()
                .map(|peak| format!("{}{}", peak.date, if peak.met { "" } else { " (not met)" }))
                .collect();
            writeln!(
                out,
                "{}",
                textwrap::fill(&format!("peaks of {}: {}", tame(published), peaks.join(", ")), 110)
            )?;
        }
        writeln!(
            out,
            "\nindex less rival: difference of Pearson, above 0 where the index is nearer. beyond volume: partial correlation without what\ngoes with the number of relevant articles."
        )
    }
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

fn levels(series: &Compared) -> &Agreement {
    &series.levels
}

fn differences(series: &Compared) -> &Agreement {
    &series.differences
}

fn file(path: &Path) -> String {
    tame(&path.display().to_string())
}

fn plain(x: f64) -> String {
    format!("{x:.3}")
}

fn shown(band: Option<Band>, signed: bool) -> String {
    let number = |x: f64| if signed { format!("{x:+.3}") } else { plain(x) };
    match band {
        None => "—".into(),
        Some(Band { value, low: Some(low), high: Some(high) }) => {
            format!("{} [{}, {}]", number(value), number(low), number(high))
        }
        Some(band) => number(band.value),
    }
}

/// The length of a period of an index.
fn one_freq(points: &[IndexPoint]) -> anyhow::Result<Freq> {
    let Some(first) = points.first() else {
        bail!("the index has no periods; make one with tensiometer index")
    };
    match points.iter().find(|point| point.freq != first.freq) {
        Some(other) => bail!(
            "the index mixes {} and {} periods; give one frequency",
            first.freq.label(),
            other.freq.label()
        ),
        None => Ok(first.freq),
    }
}

/// Whether two series are the same but for their scale.
fn alike(a: &BTreeMap<Date, f64>, b: &BTreeMap<Date, f64>) -> bool {
    let pairs: Vec<(f64, f64)> = a.iter().filter_map(|(date, x)| Some((*x, *b.get(date)?))).collect();
    let largest = pairs.iter().max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
    let Some((x, y)) = largest.filter(|(x, _)| *x != 0.0) else { return true };
    let near = |(a, b): &(f64, f64)| (b * x - a * y).abs() <= 1e-9 * (x * y).abs().max(1e-300);
    pairs.iter().all(near)
}

/// A column of an index by its name; empty cells are left out.
fn column(points: &[IndexPoint], name: &str) -> anyhow::Result<BTreeMap<Date, f64>> {
    let mut values = BTreeMap::new();
    for point in points {
        let row = serde_json::to_value(point)?;
        match row.get(name) {
            Some(value) if value.is_number() => values.extend(value.as_f64().map(|x| (point.date, x))),
            Some(serde_json::Value::Null) => {}
            _ => bail!(
                "an index has no column of numbers '{name}'; take tension, cooperation, tone, attention, tension_a_to_b …"
            ),
        }
    }
    if values.is_empty() {
        bail!("the column '{name}' is empty");
    }
    Ok(values)
}

/// Every figure as a row.
fn rows(found: &Validation) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for series in &found.series {
        for (of, agreement) in [("levels", &series.levels), ("differences", &series.differences)] {
            for (figure, band) in [
                ("pearson", agreement.pearson),
                ("spearman", agreement.spearman),
                ("index_less", agreement.index_less),
                ("beyond_volume", agreement.beyond_volume),
            ] {
                let row = |band: Band| Row {
                    series: &series.name,
                    of,
                    figure,
                    value: band.value,
                    low: band.low,
                    high: band.high,
                };
                rows.extend(band.map(row));
            }
        }
        let mut peak = |figure, value| {
            rows.push(Row { series: &series.name, of: "peaks", figure, value, low: None, high: None })
        };
        peak("met", series.peaks.met as f64);
        peak("of", series.peaks.peaks.len() as f64);
        peak("by_chance", series.peaks.by_chance);
    }
    rows
}
