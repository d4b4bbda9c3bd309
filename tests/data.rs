//! What the bundled data promise of themselves (data/README.md).
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use tensiometer::corpus::{Corpus, ReadOptions, Row};
use tensiometer::dyad::Dyad;

#[derive(Deserialize)]
struct Line {
    id: String,
    date: String,
    title: String,
    text: String,
    source: String,
    kind: String,
}

fn chronicle() -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/us_china_chronicle.csv");
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_chronicle_is_balanced_and_unique() {
    let lines = chronicle();
    let count = |kind: &str| lines.iter().filter(|line| line.kind == kind).count();
    assert!(lines.len() >= 240 && count("other") >= 60);
    let about = lines.len() - count("other");
    for kind in ["escalation", "easing", "plain"] {
        assert!(count(kind) * 4 >= about, "{kind}: {} of {about}", count(kind));
    }
    let unique = |of: fn(&Line) -> &str| lines.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(
        (unique(|l| &l.id), unique(|l| &l.title), unique(|l| &l.text)),
        (lines.len(), lines.len(), lines.len())
    );
    let mut cells: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in &lines {
        *cells.entry((&line.date[..7], &line.source)).or_default() += 1;
    }
    assert_eq!(cells.len(), 9 * 12 * 4, "every outlet has an article in every month of 2017 to 2025");
    assert!(cells.values().all(|n| *n == 1));
}

#[test]
fn the_dyad_is_named_where_an_article_is_about_it_and_nowhere_else() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/us_china_chronicle.csv");
    let dyad = Dyad::us_china().unwrap();
    let kinds: BTreeMap<String, String> = chronicle().into_iter().map(|line| (line.id, line.kind)).collect();
    for row in Corpus::open(&[path], &ReadOptions::default()).unwrap() {
        let Row::Article(article) = row.unwrap() else { panic!("a row of the chronicle is rejected") };
        let named =
            dyad.mentions(&format!("{}. {}", article.title, article.text), Some(article.date)).names_pair();
        assert_eq!(named, kinds[&article.id] != "other", "{}: {}", article.id, article.title);
    }
}

#[test]
fn every_dyad_file_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/dyads");
    for entry in std::fs::read_dir(folder).unwrap() {
        let dyad = Dyad::open(&entry.unwrap().path()).unwrap();
        assert!(!dyad.topics.is_empty() && dyad.sides.iter().all(|side| !side.is_empty()));
    }
}

#[test]
fn behaviour_sentences_form_whole_sets_and_no_family_is_in_both_parts() {
    #[derive(Deserialize)]
    struct Row {
        id: String,
        part: String,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/labelled/behaviour.csv");
    let parts: Vec<Row> = csv::Reader::from_path(&path).unwrap().deserialize().map(Result::unwrap).collect();
    let rows = tensiometer::eval::read(&path, None).unwrap();
    assert!(rows.len() >= 1200, "{}", rows.len());
    assert_eq!(
        rows.iter().map(|row| &row.text).collect::<BTreeSet<_>>().len(),
        rows.len(),
        "a sentence twice"
    );
    assert_eq!(parts.iter().map(|row| &row.id).collect::<BTreeSet<_>>().len(), rows.len(), "an id twice");
    let mut families: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut sets: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for (row, part) in rows.iter().zip(&parts) {
        families.entry((&row.kind, &row.family)).or_default().insert(&part.part);
        kinds.entry(&row.kind).or_default().insert(&part.part);
        *sets.entry((&row.kind, &row.family, &row.set)).or_default() += 1;
        assert_eq!(row.direction.is_some(), row.relevant == Some(true), "{}", row.id);
    }
    assert!(families.values().all(|parts| parts.len() == 1));
    for (kind, parts) in &kinds {
        // No minimal pairs, so no test part.
        let untested = ["briefing", "news-report", "official-statement", "world-event"].contains(kind);
        assert!(parts.contains("train") && parts.contains("test") != untested, "{kind}: {parts:?}");
        assert!(parts.iter().all(|part| ["train", "test", "later"].contains(part)), "{kind}: {parts:?}");
    }
    assert_eq!(kinds.len(), 22);
    assert!(sets.values().all(|n| (2..=4).contains(n)));
}
