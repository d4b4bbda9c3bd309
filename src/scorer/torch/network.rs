//! The encoders with their classification heads: rust-bert's where they agree with transformers, else our own.

use rust_bert::RustBertError;
use rust_bert::albert::{AlbertConfig, AlbertForSequenceClassification};
use rust_bert::bert::{BertConfig, BertForSequenceClassification};
use rust_bert::distilbert::{DistilBertConfig, DistilBertModelClassifier};
use rust_bert::electra::{ElectraConfig, ElectraModel};
use rust_bert::roberta::{RobertaConfig, RobertaForSequenceClassification};
use serde::de::DeserializeOwned;
use tch::{Kind, Tensor, nn};

use super::deberta::{self, DebertaClassifier, Generation};
use super::mpnet::{self, MpnetClassifier};
use crate::error::{Error, Result};
use crate::scorer::folder::ModelFolder;
use crate::scorer::manifest::Architecture;

// One of these in a program: what a variant takes does not matter.
#[allow(clippy::large_enum_variant)]
pub enum Network {
    Bert(BertForSequenceClassification),
    Roberta(RobertaForSequenceClassification),
    DistilBert(DistilBertModelClassifier),
    Electra(ElectraClassifier),
    Deberta(DebertaClassifier),
    Albert(AlbertForSequenceClassification),
    Mpnet(MpnetClassifier),
}

/// ELECTRA's classification head, which rust-bert lacks: `[CLS]` → dense → GELU → labels.
pub struct ElectraClassifier {
    encoder: ElectraModel,
    dense: nn::Linear,
    labels: nn::Linear,
}

impl Network {
    /// Logits, `[batch, labels]`, of token ids and their attention mask (1 for a token, 0 for padding), both `[batch, length]`.
    ///
    /// # Errors
    /// rust-bert's own.
    pub fn logits(&self, token_ids: &Tensor, attention_mask: &Tensor) -> Result<Tensor, RustBertError> {
        let (ids, mask) = (Some(token_ids), Some(attention_mask));
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
            Network::Deberta(network) => network.logits(token_ids, attention_mask),
            Network::Albert(network) => network.forward_t(ids, mask, None, None, None, false).logits,
            Network::Mpnet(network) => network.logits(token_ids, attention_mask),
        })
    }
}

/// The configuration as an architecture has it.
///
/// # Errors
/// It is not one of that architecture.
pub fn parsed<C: DeserializeOwned>(folder: &ModelFolder, config: &serde_json::Value) -> Result<C> {
    serde_json::from_value(config.clone()).map_err(|error| {
        Error::model(
            &folder.path,
            format!("config.json is not one of this architecture: {error}"),
            "restore it, or save it with a current transformers",
        )
    })
}

/// Builds the network of a folder; its weights are still to be loaded into `weights`.
///
/// # Errors
/// The configuration is not one of this architecture.
pub fn build(
    folder: &ModelFolder,
    config: &mut serde_json::Value,
    weights: &nn::VarStore,
) -> Result<Network> {
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
        Architecture::Deberta | Architecture::DebertaV2 => {
            let generation =
                if folder.architecture == Architecture::Deberta { Generation::V1 } else { Generation::V2 };
            let config: deberta::Config = parsed(folder, config)?;
            Network::Deberta(DebertaClassifier::new(&root, &config, generation).map_err(|reason| {
                Error::model(&folder.path, format!("config.json: {reason}"), "use another model")
            })?)
        }
        Architecture::Albert => Network::Albert(
            AlbertForSequenceClassification::new(&root, &parsed::<AlbertConfig>(folder, config)?)
                .map_err(refused)?,
        ),
        Architecture::Mpnet => {
            let config: mpnet::Config = parsed(folder, config)?;
            Network::Mpnet(MpnetClassifier::new(&root, &config).map_err(|reason| {
                Error::model(&folder.path, format!("config.json: {reason}"), "use another model")
            })?)
        }
    })
}
