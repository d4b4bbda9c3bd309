//! Seconds that a Rust reader takes for the sentences of a file, one a line; printed by itself. For scripts/bench_peers.py.
//!
//!     sentences MODEL_FOLDER SENTENCES (f32 | int8 | rust-bert)

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use rust_bert::pipelines::common::{ModelResource, ModelType};
use rust_bert::pipelines::sequence_classification::{
    SequenceClassificationConfig, SequenceClassificationModel,
};
use rust_bert::resources::LocalResource;
use tensiometer::scorer::{ModelFolder, Precision, Scorer, TorchOptions, TorchScorer};

/// Sentences read before the clock starts.
const WARM_UP: usize = 32;
/// Sentences that rust-bert's pipeline gets at once: it pads them to the longest.
const BATCH: usize = 32;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, file, reader] = arguments.as_slice() else {
        bail!("sentences MODEL_FOLDER SENTENCES (f32 | int8 | rust-bert)");
    };
    let folder = Path::new(folder);
    let text = std::fs::read_to_string(file).with_context(|| format!("{file}: cannot read"))?;
    let sentences: Vec<&str> = text.lines().collect();
    let warm = &sentences[..WARM_UP.min(sentences.len())];
    let seconds = match reader.as_str() {
        "f32" | "int8" => {
            let precision = if reader == "int8" { Precision::Int8 } else { Precision::F32 };
            let options = TorchOptions { precision, ..TorchOptions::default() };
            let scorer = TorchScorer::load(&ModelFolder::open(folder, None)?, &options)?;
            scorer.score(warm)?;
            let began = Instant::now();
            scorer.score(&sentences)?;
            began.elapsed()
        }
        "rust-bert" => {
            let local = |name: &str| Box::new(LocalResource::from(folder.join(name)));
            let model = SequenceClassificationModel::new(SequenceClassificationConfig::new(
                ModelType::Bert,
                ModelResource::Torch(local("model.safetensors")),
                *local("config.json"),
                *local("vocab.txt"),
                None,
                true,
                None,
                None,
            ))?;
            model.predict(warm);
            let began = Instant::now();
            sentences.chunks(BATCH).for_each(|batch| drop(model.predict(batch)));
            began.elapsed()
        }
        other => bail!("{other}: not one of f32, int8, rust-bert"),
    };
    println!("{}", seconds.as_secs_f64());
    Ok(())
}
