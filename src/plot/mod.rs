//! Pictures of an index: SVG drawn with plotters, and PNG rendered from that SVG with a bundled font.
//!
//! Both are pure functions of the points and the options: the same input gives the same bytes.

mod axis;
mod chart;
mod events;
pub mod fan;
mod frame;
mod panel;
mod pen;
pub mod reliability;
mod sheet;
pub mod validation;

use std::{error::Error, fmt, str::FromStr, sync::Arc};

use jiff::civil::Date;
use resvg::{tiny_skia, usvg};

use crate::index::IndexPoint;
use frame::Frame;

/// Arimo, cut down to Latin text and punctuation (SIL Open Font License 1.1, see `data/fonts`).
const FONTS: [&[u8]; 2] =
    [include_bytes!("../../data/fonts/Arimo-Regular.ttf"), include_bytes!("../../data/fonts/Arimo-Bold.ttf")];

/// The longest side of a picture, in CSS pixels.
const MAX_SIDE: u32 = 20_000;

/// The longest side of a PNG, in its own pixels.
const MAX_PNG_SIDE: f32 = MAX_SIDE as f32;

/// One column of the index that can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Conflict, the headline; shares a panel with cooperation.
    Tension,
    /// Cooperation; shares a panel with tension.
    Cooperation,
    /// Mean tone of the relevant articles, `[-1, 1]`; its own panel with a line at zero.
    Tone,
    /// Share of articles that are relevant; its own panel.
    Attention,
}

impl Series {
    /// Every series, in the order in which they are drawn.
    pub const ALL: [Self; 4] = [Self::Tension, Self::Cooperation, Self::Tone, Self::Attention];

    /// The value of this series at `point`; a value that is not finite counts as missing.
    pub fn value(self, point: &IndexPoint) -> Option<f64> {
        match self {
            Self::Tension => point.tension,
            Self::Cooperation => point.cooperation,
            Self::Tone => point.tone,
            Self::Attention => point.attention,
        }
        .filter(|value| value.is_finite())
    }

    /// The 95 % band of this series at `point`, low and high, where it has one.
    pub fn band(self, point: &IndexPoint) -> Option<(f64, f64)> {
        match self {
            Self::Tension => point.tension_low.zip(point.tension_high),
            Self::Tone => point.tone_low.zip(point.tone_high),
            Self::Cooperation | Self::Attention => None,
        }
        .filter(|(low, high)| low.is_finite() && high.is_finite())
    }

    /// The column's name in `index.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tension => "tension",
            Self::Cooperation => "cooperation",
            Self::Tone => "tone",
            Self::Attention => "attention",
        }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Series {
    type Err = PlotError;

    fn from_str(name: &str) -> Result<Self, PlotError> {
        Self::ALL
            .into_iter()
            .find(|series| series.name() == name)
            .ok_or_else(|| PlotError::UnknownSeries(name.to_owned()))
    }
}

/// What to draw and how large.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bold first line; left out when empty.
    pub title: String,
    /// Second line, for what the reader has to know to read the axes.
    pub subtitle: Option<String>,
    /// The series to draw. Tension and cooperation share a panel; the order given does not matter.
    pub series: Vec<Series>,
    /// Mean of the index over its base window, drawn as a labelled dashed line in the panel of
    /// tension and cooperation. `None` for an index that is not scaled to a base.
    pub base_level: Option<f64>,
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// Device pixels of the PNG for one CSS pixel; 2 is sharp on paper and on screens.
    pub png_scale: f32,
    /// Dated annotations, drawn as thin labelled lines. Those outside the index's dates are left out.
    pub events: Vec<(Date, String)>,
    /// Small print under the picture: corpus, model, vintage.
    pub source_note: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            title: String::new(),
            subtitle: None,
            series: vec![Series::Tension, Series::Cooperation, Series::Tone],
            base_level: Some(100.0),
            width: 1000,
            height: 600,
            png_scale: 2.0,
            events: Vec::new(),
            source_note: None,
        }
    }
}

/// Why no picture was drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// A name that is no series.
    #[error("no series is called {0:?}; use tension, cooperation, tone or attention")]
    UnknownSeries(String),
    /// No series was asked for.
    #[error("nothing to draw: no series was chosen; choose tension, cooperation, tone or attention")]
    NoSeries,
    /// The index has no rows.
    #[error("nothing to draw: the index has no periods; index a corpus with dated articles")]
    NoPeriods,
    /// No period has a value in any chosen series.
    #[error(
        "nothing to draw: no value of {series} in any of the {periods} periods of the index; \
         choose another series or index a corpus with relevant articles"
    )]
    NothingToDraw {
        /// The series that were asked for.
        series: String,
        /// Rows of the index.
        periods: usize,
    },
    /// The index holds two frequencies.
    #[error("the index mixes {0} and {1} periods; draw one frequency at a time")]
    MixedFrequencies(&'static str, &'static str),
    /// The index holds one period twice.
    #[error("the index holds {0} twice; keep one row a period")]
    DuplicateDate(Date),
    /// The picture is too small for its parts.
    #[error("{got} pixels of {side} are too few for this picture; give it at least {need}")]
    TooSmall {
        /// `width` or `height`.
        side: &'static str,
        /// Pixels given.
        got: u32,
        /// Pixels needed.
        need: u32,
    },
    /// The picture is larger than any use.
    #[error("{got} pixels of {side} are too many; give it at most {most}")]
    TooLarge {
        /// `width` or `height`.
        side: &'static str,
        /// Pixels given.
        got: u32,
        /// Pixels allowed.
        most: u32,
    },
    /// The PNG would be larger than the renderer takes.
    #[error("a PNG of {0} by {1} pixels cannot be made; lower the size or the scale (largest side 20000)")]
    PngSize(f32, f32),
    /// A drawing library failed.
    #[error("the picture could not be drawn")]
    Backend(#[source] Box<dyn Error + Send + Sync>),
}

/// Draws the index as an SVG document, in CSS pixels, with its text as text.
///
/// A missing value leaves a gap; a value between two gaps is a dot. The 95 % bands of tension and tone are shaded.
///
/// # Errors
/// No series or no value to draw, mixed frequencies, a period given twice, a picture too small or too large.
pub fn svg(points: &[IndexPoint], options: &Options) -> Result<String, PlotError> {
    sheet::svg(&Frame::new(points, options)?, options)
}

/// Draws the index as a PNG of `width * png_scale` by `height * png_scale` pixels.
///
/// The bundled font covers Latin script: any other character becomes a question mark. An SVG keeps it.
///
/// # Errors
/// Those of [`svg`], and a size that no PNG can have.
pub fn png(points: &[IndexPoint], options: &Options) -> Result<Vec<u8>, PlotError> {
    let scale = options.png_scale;
    let (width, height) = (options.width as f32 * scale, options.height as f32 * scale);
    let fits = |side: f32| (1.0..=MAX_PNG_SIDE).contains(&side);
    if !fits(width) || !fits(height) {
        return Err(PlotError::PngSize(width, height));
    }
    render(&svg(points, options)?, (width, height), scale)
}

/// An SVG document of ours as a PNG of this size in pixels.
fn render(document: &str, (width, height): (f32, f32), scale: f32) -> Result<Vec<u8>, PlotError> {
    let document: String = document.chars().map(|c| if in_font(c) { c } else { '?' }).collect();

    // Only the bundled fonts: a picture must not depend on what the machine has installed.
    let mut fonts = usvg::fontdb::Database::new();
    for font in FONTS {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family("Arimo");
    let parsing = usvg::Options { fontdb: Arc::new(fonts), ..Default::default() };
    let tree = usvg::Tree::from_str(&document, &parsing).map_err(backend)?;

    let mut canvas = tiny_skia::Pixmap::new(width.round() as u32, height.round() as u32)
        .ok_or(PlotError::PngSize(width, height))?;
    let transform = tiny_skia::Transform::from_scale(scale, scale);
    resvg::render(&tree, transform, &mut canvas.as_mut());
    canvas.encode_png().map_err(backend)
}

/// Whether the bundled fonts have a glyph for `c`, or it is a line break; see `data/fonts/README.md`.
fn in_font(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{A0}'..='\u{17F}' | '\u{2010}'..='\u{2015}' | '\u{2018}'..='\u{201E}'
        | '\u{2020}'..='\u{2022}' | '\u{2026}' | '\u{2030}' | '\u{20AC}' | '\u{2190}'..='\u{2193}' | '\u{2212}')
}

fn backend(error: impl Error + Send + Sync + 'static) -> PlotError {
    PlotError::Backend(Box::new(error))
}
