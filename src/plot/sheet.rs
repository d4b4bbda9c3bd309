//! The sheet: heading, stacked panels over one date axis, small print; and the SVG around it.

use std::fmt::Write as _;

use jiff::civil::Date;
use plotters::{drawing::IntoDrawingArea, prelude::SVGBackend};

use super::{
    Frame, MAX_SIDE, Options, PlotError, axis, backend,
    events::Events,
    panel::{self, Panel, Plot},
    pen::{self, Area, Drawn, Face},
};

/// Blank border, in CSS pixels, as all the lengths below.
const MARGIN: f64 = 14.0;
const PANEL_GAP: f64 = 12.0;
const MIN_PLOT_WIDTH: f64 = 160.0;
const MIN_PLOT_HEIGHT: f64 = 60.0;

/// Draws `frame` as an SVG document.
pub(super) fn svg(frame: &Frame, options: &Options) -> Result<String, PlotError> {
    let sheet = Sheet::new(frame, options)?;
    let title = match options.title.trim() {
        "" => "Tension index",
        title => title,
    };
    let described = format!("</title>\n<desc>{}</desc>", pen::escaped(&description(frame)));
    let document = document((options.width, options.height), title, |root| sheet.draw(root, frame))?;
    Ok(document.replacen("</title>", &described, 1))
}

/// An SVG document of this size in CSS pixels, drawn by a function on white paper.
pub(super) fn document(
    (width, height): (u32, u32),
    title: &str,
    draw: impl FnOnce(&Area) -> Drawn,
) -> Result<String, PlotError> {
    let size = pen::point(f64::from(width), f64::from(height));
    let mut body = String::new();
    {
        let root = SVGBackend::with_string(&mut body, (size.0 as u32, size.1 as u32)).into_drawing_area();
        root.fill(&pen::PAPER).and_then(|()| draw(&root)).map_err(backend)?;
        root.present().map_err(backend)?;
    }
    // plotters writes a head in drawing units and without a name; what follows it is kept.
    let marks = body.split_once('>').map_or("", |(_, rest)| rest);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" stroke-linejoin=\"round\">\n<title>{}</title>{marks}",
        size.0,
        size.1,
        pen::escaped(title)
    ))
}

/// What stands where, decided before anything is drawn.
struct Sheet {
    height: f64,
    /// Lines of the heading and their type.
    heading: Vec<(String, Face)>,
    events: Events,
    panels: Vec<Panel>,
    note: Vec<String>,
    /// Left and right end of the plots.
    x: (f64, f64),
    /// Ends of the date axis, in days.
    days: (f64, f64),
    ticks: Vec<(Date, String)>,
    /// Top of the first panel.
    top: f64,
    /// Height of a plot of weight one.
    plot_height: f64,
}

impl Sheet {
    fn new(frame: &Frame, options: &Options) -> Result<Self, PlotError> {
        let (width, height) = (f64::from(options.width), f64::from(options.height));
        let panels = Panel::all(frame, options);

        let value_labels =
            panels.iter().flat_map(|panel| panel.axis.ticks.iter().map(|tick| panel.axis.label(*tick)));
        let widest = value_labels.map(|label| pen::LABEL.width(&label)).fold(0.0, f64::max);
        let left = MARGIN + widest + 8.0;
        let base_labels = panels.iter().filter_map(|panel| panel.base).map(panel::base_label);
        let margin = base_labels.map(|label| pen::NOTE.width(&label) + 20.0).fold(40.0, f64::max);
        let right = width - margin;
        check("width", options.width, left + MIN_PLOT_WIDTH + margin)?;

        let (first, last) = frame.ends();
        let (from, to) = (axis::day_number(first), axis::day_number(last));
        // A little air beside the first and the last point; a single point stands in the middle.
        let pad = if from < to { (to - from) * 0.008 } else { 15.0 };
        let x_of = |date: Date| {
            let share = (axis::day_number(date) - from + pad) / (to - from + 2.0 * pad);
            (first <= date && date <= last).then_some(left + share * (right - left))
        };
        let events = Events::new(&options.events, x_of, width - 4.0);

        let room = width - 2.0 * MARGIN;
        let subtitle = options.subtitle.as_deref().unwrap_or_default();
        let titles = pen::TITLE.wrap(&options.title, room).into_iter();
        let subtitles = pen::SUBTITLE.wrap(subtitle, room).into_iter();
        let heading: Vec<(String, Face)> = titles
            .map(|line| (line, pen::TITLE))
            .chain(subtitles.map(|line| (line, pen::SUBTITLE)))
            .collect();
        let heading_height: f64 = heading.iter().map(|(_, face)| face.line_height()).sum();
        let top = MARGIN + heading_height + 4.0;

        let note = pen::NOTE.wrap(options.source_note.as_deref().unwrap_or_default(), room);
        let bottom = panel::DATE_AXIS + 14.0 + note.len() as f64 * pen::NOTE.line_height();
        let between = panel::HEADING_HEIGHT * panels.len() as f64 + PANEL_GAP * (panels.len() as f64 - 1.0);
        let fixed = top + events.height() + between + bottom;
        let weights: f64 = panels.iter().map(|panel| panel.weight).sum();
        check("height", options.height, fixed + MIN_PLOT_HEIGHT * weights)?;

        Ok(Self {
            height,
            heading,
            events,
            note,
            x: (left, right),
            days: (from - pad, to + pad),
            ticks: axis::date_ticks(first, last, frame.freq, right - left),
            top,
            plot_height: (height - fixed) / weights,
            panels,
        })
    }

    fn draw(&self, root: &Area, frame: &Frame) -> Drawn {
        let mut y = MARGIN;
        for (line, face) in &self.heading {
            pen::write(root, line, (MARGIN, y), face, pen::BELOW)?;
            y += face.line_height();
        }

        y = self.top;
        for (i, panel) in self.panels.iter().enumerate() {
            panel.draw_heading(root, self.x.0, y)?;
            y += panel::HEADING_HEIGHT;
            if i == 0 {
                y += self.events.height();
                self.events.draw_labels(root, y)?;
            }
            let end = y + self.plot_height * panel.weight;
            self.events.draw_lines(root, y, end)?;
            let plot = Plot {
                x: self.x,
                y: (y, end),
                days: self.days,
                ticks: &self.ticks,
                dated: i + 1 == self.panels.len(),
            };
            panel.draw(root, frame, &plot)?;
            y = end + PANEL_GAP;
        }

        y = self.height - MARGIN * 0.5 - self.note.len() as f64 * pen::NOTE.line_height();
        for line in &self.note {
            pen::write(root, line, (MARGIN, y), &pen::NOTE, pen::BELOW)?;
            y += pen::NOTE.line_height();
        }
        Ok(())
    }
}

fn check(side: &'static str, got: u32, need: f64) -> Result<(), PlotError> {
    let need = need.ceil() as u32;
    if got > MAX_SIDE {
        let most = MAX_SIDE;
        return Err(PlotError::TooLarge { side, got, most });
    }
    if got < need {
        return Err(PlotError::TooSmall { side, got, need });
    }
    Ok(())
}

/// What a reader who cannot see the picture is told.
fn description(frame: &Frame) -> String {
    let (first, last) = frame.ends();
    let (periods, freq) = (frame.points.len(), frame.freq.label());
    let mut text = format!("{periods} periods ({freq}), {first} to {last}.");
    for series in &frame.series {
        let values: Vec<(Date, f64)> = frame.runs(|point| series.value(point)).concat();
        let _ = write!(text, " {series}: {} values", values.len());
        let low = values.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let high = values.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        if let (Some((low_at, low)), Some((high_at, high))) = (low, high) {
            let _ = write!(text, ", lowest {low:.4} ({low_at}), highest {high:.4} ({high_at})");
        }
        text.push('.');
    }
    text
}
