//! The transformer: rust-bert's encoders on libtorch. The only file that names `tch` or `rust_bert`.
//!
//! Every forward pass gets an attention mask and position-independent padding, so that a sentence's reading does not
//! depend on its batch-mates. Sentences are sorted by length and batched by a token budget.

use std::path::{Path, PathBuf};

use rust_bert::RustBertError;
use rust_bert::albert::{AlbertConfig, AlbertForSequenceClassification};
use rust_bert::bert::{BertConfig, BertForSequenceClassification};
use rust_bert::deberta::{DebertaConfig, DebertaForSequenceClassification};
use rust_bert::deberta_v2::{DebertaV2Config, DebertaV2ForSequenceClassification};
use rust_bert::distilbert::{DistilBertConfig, DistilBertModelClassifier};
use rust_bert::electra::{ElectraConfig, ElectraModel};
use rust_bert::resources::{RemoteResource, ResourceProvider};
use rust_bert::roberta::{RobertaConfig, RobertaForSequenceClassification};
use serde::de::DeserializeOwned;
use tch::{Device, Kind, Tensor, nn};
use tokenizers::Tokenizer;

use super::folder::ModelFolder;
use super::heads::Heads;
use super::manifest::Architecture;
use super::reading::{Reading, Scorer};
use super::tokenizer::{self, Window};
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
    heads: Heads,
    tokenizer: Tokenizer,
    network: Network,
    padding: i64,
    vocabulary: i64,
    options: TorchOptions,
    /// Holds the weights that `network` points into.
    _weights: nn::VarStore,
}

// One of these in a program: what a variant takes does not matter.
#[allow(clippy::large_enum_variant)]
enum Network {
    Bert(BertForSequenceClassification),
    Roberta(RobertaForSequenceClassification),
    DistilBert(DistilBertModelClassifier),
    Electra(ElectraClassifier),
    Deberta(DebertaForSequenceClassification),
    DebertaV2(DebertaV2ForSequenceClassification),
    Albert(AlbertForSequenceClassification),
}

/// The logits of one window of a sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowLogits {
    /// One for each label of the model.
    pub logits: Vec<f32>,
    /// The sentence's own tokens in the window.
    pub tokens: usize,
}

/// ELECTRA's classification head, which rust-bert lacks: `[CLS]` → dense → GELU → labels.
struct ElectraClassifier {
    encoder: ElectraModel,
    dense: nn::Linear,
    labels: nn::Linear,
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
        let mut weights = nn::VarStore::new(Device::Cpu);
        let network = build(folder, &mut config, &weights)?;
        let refused = |error: tch::TchError| {
            let first = error.to_string().lines().next().unwrap_or_default().to_owned();
            Error::model(
                &folder.path,
                format!("model.safetensors does not fit config.json: {first}"),
                "restore the folder, or check that it holds a classifier",
            )
        };
        weights.load(folder.path.join("model.safetensors")).map_err(refused)?;
        // Loading takes over the file's own precision; half is for the disk, and slow to compute in.
        weights.float();
        weights.freeze();
        let number = |key: &str| config[key].as_i64();
        Ok(TorchScorer {
            name: folder.manifest.name.clone(),
            hash: folder.hash.clone(),
            dyad: folder.manifest.dyad.clone(),
            heads: folder.heads.clone(),
            tokenizer: tokenizer::load(&folder.path, folder.architecture, folder.max_tokens)?,
            network,
            padding: number("pad_token_id").unwrap_or(0),
            vocabulary: number("vocab_size").unwrap_or(i64::MAX),
            options: options.clone(),
            _weights: weights,
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

impl Network {
    fn logits(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor, RustBertError> {
        let (ids, mask) = (Some(ids), Some(mask));
        Ok(match self {
            Network::Bert(network) => network.forward_t(ids, mask, None, None, None, false).logits,
            Network::Roberta(network) => network.forward_t(ids, mask, None, None, None, false).logits,
            Network::DistilBert(network) => network.forward_t(ids, mask, None, false)?.logits,
            Network::Electra(network) => {
                // rust-bert's ELECTRA adds the mask to the attention scores as it is, where its BERT turns 0 and 1 into
                // −10000 and 0 first; so it gets the turned one.
                let added = mask.map(|mask: &Tensor| (1_i64 - mask).to_kind(Kind::Float) * -10_000.0);
                let hidden =
                    network.encoder.forward_t(ids, added.as_ref(), None, None, None, false)?.hidden_state;
                hidden.select(1, 0).apply(&network.dense).gelu("none").apply(&network.labels)
            }
            Network::Deberta(network) => network.forward_t(ids, mask, None, None, None, false)?.logits,
            Network::DebertaV2(network) => network.forward_t(ids, mask, None, None, None, false)?.logits,
            Network::Albert(network) => network.forward_t(ids, mask, None, None, None, false).logits,
        })
    }
}

fn raw_config(folder: &ModelFolder) -> Result<serde_json::Value> {
    let path = folder.path.join("config.json");
    let text = std::fs::read_to_string(&path).map_err(io(&path, "read"))?;
    serde_json::from_str(&text)
        .map_err(|error| Error::model(&folder.path, format!("config.json: {error}"), "restore it"))
}

fn parsed<C: DeserializeOwned>(folder: &ModelFolder, config: &serde_json::Value) -> Result<C> {
    serde_json::from_value(config.clone()).map_err(|error| {
        Error::model(
            &folder.path,
            format!("config.json is not one of this architecture: {error}"),
            "restore it, or save it with a current transformers",
        )
    })
}

fn build(folder: &ModelFolder, config: &mut serde_json::Value, weights: &nn::VarStore) -> Result<Network> {
    let root = weights.root();
    let refused =
        |error: RustBertError| Error::model(&folder.path, format!("config.json: {error}"), "restore it");
    Ok(match folder.architecture {
        Architecture::Bert => Network::Bert(
            BertForSequenceClassification::new(&root, &parsed::<BertConfig>(folder, config)?)
                .map_err(refused)?,
        ),
        Architecture::Roberta => {
            config["pad_token_id"] = config["pad_token_id"].as_i64().unwrap_or(1).into();
            Network::Roberta(
                RobertaForSequenceClassification::new(&root, &parsed::<RobertaConfig>(folder, config)?)
                    .map_err(refused)?,
            )
        }
        Architecture::DistilBert => {
            // Asked for by rust-bert, left out by current transformers, and without bearing on a classifier.
            config["tie_weights_"] = config["tie_weights_"].as_bool().unwrap_or(true).into();
            Network::DistilBert(
                DistilBertModelClassifier::new(&root, &parsed::<DistilBertConfig>(folder, config)?)
                    .map_err(refused)?,
            )
        }
        Architecture::Electra => {
            let electra: ElectraConfig = parsed(folder, config)?;
            let labels = electra.id2label.as_ref().map_or(0, |labels| labels.len()) as i64;
            let head = &root / "classifier";
            Network::Electra(ElectraClassifier {
                encoder: ElectraModel::new(&root / "electra", &electra),
                dense: nn::linear(
                    &head / "dense",
                    electra.hidden_size,
                    electra.hidden_size,
                    Default::default(),
                ),
                labels: nn::linear(&head / "out_proj", electra.hidden_size, labels, Default::default()),
            })
        }
        Architecture::Deberta => Network::Deberta(
            DebertaForSequenceClassification::new(&root, &parsed::<DebertaConfig>(folder, config)?)
                .map_err(refused)?,
        ),
        Architecture::DebertaV2 => Network::DebertaV2(
            DebertaV2ForSequenceClassification::new(&root, &parsed::<DebertaV2Config>(folder, config)?)
                .map_err(refused)?,
        ),
        Architecture::Albert => Network::Albert(
            AlbertForSequenceClassification::new(&root, &parsed::<AlbertConfig>(folder, config)?)
                .map_err(refused)?,
        ),
    })
}

/// Fetches a model of the hub through rust-bert's cache and gives a folder that holds it.
///
/// # Errors
/// The hub cannot be reached, or the model has no safetensors there.
pub fn fetch(model: &str) -> Result<PathBuf> {
    let name = model.strip_prefix("hub:").unwrap_or(model);
    let folder = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("tensiometer/hub")
        .join(name);
    std::fs::create_dir_all(&folder).map_err(io(&folder, "make"))?;
    for (file, needed) in [
        ("config.json", true),
        ("model.safetensors", true),
        ("tokenizer.json", false),
        ("tokenizer_config.json", false),
        ("vocab.txt", false),
        ("vocab.json", false),
        ("merges.txt", false),
    ] {
        let target = folder.join(file);
        if target.exists() {
            continue;
        }
        let address = format!("https://huggingface.co/{name}/resolve/main/{file}");
        match RemoteResource::new(&address, &format!("{name}/{file}")).get_local_path() {
            Ok(cached) => {
                std::fs::hard_link(&cached, &target)
                    .or_else(|_| std::fs::copy(&cached, &target).map(drop))
                    .map_err(io(&target, "write"))?;
            }
            Err(error) if needed => {
                return Err(Error::model(
                    Path::new(name),
                    format!("{file} could not be fetched from the hub ({error})"),
                    "check the name and the network, or fetch the folder elsewhere and give its path to --model",
                ));
            }
            Err(_) => {} // the other kinds of tokenizer file are looked for in turn
        }
    }
    Ok(folder)
}
