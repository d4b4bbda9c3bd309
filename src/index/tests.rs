//! Properties of the index, and examples that a reader can check by hand.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::article_score::ArticleScore;

/// An article of one source and day; `conflict` is `None` where it is not relevant.
fn article(id: usize, date: Date, source: &str, conflict: Option<f64>) -> ArticleScore {
    ArticleScore {
        id: id.to_string(),
        date,
        source: source.into(),
        title: String::new(),
        url: String::new(),
        n_sentences: 1,
        n_relevant: u64::from(conflict.is_some()),
        tension: conflict.map(|x| x - 0.1),
        conflict,
        cooperation: conflict.map(|_| 0.1),
        conflict_a_to_b: conflict.map(|x| 0.5 * x),
        conflict_b_to_a: conflict.map(|x| 0.3 * x),
        conflict_mutual: conflict.map(|x| 0.2 * x),
        n_keyword: 0,
        topics: String::new(),
        conflict_by_topic: conflict.map_or(String::new(), |x| {
            format!("{}={};other={}", ["trade", "taiwan"][id % 2], 0.75 * x, 0.25 * x)
        }),
        story: String::new(),
    }
}

fn cells(articles: &[ArticleScore]) -> Cells {
    let mut cells = Cells::default();
    articles.iter().for_each(|article| cells.add(article));
    cells
}

fn with(scaling: Scaling, freq: Freq) -> IndexOptions {
    IndexOptions { scaling, freq, ..IndexOptions::default() }
}

fn tension(articles: &[ArticleScore], options: &IndexOptions) -> Vec<Option<f64>> {
    index(&cells(articles), options).unwrap().points.iter().map(|point| point.tension).collect()
}

fn near(a: &[Option<f64>], b: &[Option<f64>]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9 * a.abs().max(1.0),
            (a, b) => a == b,
        })
}

const JAN: Date = date(2020, 1, 10);
const FEB: Date = date(2020, 2, 10);
const APR: Date = date(2020, 4, 10);

#[test]
fn pooled_by_hand() {
    // January: 0.6 over 2 articles = 0.3; February: 0.9 over 1 = 0.9; March: none; base mean 0.6.
    let articles = [
        article(1, JAN, "a", Some(0.6)),
        article(2, JAN, "b", None),
        article(3, FEB, "a", Some(0.9)),
        article(4, APR, "b", None),
    ];
    let expected = [Some(50.0), Some(150.0), None, Some(0.0)];
    let base = Some("2020-01..2020-02".parse().unwrap());
    let options = IndexOptions { base, ..with(Scaling::Pooled, Freq::Month) };
    assert!(near(&tension(&articles, &options), &expected));
    let points = index(&cells(&articles), &options).unwrap().points;
    assert_eq!(points[2].n_articles, 0);
    assert_eq!((points[2].tone, points[3].tone), (None, None));
    assert_eq!(points[0].tone, Some(0.5));
    assert_eq!(points[0].n_sources, 2);
}

#[test]
fn per_source_by_hand() {
    // a: rates 0.2, 0.4 (SD 0.1·√2); b: rates 0.5 and 0 (SD 0.25·√2).
    let articles = [
        article(1, JAN, "a", Some(0.2)),
        article(2, FEB, "a", Some(0.4)),
        article(3, JAN, "b", Some(0.5)),
        article(4, FEB, "b", None),
    ];
    // January: (0.2/0.1 + 0.5/0.25)/2 = 2, February: (0.4/0.1 + 0)/2 = 2, in units of 1/√2: mean 2, so 100 and 100.
    assert!(near(&tension(&articles, &with(Scaling::PerSource, Freq::Month)), &[Some(100.0), Some(100.0)]));
}

fn relevant(scaling: Scaling) -> IndexOptions {
    IndexOptions { denominator: Denominator::Relevant, ..with(scaling, Freq::Month) }
}

#[test]
fn source_effects_by_hand() {
    // a reads 0.2, 0.4; b reads 0.6, 0.5: b lies 0.2 above a, so γ = −0.1 and 0.1, and δ = 0.3, 0.5, none, 0.4: mean 0.4.
    let articles = [
        article(1, JAN, "a", Some(0.2)),
        article(2, FEB, "a", Some(0.4)),
        article(3, FEB, "b", Some(0.6)),
        article(4, APR, "b", Some(0.5)),
    ];
    let made = index(&cells(&articles), &relevant(Scaling::SourceEffects)).unwrap();
    let tension: Vec<_> = made.points.iter().map(|point| point.tension).collect();
    assert!(near(&tension, &[Some(75.0), Some(125.0), None, Some(100.0)]), "{tension:?}");
    // Tone is 0.1 lower everywhere, and has no base.
    let tone: Vec<_> = made.points.iter().map(|point| point.tone).collect();
    assert!(near(&tone, &[Some(0.2), Some(0.4), None, Some(0.3)]), "{tone:?}");
    let offsets: Vec<_> = made.points.iter().map(|point| point.tension_offset).collect();
    assert!(near(&offsets, &[Some(25.0), Some(0.0), None, Some(-25.0)]), "{offsets:?}");
}

#[test]
fn sources_that_share_no_period_are_named() {
    let articles =
        [article(1, JAN, "a", Some(0.2)), article(2, FEB, "b", Some(0.4)), article(3, FEB, "c", Some(0.4))];
    let error = index(&cells(&articles), &relevant(Scaling::SourceEffects)).unwrap_err().to_string();
    assert!(error.contains("'a' | 'b', 'c'"), "{error}");
}

#[test]
fn a_splice_by_hand() {
    // Where both are there, old reads 0.4 and new 0.8: new counts half.
    let articles = [
        article(1, JAN, "old", Some(0.3)),
        article(2, FEB, "old", Some(0.4)),
        article(3, FEB, "new", Some(0.8)),
        article(4, APR, "new", Some(1.0)),
    ];
    let splices = vec!["old=new".parse().unwrap()];
    let options = IndexOptions { splices, ..relevant(Scaling::Raw) };
    assert!(near(&tension(&articles, &options), &[Some(0.3), Some(0.4), None, Some(0.5)]));
    // Spliced sources are one: without it nothing is left to range over, and a third one is what is left.
    let third = article(9, FEB, "third", Some(0.1));
    let more = index(&cells(&[&articles[..], &[third]].concat()), &options).unwrap().points;
    let range = |at: usize| (more[at].tension_without_low, more[at].tension_without_high);
    assert_eq!(range(0), (None, None));
    assert!(near(&[range(1).0, range(1).1], &[Some(0.1), Some(0.4)]), "{:?}", range(1));
    let refusal = |splice: &str| {
        let options = IndexOptions { splices: vec![splice.parse().unwrap()], ..options.clone() };
        let mut articles = articles.to_vec();
        articles.push(article(5, JAN, "alone", Some(0.3)));
        articles.push(article(6, FEB, "calm", Some(0.0)));
        index(&cells(&articles), &options).unwrap_err().to_string()
    };
    assert!(refusal("old=none").contains("'none'"));
    assert!(refusal("new=alone").contains("never have articles in one period"));
    assert!(refusal("old=calm").contains("of 'calm' is 0"));
    assert!("old".parse::<Replaced>().is_err() && "old=old".parse::<Replaced>().is_err());
}

#[test]
fn a_steady_corpus_has_sums() {
    // March has no article, and is as much a month as the others; b's year ends in January.
    let articles = [
        article(1, JAN, "a", Some(0.2)),
        article(2, JAN, "a", Some(0.4)),
        article(3, APR, "a", Some(0.5)),
        article(4, JAN, "b", Some(0.2)),
    ];
    let options = IndexOptions { denominator: Denominator::Steady, ..with(Scaling::Raw, Freq::Month) };
    assert!(near(&tension(&articles, &options), &[Some(0.4), Some(0.0), Some(0.0), Some(0.5)]));
}

#[test]
fn sentences_by_hand() {
    // 3 relevant sentences of conflict 0.2 in an article of 4, 1 of conflict 0.6 in one of 2, and 4 sentences of other news: 1.2 over 10.
    let mut articles =
        vec![article(1, JAN, "a", Some(0.2)), article(2, JAN, "a", Some(0.6)), article(3, JAN, "a", None)];
    for (article, (length, relevant)) in articles.iter_mut().zip([(4, 3), (2, 1), (4, 0)]) {
        (article.n_sentences, article.n_relevant) = (length, relevant);
    }
    let options =
        IndexOptions { unit: Unit::Sentence, bands: bands(99, 1), ..with(Scaling::Raw, Freq::Month) };
    let made = point(&articles, &options);
    assert!(near(&[made.tension, made.attention], &[Some(0.12), Some(0.4)]), "{made:?}");
    // Tone is 0.1 lower in each: (3·0.1 + 0.5) over 4.
    assert!(near(&[made.tone], &[Some(0.2)]));
    assert!(made.tension_low < made.tension && made.tension < made.tension_high);
    assert_eq!((made.n_articles, made.n_relevant, made.n_sentences), (3, 2, 4));
    let cells = cells(&articles);
    let explained = attribute(&cells, &options, "2020-01..2020-01".parse().unwrap()).unwrap();
    let shares: Vec<Option<f64>> = explained.articles.iter().map(|article| Some(article.value())).collect();
    assert!(near(&shares, &[Some(0.06), Some(0.06)]));
    assert_eq!(explained.articles[0].conflict, 0.2);
}

#[test]
fn smoothing_by_hand() {
    // 0.5, and ten days later −0.1, when 0.95^10 of the first is left; a month without news has no value.
    let articles = [
        article(1, JAN, "a", Some(0.6)),
        article(2, date(2020, 1, 20), "b", Some(0.0)),
        article(3, FEB, "a", None),
    ];
    let left = 0.95_f64.powi(10);
    let made = |freq| index(&cells(&articles), &with(Scaling::Raw, freq)).unwrap().points;
    let expected = Some((left * 0.5 - 0.1) / (left + 1.0));
    assert!(near(
        &[made(Freq::Month)[0].tone_smoothed, made(Freq::Month)[1].tone_smoothed],
        &[expected, None]
    ));
    assert!(near(
        &[made(Freq::Day)[0].tone_smoothed, made(Freq::Day)[10].tone_smoothed],
        &[Some(0.5), expected]
    ));
}

#[test]
fn parts_by_hand() {
    // Trade 0.75 and other 0.25 of id 2, taiwan of id 1: over two articles.
    let articles = [article(1, JAN, "a", Some(0.4)), article(2, JAN, "a", Some(0.8))];
    let made = index(&cells(&articles), &relevant(Scaling::Raw)).unwrap();
    let point = &made.points[0];
    assert!(near(
        &[point.tension_a_to_b, point.tension_b_to_a, point.tension_mutual, point.tension_offset],
        &[Some(0.3), Some(0.18), Some(0.12), Some(0.0)]
    ));
    let topics: Vec<(&str, u64)> =
        made.topics.iter().map(|row| (row.topic.as_str(), row.n_relevant)).collect();
    assert_eq!(topics, [("other", 2), ("taiwan", 1), ("trade", 1)]);
    let parts: Vec<_> = made.topics.iter().map(|row| row.tension).collect();
    assert!(near(&parts, &[Some(0.15), Some(0.15), Some(0.3)]), "{parts:?}");
    let mut unsaid = articles;
    unsaid[0].conflict_mutual = None;
    let made = index(&cells(&unsaid), &relevant(Scaling::Raw)).unwrap();
    assert_eq!((made.points[0].tension_a_to_b, made.topics.len()), (None, 3));
}

#[test]
fn z_scores_by_hand() {
    let articles = [
        article(1, JAN, "a", Some(0.2)),
        article(2, FEB, "a", Some(0.4)),
        article(3, FEB, "a", None),
        article(4, APR, "a", Some(0.5)),
    ];
    // Rates 0.2, 0.2, –, 0.5: mean 0.3, SD √0.03.
    let z = 0.1 / 0.03_f64.sqrt();
    assert!(near(
        &tension(&articles, &with(Scaling::ZScore, Freq::Month)),
        &[Some(-z), Some(-z), None, Some(2.0 * z)]
    ));
    assert!(near(
        &tension(&articles, &with(Scaling::Raw, Freq::Month)),
        &[Some(0.2), Some(0.2), None, Some(0.5)]
    ));
}

#[test]
fn what_is_not_defined_is_refused_by_name() {
    let refusal = |articles: &[ArticleScore], options: &IndexOptions| {
        index(&cells(articles), options).unwrap_err().to_string()
    };
    let filtered = [article(1, JAN, "a", Some(0.2))];
    assert!(refusal(&filtered, &IndexOptions::default()).contains("--denominator relevant"));
    assert!(refusal(&[], &IndexOptions::default()).contains("no articles"));
    assert!(
        refusal(&[article(1, JAN, "a", None)], &IndexOptions::default()).contains("no article is relevant")
    );
    let calm = [article(1, JAN, "a", Some(0.0)), article(2, FEB, "a", None)];
    assert!(refusal(&calm, &IndexOptions::default()).contains("--scaling zscore"));
    let once = [article(1, JAN, "a", Some(0.2)), article(2, JAN, "b", None), article(3, FEB, "b", Some(0.1))];
    assert!(refusal(&once, &with(Scaling::PerSource, Freq::Month)).contains("'a'"));
    let outside = IndexOptions { base: Some("1990..1991".parse().unwrap()), ..IndexOptions::default() };
    assert!(refusal(&once, &outside).contains("base window"));
}

#[test]
fn a_filtered_corpus_has_tone_and_tension_per_relevant_article() {
    let articles = [article(1, JAN, "a", Some(0.2)), article(2, FEB, "a", Some(0.6))];
    let options = IndexOptions { denominator: Denominator::Relevant, ..IndexOptions::default() };
    let points = index(&cells(&articles), &options).unwrap().points;
    assert_eq!((points[0].attention, points[0].tension.map(f64::round)), (None, Some(50.0)));
}

#[test]
fn totals_are_the_denominator() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("totals.csv");
    std::fs::write(&path, "source,date,n\na,2020-01-01,10\na,2020-02-01,30\n").unwrap();
    let articles = [article(1, JAN, "a", Some(0.5)), article(2, FEB, "a", Some(0.5))];
    let options = || IndexOptions {
        denominator: Denominator::Totals(Totals::open(&path).unwrap()),
        ..IndexOptions::default()
    };
    // 0.5/10 and 0.5/30: mean 1/30, so 150 and 50.
    let points = index(&cells(&articles), &options()).unwrap().points;
    assert!(near(&[points[0].tension, points[1].tension], &[Some(150.0), Some(50.0)]));
    std::fs::write(&path, "source,date,n\na,2020-01-01,10\n").unwrap();
    assert!(
        index(&cells(&articles), &options()).unwrap_err().to_string().contains("the month of 2020-02-01")
    );
}

/// Relevant articles of conflict 1 and others without, all in January.
fn half_relevant(n: usize) -> Vec<ArticleScore> {
    (0..n).map(|id| article(id, JAN, "a", (id % 2 == 0).then_some(1.0))).collect()
}

fn bands(draws: u32, threads: usize) -> Option<Bootstrap> {
    Some(Bootstrap { draws, seed: 7, threads: Some(threads) })
}

fn point(articles: &[ArticleScore], options: &IndexOptions) -> IndexPoint {
    index(&cells(articles), options).unwrap().points.remove(0)
}

#[test]
fn bands_by_hand() {
    // 100 stories, half of them of conflict 1: Y = 0.5 with a standard error of √(0.5·0.5/100) = 0.05, so 0.40 to 0.60.
    let options = IndexOptions { bands: bands(999, 2), ..with(Scaling::Raw, Freq::Month) };
    let alone = point(&half_relevant(100), &options);
    let (low, high) = (alone.tension_low.unwrap(), alone.tension_high.unwrap());
    assert!((low - 0.40).abs() <= 0.02 && (high - 0.60).abs() <= 0.02, "{low} {high}");
    assert_eq!((alone.n_stories, alone.effective_stories), (50, Some(50.0)));
    // The same articles as ten stories of ten copies: √10 times as wide.
    let mut copies = half_relevant(100);
    copies
        .iter_mut()
        .enumerate()
        .for_each(|(id, article)| article.story = format!("s{}", id / 2 % 5 + 5 * (id % 2)));
    let told = point(&copies, &options);
    assert_eq!((told.tension, told.n_stories, told.effective_stories), (alone.tension, 5, Some(5.0)));
    let ratio = (told.tension_high.unwrap() - told.tension_low.unwrap()) / (high - low);
    assert!((ratio - 10_f64.sqrt()).abs() < 0.5, "{ratio}");
}

#[test]
fn bands_are_refused_where_draws_have_no_scale() {
    // Two relevant stories of forty: one draw in seven, about e⁻², has neither, and its mean is 0.
    let articles: Vec<ArticleScore> =
        (0..40).map(|id| article(id, JAN, "a", (id < 2).then_some(0.5))).collect();
    let options = |scaling| IndexOptions { bands: bands(199, 1), ..with(scaling, Freq::Month) };
    let pooled = index(&cells(&articles), &options(Scaling::Pooled)).unwrap();
    assert_eq!((pooled.points[0].n_stories, pooled.points[0].tension_low), (2, None));
    assert!(pooled.notes.iter().any(|note| note.contains("tension has no bands")), "{:?}", pooled.notes);
    let raw = index(&cells(&articles), &options(Scaling::Raw)).unwrap();
    assert!(raw.points[0].tension_low.is_some() && raw.notes.is_empty());
}

#[test]
fn one_story_has_no_band() {
    let options = IndexOptions { bands: bands(99, 1), ..with(Scaling::Raw, Freq::Month) };
    let mut articles =
        vec![article(1, JAN, "a", Some(0.5)), article(2, JAN, "b", Some(0.5)), article(3, JAN, "b", None)];
    assert!(point(&articles, &options).tension_low.is_some());
    articles[1].story = "1".into();
    let one = point(&articles, &options);
    assert_eq!((one.n_stories, one.tension_low, one.tone_high), (1, None, None));
    assert_eq!(point(&articles, &with(Scaling::Raw, Freq::Month)).tension, one.tension);
}

#[test]
fn the_range_without_each_source_by_hand() {
    // a: 0.5; b: 0.25; both: 0.4.
    let articles = [
        article(1, JAN, "a", Some(1.0)),
        article(2, JAN, "a", Some(0.5)),
        article(3, JAN, "a", None),
        article(4, JAN, "b", Some(0.5)),
        article(5, JAN, "b", None),
    ];
    let both = point(&articles, &with(Scaling::Raw, Freq::Month));
    assert_eq!(
        (both.tension, both.tension_without_low, both.tension_without_high),
        (Some(0.4), Some(0.25), Some(0.5))
    );
    let alone = point(&articles[..3], &with(Scaling::Raw, Freq::Month));
    assert_eq!((alone.tension_without_low, alone.tension_without_high), (None, None));
}

#[test]
fn a_calibration_is_kept_and_fits_only_what_it_was_made_for() {
    let articles = [
        article(1, JAN, "a", Some(0.2)),
        article(2, FEB, "a", Some(0.4)),
        article(3, JAN, "b", Some(0.5)),
        article(4, FEB, "b", None),
    ];
    let options = with(Scaling::PerSource, Freq::Month);
    let made = index(&cells(&articles), &options).unwrap().calibration;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scales.toml");
    made.save(&path).unwrap();
    assert_eq!(Calibration::open(&path).unwrap(), made, "to the last digit");
    let again = |options: IndexOptions| {
        index(&cells(&articles), &IndexOptions { calibration: Some(made.clone()), ..options })
    };
    assert!(again(with(Scaling::Pooled, Freq::Month)).unwrap_err().to_string().contains("--scaling"));
    assert!(again(with(Scaling::PerSource, Freq::Year)).unwrap_err().to_string().contains("--freq"));
    let mut more = articles.to_vec();
    more.push(article(5, APR, "c", Some(0.3)));
    let options = IndexOptions { calibration: Some(made.clone()), ..options };
    assert!(index(&cells(&more), &options).unwrap_err().to_string().contains("does not know the source 'c'"));
    for wrong in
        ["", "freq = 3", "freq = 'month'\nscaling = 'pooled'\ndenominator = 'all'\n[tension]\nmean = -1.0\n"]
    {
        std::fs::write(&path, wrong).unwrap();
        assert!(Calibration::open(&path).unwrap_err().to_string().contains("scales.toml"), "{wrong}");
    }
}

#[test]
fn what_changed_by_hand() {
    // January: 1 of 4 relevant, conflict 0.8: 0.2. February: 2 of 4, conflict 0.6: 0.3.
    // Of the 0.1 attention has (0.5 − 0.25)·(0.8 + 0.6)/2 = 0.175, conflict (0.6 − 0.8)·(0.25 + 0.5)/2 = −0.075.
    let mut articles = vec![
        article(0, JAN, "a", Some(0.8)),
        article(1, FEB, "a", Some(0.5)),
        article(2, FEB, "a", Some(0.7)),
    ];
    articles.extend((3..6).map(|id| article(id, JAN, "a", None)));
    articles.extend((6..8).map(|id| article(id, FEB, "a", None)));
    let (cells, options) = (cells(&articles), with(Scaling::Raw, Freq::Month));
    let of = |month: &str| attribute(&cells, &options, format!("{month}..{month}").parse().unwrap()).unwrap();
    let (effects, sources) = change(&of("2020-01"), &of("2020-02"));
    assert!((effects.attention - 0.175).abs() < 1e-12 && (effects.conflict + 0.075).abs() < 1e-12);
    assert!(effects.sources.abs() < 1e-12 && sources.len() == 1);
    assert!(
        attribute(&cells, &options, "2020..2020".parse().unwrap())
            .unwrap_err()
            .to_string()
            .contains("more than one month")
    );
    assert!(
        attribute(&cells, &options, "1999-01..1999-01".parse().unwrap())
            .unwrap_err()
            .to_string()
            .contains("not in the index")
    );
}

/// Articles over three years. Each source has one that is not relevant, so that the corpus does not look filtered, and
/// the base year has conflict.
fn corpus() -> impl Strategy<Value = Vec<ArticleScore>> {
    let one = (0_i64..900, 0_usize..3, proptest::option::weighted(0.7, 0.05_f64..1.0));
    proptest::collection::vec(one, 8..60).prop_map(|rows| {
        let day = |offset: i64| date(2018, 1, 1).saturating_add(offset.days());
        let mut articles: Vec<ArticleScore> = rows
            .into_iter()
            .enumerate()
            .map(|(id, (offset, source, conflict))| {
                article(id, day(offset), ["a", "b", "c"][source], conflict)
            })
            .collect();
        for (at, source) in ["a", "b", "c"].into_iter().enumerate() {
            articles.push(article(1000 + at, day(0), source, None));
        }
        articles.push(article(1003, day(0), "a", Some(0.5)));
        articles
    })
}

const SCALINGS: [Scaling; 5] =
    [Scaling::Pooled, Scaling::PerSource, Scaling::SourceEffects, Scaling::ZScore, Scaling::Raw];
const ALL: [Freq; 5] = [Freq::Day, Freq::Week, Freq::Month, Freq::Quarter, Freq::Year];

proptest! {
    #[test]
    fn the_base_mean_is_100(articles in corpus()) {
        for (freq, scaling) in ALL.into_iter().flat_map(|freq| SCALINGS.map(|scaling| (freq, scaling))) {
            // Without a spread, or with sources that share no period, some are refused: never the pooled one.
            let made = index(&cells(&articles), &with(scaling, freq));
            prop_assert!(made.is_ok() || scaling != Scaling::Pooled);
            let Ok(made) = made else { continue };
            let values: Vec<f64> = made.points.iter().filter_map(|point| point.tension).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            match scaling {
                Scaling::Raw => prop_assert!((0.0..=1.0).contains(&mean)),
                Scaling::ZScore => prop_assert!(mean.abs() < 1e-6),
                _ => prop_assert!((mean - 100.0).abs() < 1e-6, "{:?} {}", scaling, mean),
            }
        }
    }

    #[test]
    fn a_source_in_another_unit_is_spliced_to_the_same_index(
        rows in proptest::collection::vec((0_i64..300, 0.05_f64..1.0), 4..40),
        times in 0.1_f64..9.0,
    ) {
        // `new` goes on as `old` from July, after June in which both print the same; it reads everything so many times as high.
        let made = |times: f64, splices: &[&str]| {
            let mut articles: Vec<ArticleScore> = Vec::new();
            for (id, (day, x)) in rows.iter().enumerate() {
                let day = date(2018, 1, 1).saturating_add(day.days());
                let (old, new) = (day.month() <= 6, day.month() >= 6);
                articles.extend(old.then(|| article(2 * id, day, "old", Some(*x))));
                articles.extend(new.then(|| article(2 * id + 1, day, "new", Some(x * times))));
            }
            articles.push(article(900, date(2018, 6, 9), "old", Some(0.5)));
            articles.push(article(901, date(2018, 6, 9), "new", Some(0.5 * times)));
            let splices = splices.iter().map(|splice| splice.parse().unwrap()).collect();
            tension(&articles, &IndexOptions { splices, ..relevant(Scaling::Pooled) })
        };
        prop_assert!(near(&made(times, &["old=new"]), &made(1.0, &[])));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(articles in corpus(), seed: u64) {
        let mut shuffled = articles.clone();
        shuffled.sort_by_key(|article| blake3::hash(format!("{seed}{}", article.id).as_bytes()).as_bytes()[0]);
        for freq in ALL {
            let options = with(Scaling::Pooled, freq);
            prop_assert_eq!(index(&cells(&articles), &options).unwrap(), index(&cells(&shuffled), &options).unwrap());
        }
    }

    #[test]
    fn doubling_every_article_changes_nothing(articles in corpus()) {
        let mut twice = articles.clone();
        twice.extend(articles.iter().map(|article| ArticleScore { id: format!("{}'", article.id), ..article.clone() }));
        for scaling in [Scaling::Pooled, Scaling::Raw] {
            let options = with(scaling, Freq::Month);
            prop_assert!(near(&tension(&articles, &options), &tension(&twice, &options)));
        }
    }

    #[test]
    fn a_year_is_the_sum_of_its_articles_not_the_mean_of_its_months(articles in corpus()) {
        let raw = tension(&articles, &with(Scaling::Raw, Freq::Year));
        for (at, year) in (2018_i16..).take(raw.len()).enumerate() {
            let of_year: Vec<&ArticleScore> = articles.iter().filter(|article| article.date.year() == year).collect();
            let by_hand = (!of_year.is_empty()).then(|| of_year.iter().filter_map(|a| a.conflict).sum::<f64>() / of_year.len() as f64);
            prop_assert!(near(&[raw[at]], &[by_hand]));
        }
    }

    #[test]
    fn the_future_does_not_change_the_past(articles in corpus()) {
        let cut = date(2019, 6, 30);
        let base = Some("2018-01..2018-12".parse().unwrap());
        let past: Vec<ArticleScore> = articles.iter().filter(|article| article.date <= cut).cloned().collect();
        let options = IndexOptions { base, ..with(Scaling::Pooled, Freq::Month) };
        let smoothed = |articles: &[ArticleScore]| {
            index(&cells(articles), &options).unwrap().points.iter().map(|point| point.tone_smoothed).collect::<Vec<_>>()
        };
        prop_assert_eq!(&smoothed(&articles)[..smoothed(&past).len()], &smoothed(&past)[..]);
        let (all, past) = (tension(&articles, &options), tension(&past, &options));
        prop_assert_eq!(&all[..past.len()], &past[..]);
    }

    #[test]
    fn every_article_is_counted_once(articles in corpus()) {
        for freq in ALL {
            let points = index(&cells(&articles), &with(Scaling::Raw, freq)).unwrap().points;
            prop_assert_eq!(points.iter().map(|point| point.n_articles).sum::<u64>(), articles.len() as u64);
        }
    }

    #[test]
    fn bands_are_the_same_on_any_threads_and_in_any_order(articles in corpus(), seed: u64) {
        let mut shuffled = articles.clone();
        shuffled.sort_by_key(|article| blake3::hash(format!("{seed}{}", article.id).as_bytes()).as_bytes()[0]);
        let options = |threads| IndexOptions { bands: bands(20, threads), ..with(Scaling::Pooled, Freq::Quarter) };
        let one = index(&cells(&articles), &options(1)).unwrap();
        prop_assert_eq!(&one, &index(&cells(&shuffled), &options(2)).unwrap());
        prop_assert_eq!(&one, &index(&cells(&articles), &options(7)).unwrap());
        // Where a draw in twenty has no conflict at all, there is no scale to draw by, and a note says so.
        let refused = one.notes.iter().any(|note| note.contains("tension has no bands"));
        for point in &one.points {
            prop_assert!(point.tension_low.is_none() || point.tension_low <= point.tension_high);
            prop_assert_eq!(point.tension_low.is_some(), point.n_stories >= 2 && !refused, "{:?}", &one.notes);
        }
    }

    #[test]
    fn a_new_vintage_leaves_old_points_to_the_last_digit(articles in corpus()) {
        let cut = date(2019, 6, 30);
        let past: Vec<ArticleScore> = articles.iter().filter(|article| article.date <= cut).cloned().collect();
        for scaling in [Scaling::Pooled, Scaling::SourceEffects, Scaling::Raw] {
            // Sources that share no period have no effects, and are refused.
            let Ok(old) = index(&cells(&past), &with(scaling, Freq::Month)) else { continue };
            let options = IndexOptions { calibration: Some(old.calibration.clone()), ..with(scaling, Freq::Month) };
            let new = index(&cells(&articles), &options).unwrap();
            let plain = |point: &IndexPoint| (point.date, point.tension, point.cooperation, point.tone, point.attention);
            prop_assert_eq!(
                old.points.iter().map(plain).collect::<Vec<_>>(),
                new.points[..old.points.len()].iter().map(plain).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn what_one_source_adds_everywhere_changes_no_difference(
        rows in proptest::collection::vec((0_i64..300, 0_usize..3, 0.05_f64..1.0), 8..60),
        more in 0.0_f64..2.0,
    ) {
        let made = |more: f64| {
            let mut articles: Vec<ArticleScore> = rows.iter().enumerate().map(|(id, &(day, source, x))| {
                let date = date(2018, 1, 1).saturating_add(day.days());
                article(id, date, ["a", "b", "c"][source], Some(x + if source == 1 { more } else { 0.0 }))
            }).collect();
            // One period that joins all.
            articles.extend([("a", 0.0), ("b", more), ("c", 0.0)].into_iter().enumerate()
                .map(|(at, (source, more))| article(1000 + at, date(2018, 1, 1), source, Some(0.5 + more))));
            let options = IndexOptions { base: Some("2018..2018".parse().unwrap()), ..relevant(Scaling::SourceEffects) };
            index(&cells(&articles), &options).unwrap().points.iter().map(|point| point.tone).collect::<Vec<_>>()
        };
        let (plain, raised) = (made(0.0), made(more));
        let shift = raised[0].unwrap() - plain[0].unwrap();
        for (a, b) in plain.into_iter().zip(raised) {
            prop_assert!(a.zip(b).is_none_or(|(a, b)| (b - a - shift).abs() < 1e-9));
        }
    }

    #[test]
    fn a_balanced_panel_needs_no_effects(conflict in proptest::collection::vec(0.05_f64..1.0, 12)) {
        // Three sources in each of four months, one article each: δ is the plain mean.
        let articles: Vec<ArticleScore> = conflict.iter().enumerate().map(|(id, x)| {
            article(id, date(2018, 1 + (id / 3) as i8, 5), ["a", "b", "c"][id % 3], Some(*x))
        }).collect();
        prop_assert!(near(&tension(&articles, &relevant(Scaling::SourceEffects)), &tension(&articles, &relevant(Scaling::Pooled))));
    }

    #[test]
    fn contributions_add_up_to_every_point(articles in corpus(), spliced: bool, by_sentence: bool) {
        let mut articles = articles;
        for (at, article) in articles.iter_mut().enumerate() {
            article.n_relevant *= 1 + at as u64 % 3;
            article.n_sentences += article.n_relevant;
        }
        let cells = cells(&articles);
        let splices: Vec<Replaced> = if spliced { vec!["a=b".parse().unwrap()] } else { vec![] };
        let unit = if by_sentence { Unit::Sentence } else { Unit::Article };
        for scaling in SCALINGS {
            for freq in [Freq::Month, Freq::Year] {
                let options = IndexOptions { splices: splices.clone(), unit, ..with(scaling, freq) };
                // A source or a series without spread cannot be scaled, and is refused.
                let Ok(index) = index(&cells, &options) else { continue };
                let mut before: Option<Attribution> = None;
                for point in index.points.iter().filter(|point| point.tension.is_some()) {
                    let window = Window { from: point.date, to: point.date };
                    let made = attribute(&cells, &options, window).unwrap();
                    let directed = [point.tension_a_to_b, point.tension_b_to_a, point.tension_mutual, point.tension_offset];
                    let topics = index.topics.iter().filter(|row| row.date == point.date).filter_map(|row| row.tension);
                    for parts in [directed.into_iter().map(Option::unwrap).sum::<f64>(), topics.sum()] {
                        prop_assert!((parts - point.tension.unwrap()).abs() < 1e-9 * parts.abs().max(1.0), "{:?} {}", scaling, point.date);
                    }
                    let sum: f64 = made.offset + made.articles.iter().map(Contribution::value).sum::<f64>();
                    prop_assert!((sum - point.tension.unwrap()).abs() < 1e-9 * sum.abs().max(1.0), "{:?} {}", scaling, point.date);
                    if let Some(before) = &before {
                        let (effects, sources) = change(before, &made);
                        let difference = made.tension - before.tension;
                        prop_assert!((effects.attention + effects.conflict + effects.sources - difference).abs() < 1e-9 * sum.abs().max(1.0));
                        let by_source: f64 = sources.iter().map(|change| change.to - change.from).sum();
                        prop_assert!((by_source - difference).abs() < 1e-9 * sum.abs().max(1.0));
                    }
                    before = Some(made);
                }
            }
        }
    }
}
