//! `plot`: an index to pictures.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::terminal::say;
use crate::index::IndexPoint;
use crate::output::{read_table, write};
use crate::plot::{self, Options, Series};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer plot out/index.csv -o index.svg
  tensiometer plot out/index.csv -o index.png --series tension,tone --title 'US–China tension'
  tensiometer plot out/index.csv -o index.svg --event 2018-07-06='first tariffs' --event 2019-12-13='phase one'")]
pub struct Plot {
    /// index.csv
    #[arg(value_name = "INDEX")]
    index: PathBuf,
    /// Picture to write: .svg or .png; may be given more than once
    #[arg(long, short, required = true, value_name = "FILE", value_parser = picture)]
    output: Vec<PathBuf>,
    #[command(flatten)]
    look: PlotArgs,
}

/// How a picture looks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Picture")]
pub struct PlotArgs {
    /// Series to draw: tension, cooperation, tone, attention
    #[arg(long, value_delimiter = ',', value_name = "NAMES", default_value = "tension,cooperation,tone")]
    series: Vec<Series>,
    /// Title
    #[arg(long)]
    title: Option<String>,
    /// A dated note in the picture, DATE=TEXT; may be given more than once
    #[arg(long = "event", value_name = "DATE=TEXT", value_parser = event)]
    events: Vec<(jiff::civil::Date, String)>,
    /// Level of the dashed line, or none; where left out it is 100, or 0 for a series that lies about 0
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    base_level: Option<Level>,
    /// Width and height in CSS pixels
    #[arg(long, value_name = "WxH", default_value = "1000x600", value_parser = size)]
    size: (u32, u32),
}

#[derive(Clone, Copy, Debug)]
struct Level(Option<f64>);

/// A picture's path, whose ending says its form.
pub fn picture(text: &str) -> Result<PathBuf, String> {
    match form(Path::new(text)) {
        Some(_) => Ok(text.into()),
        None => Err(format!("the ending of '{text}' says no form; name a .svg or .png file")),
    }
}

/// Forms of a picture.
pub enum Form {
    /// Scalable, text as text
    Svg,
    /// Pixels
    Png,
}

/// The form that a path's ending names.
pub fn form(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()?.to_lowercase().as_str() {
        "svg" => Some(Form::Svg),
        "png" => Some(Form::Png),
        _ => None,
    }
}

fn level(text: &str) -> Result<Level, String> {
    if text == "none" {
        return Ok(Level(None));
    }
    let value: f64 = text.parse().map_err(|_| format!("'{text}' is neither a number nor none"))?;
    if value.is_finite() { Ok(Level(Some(value))) } else { Err(format!("'{text}' is no level")) }
}

fn event(text: &str) -> Result<(jiff::civil::Date, String), String> {
    let (date, note) = text.split_once('=').ok_or("write DATE=TEXT, e.g. 2018-07-06=tariffs")?;
    let date = date.trim().parse().map_err(|_| format!("'{date}' is not a date such as 2018-07-06"))?;
    Ok((date, note.trim().to_owned()))
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let wrong = || format!("'{text}' is not a size such as 1000x600");
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    Ok((width.parse().map_err(|_| wrong())?, height.parse().map_err(|_| wrong())?))
}

impl Plot {
    /// Runs the command.
    pub fn run(self, quiet: bool) -> anyhow::Result<()> {
        let points: Vec<IndexPoint> = read_table(&self.index)?;
        let title = self.look.title.clone().unwrap_or_else(|| "Tension index".to_owned());
        let options = self.look.options(&points, title, None);
        for path in &self.output {
            draw(&points, &options, path)?;
            say(quiet, format!("{}", path.display()));
        }
        Ok(())
    }
}

impl PlotArgs {
    /// The picture's options for an index.
    pub fn options(&self, points: &[IndexPoint], title: String, source_note: Option<String>) -> Options {
        let base_level = self.base_level.map_or_else(|| base_level(points), |level| level.0);
        Options {
            title: self.title.clone().unwrap_or(title),
            series: self.series.clone(),
            base_level,
            width: self.size.0,
            height: self.size.1,
            events: self.events.clone(),
            source_note,
            ..Options::default()
        }
    }
}

/// The level that the scaled series lie about, as their values show it: 100, or 0 for z-scores; none for raw ones.
fn base_level(points: &[IndexPoint]) -> Option<f64> {
    let values =
        points.iter().flat_map(|point| [point.tension, point.cooperation, point.attention]).flatten();
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    [0.0, 100.0].into_iter().find(|level| low < *level && *level <= high)
}

/// Draws one picture, SVG or PNG by its ending.
pub fn draw(points: &[IndexPoint], options: &Options, path: &Path) -> anyhow::Result<()> {
    let bytes = match form(path) {
        Some(Form::Svg) => plot::svg(points, options)?.into_bytes(),
        Some(Form::Png) => plot::png(points, options)?,
        None => bail!("{}: the ending says no form; name a .svg or .png file", path.display()),
    };
    Ok(write(path, &bytes)?)
}
