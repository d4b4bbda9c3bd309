//! Scorers read sentences: plain text in, [`Reading`]s out. `torch.rs` is the transformer and the only file that
//! knows libtorch; `keywords.rs` is the word-list baseline.

mod folder;
mod keywords;
mod manifest;
#[cfg(feature = "torch")]
mod tokenizer;
#[cfg(feature = "torch")]
mod torch;

pub use folder::{ModelFolder, installed, locate, sha256};
pub use keywords::Keywords;
pub use manifest::{Architecture, Heads, Manifest, ModelFile, Polarity, Temperature};
#[cfg(feature = "torch")]
pub use torch::{TorchOptions, TorchScorer};

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What a scorer reads in one sentence. Tension is `conflict − cooperation`, in [−1, +1].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// x⁺ in [0, 1]: `Σ_{k>0} k·p_k / 3` over the levels, or the probability of the negative label.
    pub conflict: f32,
    /// x⁻ in [0, 1]: `Σ_{k<0} |k|·p_k / 3` over the levels, or the probability of the positive label.
    pub cooperation: f32,
    /// Probability in [0, 1] that the sentence concerns the scorer's own dyad; `None` where the scorer has no such head.
    pub relevance: Option<f32>,
    /// Probabilities of A→B, B→A, mutual; `None` where the scorer has no such head.
    pub direction: Option<[f32; 3]>,
    /// Windows the sentence was read in: 1 unless it was longer than the model takes.
    pub windows: u16,
}

impl Reading {
    /// x in [−1, +1].
    pub fn tension(&self) -> f32 {
        self.conflict - self.cooperation
    }
}

/// Reads sentences.
pub trait Scorer: Send {
    /// For people: the model's name.
    fn name(&self) -> &str;

    /// Identifies everything a reading depends on but the sentence, for the store and `run.json`.
    fn hash(&self) -> &str;

    /// Slug of the dyad that the relevance and direction heads were trained on, where there are such heads.
    fn dyad(&self) -> Option<&str>;

    /// One reading for each sentence, in order. A sentence's reading does not depend on its neighbours.
    ///
    /// # Errors
    /// The model fails on an input; nothing is returned for the others then.
    fn score(&self, sentences: &[&str]) -> Result<Vec<Reading>>;
}

/// Opens a scorer by what the user called it: `keywords`, an installed model's name, a folder, or a hub name `org/name`.
///
/// # Errors
/// There is no such model, its files are damaged or refused, or this build has no transformer.
pub fn open(model: &str, options: &OpenOptions) -> Result<Box<dyn Scorer>> {
    if model == "keywords" {
        return Ok(Box::new(Keywords::bundled()?));
    }
    open_transformer(model, options)
}

/// What is said about a model besides its name.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Which label is positive, negative, neutral, where the model does not say.
    pub polarity: Option<Polarity>,
    /// Threads of one forward pass; all cores where `None`.
    pub threads: Option<usize>,
}

#[cfg(feature = "torch")]
fn open_transformer(model: &str, options: &OpenOptions) -> Result<Box<dyn Scorer>> {
    let path = match locate(model)? {
        Some(path) => path,
        None => torch::fetch(model)?,
    };
    let folder = ModelFolder::open(&path, options.polarity.as_ref())?;
    let torch = TorchOptions { threads: options.threads, ..TorchOptions::default() };
    Ok(Box::new(TorchScorer::load(&folder, &torch)?))
}

#[cfg(not(feature = "torch"))]
fn open_transformer(model: &str, options: &OpenOptions) -> Result<Box<dyn Scorer>> {
    let path = locate(model)?.unwrap_or_else(|| model.into());
    if path.exists() {
        ModelFolder::open(&path, options.polarity.as_ref())?;
    }
    Err(Error::model(
        Path::new(model),
        "this build has no transformer (it was made without the feature `torch`)",
        "run scripts/setup.sh and build with default features, or use --model keywords",
    ))
}

/// The error for a name that is neither a folder, an installed model, nor a hub name.
fn unknown(model: &str) -> Error {
    let names: Vec<String> = installed().into_iter().map(|(name, _)| name).collect();
    let known = if names.is_empty() {
        "none is installed".to_owned()
    } else {
        format!("installed: {}", names.join(", "))
    };
    Error::model(
        Path::new(model),
        format!("there is no such model ({known})"),
        "name an installed one, `keywords`, a folder in Hugging Face layout, or a hub name such as org/name",
    )
}
