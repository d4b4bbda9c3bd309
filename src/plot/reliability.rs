//! The reliability diagram of an evaluation: what was told against what was read, a panel for each head.

use plotters::{
    element::{Circle, PathElement},
    style::Color,
};

use super::{
    PlotError, Series, axis,
    panel::colour,
    pen::{self, Area, Drawn, point, stroke},
    render, sheet,
};
use crate::eval::{Curve, Reliability};

const WIDTH: u32 = 960;
const HEIGHT: u32 = 380;
const SIDE: f64 = 250.0;
const TOP: f64 = 84.0;
const LEFT: f64 = 62.0;
const STEP: f64 = 305.0;

/// Draws the curves as an SVG document. A dot's area goes with its sentences; on the diagonal, readings mean what they say.
///
/// # Errors
/// The drawing library fails.
pub fn svg(reliability: &Reliability, title: &str) -> Result<String, PlotError> {
    let panels = [
        ("Tension", "mean tension, read", "mean tension, told", -1.0, &reliability.tension, Series::Tension),
        (
            "Relevance",
            "probability, read",
            "share that is relevant",
            0.0,
            &reliability.relevance,
            Series::Attention,
        ),
        (
            "Direction",
            "probability of the likeliest",
            "share read right",
            0.0,
            &reliability.direction,
            Series::Cooperation,
        ),
    ];
    sheet::document((WIDTH, HEIGHT), title, |root| {
        pen::write(root, title, (14.0, 14.0), &pen::TITLE, pen::BELOW)?;
        for (at, (name, x, y, low, curve, series)) in panels.into_iter().enumerate() {
            let left = LEFT + at as f64 * STEP;
            let heading = match curve {
                Some(curve) => format!("{name}: calibration error {:.3}", curve.error),
                None => format!("{name}: not labelled, or not read"),
            };
            pen::write(root, &heading, (left, TOP - 16.0), &pen::HEADING, pen::RIGHT_OF)?;
            panel(root, left, low, curve.as_ref(), series)?;
            pen::write(root, x, (left + SIDE / 2.0, TOP + SIDE + 32.0), &pen::LABEL, pen::CENTRED)?;
            let upwards = format!("{y} (upwards)");
            pen::write(root, &upwards, (left + 8.0, TOP + 12.0), &pen::NOTE, pen::RIGHT_OF)?;
        }
        Ok(())
    })
}

/// Draws the same as a PNG of twice the size.
///
/// # Errors
/// Those of [`svg`].
pub fn png(reliability: &Reliability, title: &str) -> Result<Vec<u8>, PlotError> {
    render(&svg(reliability, title)?, (WIDTH as f32 * 2.0, HEIGHT as f32 * 2.0), 2.0)
}

fn panel(root: &Area, left: f64, low: f64, curve: Option<&Curve>, series: Series) -> Drawn {
    let share = |value: f64| (value - low) / (1.0 - low) * SIDE;
    let at = |x: f64, y: f64| (left + share(x), TOP + SIDE - share(y));
    let dot = |(x, y): (f64, f64)| point(x, y);
    for tick in axis::Values::new(low, 1.0, 4).ticks {
        let label = axis::number(tick, 1);
        let (x, y) = at(tick, tick);
        root.draw(&PathElement::new([point(x, TOP), point(x, TOP + SIDE)], stroke(pen::GRID, 0.8)))?;
        root.draw(&PathElement::new([point(left, y), point(left + SIDE, y)], stroke(pen::GRID, 0.8)))?;
        pen::write(root, &label, (x, TOP + SIDE + 12.0), &pen::LABEL, pen::CENTRED)?;
        pen::write(root, &label, (left - 6.0, y), &pen::LABEL, pen::LEFT_OF)?;
    }
    root.draw(&PathElement::new([dot(at(low, low)), dot(at(1.0, 1.0))], stroke(pen::RULE, 1.0)))?;
    let Some(curve) = curve else { return Ok(()) };
    let n: usize = curve.bins.iter().map(|bin| bin.n).sum();
    let line: Vec<(i32, i32)> = curve.bins.iter().map(|bin| dot(at(bin.read, bin.told))).collect();
    root.draw(&PathElement::new(line, stroke(colour(series), 1.6)))?;
    for bin in &curve.bins {
        let radius = 2.0 + 16.0 * (bin.n as f64 / n as f64).sqrt();
        let place = dot(at(bin.read, bin.told));
        root.draw(&Circle::new(place, pen::units(radius), colour(series).mix(0.35).filled()))?;
        root.draw(&Circle::new(place, pen::units(2.0), colour(series).filled()))?;
    }
    Ok(())
}
