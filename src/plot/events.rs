//! Dated annotations: a thin line through every panel, and a label in a row above the first.

use jiff::civil::Date;
use plotters::{
    element::{PathElement, Rectangle},
    style::Color,
};

use super::pen::{self, Area, Drawn, point, stroke};

/// Height of a row of labels, in CSS pixels, as all lengths here.
pub(super) const ROW: f64 = 15.0;
/// Air between a label and its line.
const AIR: f64 = 4.0;

/// A label's place: its line's x, its own left end and width, its row (0 is the lowest).
struct Event {
    x: f64,
    left: f64,
    width: f64,
    row: usize,
    text: String,
}

/// Labels that do not overlap.
pub(super) struct Events(Vec<Event>);

impl Events {
    /// Lays each label to the right of its line, or to the left where it would pass `right`.
    ///
    /// `x_of` gives a date's place, `None` outside the index's dates.
    pub fn new(events: &[(Date, String)], x_of: impl Fn(Date) -> Option<f64>, right: f64) -> Self {
        let place = |(date, text): &(Date, String)| Some((x_of(*date)?, text.clone()));
        let mut inside: Vec<(f64, String)> = events.iter().filter_map(place).collect();
        inside.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut placed: Vec<Event> = Vec::new();
        // From right to left: a label stands above those whose lines would rise through it.
        for (x, text) in inside {
            let width = pen::NOTE.width(&text);
            let left = if x + AIR + width <= right { x + AIR } else { (x - AIR - width).max(AIR) };
            let covered = left - AIR..=left + width + AIR;
            let row = placed
                .iter()
                .filter(|other| {
                    let (start, end) = (other.left, other.left + other.width);
                    covered.contains(&other.x) || (start <= *covered.end() && end >= *covered.start())
                })
                .map(|other| other.row + 1)
                .max()
                .unwrap_or(0);
            placed.push(Event { x, left, width, row, text });
        }
        Self(placed)
    }

    /// Height that the rows take.
    pub fn height(&self) -> f64 {
        let rows = self.0.iter().map(|event| event.row + 1).max();
        rows.unwrap_or(0) as f64 * ROW
    }

    /// Draws the lines from `top` to `bottom` of a plot.
    pub fn draw_lines(&self, root: &Area, top: f64, bottom: f64) -> Drawn {
        for event in &self.0 {
            let ends = [point(event.x, top), point(event.x, bottom)];
            root.draw(&PathElement::new(ends, stroke(pen::RULE, 0.8)))?;
        }
        Ok(())
    }

    /// Draws the labels in rows that end at `bottom`, with their lines down to it.
    pub fn draw_labels(&self, root: &Area, bottom: f64) -> Drawn {
        let top = |event: &Event| bottom - (event.row as f64 + 1.0) * ROW;
        for event in &self.0 {
            let ends = [point(event.x, top(event)), point(event.x, bottom)];
            root.draw(&PathElement::new(ends, stroke(pen::RULE, 0.8)))?;
        }
        for event in &self.0 {
            let (y, end) = (top(event), event.left + event.width);
            // A label pushed left of its line can lie on another's line: paper under the text.
            let corners = [point(event.left - 1.0, y + 1.0), point(end + 1.0, y + ROW - 1.0)];
            root.draw(&Rectangle::new(corners, pen::PAPER.filled()))?;
            let (x, anchor) =
                if event.left > event.x { (event.left, pen::RIGHT_OF) } else { (end, pen::LEFT_OF) };
            pen::write(root, &event.text, (x, y + ROW * 0.5), &pen::NOTE, anchor)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{ToSpan, civil::date};

    #[test]
    fn labels_never_overlap_and_dates_outside_are_left_out() {
        let events: Vec<(Date, String)> =
            (0..40).map(|i| (date(2018, 1, 1) + (i * 11).days(), format!("event number {i}"))).collect();
        let x_of = |day: Date| (day.year() == 2018).then(|| 50.0 + f64::from(day.day_of_year()));
        let placed = Events::new(&events, x_of, 420.0).0;
        let inside = events.iter().filter(|(day, _)| day.year() == 2018).count();
        assert_eq!(placed.len(), inside);
        for (i, a) in placed.iter().enumerate() {
            for b in placed[..i].iter().filter(|b| b.row == a.row) {
                let apart = a.left + a.width <= b.left || b.left + b.width <= a.left;
                assert!(apart, "{} and {} overlap", a.text, b.text);
            }
        }
    }
}
