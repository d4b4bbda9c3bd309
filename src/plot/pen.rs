//! Colours, type and lengths, in CSS pixels; the only place that knows plotters' drawing units.

use std::io;

use plotters::{
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind},
    prelude::SVGBackend,
    style::{
        Color, FontStyle, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// Drawing units in a CSS pixel. plotters rounds to whole units: large ones would bend the lines.
const UNIT: f64 = 10.0;
/// plotters-svg divides a font size by this before it writes it.
const FONT_UNIT: f64 = 1.24;
/// Mean advance of a character as a share of the font size, on the wide side.
const ADVANCE: f64 = 0.54;
/// Height of a line of text as a share of the font size.
const LINE_HEIGHT: f64 = 1.35;
/// The bundled font, then fonts of the same metrics.
const FAMILY: &str = "Arimo, 'Liberation Sans', Arial, Helvetica, sans-serif";

pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(super) const GREY: RGBColor = RGBColor(0x59, 0x59, 0x59);
pub(super) const RULE: RGBColor = RGBColor(0x8C, 0x8C, 0x8C);
pub(super) const GRID: RGBColor = RGBColor(0xE3, 0xE3, 0xE3);
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);

/// A size, a weight and a colour of type.
pub(super) struct Face {
    size: f64,
    weight: FontStyle,
    ink: RGBColor,
}

pub(super) const TITLE: Face = face(17.0, FontStyle::Bold, INK);
pub(super) const SUBTITLE: Face = face(12.5, FontStyle::Normal, GREY);
pub(super) const HEADING: Face = face(12.5, FontStyle::Bold, INK);
pub(super) const LABEL: Face = face(11.5, FontStyle::Normal, GREY);
pub(super) const NOTE: Face = face(10.5, FontStyle::Normal, GREY);

/// Where a text stands from its point.
pub(super) type Anchor = (HPos, VPos);
pub(super) const BELOW: Anchor = (HPos::Left, VPos::Top);
pub(super) const RIGHT_OF: Anchor = (HPos::Left, VPos::Center);
pub(super) const LEFT_OF: Anchor = (HPos::Right, VPos::Center);
pub(super) const CENTRED: Anchor = (HPos::Center, VPos::Center);

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

const fn face(size: f64, weight: FontStyle, ink: RGBColor) -> Face {
    Face { size, weight, ink }
}

impl Face {
    pub fn style(&self) -> TextStyle<'static> {
        let size = self.size * UNIT * FONT_UNIT;
        TextStyle { color: self.ink.to_backend_color(), ..TextStyle::from((FAMILY, size, self.weight)) }
    }

    /// Estimated width of `text`. An SVG is set in whatever font its reader has, so no width is exact.
    pub fn width(&self, text: &str) -> f64 {
        textwrap::core::display_width(text) as f64 * self.size * ADVANCE
    }

    pub fn line_height(&self) -> f64 {
        self.size * LINE_HEIGHT
    }

    /// `text` in lines of at most `width`; none if it is blank.
    pub fn wrap(&self, text: &str, width: f64) -> Vec<String> {
        if text.trim().is_empty() {
            return Vec::new();
        }
        let columns = (width / (self.size * ADVANCE)).max(8.0) as usize;
        let text = printable(text);
        let lines = textwrap::wrap(&text, columns).into_iter();
        lines.map(String::from).collect()
    }
}

/// Writes one line of text.
pub(super) fn write(area: &Area, text: &str, at: (f64, f64), face: &Face, (h, v): Anchor) -> Drawn {
    let style = face.style().pos(Pos::new(h, v));
    area.draw_text(&printable(text), &style, point(at.0, at.1))
}

pub(super) fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width(units(width) as u32)
}

pub(super) fn units(pixels: f64) -> i32 {
    (pixels * UNIT).round() as i32
}

pub(super) fn pixels(units: i32) -> f64 {
    f64::from(units) / UNIT
}

pub(super) fn point(x: f64, y: f64) -> (i32, i32) {
    (units(x), units(y))
}

/// XML has no place for control characters, escaped or not.
fn printable(text: &str) -> String {
    let bad = |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    text.chars().map(|c| if bad(c) { ' ' } else { c }).collect()
}

/// `text` as the content of an XML element. (plotters escapes what it draws by itself.)
pub(super) fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
