//! The picture of a validation: both series, who leads, and the correlations of the index beside those of its rivals.

use jiff::civil::Date;
use plotters::{
    element::{Circle, PathElement},
    style::{Color, RGBColor},
};

use super::{
    PlotError, Series, axis,
    chart::{Chart, legend, runs},
    panel::colour,
    pen::{self, Area, Drawn, point, stroke},
    render, sheet,
};
use crate::index::Freq;
use crate::statistics::{Band, standardised};
use crate::validate::Validation;

const WIDTH: u32 = 1000;
const HEIGHT: u32 = 640;

/// Draws a validation as an SVG document; `published` names the published series.
///
/// # Errors
/// The drawing library fails.
pub fn svg(found: &Validation, published: &str, freq: Freq, title: &str) -> Result<String, PlotError> {
    sheet::document((WIDTH, HEIGHT), title, |root| {
        pen::write(root, title, (14.0, 14.0), &pen::TITLE, pen::BELOW)?;
        both(root, found, published, freq)?;
        lead_lag(root, found)?;
        rivals(root, found)
    })
}

/// Draws the same as a PNG of twice the size.
///
/// # Errors
/// Those of [`svg`].
pub fn png(found: &Validation, published: &str, freq: Freq, title: &str) -> Result<Vec<u8>, PlotError> {
    render(&svg(found, published, freq, title)?, (WIDTH as f32 * 2.0, HEIGHT as f32 * 2.0), 2.0)
}

fn both(root: &Area, found: &Validation, published: &str, freq: Freq) -> Drawn {
    let of = |value: fn(&(Date, f64, f64)) -> f64| -> Vec<(Date, f64)> {
        let values: Vec<_> = found.points.iter().map(|row| (row.0, Some(value(row)))).collect();
        standardised(&values).into_iter().filter_map(|(date, x)| Some((date, x?))).collect()
    };
    let (told, index) = (of(|row| row.1), of(|row| row.2));
    let (low, high) =
        told.iter().chain(&index).fold((0.0_f64, 0.0_f64), |(low, high), (_, x)| (low.min(*x), high.max(*x)));
    let chart = Chart {
        left: 52.0,
        top: 76.0,
        width: 924.0,
        height: 236.0,
        x: (axis::day_number(found.first), axis::day_number(found.last)),
        y: axis::Values::new(low, high, 5),
    };
    let name = found.series.first().map_or("index", |series| series.name.as_str());
    let names = [(name, colour(Series::Tension)), (published, colour(Series::Attention))];
    legend(root, (chart.left, chart.top - 16.0), &names)?;
    let unit = "standard deviations from the mean";
    pen::write(root, unit, (976.0, chart.top - 16.0), &pen::LABEL, pen::LEFT_OF)?;
    chart.grid(root)?;
    chart.dates(root, (found.first, found.last), freq)?;
    for (values, series) in [(told, Series::Attention), (index, Series::Tension)] {
        runs(&values, freq).iter().try_for_each(|run| chart.line(root, run, colour(series), 1.6))?;
    }
    Ok(())
}

fn lead_lag(root: &Area, found: &Validation) -> Drawn {
    let ends = |x: Option<i32>| f64::from(x.unwrap_or_default());
    let lowest =
        found.lead_lag.iter().flat_map(|lag| [lag.levels, lag.differences]).flatten().fold(0.0, f64::min);
    let chart = Chart {
        left: 52.0,
        top: 392.0,
        width: 400.0,
        height: 190.0,
        x: (
            ends(found.lead_lag.first().map(|lag| lag.lead)) - 0.3,
            ends(found.lead_lag.last().map(|lag| lag.lead)) + 0.3,
        ),
        y: axis::Values::new(lowest, 1.0, 6),
    };
    legend(root, (chart.left, chart.top - 16.0), &[("levels", LEVELS), ("first differences", DIFFERENCES)])?;
    chart.grid(root)?;
    let ticks: Vec<(f64, String)> = found
        .lead_lag
        .iter()
        .map(|lag| (f64::from(lag.lead), axis::number(f64::from(lag.lead), 0)))
        .collect();
    chart.ticks(root, &ticks)?;
    let place = (chart.left + chart.width / 2.0, chart.top + chart.height + 30.0);
    pen::write(
        root,
        "Pearson by periods that the index leads (below 0: lags)",
        place,
        &pen::LABEL,
        pen::CENTRED,
    )?;
    for (of, ink) in [
        (found.lead_lag.iter().map(|lag| lag.levels).collect::<Vec<_>>(), LEVELS),
        (found.lead_lag.iter().map(|lag| lag.differences).collect(), DIFFERENCES),
    ] {
        let points: Vec<(f64, f64)> =
            found.lead_lag.iter().zip(of).filter_map(|(lag, r)| Some((f64::from(lag.lead), r?))).collect();
        chart.line(root, &points, ink, 1.6)?;
        points.iter().try_for_each(|(x, y)| chart.line(root, &[(*x, *y)], ink, 2.0))?;
    }
    Ok(())
}

const LEVELS: RGBColor = RGBColor(0x1B, 0x4F, 0x8A);
const DIFFERENCES: RGBColor = RGBColor(0xC0, 0x6C, 0x1F);

fn rivals(root: &Area, found: &Validation) -> Drawn {
    let (left, width, top) = (640.0, 336.0, 392.0);
    pen::write(
        root,
        "Pearson, index and rivals, with 95 % bands",
        (left, top - 16.0),
        &pen::HEADING,
        pen::RIGHT_OF,
    )?;
    let x = |r: f64| left + (r.clamp(-0.2, 1.0) + 0.2) / 1.2 * width;
    let step = 190.0 / found.series.len().max(1) as f64;
    for tick in axis::Values::new(-0.2, 1.0, 6).ticks {
        let ink = if tick == 0.0 { pen::RULE } else { pen::GRID };
        root.draw(&PathElement::new([point(x(tick), top), point(x(tick), top + 190.0)], stroke(ink, 0.8)))?;
        pen::write(root, &axis::number(tick, 1), (x(tick), top + 202.0), &pen::LABEL, pen::CENTRED)?;
    }
    for (at, series) in found.series.iter().enumerate() {
        let middle = top + (at as f64 + 0.5) * step;
        let face = if at == 0 { &pen::HEADING } else { &pen::LABEL };
        let name: String = series.name.chars().take(24).collect();
        pen::write(root, &name, (left - 8.0, middle), face, pen::LEFT_OF)?;
        let gap = (step * 0.16).min(7.0);
        for (band, ink, y) in [
            (series.levels.pearson, LEVELS, middle - gap),
            (series.differences.pearson, DIFFERENCES, middle + gap),
        ] {
            let Some(Band { value, low, high }) = band else { continue };
            if let Some((low, high)) = low.zip(high) {
                root.draw(&PathElement::new([point(x(low), y), point(x(high), y)], stroke(ink, 1.4)))?;
            }
            root.draw(&Circle::new(point(x(value), y), pen::units(3.2), ink.filled()))?;
        }
    }
    Ok(())
}
