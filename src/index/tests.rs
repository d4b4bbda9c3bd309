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
        topics: String::new(),
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

const ALL: [Freq; 5] = [Freq::Day, Freq::Week, Freq::Month, Freq::Quarter, Freq::Year];

proptest! {
    #[test]
    fn the_base_mean_is_100(articles in corpus()) {
        for freq in ALL {
            let values: Vec<f64> = tension(&articles, &with(Scaling::Pooled, freq)).into_iter().flatten().collect();
            prop_assert!((values.iter().sum::<f64>() / values.len() as f64 - 100.0).abs() < 1e-6);
        }
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
}
