//! A plain chart at a place of a sheet: grid, axes, lines and bands. For pictures that are not those of an index.

use jiff::civil::Date;
use plotters::{
    element::{Circle, PathElement, Polygon},
    style::{Color, RGBColor},
};

use super::{
    axis,
    pen::{self, Area, Drawn, point, stroke},
};
use crate::index::Freq;

/// Where a chart stands, in CSS pixels, and what it covers.
pub(super) struct Chart {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
    /// Ends of the x axis.
    pub x: (f64, f64),
    /// The y axis.
    pub y: axis::Values,
}

impl Chart {
    fn share(&self, x: f64) -> f64 {
        self.left + (x - self.x.0) / (self.x.1 - self.x.0) * self.width
    }

    /// Where a point of the chart stands on the sheet.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let (low, high) = (self.y.low(), self.y.high());
        (self.share(x), self.top + (high - y) / (high - low) * self.height)
    }

    fn dot(&self, x: f64, y: f64) -> (i32, i32) {
        let (x, y) = self.at(x, y);
        point(x, y)
    }

    /// Lines across at the ticks of y, with labels; that at 0 is darker.
    pub fn grid(&self, root: &Area) -> Drawn {
        for tick in &self.y.ticks {
            let ink = if *tick == 0.0 { pen::RULE } else { pen::GRID };
            root.draw(&PathElement::new(
                [self.dot(self.x.0, *tick), self.dot(self.x.1, *tick)],
                stroke(ink, 0.8),
            ))?;
            let (x, y) = self.at(self.x.0, *tick);
            pen::write(root, &self.y.label(*tick), (x - 6.0, y), &pen::LABEL, pen::LEFT_OF)?;
        }
        Ok(())
    }

    /// Labels under the chart.
    pub fn ticks(&self, root: &Area, ticks: &[(f64, String)]) -> Drawn {
        for (x, label) in ticks {
            let at = (self.share(*x), self.top + self.height + 12.0);
            pen::write(root, label, at, &pen::LABEL, pen::CENTRED)?;
        }
        Ok(())
    }

    /// Labels of dates under the chart, whose x axis counts days.
    pub fn dates(&self, root: &Area, (first, last): (Date, Date), freq: Freq) -> Drawn {
        let ticks = axis::date_ticks(first, last, freq, self.width);
        self.ticks(
            root,
            &ticks.into_iter().map(|(date, label)| (axis::day_number(date), label)).collect::<Vec<_>>(),
        )
    }

    /// A line; a single point is a dot.
    pub fn line(&self, root: &Area, points: &[(f64, f64)], ink: RGBColor, width: f64) -> Drawn {
        match points {
            [(x, y)] => root.draw(&Circle::new(self.dot(*x, *y), pen::units(width + 0.6), ink.filled())),
            _ => {
                let line: Vec<(i32, i32)> = points.iter().map(|(x, y)| self.dot(*x, *y)).collect();
                root.draw(&PathElement::new(line, stroke(ink, width)))
            }
        }
    }

    /// A shaded band: x, its low and its high end.
    pub fn band(&self, root: &Area, ends: &[(f64, f64, f64)], ink: RGBColor, opacity: f64) -> Drawn {
        let there = ends.iter().map(|(x, low, _)| self.dot(*x, *low));
        let back = ends.iter().rev().map(|(x, _, high)| self.dot(*x, *high));
        root.draw(&Polygon::new(there.chain(back).collect::<Vec<_>>(), ink.mix(opacity).filled()))
    }
}

/// Names lines above a chart, from left to right.
pub(super) fn legend(root: &Area, (left, middle): (f64, f64), names: &[(&str, RGBColor)]) -> Drawn {
    let mut x = left;
    for (name, ink) in names {
        root.draw(&PathElement::new([point(x, middle), point(x + 18.0, middle)], stroke(*ink, 2.4)))?;
        pen::write(root, name, (x + 24.0, middle), &pen::HEADING, pen::RIGHT_OF)?;
        x += 24.0 + pen::HEADING.width(name) * 1.06 + 16.0;
    }
    Ok(())
}

/// Values by date in runs without a gap, as points of a chart.
pub(super) fn runs(values: &[(Date, f64)], freq: Freq) -> Vec<Vec<(f64, f64)>> {
    let follows = |a: &(Date, f64), b: &(Date, f64)| axis::next_period(a.0, freq) == Some(b.0);
    let points = |run: &[(Date, f64)]| run.iter().map(|(date, x)| (axis::day_number(*date), *x)).collect();
    values.chunk_by(follows).map(points).collect()
}
