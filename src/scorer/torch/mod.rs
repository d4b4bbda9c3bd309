//! The transformer: rust-bert's encoders on libtorch. This folder is the only place that names `tch` or `rust_bert`.
//!
//! Every forward pass gets an attention mask, so that a sentence's reading does not depend on its batch-mates.
//! Sentences are sorted by length and batched by a token budget.

mod deberta;
mod hub;
mod int8;
mod mpnet;
mod network;
mod tokenizer;
mod weights;

pub use hub::fetch;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tch::{Kind, Tensor, nn};
use tokenizers::Tokenizer;

use self::network::Network;
use self::tokenizer::Window;
use super::folder::ModelFolder;
use super::heads::Heads;
use super::manifest::Architecture;
use super::reading::{Reading, Scorer};
use super::{Device, Precision};
use crate::error::{Error, Result, io};

/// Most tokens in one batch of a GPU, to begin with.
const DEVICE_TOKENS: usize = 1 << 17;

/// How the transformer runs.
#[derive(Clone, Debug)]
pub struct TorchOptions {
    /// Threads of one forward pass; all cores where `None`.
    pub threads: Option<usize>,
    /// Most tokens in one batch, padding included.
    pub batch_tokens: usize,
    /// What is computed in.
    pub precision: Precision,
    /// What computes.
    pub device: Device,
}

impl Default for TorchOptions {
    fn default() -> Self {
        TorchOptions { threads: None, batch_tokens: 2048, precision: Precision::Auto, device: Device::Auto }
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
    engine: Engine,
    padding: i64,
    vocabulary: i64,
    /// Most tokens in one batch; less once a device has had no memory for as many.
    batch_tokens: AtomicUsize,
}

// One of these in a program: what a variant takes does not matter.
#[allow(clippy::large_enum_variant)]
enum Engine {
    Float {
        network: Network,
        device: tch::Device,
        /// Holds the weights that `network` points into.
        _weights: nn::VarStore,
    },
    Int8(int8::Workers),
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
        all_threads(); // before a model in 8-bit integers has changed it
        let mut config = raw_config(folder)?;
        let tokenizer = tokenizer::load(&folder.path, folder.architecture, folder.max_tokens)?;
        let device = device(folder, options.device)?;
        let engine = match int8_is_used(folder, device, options.precision)? {
            true => Engine::Int8(int8_workers(folder, &config, &tokenizer, options)?),
            false => float(folder, &mut config, device, options)?,
        };
        let hash = match engine {
            Engine::Int8(_) => format!("{}+int8", folder.hash),
            Engine::Float { .. } => folder.hash.clone(),
        };
        let number = |key: &str| config[key].as_i64();
        Ok(TorchScorer {
            name: folder.manifest.name.clone(),
            hash,
            dyad: folder.manifest.dyad.clone(),
            marks: folder.manifest.marks,
            heads: folder.heads.clone(),
            tokenizer,
            engine,
            padding: number("pad_token_id").unwrap_or(0),
            vocabulary: number("vocab_size").unwrap_or(i64::MAX),
            batch_tokens: AtomicUsize::new(match device {
                tch::Device::Cpu => options.batch_tokens,
                _ => options.batch_tokens.max(DEVICE_TOKENS),
            }),
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
        let mut logits: Vec<Vec<WindowLogits>> =
            windows.iter().map(|list| vec![WindowLogits::default(); list.len()]).collect();
        let (network, device) = match &self.engine {
            Engine::Float { network, device, .. } => (network, *device),
            Engine::Int8(workers) => {
                let ids: Vec<&[i64]> = flat.iter().map(|(_, _, window)| window.ids.as_slice()).collect();
                let rows = workers.logits(&ids).map_err(|error| self.failed(&error))?;
                for ((sentence, at, window), row) in flat.iter().zip(rows) {
                    logits[*sentence][*at] =
                        WindowLogits { logits: self.checked(row)?, tokens: window.tokens };
                }
                return Ok(logits);
            }
        };
        flat.sort_by_key(|(sentence, at, window)| (window.ids.len(), *sentence, *at));
        let mut rest = flat.as_slice();
        while !rest.is_empty() {
            // Sorted by length: the last of a batch is its longest.
            let most = self.batch_tokens.load(Ordering::Relaxed);
            let fits = |count: usize| count * rest[count - 1].2.ids.len() <= most;
            let count = (1..=rest.len()).take_while(|&count| count == 1 || fits(count)).last().unwrap_or(1);
            let (batch, after) = rest.split_at(count);
            let ids: Vec<&[i64]> = batch.iter().map(|(_, _, window)| window.ids.as_slice()).collect();
            let rows = match self.forward(network, device, &ids) {
                // Half as much is tried from here on; what one sentence takes is the least.
                Err(error) if count > 1 && error.to_string().contains("out of memory") => {
                    self.batch_tokens.store(most / 2, Ordering::Relaxed);
                    continue;
                }
                outcome => outcome?,
            };
            for ((sentence, at, window), row) in batch.iter().zip(rows) {
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
    fn forward(&self, network: &Network, device: tch::Device, rows: &[&[i64]]) -> Result<Vec<Vec<f32>>> {
        let longest = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let mut ids = vec![self.padding; rows.len() * longest];
        let mut mask = vec![0_i64; rows.len() * longest];
        for (at, row) in rows.iter().enumerate() {
            ids[at * longest..][..row.len()].copy_from_slice(row);
            mask[at * longest..][..row.len()].fill(1);
        }
        let shape = [rows.len() as i64, longest as i64];
        let ids = Tensor::from_slice(&ids).view(shape).to_device(device);
        let mask = Tensor::from_slice(&mask).view(shape).to_device(device);
        let logits = tch::no_grad(|| network.logits(&ids, &mask)).map_err(|error| self.failed(&error))?;
        let flat: Vec<f32> =
            Vec::try_from(logits.to_kind(Kind::Float).to_device(tch::Device::Cpu).contiguous().view(-1))
                .map_err(|error| self.failed(&error))?;
        let width = flat.len() / rows.len().max(1);
        flat.chunks(width.max(1)).map(|row| self.checked(row.to_vec())).collect()
    }

    /// A row of logits that the heads can read.
    fn checked(&self, row: Vec<f32>) -> Result<Vec<f32>> {
        if row.len() < self.heads.width() {
            let (found, wanted) = (row.len(), self.heads.width());
            return Err(self.failed(&format!("{found} logits where the heads take {wanted}")));
        }
        if row.iter().any(|logit| !logit.is_finite()) {
            return Err(self.failed(&"a logit is not a number; the weights are damaged"));
        }
        Ok(row)
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> Error {
        Error::Scorer(format!("model {}: {error}", self.name))
    }
}

/// Threads of a forward pass as libtorch chooses them.
fn all_threads() -> i32 {
    static ALL: OnceLock<i32> = OnceLock::new();
    *ALL.get_or_init(tch::get_num_threads)
}

/// The device that is asked for, where libtorch has it.
fn device(folder: &ModelFolder, asked: Device) -> Result<tch::Device> {
    let none = |name: &str| {
        Err(Error::model(
            &folder.path,
            format!("this libtorch has no {name} here"),
            "leave --device out, or set LIBTORCH to a libtorch 2.4.0 that has it and build again",
        ))
    };
    match asked {
        Device::Auto => Ok(tch::Device::cuda_if_available()),
        Device::Cpu => Ok(tch::Device::Cpu),
        Device::Cuda if tch::Cuda::is_available() => Ok(tch::Device::Cuda(0)),
        Device::Cuda => none("CUDA device"),
        Device::Mps if tch::utils::has_mps() => Ok(tch::Device::Mps),
        Device::Mps => none("MPS device"),
    }
}

/// Whether a model is to be computed in 8-bit integers: where asked for, or where its manifest says that it was found to read
/// as well so and the processor serves it.
fn int8_is_used(folder: &ModelFolder, device: tch::Device, precision: Precision) -> Result<bool> {
    let refused = |reason: &str| Err(Error::model(&folder.path, reason, "leave --precision out"));
    match precision {
        Precision::F32 => Ok(false),
        Precision::Auto => Ok(folder.manifest.int8 && device == tch::Device::Cpu && int8::served()),
        Precision::Int8 if device != tch::Device::Cpu => refused("8-bit integers are for the CPU"),
        Precision::Int8 if folder.architecture != Architecture::Bert => {
            refused("8-bit integers are for BERT models")
        }
        Precision::Int8 if !int8::served() => {
            refused("this processor has no instructions for 8-bit integers (AVX-512 VNNI)")
        }
        Precision::Int8 => Ok(true),
    }
}

fn int8_workers(
    folder: &ModelFolder,
    config: &serde_json::Value,
    tokenizer: &Tokenizer,
    options: &TorchOptions,
) -> Result<int8::Workers> {
    let config = network::parsed(folder, config)?;
    let sample: Vec<i64> = tokenizer::windows(tokenizer, &[int8::SAMPLE])?.swap_remove(0).swap_remove(0).ids;
    let threads =
        options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    weights::read(&folder.path.join("model.safetensors"))
        .and_then(|weights| int8::Workers::new(&weights, &config, &sample, threads))
        .map_err(|error| misfit(folder, &error))
}

fn float(
    folder: &ModelFolder,
    config: &mut serde_json::Value,
    device: tch::Device,
    options: &TorchOptions,
) -> Result<Engine> {
    let threads = options.threads.map(|threads| i32::try_from(threads).unwrap_or(i32::MAX));
    tch::set_num_threads(threads.unwrap_or_else(all_threads));
    let mut store = nn::VarStore::new(device);
    let network = network::build(folder, config, &store)?;
    weights::load(&store, &folder.path.join("model.safetensors")).map_err(|error| misfit(folder, &error))?;
    store.freeze();
    Ok(Engine::Float { network, device, _weights: store })
}

fn misfit(folder: &ModelFolder, error: &tch::TchError) -> Error {
    let first = error.to_string().lines().next().unwrap_or_default().to_owned();
    Error::model(
        &folder.path,
        format!("model.safetensors does not fit config.json: {first}"),
        "restore the folder, or check that it holds a classifier",
    )
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
