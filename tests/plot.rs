//! What every picture must hold to: gaps stay open, text is data, the same input gives the same bytes.

#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::civil::{Date, date};
use roxmltree::{Document, Node};
use tensiometer::{
    index::{Freq, IndexPoint},
    plot::{Options, PlotError, Series, png, svg},
};

const TENSION: &str = "#D55E00";
const PNG_SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// Months from January 2010, one for each entry; `None` is a period without articles.
fn months(tension: &[Option<f64>]) -> Vec<IndexPoint> {
    series(Freq::Month, tension)
}

fn series(freq: Freq, tension: &[Option<f64>]) -> Vec<IndexPoint> {
    let dates = date(2010, 1, 4).series(freq.step());
    let first_day = |day: Date| match freq {
        Freq::Day | Freq::Week => day,
        _ => day.first_of_month(),
    };
    dates
        .zip(tension)
        .map(|(day, tension)| IndexPoint {
            date: first_day(day),
            freq,
            tension: *tension,
            cooperation: None,
            tone: tension.map(|value| (value - 100.0) / 1000.0),
            attention: tension.map(|_| 0.25),
            n_articles: u64::from(tension.is_some()),
            n_relevant: u64::from(tension.is_some()),
            n_sentences: u64::from(tension.is_some()),
            n_sources: u64::from(tension.is_some()),
            ..IndexPoint::default()
        })
        .collect()
}

fn wave(n: usize) -> Vec<Option<f64>> {
    (0..n).map(|i| Some(100.0 + 40.0 * (i as f64 * 0.7).sin())).collect()
}

fn tension_only() -> Options {
    Options { series: vec![Series::Tension], ..Options::default() }
}

/// Polylines and dots of tension. Its legend is a line, too, drawn as the first of them.
fn tension_marks<'a>(document: &'a Document) -> (Vec<Node<'a, 'a>>, usize) {
    let named = |name: &'static str, colour: &'static str| {
        let attribute = if name == "circle" { "fill" } else { "stroke" };
        document
            .descendants()
            .filter(move |node| node.has_tag_name(name) && node.attribute(attribute) == Some(colour))
    };
    let lines = named("polyline", TENSION).skip(1).collect();
    (lines, named("circle", TENSION).count())
}

fn vertices(line: Node) -> usize {
    line.attribute("points").unwrap_or_default().split_whitespace().count()
}

#[test]
fn a_gap_is_never_bridged_and_a_lone_value_is_a_dot() {
    let v = Some(120.0);
    let points = months(&[v, v, None, v, None, None, v, v, v, None, v]);
    let text = svg(&points, &tension_only()).unwrap();
    let document = Document::parse(&text).unwrap();
    let (lines, dots) = tension_marks(&document);
    let lengths: Vec<usize> = lines.into_iter().map(vertices).collect();
    assert_eq!(lengths, [2, 3]);
    assert_eq!(dots, 2);
}

#[test]
fn bands_are_shaded_and_broken_where_there_is_none() {
    let v = Some(120.0);
    let mut points = months(&[v, v, v, v, v, v, v]);
    for (at, point) in points.iter_mut().enumerate().filter(|(at, _)| *at != 3) {
        (point.tension_low, point.tension_high) = (Some(100.0), Some(140.0 + at as f64));
    }
    let text = svg(&points, &tension_only()).unwrap();
    let document = Document::parse(&text).unwrap();
    let corners: Vec<usize> = document
        .descendants()
        .filter(|node| node.has_tag_name("polygon") && node.attribute("fill") == Some(TENSION))
        .map(vertices)
        .collect();
    assert_eq!(corners, [6, 6]);
    assert_eq!(tension_marks(&document).0.len(), 1, "the line itself is whole");
}

#[test]
fn a_missing_row_and_a_value_that_is_no_number_are_gaps_too() {
    let mut points = months(&wave(12));
    points.remove(4);
    points[8].tension = Some(f64::NAN);
    let text = svg(&points, &tension_only()).unwrap();
    let document = Document::parse(&text).unwrap();
    let (lines, dots) = tension_marks(&document);
    let lengths: Vec<usize> = lines.into_iter().map(vertices).collect();
    assert_eq!((lengths, dots), (vec![4, 4, 2], 0));
    assert!(!text.contains("NaN"));
}

#[test]
fn whole_series_of_every_frequency_are_one_line() {
    for (freq, n) in
        [(Freq::Day, 365), (Freq::Week, 60), (Freq::Month, 204), (Freq::Quarter, 40), (Freq::Year, 17)]
    {
        let text = svg(&series(freq, &wave(n)), &tension_only()).unwrap();
        let document = Document::parse(&text).unwrap();
        let (lines, dots) = tension_marks(&document);
        let lengths: Vec<usize> = lines.into_iter().map(vertices).collect();
        assert_eq!((lengths, dots), (vec![n], 0), "{}", freq.label());
    }
}

#[test]
fn one_point_is_a_dot_between_the_axes() {
    let text = svg(&months(&[Some(88.0)]), &tension_only()).unwrap();
    let document = Document::parse(&text).unwrap();
    let (lines, dots) = tension_marks(&document);
    assert_eq!((lines.len(), dots), (0, 1));
    assert!(text.contains("Jan 2010"));
}

#[test]
fn every_mark_lies_on_the_sheet() {
    let mut points = months(&wave(108));
    points[50].tension = Some(48_000.0);
    points[51].tension = Some(0.0);
    let options = Options {
        series: Series::ALL.to_vec(),
        height: 800,
        events: vec![
            (date(2010, 1, 1), "the first day".into()),
            (date(2018, 12, 1), "the last day".into()),
            (date(2030, 1, 1), "after the index".into()),
        ],
        ..Options::default()
    };
    let text = svg(&points, &options).unwrap();
    assert!(text.contains("the first day") && text.contains("the last day"));
    assert!(!text.contains("after the index"));
    let document = Document::parse(&text).unwrap();
    let size: Vec<f64> = document
        .root_element()
        .attribute("viewBox")
        .unwrap()
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect();
    let lines = document.descendants().filter(|node| node.has_tag_name("polyline"));
    let mut seen = 0;
    for pair in lines.filter_map(|line| line.attribute("points")).flat_map(str::split_whitespace) {
        let (x, y) = pair.split_once(',').unwrap();
        let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
        assert!((0.0..=size[2]).contains(&x) && (0.0..=size[3]).contains(&y), "{pair}");
        seen += 1;
    }
    assert!(seen > 3 * 108);
}

#[test]
fn text_is_data() {
    let options = Options {
        title: "<script>alert('x')</script> & \u{7}\u{FFFF}".into(),
        subtitle: Some("a < b".into()),
        source_note: Some("\"quoted\" & </svg>".into()),
        events: vec![(date(2010, 3, 1), "]]> <b>".into())],
        ..tension_only()
    };
    let text = svg(&months(&wave(12)), &options).unwrap();
    let document = Document::parse(&text).unwrap();
    assert!(!document.descendants().any(|node| node.has_tag_name("script") || node.has_tag_name("b")));
    let texts: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("text") || node.has_tag_name("title"))
        .filter_map(|node| node.text())
        .map(str::trim)
        .collect();
    for wanted in ["<script>alert('x')</script> &", "a < b", "\"quoted\" & </svg>", "]]> <b>"] {
        assert!(texts.contains(&wanted), "{wanted} is not among {texts:?}");
    }
}

#[test]
fn the_document_names_and_describes_itself() {
    let options = Options { title: "Tension, monthly".into(), ..tension_only() };
    let text = svg(&months(&[Some(90.0), None, Some(110.5)]), &options).unwrap();
    let document = Document::parse(&text).unwrap();
    let root = document.root_element();
    assert_eq!((root.attribute("width"), root.attribute("height")), (Some("1000"), Some("600")));
    let child = |name: &str| root.children().find(|node| node.has_tag_name(name)).unwrap().text().unwrap();
    assert_eq!(child("title"), "Tension, monthly");
    assert_eq!(
        child("desc"),
        "3 periods (month), 2010-01-01 to 2010-03-01. tension: 2 values, \
         lowest 90.0000 (2010-01-01), highest 110.5000 (2010-03-01)."
    );
    for node in document.descendants().filter(|node| node.has_tag_name("text")) {
        assert!(node.attribute("font-family").unwrap().ends_with("sans-serif"));
    }
    assert!(text.contains("base = 100"));
}

#[test]
fn a_png_has_the_size_asked_for_and_ink_in_the_colour_of_tension() {
    let options = Options { width: 640, height: 400, png_scale: 1.5, ..tension_only() };
    let bytes = png(&months(&wave(108)), &options).unwrap();
    assert_eq!(bytes[..8], PNG_SIGNATURE);
    let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (960, 600));

    let image = resvg::tiny_skia::Pixmap::decode_png(&bytes).unwrap();
    let count = |red: u8, green: u8, blue: u8| {
        let pixels = image.pixels().iter();
        pixels.filter(|p| (p.red(), p.green(), p.blue()) == (red, green, blue)).count()
    };
    assert!(count(0xD5, 0x5E, 0x00) > 500, "the line");
    assert!(count(0xFF, 0xFF, 0xFF) > 960 * 600 / 2, "the paper");
}

#[test]
fn png_text_is_drawn_with_the_bundled_font() {
    let points = months(&wave(24));
    let titled = |title: &str| Options { title: title.into(), ..tension_only() };
    let plain = png(&points, &titled("Title")).unwrap();
    assert_ne!(plain, png(&points, &titled("Tilte")).unwrap());
    // A character without a glyph is a question mark, not nothing.
    assert_eq!(png(&points, &titled("\u{4E2D}")).unwrap(), png(&points, &titled("?")).unwrap());
}

#[test]
fn the_same_input_gives_the_same_bytes_in_any_order_of_rows() {
    let mut points = months(&wave(60));
    let options = Options { series: Series::ALL.to_vec(), height: 700, ..Options::default() };
    let (first_svg, first_png) = (svg(&points, &options).unwrap(), png(&points, &options).unwrap());
    assert_eq!(first_svg, svg(&points, &options).unwrap());
    points.reverse();
    assert_eq!(first_svg, svg(&points, &options).unwrap());
    assert_eq!(first_png, png(&points, &options).unwrap());
}

#[test]
fn a_z_score_reaches_below_zero_and_has_no_base() {
    let options = Options { base_level: None, ..tension_only() };
    let text = svg(&months(&[Some(-2.4), Some(1.1), Some(0.3)]), &options).unwrap();
    assert!(text.contains("\u{2212}3") && !text.contains("base ="));
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let empty = months(&[None, None]);
    let error = svg(&empty, &Options::default()).unwrap_err();
    assert!(matches!(error, PlotError::NothingToDraw { periods: 2, .. }));
    let message = error.to_string();
    assert!(message.contains("tension, cooperation, tone") && message.contains("2 periods"), "{message}");
    assert!(matches!(png(&empty, &Options::default()), Err(PlotError::NothingToDraw { .. })));
    assert!(matches!(svg(&[], &Options::default()), Err(PlotError::NoPeriods)));

    let points = months(&wave(12));
    let none = Options { series: Vec::new(), ..Options::default() };
    assert!(matches!(svg(&points, &none), Err(PlotError::NoSeries)));
    let low = Options { height: 90, ..Options::default() };
    let Err(PlotError::TooSmall { side: "height", got: 90, need }) = svg(&points, &low) else {
        panic!("a picture 90 pixels high was drawn");
    };
    assert!(svg(&points, &Options { height: need, ..Options::default() }).is_ok());
    let wide = Options { width: u32::MAX, ..Options::default() };
    assert!(matches!(svg(&points, &wide), Err(PlotError::TooLarge { side: "width", .. })));
    for png_scale in [0.0, -1.0, f32::NAN, f32::INFINITY, 1000.0] {
        let options = Options { png_scale, ..Options::default() };
        assert!(matches!(png(&points, &options), Err(PlotError::PngSize(..))), "{png_scale}");
    }

    let mut twice = points.clone();
    twice.push(points[3].clone());
    assert!(matches!(svg(&twice, &Options::default()), Err(PlotError::DuplicateDate(_))));
    let mut mixed = points.clone();
    mixed[5].freq = Freq::Day;
    assert!(matches!(svg(&mixed, &Options::default()), Err(PlotError::MixedFrequencies(..))));
}

#[test]
fn series_names_are_those_of_the_columns() {
    for series in Series::ALL {
        assert_eq!(series.to_string().parse::<Series>().unwrap(), series);
    }
    let error = "tones".parse::<Series>().unwrap_err().to_string();
    assert!(error.contains("\"tones\"") && error.contains("attention"));
}
