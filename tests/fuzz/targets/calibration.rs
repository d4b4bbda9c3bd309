//! A calibration file of any text: refused with a reason; or it comes back from a file as it was, and the index made with it is finite.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use tensiometer::article_score::ArticleScore;
use tensiometer::index::{Calibration, Cells, Denominator, IndexOptions, index};

fuzz_target!(|text: &str| {
    let file = tempfile::NamedTempFile::new_in("/dev/shm").expect("a temporary file");
    std::fs::write(file.path(), text).expect("written");
    let calibration = match Calibration::open(file.path()) {
        Ok(calibration) => calibration,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    calibration.save(file.path()).expect("saved");
    assert_eq!(Calibration::open(file.path()).expect("it was sound"), calibration);
    let mut cells = Cells::default();
    for at in 0..12_i8 {
        let relevant = at % 3 != 0;
        cells.add(&ArticleScore {
            id: at.to_string(),
            date: date(2020, at % 6 + 1, 1),
            source: if at < 6 { "a" } else { "b" }.into(),
            n_sentences: 3,
            n_relevant: u64::from(relevant),
            tension: relevant.then_some(0.25),
            conflict: relevant.then_some(0.5),
            cooperation: relevant.then_some(0.25),
            ..ArticleScore::default()
        });
    }
    let denominator = match calibration.denominator.as_str() {
        "relevant" => Denominator::Relevant,
        "steady" => Denominator::Steady,
        _ => Denominator::All,
    };
    let (freq, unit, scaling) = (calibration.freq, calibration.unit, calibration.scaling);
    let options =
        IndexOptions { freq, unit, scaling, denominator, calibration: Some(calibration), ..IndexOptions::default() };
    if let Ok(made) = index(&cells, &options) {
        for point in made.points {
            assert!(point.tension.is_none_or(f64::is_finite), "{point:?}");
        }
    }
});
