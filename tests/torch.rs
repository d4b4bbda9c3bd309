//! The transformer against transformers' own logits, and what may not change a reading.
#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tensiometer::dyad::Dyad;
use tensiometer::scorer::{
    Marked, ModelFolder, Polarity, Precision, Reading, Scorer, TorchOptions, TorchScorer,
};

/// Against transformers in Python, on the same weights.
const LOGIT_TOLERANCE: f32 = 1e-4;
/// Against itself, in another batch.
const BATCH_TOLERANCE: f32 = 1e-5;

const ARCHITECTURES: [&str; 8] =
    ["bert", "roberta", "distilbert", "electra", "deberta", "deberta-v2", "albert", "mpnet"];

#[derive(Deserialize)]
struct Expected {
    sentences: Vec<String>,
    input_ids: Vec<Vec<i64>>,
    logits: Vec<Vec<f32>>,
}

fn tiny(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tiny").join(name)
}

/// The project's own models.
const OWN: [&str; 2] = ["tension-minilm-l6", "tension-base"];

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name)
}

fn embedded() -> PathBuf {
    own(OWN[0])
}

fn load(path: &Path, batch_tokens: usize) -> TorchScorer {
    let polarity: Polarity = "negative=LABEL_0,neutral=LABEL_1,positive=LABEL_2".parse().unwrap();
    let polarity = path.ends_with("roberta").then_some(&polarity);
    let folder = ModelFolder::open(path, polarity).unwrap();
    let options = TorchOptions { batch_tokens, precision: Precision::F32, ..TorchOptions::default() };
    TorchScorer::load(&folder, &options).unwrap()
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> T {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn close(name: &str, at: usize, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{name}, sentence {at}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() <= tolerance, "{name}, sentence {at}: {ours} against {theirs}");
    }
}

#[test]
fn every_architecture_agrees_with_transformers() {
    for name in ARCHITECTURES {
        let expected: Expected = read(&tiny(name).join("expected.json"));
        let scorer = load(&tiny(name), 2048);
        let sentences: Vec<&str> = expected.sentences.iter().map(String::as_str).collect();
        for (at, windows) in scorer.logits(&sentences).unwrap().iter().enumerate() {
            let ids = scorer.token_ids(sentences[at]).unwrap();
            assert_eq!(ids, [expected.input_ids[at].clone()], "{name}, sentence {at}");
            close(name, at, &windows[0].logits, &expected.logits[at], LOGIT_TOLERANCE);
        }
    }
}

#[test]
fn our_models_agree_with_transformers() {
    #[derive(Deserialize)]
    struct One {
        text: String,
        input_ids: Vec<i64>,
        logits: Vec<f32>,
    }
    #[derive(Deserialize)]
    struct All {
        sentences: Vec<One>,
    }
    for name in OWN {
        let expected: All = read(&Path::new("tests/data").join(format!("{name}.json")));
        let scorer = load(&own(name), 2048);
        let sentences: Vec<&str> = expected.sentences.iter().map(|one| one.text.as_str()).collect();
        for (at, windows) in scorer.logits(&sentences).unwrap().iter().enumerate() {
            assert_eq!(
                scorer.token_ids(sentences[at]).unwrap(),
                [expected.sentences[at].input_ids.clone()],
                "{name}"
            );
            close(name, at, &windows[0].logits, &expected.sentences[at].logits, LOGIT_TOLERANCE);
        }
    }
}

fn numbers(reading: &Reading) -> Vec<f32> {
    let direction = reading.direction.unwrap_or_default();
    [&[reading.conflict, reading.cooperation, reading.relevance.unwrap_or_default()], direction.as_slice()]
        .concat()
}

#[test]
fn a_reading_does_not_depend_on_its_batch() {
    for path in ARCHITECTURES.iter().map(|name| tiny(name)).chain([embedded()]) {
        let name = path.display().to_string();
        let expected: Expected = read(&tiny("bert").join("expected.json"));
        let sentences: Vec<&str> = expected.sentences.iter().map(String::as_str).collect();
        let scorer = load(&path, 2048);
        let together = scorer.score(&sentences).unwrap();
        let reversed: Vec<&str> = sentences.iter().rev().copied().collect();
        let mut turned = scorer.score(&reversed).unwrap();
        turned.reverse();
        let small = load(&path, 24).score(&sentences).unwrap();
        for at in 0..sentences.len() {
            let alone = scorer.score(&sentences[at..=at]).unwrap();
            for other in [&alone[0], &turned[at], &small[at]] {
                close(&name, at, &numbers(other), &numbers(&together[at]), BATCH_TOLERANCE);
            }
        }
        assert_eq!(scorer.score(&[]).unwrap(), []);
    }
}

/// The scorer in 8-bit integers on so many threads, or nothing where this processor does not serve them.
fn int8(path: &Path, threads: usize) -> Option<TorchScorer> {
    let folder = ModelFolder::open(path, None).unwrap();
    let options =
        TorchOptions { threads: Some(threads), precision: Precision::Int8, ..TorchOptions::default() };
    match TorchScorer::load(&folder, &options) {
        Ok(scorer) => Some(scorer),
        Err(error) => {
            assert!(error.to_string().contains("no instructions for 8-bit integers"), "{error}");
            eprintln!("not tested here: {error}");
            None
        }
    }
}

#[test]
fn integers_read_nearly_as_whole_numbers_and_alone_exactly_as_in_company() {
    let expected: Expected = read(&tiny("bert").join("expected.json"));
    let mut sentences: Vec<&str> = expected.sentences.iter().map(String::as_str).collect();
    let long = "China and the United States signed an agreement. ".repeat(100);
    sentences.extend([long.as_str(), "", "Beijing condemned the new U.S. tariffs and vowed to retaliate."]);
    for path in [tiny("bert"), embedded()] {
        let (Some(one), Some(three)) = (int8(&path, 1), int8(&path, 3)) else { return };
        let whole = load(&path, 2048);
        assert_ne!(one.hash(), whole.hash(), "readings of both kinds lie in one store");
        let together = one.score(&sentences).unwrap();
        assert_eq!(together, three.score(&sentences).unwrap(), "{}: threads", path.display());
        let exact = whole.score(&sentences).unwrap();
        let mut apart = Vec::new();
        for (at, sentence) in sentences.iter().enumerate() {
            assert_eq!(one.score(&[sentence]).unwrap()[0], together[at], "{}: {sentence}", path.display());
            assert_eq!(together[at].windows, exact[at].windows);
            let here = (together[at].tension() - exact[at].tension()).abs();
            // One odd sentence may be moved by some hundredths (docs/benchmarks.md), the others hardly.
            assert!(here < 0.1, "{}, sentence {at}: {here}", path.display());
            apart.push(here);
        }
        apart.sort_by(f32::total_cmp);
        assert!(apart[apart.len() / 2] < 0.01, "{}: {apart:?}", path.display());
        assert!(apart[apart.len() - 2] < 0.06, "{}: {apart:?}", path.display());
        assert_eq!(one.score(&[]).unwrap(), []);
    }
}

#[test]
fn integers_are_refused_where_they_are_not_served() {
    let folder = ModelFolder::open(&tiny("mpnet"), None).unwrap();
    let load = |precision| TorchScorer::load(&folder, &TorchOptions { precision, ..TorchOptions::default() });
    let error = load(Precision::Int8).err().unwrap().to_string();
    assert!(error.contains("8-bit integers are for BERT models"), "{error}");
    assert!(load(Precision::Auto).is_ok(), "where they are not asked for, they are not used");
}

#[test]
fn a_long_sentence_is_read_in_windows_and_counted() {
    let scorer = load(&embedded(), 2048);
    let short = "China and the United States signed an agreement. ";
    let readings = scorer.score(&[short, &short.repeat(100)]).unwrap();
    assert_eq!(readings[0].windows, 1);
    assert!(readings[1].windows >= 4, "{}", readings[1].windows);
    assert!((readings[0].tension() - readings[1].tension()).abs() < 0.3, "{readings:?}");
}

#[test]
fn plain_readings_have_the_right_sign() {
    let dyad = Dyad::us_china().unwrap();
    for name in OWN {
        let plain = load(&own(name), 2048);
        let scorer: Box<dyn Scorer + '_> =
            if plain.marks() { Box::new(Marked::new(Box::new(plain), &dyad)) } else { Box::new(plain) };
        let readings = scorer
            .score(&[
                "Beijing condemned the new U.S. tariffs and vowed to retaliate.",
                "The United States and China signed a trade agreement and lifted tariffs.",
                "The river is four hundred miles long.",
            ])
            .unwrap();
        assert!(readings[0].tension() > 0.4 && readings[1].tension() < -0.4, "{name}: {readings:?}");
        let plain = readings[2];
        assert!(plain.tension().abs() < 0.15 && plain.relevance.unwrap() < 0.5, "{name}: {readings:?}");
    }
}

#[test]
fn half_precision_in_the_file_is_single_in_use() {
    // Computing in half took six times as long and moved readings by 1e-3: batches would no longer agree to 1e-5.
    let scorer = load(&embedded(), 2048);
    let logits = scorer.logits(&["Beijing summoned the American ambassador."]).unwrap();
    assert!(
        logits[0][0].logits.iter().any(|logit| *logit != half_rounded(*logit)),
        "all logits are half-precision numbers"
    );
}

/// The nearest number with eleven significant bits, as half precision has.
fn half_rounded(x: f32) -> f32 {
    let scale = 2.0_f32.powi(10 - x.abs().log2().floor() as i32);
    (x * scale).round() / scale
}

/// A copy of the tiny BERT to spoil.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(tiny("bert")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    folder
}

fn refusal(folder: &Path) -> String {
    let opened = ModelFolder::open(folder, None);
    match opened.and_then(|folder| TorchScorer::load(&folder, &TorchOptions::default())) {
        Ok(_) => panic!("{} was taken", folder.display()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn weights_that_do_not_fit_are_refused() {
    let folder = copy();
    let config = folder.path().join("config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\"hidden_size\": 32", "\"hidden_size\": 64")).unwrap();
    assert!(refusal(folder.path()).contains("does not fit config.json"), "{}", refusal(folder.path()));
}

#[test]
fn a_tokenizer_from_vocab_txt_is_the_same() {
    let folder = copy();
    let with_json = load(&tiny("bert"), 2048);
    std::fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
    let with_vocab = load(folder.path(), 2048);
    let expected: Expected = read(&tiny("bert").join("expected.json"));
    for sentence in &expected.sentences {
        assert_eq!(
            with_vocab.token_ids(sentence).unwrap(),
            with_json.token_ids(sentence).unwrap(),
            "{sentence}"
        );
    }
    std::fs::remove_file(folder.path().join("vocab.txt")).unwrap();
    assert!(refusal(folder.path()).contains("no tokenizer.json"));
}
