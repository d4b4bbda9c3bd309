//! `model.toml`: what a model is, its files with SHA-256, and how its logits become a reading. A folder in plain
//! Hugging Face layout has none; then `config.json` says as much as it can, and nothing is guessed.

use std::path::Path;

use serde::Deserialize;

use super::config::Config;
use super::heads::{Heads, Polarity, Temperature, by_name, sentiment};
use crate::digest::sha256;
use crate::error::{Error, Result, io};

/// What `model.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The model's name.
    pub name: String,
    /// The model's version.
    #[serde(default)]
    pub version: String,
    /// What it was trained from.
    #[serde(default)]
    pub base: String,
    /// Licence of the weights.
    #[serde(default)]
    pub licence: String,
    /// `model_type` of the configuration where missing.
    #[serde(default)]
    architecture: Option<String>,
    #[serde(default)]
    max_tokens: Option<usize>,
    /// Slug of the dyad that the relevance and direction heads were trained on.
    #[serde(default)]
    pub dyad: Option<String>,
    /// Whether it reads sentences with the sides of that dyad marked (`Dyad::marked`).
    #[serde(default)]
    pub marks: bool,
    /// Whether it was found to read as well in 8-bit integers as in single precision (BERT only).
    #[serde(default)]
    pub int8: bool,
    #[serde(default)]
    reading: Option<ReadingSpec>,
    /// The files the program reads.
    #[serde(default)]
    pub files: Vec<ModelFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum ReadingSpec {
    Tension {
        intensity: [usize; 2],
        relevance: usize,
        direction: [usize; 2],
        #[serde(default)]
        temperature: Temperature,
    },
    Sentiment {
        polarity: Polarity,
    },
}

/// A file of a model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Name in the folder.
    pub name: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

impl ModelFile {
    /// Compares size and SHA-256 with the manifest.
    ///
    /// # Errors
    /// The file is missing or is not the one that the manifest names.
    pub fn verify(&self, folder: &Path) -> Result<()> {
        let restore = "restore the folder (git checkout, or download it again)";
        if self.name.contains(['/', '\\']) || self.name.starts_with('.') {
            return Err(Error::model(
                folder,
                format!("model.toml names a file outside the folder: {}", self.name),
                "mend model.toml",
            ));
        }
        let path = folder.join(&self.name);
        let Ok(metadata) = std::fs::metadata(&path) else {
            return Err(Error::model(folder, format!("{} is missing", self.name), restore));
        };
        if metadata.len() != self.bytes {
            let reason =
                format!("{} has {} bytes, model.toml says {}", self.name, metadata.len(), self.bytes);
            return Err(Error::model(folder, reason, restore));
        }
        if sha256(&path)? != self.sha256 {
            return Err(Error::model(
                folder,
                format!("{} does not have the SHA-256 that model.toml states", self.name),
                restore,
            ));
        }
        Ok(())
    }
}

/// Families of encoder that rust-bert implements and this program drives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// BERT.
    Bert,
    /// RoBERTa and XLM-RoBERTa.
    Roberta,
    /// DistilBERT.
    DistilBert,
    /// ELECTRA.
    Electra,
    /// DeBERTa.
    Deberta,
    /// DeBERTa v2 and v3.
    DebertaV2,
    /// ALBERT.
    Albert,
    /// MPNet.
    Mpnet,
}

impl Manifest {
    /// The manifest of a folder, and whether there is a `model.toml` (else it is made from the folder's name).
    ///
    /// # Errors
    /// `model.toml` is there and wrong.
    pub fn read(folder: &Path) -> Result<(Manifest, bool)> {
        let path = folder.join("model.toml");
        if path.exists() {
            let text = std::fs::read_to_string(&path).map_err(io(&path, "read"))?;
            let manifest: Manifest = toml::from_str(&text).map_err(|error| {
                Error::model(
                    folder,
                    format!("model.toml: {}", error.to_string().trim()),
                    "compare with models/tension-minilm-l6/model.toml",
                )
            })?;
            for name in ["config.json", "model.safetensors"] {
                if !manifest.files.iter().any(|file| file.name == name) {
                    return Err(Error::model(
                        folder,
                        format!("model.toml lists no {name}"),
                        "list every file with its bytes and sha256",
                    ));
                }
            }
            return Ok((manifest, true));
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let empty = String::new();
        Ok((
            Manifest {
                name,
                version: empty.clone(),
                base: empty.clone(),
                licence: empty,
                architecture: None,
                max_tokens: None,
                dyad: None,
                marks: false,
                int8: false,
                reading: None,
                files: Vec::new(),
            },
            false,
        ))
    }

    /// The family of the encoder.
    ///
    /// # Errors
    /// It is one that this program does not drive.
    pub fn architecture(&self, folder: &Path, config: &Config) -> Result<Architecture> {
        let name = self.architecture.as_deref().unwrap_or(&config.model_type);
        Ok(match name {
            "bert" => Architecture::Bert,
            "roberta" | "xlm-roberta" | "camembert" => Architecture::Roberta,
            "distilbert" => Architecture::DistilBert,
            "electra" => Architecture::Electra,
            "deberta" => Architecture::Deberta,
            "deberta-v2" => Architecture::DebertaV2,
            "albert" => Architecture::Albert,
            "mpnet" => Architecture::Mpnet,
            other => {
                return Err(Error::model(
                    folder,
                    format!("the architecture '{other}' is not supported"),
                    "use a BERT, RoBERTa, DistilBERT, ELECTRA, DeBERTa, ALBERT or MPNet classifier",
                ));
            }
        })
    }

    /// Most tokens of a window, special tokens included.
    ///
    /// # Errors
    /// Neither the manifest nor the configuration says.
    pub fn max_tokens(&self, folder: &Path, config: &Config) -> Result<usize> {
        // Their positions begin after the padding index, 1.
        let shifted =
            matches!(self.architecture(folder, config)?, Architecture::Roberta | Architecture::Mpnet);
        let reserved = if shifted { 2 } else { 0 };
        let most = config.positions.map(|positions| positions.saturating_sub(reserved).min(512));
        let tokens = match (self.max_tokens, most) {
            (Some(stated), Some(most)) => stated.min(most),
            (Some(tokens), None) | (None, Some(tokens)) => tokens,
            (None, None) => 512,
        };
        if tokens < 8 {
            return Err(Error::model(
                folder,
                format!("{tokens} tokens are too few to read a sentence"),
                "mend max_tokens or max_position_embeddings",
            ));
        }
        Ok(tokens)
    }

    /// How logits become a reading: the manifest's word, else the user's, else the labels' own names.
    ///
    /// # Errors
    /// A label has no polarity, or the heads do not fit the number of labels.
    pub fn heads(&self, folder: &Path, config: &Config, polarity: Option<&Polarity>) -> Result<Heads> {
        let labels = config.labels.as_slice();
        let heads = match (&self.reading, polarity) {
            (Some(ReadingSpec::Tension { intensity, relevance, direction, temperature }), None) => {
                if intensity[1] != intensity[0] + 7 || direction[1] != direction[0] + 3 {
                    return Err(Error::model(
                        folder,
                        "model.toml: intensity has 7 logits and direction 3",
                        "mend [reading]",
                    ));
                }
                if !temperature.is_sound() {
                    return Err(Error::model(
                        folder,
                        "model.toml: a temperature is not above 0",
                        "mend [reading]",
                    ));
                }
                Heads::Tension {
                    intensity: intensity[0],
                    relevance: *relevance,
                    direction: direction[0],
                    temperature: *temperature,
                }
            }
            (Some(ReadingSpec::Tension { .. }), Some(_)) => {
                return Err(Error::model(
                    folder,
                    "this model reads tension, its labels have no polarity",
                    "leave --polarity out",
                ));
            }
            (Some(ReadingSpec::Sentiment { polarity }), None) | (_, Some(polarity)) => {
                sentiment(folder, labels, polarity)?
            }
            (None, None) => sentiment(folder, labels, &by_name(folder, labels)?)?,
        };
        let fits = match heads {
            Heads::Tension { .. } => heads.width() <= labels.len(),
            Heads::Sentiment { .. } => heads.width() == labels.len(),
        };
        if !fits {
            return Err(Error::model(
                folder,
                format!("the heads take {} logits, config.json has {} labels", heads.width(), labels.len()),
                "mend model.toml",
            ));
        }
        Ok(heads)
    }
}
