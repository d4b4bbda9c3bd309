use proptest::prelude::*;

use super::*;

fn reading(tension: f32, relevance: f32, direction: [f32; 3]) -> Reading {
    Reading {
        conflict: tension.max(0.0),
        cooperation: (-tension).max(0.0),
        relevance: Some(relevance),
        direction: Some(direction),
        windows: 1,
    }
}

fn row(grade: f64, set: &str) -> Labelled {
    Labelled {
        id: String::new(),
        text: format!("a sentence of grade {grade}"),
        grade,
        relevant: Some(true),
        direction: Some(Way::AToB),
        kind: "negation".into(),
        family: "f".into(),
        set: set.into(),
    }
}

const OPTIONS: EvalOptions = EvalOptions { draws: 99, seed: 1, trust_heads: true };

#[test]
fn kappa_is_that_of_the_textbook() {
    // Worked by hand: squared differences 0, 1, 0, 4; expected from the margins.
    let pairs = [(0, 0), (1, 0), (2, 2), (3, 1)];
    let observed = 5.0 / 4.0;
    let expected: f64 =
        pairs.iter().flat_map(|t| pairs.iter().map(move |r| f64::from(t.0 - r.1).powi(2))).sum::<f64>()
            / 16.0;
    let kappa = agreement::quadratic_kappa(&pairs).unwrap();
    assert!((kappa - (1.0 - observed / expected)).abs() < 1e-12);
    assert_eq!(agreement::quadratic_kappa(&[(1, 1), (2, 2)]), Some(1.0));
    assert_eq!(agreement::quadratic_kappa(&[(1, 1), (1, 1)]), None);
}

#[test]
fn f1_counts_hits_against_told_and_read() {
    let pairs = [(true, true), (true, false), (false, true), (false, false)];
    assert_eq!(agreement::f1(&pairs, true), Some(0.5));
    assert_eq!(agreement::macro_f1(&[(0, 0), (1, 2)]), Some(1.0 / 3.0));
    assert_eq!(agreement::macro_f1::<i32>(&[]), None);
}

#[test]
fn a_curve_of_true_probabilities_has_no_error() {
    let pairs: Vec<(f64, f64)> = (0..10).map(|i| (0.3, f64::from(u8::from(i < 3)))).collect();
    let curve = calibration::curve(&pairs, 0.0).unwrap();
    assert_eq!((curve.bins.len(), curve.bins[0].n), (1, 10));
    assert!(curve.error < 1e-12);
    assert!((calibration::curve(&[(0.9, 0.0)], 0.0).unwrap().error - 0.9).abs() < 1e-12);
    assert!(calibration::curve(&[], 0.0).is_none());
}

#[test]
fn pairs_are_ordered_or_alike_as_their_grades_say() {
    let labelled = [row(2.0, "1"), row(-1.0, "1"), row(2.0, "2"), row(2.0, "2"), row(0.0, "")];
    let way = [0.8, 0.1, 0.1];
    let read = |tensions: [f32; 5]| {
        let readings: Vec<Reading> = tensions.iter().map(|x| reading(*x, 0.9, way)).collect();
        evaluate(&labelled, &readings, &[], &OPTIONS)
    };
    let (found, pairs) = read([0.6, -0.3, 0.6, 0.5, 0.0]);
    assert_eq!(pairs.iter().map(|pair| pair.right).collect::<Vec<_>>(), [true, true]);
    let all = found.kinds.last().unwrap();
    assert_eq!((all.ordered, all.ordered_right, all.alike, all.alike_right, all.sentences), (1, 1, 1, 1, 5));
    let (found, _) = read([0.1, 0.1, 0.6, 0.3, 0.0]);
    let all = found.kinds.last().unwrap();
    assert_eq!((all.ordered_right, all.alike_right), (0, 0), "equal is not in order; 0.3 apart is not alike");
}

#[test]
fn a_foreign_head_is_not_measured() {
    let labelled = [row(2.0, "")];
    let readings = [reading(0.5, 0.9, [1.0, 0.0, 0.0])];
    let (found, _) = evaluate(&labelled, &readings, &[], &EvalOptions { trust_heads: false, ..OPTIONS });
    assert!(found.figures.relevance_f1.is_none() && found.reliability.direction.is_none());
    assert!(evaluate(&labelled, &readings, &[], &OPTIONS).0.figures.relevance_f1.is_some());
}

#[test]
fn the_gap_tells_size_from_leaning() {
    let mut labelled = [row(2.0, ""), row(2.0, "")];
    labelled[1].direction = Some(Way::BToA);
    let way = [0.8, 0.1, 0.1];
    let readings = [reading(0.4, 0.9, way), reading(0.6, 0.9, way)];
    // Both are read 0.2 more hostile when B acts.
    let exchanged = [(0, reading(0.6, 0.9, way)), (1, reading(0.4, 0.9, way))];
    let gap = evaluate(&labelled, &readings, &exchanged, &OPTIONS).0.exchange.unwrap();
    assert!((gap.mean - 0.2).abs() < 1e-6 && (gap.leaning.unwrap() - 0.2).abs() < 1e-6);
}

#[test]
fn a_wrong_label_is_named_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.csv");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        super::read(&path, None).map_err(|error| error.to_string())
    };
    assert!(read("sentence,tension\nx,1\ny,4\n").unwrap_err().contains("line 3: the tension 4"));
    assert!(read("sentence,tension\nx,\n").unwrap_err().contains("line 2"));
    assert!(read("sentence,tension,relevant\nx,1,yes\n").unwrap_err().contains("not 0 or 1"));
    assert!(read("sentence,tension,direction\nx,1,q\n").unwrap_err().contains("a_to_b"));
    assert!(read("words,tension\nx,1\n").unwrap_err().contains("the header has: words, tension"));
    assert!(read("sentence,tension\n").unwrap_err().contains("no labelled sentence"));
    let rows = read("text,tension,direction\nx,-1.5,c\n").unwrap();
    assert_eq!(
        (rows[0].grade, rows[0].direction, rows[0].relevant, rows[0].id.as_str()),
        (-1.5, Some(Way::BToA), None, "2")
    );
}

proptest! {
    #[test]
    fn bands_hold_their_draws_and_repeat(grades in proptest::collection::vec((-3_i8..=3, -1.0_f32..1.0), 5..60)) {
        let labelled: Vec<Labelled> = grades.iter().map(|(grade, _)| Labelled { family: String::new(), ..row(f64::from(*grade), "") }).collect();
        let readings: Vec<Reading> = grades.iter().map(|(_, x)| reading(*x, 0.6, [0.2, 0.5, 0.3])).collect();
        let (found, _) = evaluate(&labelled, &readings, &[], &OPTIONS);
        prop_assert_eq!(found.confusion.iter().flatten().sum::<usize>(), grades.len());
        if let Some(band) = found.figures.quadratic_kappa {
            prop_assert!(band.value <= 1.0 && band.low.unwrap() <= band.high.unwrap());
        }
        let again = evaluate(&labelled, &readings, &[], &OPTIONS).0;
        prop_assert_eq!(format!("{:?}", found.figures), format!("{:?}", again.figures));
        // Perfect readings agree perfectly, whatever is drawn.
        let perfect: Vec<Reading> = grades.iter().map(|(grade, _)| reading(f32::from(*grade) / 3.0, 0.6, [0.8, 0.1, 0.1])).collect();
        let figures = evaluate(&labelled, &perfect, &[], &OPTIONS).0.figures;
        prop_assert!(figures.quadratic_kappa.is_none_or(|band| band.value > 1.0 - 1e-9 && band.low.unwrap() > 1.0 - 1e-9));
    }
}
