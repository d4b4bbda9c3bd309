//! Each stage of the batch job on the bundled corpus: `cargo bench` (without the model: `cargo bench --no-default-features`).
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use tensiometer::article_score::{self, Cut, Rules, ScoreOptions, Weighting};
use tensiometer::corpus::{Article, Corpus, ReadOptions, Row};
use tensiometer::dyad::Dyad;
use tensiometer::output::to_csv;
use tensiometer::scorer::{Keywords, Reading, Scorer};
use tensiometer::sentence;
use tensiometer::store::{Key, Store};
use tensiometer::story::Stories;

fn main() {
    divan::main();
}

fn corpus() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/us_china_chronicle.csv")
}

fn articles() -> Vec<Article> {
    let rows = Corpus::open(&[corpus()], &ReadOptions::default()).unwrap();
    rows.filter_map(|row| if let Row::Article(article) = row.unwrap() { Some(article) } else { None })
        .collect()
}

fn bytes(articles: &[Article]) -> BytesCount {
    BytesCount::new(articles.iter().map(|article| article.title.len() + article.text.len()).sum::<usize>())
}

fn cuts(dyad: &Dyad) -> Vec<Cut> {
    articles().into_iter().map(|article| Cut::new(article, dyad)).collect()
}

/// The sentences that the scorer is asked for.
fn asked(cuts: &[Cut]) -> Vec<String> {
    let of = |cut: &Cut| -> Vec<String> {
        let pieces = cut.pieces.iter().filter(|piece| cut.is_asked(piece));
        pieces.map(|piece| sentence::plain(cut.text(piece)).into_owned()).collect()
    };
    cuts.iter().flat_map(of).collect()
}

fn reading() -> Reading {
    Reading {
        conflict: 0.5,
        cooperation: 0.25,
        relevance: Some(0.9),
        direction: Some([0.5, 0.25, 0.25]),
        windows: 1,
    }
}

#[divan::bench]
fn read(bencher: Bencher) {
    let size = std::fs::metadata(corpus()).unwrap().len();
    bencher.counter(BytesCount::new(size)).bench(articles);
}

#[divan::bench]
fn split(bencher: Bencher) {
    let articles = articles();
    bencher.counter(bytes(&articles)).bench(|| {
        articles.iter().map(|article| sentence::sentences(black_box(&article.text)).len()).sum::<usize>()
    });
}

#[divan::bench]
fn split_and_gate(bencher: Bencher) {
    let (dyad, articles) = (Dyad::us_china().unwrap(), articles());
    bencher.counter(bytes(&articles)).with_inputs(|| articles.clone()).bench_values(|articles| {
        articles.into_iter().filter(|article| Cut::new(article.clone(), &dyad).candidate).count()
    });
}

#[divan::bench]
fn compare_for_stories(bencher: Bencher) {
    let articles = articles();
    bencher.counter(bytes(&articles)).bench(|| {
        let mut stories = Stories::default();
        articles
            .iter()
            .for_each(|article| stories.add(&article.id, article.date, &article.title, &article.text));
        stories.told().len()
    });
}

#[divan::bench]
fn look_up(bencher: Bencher) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("readings.sqlite")).unwrap();
    let keys: Vec<Key> =
        asked(&cuts(&Dyad::us_china().unwrap())).iter().map(|text| Key::new("m", text)).collect();
    store.put(&keys.iter().map(|&key| (key, reading())).collect::<Vec<_>>()).unwrap();
    bencher.counter(ItemsCount::new(keys.len())).bench_local(|| store.get(&keys).unwrap().len());
}

#[divan::bench]
fn store(bencher: Bencher) {
    let keys: Vec<Key> =
        asked(&cuts(&Dyad::us_china().unwrap())).iter().map(|text| Key::new("m", text)).collect();
    let rows: Vec<(Key, Reading)> = keys.iter().map(|&key| (key, reading())).collect();
    bencher
        .counter(ItemsCount::new(rows.len()))
        .with_inputs(|| {
            let folder = tempfile::tempdir().unwrap();
            (Store::open(&folder.path().join("readings.sqlite")).unwrap(), folder)
        })
        .bench_local_values(|(mut store, folder)| {
            store.put(&rows).unwrap();
            folder
        });
}

#[divan::bench]
fn score_and_write(bencher: Bencher) {
    let (dyad, keywords) = (Dyad::us_china().unwrap(), Keywords::bundled().unwrap());
    let options = ScoreOptions { relevance: 0.5, weighting: Weighting::Equal, trust_head: true };
    let (rules, cuts) = (Rules { dyad: &dyad, keywords: &keywords, options }, cuts(&dyad));
    bencher.counter(ItemsCount::new(cuts.len())).bench_local(|| {
        let rows = cuts.iter().map(|cut| {
            let readings: Vec<Option<Reading>> =
                cut.pieces.iter().map(|piece| cut.is_asked(piece).then(reading)).collect();
            article_score::score(cut, &readings, &rules)
        });
        let (articles, sentences): (Vec<_>, Vec<_>) = rows.unzip();
        to_csv(&articles).unwrap().len() + to_csv(&sentences.concat()).unwrap().len()
    });
}

#[divan::bench]
fn read_by_keywords(bencher: Bencher) {
    let (keywords, texts) = (Keywords::bundled().unwrap(), asked(&cuts(&Dyad::us_china().unwrap())));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    bencher.counter(ItemsCount::new(texts.len())).bench(|| keywords.score(&texts).unwrap().len());
}

#[cfg(feature = "torch")]
#[divan::bench(args = ["f32", "auto"], sample_count = 5, sample_size = 1)]
fn read_by_the_model(bencher: Bencher, precision: &str) {
    use tensiometer::scorer::{ModelFolder, Precision, TorchOptions, TorchScorer};
    let folder =
        ModelFolder::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/tension-minilm-l6"), None)
            .unwrap();
    let precision = if precision == "f32" { Precision::F32 } else { Precision::Auto };
    let scorer = TorchScorer::load(&folder, &TorchOptions { precision, ..TorchOptions::default() }).unwrap();
    let texts = asked(&cuts(&Dyad::us_china().unwrap()));
    let texts: Vec<&str> = texts.iter().map(String::as_str).take(500).collect();
    bencher.counter(ItemsCount::new(texts.len())).bench_local(|| scorer.score(&texts).unwrap().len());
}
