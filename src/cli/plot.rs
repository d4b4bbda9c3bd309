//! `plot`: an index to pictures.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::terminal::say;
use crate::index::{IndexPoint, Scaling};
use crate::output::{read_table, write};
use crate::plot::{self, Options, Series};

/// The form of a picture goes by the file's ending.
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
    #[arg(long, short, required = true, value_name = "FILE")]
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
    /// Level of the dashed line; "none" for an index that is not scaled to a base
    #[arg(long, value_name = "LEVEL", default_value = "100", value_parser = level)]
    base_level: Level,
    /// Width and height in CSS pixels
    #[arg(long, value_name = "WxH", default_value = "1000x600", value_parser = size)]
    size: (u32, u32),
}

#[derive(Clone, Copy, Debug)]
struct Level(Option<f64>);

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
        let options = self.look.options(title, None, Scaling::Pooled);
        for path in &self.output {
            draw(&points, &options, path)?;
            say(quiet, format!("{}", path.display()));
        }
        Ok(())
    }
}

impl PlotArgs {
    /// The picture's options; a scale without a base has no base level.
    pub fn options(&self, title: String, source_note: Option<String>, scaling: Scaling) -> Options {
        let base_level = match scaling {
            Scaling::Pooled | Scaling::PerSource => self.base_level.0,
            Scaling::ZScore => Some(0.0),
            Scaling::Raw => None,
        };
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

/// Draws one picture, SVG or PNG by its ending.
pub fn draw(points: &[IndexPoint], options: &Options, path: &Path) -> anyhow::Result<()> {
    let bytes = match path.extension().and_then(|ext| ext.to_str()) {
        Some("svg") => plot::svg(points, options)?.into_bytes(),
        Some("png") => plot::png(points, options)?,
        _ => bail!("{}: the ending says no form; name a .svg or .png file", path.display()),
    };
    Ok(write(path, &bytes)?)
}
