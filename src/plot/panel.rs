//! One panel: series of one unit, their grid and axis, their base level, their events.

use std::ops::Range;

use jiff::civil::Date;
use plotters::{
    chart::{ChartBuilder, LabelAreaPosition},
    coord::{
        ranged1d::{DefaultFormatting, KeyPointHint, Ranged},
        types::RangedCoordf64,
    },
    element::{Circle, DashedPathElement, PathElement, Polygon},
    style::{Color, RGBColor},
};

use crate::index::IndexPoint;

use super::{
    Frame, Options, Series, axis,
    pen::{self, Area, Drawn, point, stroke, units},
};

/// Height of the line that names the series, in CSS pixels, as all the lengths below.
pub(super) const HEADING_HEIGHT: f64 = 26.0;
/// Height of the date axis under the last panel.
pub(super) const DATE_AXIS: f64 = 26.0;

/// Series that share a unit, their axis and their share of the height.
pub(super) struct Panel {
    series: Vec<Series>,
    pub axis: axis::Values,
    pub base: Option<f64>,
    pub weight: f64,
    unit: &'static str,
    empty: bool,
}

/// Where a panel's plotting area stands (x and y from, to) and what its dates are.
pub(super) struct Plot<'a> {
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub days: (f64, f64),
    pub ticks: &'a [(Date, String)],
    /// Whether the date axis stands under this panel.
    pub dated: bool,
}

/// Colours of Okabe and Ito (2008), told apart by readers of every colour vision.
pub(super) fn colour(series: Series) -> RGBColor {
    match series {
        Series::Tension => RGBColor(0xD5, 0x5E, 0x00),
        Series::Cooperation => RGBColor(0x00, 0x72, 0xB2),
        Series::Tone => RGBColor(0x00, 0x00, 0x00),
        Series::Attention => RGBColor(0x00, 0x9E, 0x73),
    }
}

impl Panel {
    /// The panels of the chosen series, from top to bottom.
    pub fn all(frame: &Frame, options: &Options) -> Vec<Self> {
        let base = options.base_level.filter(|level| level.is_finite());
        let groups: [(&[Series], _, &'static str); 3] = [
            (&[Series::Tension, Series::Cooperation], base, ""),
            (&[Series::Tone], None, "\u{2212}1 cooperative to +1 tense"),
            (&[Series::Attention], base, "relevant articles among all"),
        ];
        let mut panels: Vec<Self> = groups
            .into_iter()
            .filter_map(|(group, base, unit)| Self::new(frame, group, base, unit))
            .collect();
        if let [first, _, ..] = panels.as_mut_slice() {
            first.weight = 1.8;
        }
        panels
    }

    fn new(frame: &Frame, group: &[Series], base: Option<f64>, unit: &'static str) -> Option<Self> {
        let chosen = |one: &&Series| frame.series.contains(*one);
        let series: Vec<Series> = group.iter().filter(chosen).copied().collect();
        if series.is_empty() {
            return None;
        }
        let of = |point: &IndexPoint, one: &Series| {
            one.value(point)
                .into_iter()
                .chain(one.band(point).into_iter().flat_map(|(low, high)| [low, high]))
                .collect::<Vec<f64>>()
        };
        let values: Vec<f64> =
            frame.points.iter().flat_map(|point| series.iter().flat_map(|one| of(point, one))).collect();
        // From zero, so that heights compare; a z-score or a tone goes below it.
        let (low, high) = values
            .iter()
            .copied()
            .chain(base)
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let steps = if series.contains(&Series::Tension) { 5 } else { 4 };
        Some(Self {
            axis: axis::Values::new(low, high, steps),
            base,
            weight: 1.0,
            unit,
            empty: values.is_empty(),
            series,
        })
    }

    /// Names the lines above the plot, where no line can run through the names.
    pub fn draw_heading(&self, root: &Area, left: f64, top: f64) -> Drawn {
        let middle = top + HEADING_HEIGHT * 0.5;
        let mut x = left;
        for series in &self.series {
            let name = match series {
                Series::Tension => "Tension",
                Series::Cooperation => "Cooperation",
                Series::Tone => "Tone",
                Series::Attention => "Attention",
            };
            let ends = [point(x, middle), point(x + 18.0, middle)];
            root.draw(&PathElement::new(ends, stroke(colour(*series), 2.4)))?;
            let at = (x + 24.0, middle);
            pen::write(root, name, at, &pen::HEADING, pen::RIGHT_OF)?;
            x += 24.0 + pen::HEADING.width(name) * 1.06 + 16.0;
        }
        let at = (x - 6.0, middle);
        pen::write(root, self.unit, at, &pen::LABEL, pen::RIGHT_OF)
    }

    /// Draws grid, axes, levels and lines.
    pub fn draw(&self, root: &Area, frame: &Frame, plot: &Plot) -> Drawn {
        let below = if plot.dated { DATE_AXIS } else { 0.0 };
        let corner = (0, units(plot.y.0));
        let size = (units(plot.x.1), units(plot.y.1 - plot.y.0 + below));
        let area = root.clone().shrink(corner, size);
        let day_numbers = plot.ticks.iter().map(|(date, _)| axis::day_number(*date));
        let (low, high) = (self.axis.low(), self.axis.high());
        let mut chart = ChartBuilder::on(&area)
            .set_label_area_size(LabelAreaPosition::Left, units(plot.x.0))
            .set_label_area_size(LabelAreaPosition::Bottom, units(below))
            .build_cartesian_2d(
                Ticked((plot.days.0..plot.days.1).into(), day_numbers.collect()),
                Ticked((low..high).into(), self.axis.ticks.clone()),
            )?;
        let date_label = |day: &f64| {
            let mut ticks = plot.ticks.iter();
            let tick = ticks.find(|(date, _)| axis::day_number(*date) == *day);
            tick.map_or_else(String::new, |(_, text)| text.clone())
        };
        chart
            .configure_mesh()
            .axis_style(stroke(pen::RULE, 0.9))
            .bold_line_style(stroke(pen::GRID, 0.8))
            .light_line_style(pen::GRID.mix(0.0))
            .label_style(pen::LABEL.style())
            .set_tick_mark_size(LabelAreaPosition::Left, units(3.5))
            .set_tick_mark_size(LabelAreaPosition::Bottom, units(4.0))
            .x_label_formatter(&date_label)
            .y_label_formatter(&|value| self.axis.label(*value))
            .draw()?;

        let across = |level: f64| [(plot.days.0, level), (plot.days.1, level)];
        let zero = PathElement::new(across(0.0), stroke(pen::RULE, 0.9));
        chart.draw_series([zero])?;
        if let Some(level) = self.base {
            let line = stroke(pen::GREY, 1.0);
            let dashes = DashedPathElement::new(across(level), units(5.0), units(4.0), line);
            chart.draw_series([dashes])?;
            let (_, y) = chart.backend_coord(&(plot.days.1, level));
            let at = (plot.x.1 + 6.0, pen::pixels(y));
            pen::write(root, &base_label(level), at, &pen::NOTE, pen::RIGHT_OF)?;
        }

        // Where periods are narrower than a pixel, a full line would be a solid band.
        let crowded = frame.points.len() as f64 > plot.x.1 - plot.x.0;
        let (width, dot) = if crowded { (0.6, 0.8) } else { (1.6, 2.0) };
        for series in &self.series {
            let shade = colour(*series).mix(0.16).filled();
            for run in frame.runs(|point| series.band(point)) {
                let day = |date| axis::day_number(date);
                let there = run.iter().map(|(date, (_, high))| (day(*date), *high));
                let back = run.iter().rev().map(|(date, (low, _))| (day(*date), *low));
                // A lone period has no width: its band is a line.
                match run.as_slice() {
                    [(date, (low, high))] => {
                        let line = colour(*series).mix(0.35).stroke_width(units(width) as u32);
                        chart.draw_series([PathElement::new(
                            [(day(*date), *low), (day(*date), *high)],
                            line,
                        )])?
                    }
                    _ => chart.draw_series([Polygon::new(there.chain(back).collect::<Vec<_>>(), shade)])?,
                };
            }
        }
        // Tension last, on top: it is the headline.
        for series in self.series.iter().rev() {
            let line = stroke(colour(*series), width);
            for run in frame.runs(|point| series.value(point)) {
                let on_axis = |(date, value)| (axis::day_number(date), value);
                let run: Vec<(f64, f64)> = run.into_iter().map(on_axis).collect();
                match run.as_slice() {
                    [lone] => chart.draw_series([Circle::new(*lone, units(dot), line.filled())])?,
                    _ => chart.draw_series([PathElement::new(run, line)])?,
                };
            }
        }
        if self.empty {
            let at = ((plot.x.0 + plot.x.1) / 2.0, (plot.y.0 + plot.y.1) / 2.0);
            pen::write(root, "no values", at, &pen::LABEL, pen::CENTRED)?;
        }
        Ok(())
    }
}

/// What stands beside the line at the base level.
pub(super) fn base_label(level: f64) -> String {
    let whole = (level - level.round()).abs() < 1e-9;
    format!("base = {}", axis::number(level, if whole { 0 } else { 3 }))
}

/// An axis with ticks of our own choice. (plotters' `with_key_points` cannot label floats.)
struct Ticked(RangedCoordf64, Vec<f64>);

impl Ranged for Ticked {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.0.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.1.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.0.range()
    }
}
