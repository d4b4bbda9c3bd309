//! The transformer: rust-bert's encoders on libtorch. This folder is the only place that names `tch` or `rust_bert`.
//!
//! Every forward pass gets an attention mask, so that a sentence's reading does not depend on its batch-mates.
//! Sentences are sorted by length and batched by a token budget.

mod deberta;
mod hub;
mod mpnet;
mod network;
mod tokenizer;
mod weights;

pub use hub::fetch;

use tch::{Device, Kind, Tensor, nn};
use tokenizers::Tokenizer;

use self::network::Network;
use self::tokenizer::Window;
use super::folder::ModelFolder;
use super::heads::Heads;
use super::reading::{Reading, Scorer};
use crate::error::{Error, Result, io};

/// How the transformer runs.
#[derive(Clone, Debug)]
pub struct TorchOptions {
    /// Threads of one forward pass; all cores where `None`.
    pub threads: Option<usize>,
    /// Most tokens in one batch, padding included.
    pub batch_tokens: usize,
}

impl Default for TorchOptions {
    fn default() -> Self {
        TorchOptions { threads: None, batch_tokens: 2048 }
    }
}

/// A transformer classifier, loaded.
pub struct TorchScorer {
    name: String,
    hash: String,
    dyad: Option<String>,
    marks: bool,
    heads: Heads,
    tokenizer: Tokenizer,
    network: Network,
    padding: i64,
    vocabulary: i64,
    options: TorchOptions,
    /// Holds the weights that `network` points into.
    _weights: nn::VarStore,
}

/// The logits of one window of a sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowLogits {
    /// One for each label of the model.
    pub logits: Vec<f32>,
    /// The sentence's own tokens in the window.
    pub tokens: usize,
}

impl TorchScorer {
    /// Loads a checked model folder.
    ///
    /// # Errors
    /// The configuration, the tokenizer or the weights do not fit one another.
    pub fn load(folder: &ModelFolder, options: &TorchOptions) -> Result<TorchScorer> {
        if let Some(threads) = options.threads {
            tch::set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX));
        }
        let mut config = raw_config(folder)?;
        let mut store = nn::VarStore::new(Device::Cpu);
        let network = network::build(folder, &mut config, &store)?;
        let refused = |error: tch::TchError| {
            let first = error.to_string().lines().next().unwrap_or_default().to_owned();
            Error::model(
                &folder.path,
                format!("model.safetensors does not fit config.json: {first}"),
                "restore the folder, or check that it holds a classifier",
            )
        };
        weights::load(&store, &folder.path.join("model.safetensors")).map_err(refused)?;
        store.freeze();
        let number = |key: &str| config[key].as_i64();
        Ok(TorchScorer {
            name: folder.manifest.name.clone(),
            hash: folder.hash.clone(),
            dyad: folder.manifest.dyad.clone(),
            marks: folder.manifest.marks,
            heads: folder.heads.clone(),
            tokenizer: tokenizer::load(&folder.path, folder.architecture, folder.max_tokens)?,
            network,
            padding: number("pad_token_id").unwrap_or(0),
            vocabulary: number("vocab_size").unwrap_or(i64::MAX),
            options: options.clone(),
            _weights: store,
        })
    }

    /// The logits of each window of each sentence, with the window's tokens: shape `[sentence][window]`.
    ///
    /// # Errors
    /// The tokenizer or the network fails.
    pub fn logits(&self, sentences: &[&str]) -> Result<Vec<Vec<WindowLogits>>> {
        let windows = tokenizer::windows(&self.tokenizer, sentences)?;
        let mut flat: Vec<(usize, usize, &Window)> = Vec::new();
        for (sentence, list) in windows.iter().enumerate() {
            flat.extend(list.iter().enumerate().map(|(at, window)| (sentence, at, window)));
        }
        if let Some(id) =
            flat.iter().flat_map(|(_, _, window)| &window.ids).find(|&&id| id >= self.vocabulary)
        {
            return Err(Error::Scorer(format!(
                "model {}: the tokenizer makes id {id}, the model knows {}; restore its files",
                self.name, self.vocabulary
            )));
        }
        flat.sort_by_key(|(sentence, at, window)| (window.ids.len(), *sentence, *at));
        let mut logits: Vec<Vec<WindowLogits>> =
            windows.iter().map(|list| vec![WindowLogits::default(); list.len()]).collect();
        let mut rest = flat.as_slice();
        while !rest.is_empty() {
            // Sorted by length: the last of a batch is its longest.
            let fits = |count: usize| count * rest[count - 1].2.ids.len() <= self.options.batch_tokens;
            let count = (1..=rest.len()).take_while(|&count| count == 1 || fits(count)).last().unwrap_or(1);
            let (batch, after) = rest.split_at(count);
            let ids: Vec<&[i64]> = batch.iter().map(|(_, _, window)| window.ids.as_slice()).collect();
            for ((sentence, at, window), row) in batch.iter().zip(self.forward(&ids)?) {
                logits[*sentence][*at] = WindowLogits { logits: row, tokens: window.tokens };
            }
            rest = after;
        }
        Ok(logits)
    }

    /// Token ids of each window of a sentence, special tokens included.
    ///
    /// # Errors
    /// The tokenizer's own.
    pub fn token_ids(&self, sentence: &str) -> Result<Vec<Vec<i64>>> {
        let mut windows = tokenizer::windows(&self.tokenizer, &[sentence])?;
        Ok(windows.pop().unwrap_or_default().into_iter().map(|window| window.ids).collect())
    }

    /// One padded batch through the network: a row of logits for each row of ids.
    fn forward(&self, rows: &[&[i64]]) -> Result<Vec<Vec<f32>>> {
        let longest = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let mut ids = vec![self.padding; rows.len() * longest];
        let mut mask = vec![0_i64; rows.len() * longest];
        for (at, row) in rows.iter().enumerate() {
            ids[at * longest..][..row.len()].copy_from_slice(row);
            mask[at * longest..][..row.len()].fill(1);
        }
        let shape = [rows.len() as i64, longest as i64];
        let ids = Tensor::from_slice(&ids).view(shape);
        let mask = Tensor::from_slice(&mask).view(shape);
        let failed = |error: &dyn std::fmt::Display| Error::Scorer(format!("model {}: {error}", self.name));
        let logits = tch::no_grad(|| self.network.logits(&ids, &mask)).map_err(|error| failed(&error))?;
        let flat: Vec<f32> = Vec::try_from(logits.to_kind(Kind::Float).contiguous().view(-1))
            .map_err(|error| failed(&error))?;
        let width = flat.len() / rows.len().max(1);
        if width < self.heads.width() {
            return Err(failed(&format!("{width} logits where the heads take {}", self.heads.width())));
        }
        if flat.iter().any(|logit| !logit.is_finite()) {
            return Err(failed(&"a logit is not a number; the weights are damaged"));
        }
        Ok(flat.chunks(width).map(<[f32]>::to_vec).collect())
    }
}

impl Scorer for TorchScorer {
    fn name(&self) -> &str {
        &self.name
    }

    fn hash(&self) -> &str {
        &self.hash
    }

    fn dyad(&self) -> Option<&str> {
        self.dyad.as_deref()
    }

    fn marks(&self) -> bool {
        self.marks
    }

    fn score(&self, sentences: &[&str]) -> Result<Vec<Reading>> {
        let logits = self.logits(sentences)?;
        Ok(logits.iter().map(|windows| average(&self.heads, windows)).collect())
    }
}

/// The mean reading of a sentence's windows, weighted by their tokens.
fn average(heads: &Heads, windows: &[WindowLogits]) -> Reading {
    // A sentence of no tokens is still read once, as the model reads its special tokens.
    let weight = |tokens: usize| tokens.max(1) as f32;
    let total: f32 = windows.iter().map(|window| weight(window.tokens)).sum();
    let readings: Vec<(Reading, f32)> =
        windows.iter().map(|window| (heads.read(&window.logits), weight(window.tokens) / total)).collect();
    let mean = |of: &dyn Fn(&Reading) -> f32| {
        readings.iter().map(|(reading, share)| of(reading) * share).sum::<f32>()
    };
    Reading {
        conflict: mean(&|r| r.conflict),
        cooperation: mean(&|r| r.cooperation),
        relevance: readings
            .iter()
            .all(|(r, _)| r.relevance.is_some())
            .then(|| mean(&|r| r.relevance.unwrap_or_default())),
        direction: readings
            .iter()
            .all(|(r, _)| r.direction.is_some())
            .then(|| [0, 1, 2].map(|at| mean(&|r| r.direction.unwrap_or_default()[at]))),
        windows: u16::try_from(windows.len()).unwrap_or(u16::MAX),
    }
}

fn raw_config(folder: &ModelFolder) -> Result<serde_json::Value> {
    let path = folder.path.join("config.json");
    let text = std::fs::read_to_string(&path).map_err(io(&path, "read"))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::model(&folder.path, format!("config.json: {error}"), "restore it"))
}
