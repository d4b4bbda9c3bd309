//! The fan of a robustness check: the headline, and where it lies under all other choices.

use jiff::civil::Date;

use super::{
    PlotError, Series, axis,
    chart::{Chart, legend, runs},
    panel::colour,
    pen, render, sheet,
};
use crate::index::Freq;
use crate::robustness::Spread;

const WIDTH: u32 = 1000;
const HEIGHT: u32 = 460;

/// Draws a fan as an SVG document, with a line of small print under it.
///
/// # Errors
/// There are no periods, or the drawing library fails.
pub fn svg(fan: &[Spread], freq: Freq, title: &str, note: &str) -> Result<String, PlotError> {
    let (Some(first), Some(last)) = (fan.first(), fan.last()) else { return Err(PlotError::NoPeriods) };
    let (low, high) = fan
        .iter()
        .fold((0.0_f64, 0.0_f64), |(low, high), point| (low.min(point.all.0), high.max(point.all.1)));
    let chart = Chart {
        left: 52.0,
        top: 76.0,
        width: 924.0,
        height: 312.0,
        x: (axis::day_number(first.date), axis::day_number(last.date)),
        y: axis::Values::new(low, high, 6),
    };
    let ink = colour(Series::Tension);
    sheet::document((WIDTH, HEIGHT), title, |root| {
        pen::write(root, title, (14.0, 14.0), &pen::TITLE, pen::BELOW)?;
        legend(root, (chart.left, chart.top - 16.0), &[("headline", ink)])?;
        let unit = "standard deviations from the mean; shaded: all variants, and the middle half of them";
        pen::write(root, unit, (976.0, chart.top - 16.0), &pen::LABEL, pen::LEFT_OF)?;
        chart.grid(root)?;
        chart.dates(root, (first.date, last.date), freq)?;
        for run in fan.chunk_by(|a, b| axis::next_period(a.date, freq) == Some(b.date)) {
            for (of, opacity) in
                [((|point| point.all) as fn(&Spread) -> (f64, f64), 0.14), (|point| point.half, 0.3)]
            {
                let ends: Vec<(f64, f64, f64)> = run
                    .iter()
                    .map(|point| (axis::day_number(point.date), of(point).0, of(point).1))
                    .collect();
                chart.band(root, &ends, ink, opacity)?;
            }
        }
        let headline: Vec<(Date, f64)> = fan.iter().map(|point| (point.date, point.headline)).collect();
        runs(&headline, freq).iter().try_for_each(|run| chart.line(root, run, ink, 1.6))?;
        pen::write(root, note, (14.0, f64::from(HEIGHT) - 22.0), &pen::NOTE, pen::BELOW)
    })
}

/// Draws the same as a PNG of twice the size.
///
/// # Errors
/// Those of [`svg`].
pub fn png(fan: &[Spread], freq: Freq, title: &str, note: &str) -> Result<Vec<u8>, PlotError> {
    render(&svg(fan, freq, title, note)?, (WIDTH as f32 * 2.0, HEIGHT as f32 * 2.0), 2.0)
}
