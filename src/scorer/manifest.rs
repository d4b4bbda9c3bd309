//! `model.toml`: what a model is, its files with SHA-256, and how its logits become a reading. A folder in plain
//! Hugging Face layout has none; then `config.json` says as much as it can, and nothing is guessed.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::Reading;
use super::folder::sha256;
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

/// Divisors of the logits of each head, fitted on a development set.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Temperature {
    intensity: f32,
    relevance: f32,
    direction: f32,
}

impl Default for Temperature {
    fn default() -> Self {
        Temperature { intensity: 1.0, relevance: 1.0, direction: 1.0 }
    }
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
}

/// How logits become a reading.
#[derive(Clone, Debug, PartialEq)]
pub enum Heads {
    /// Three heads side by side: intensity −3…+3, relevance, direction; logits' places and temperatures.
    Tension {
        /// First of the seven intensity logits.
        intensity: usize,
        /// The relevance logit.
        relevance: usize,
        /// First of the three direction logits: A→B, B→A, mutual.
        direction: usize,
        /// Divisors of the logits.
        temperature: Temperature,
    },
    /// A sentiment classifier: logits of labels that are negative, positive, neutral.
    Sentiment {
        /// Polarity of every label: −1, 0, +1.
        labels: Vec<i8>,
    },
}

impl Heads {
    /// How many logits the heads take in all; `None` where any number will do.
    pub fn width(&self) -> usize {
        match self {
            Heads::Tension { intensity, relevance, direction, .. } => {
                (intensity + 7).max(relevance + 1).max(direction + 3)
            }
            Heads::Sentiment { labels } => labels.len(),
        }
    }

    /// The reading of one logits vector.
    pub fn read(&self, logits: &[f32]) -> Reading {
        match self {
            Heads::Tension { intensity, relevance, direction, temperature } => {
                let levels = softmax(&logits[*intensity..intensity + 7], temperature.intensity);
                let d = softmax(&logits[*direction..direction + 3], temperature.direction);
                Reading {
                    conflict: (levels[4] + 2.0 * levels[5] + 3.0 * levels[6]) / 3.0,
                    cooperation: (levels[2] + 2.0 * levels[1] + 3.0 * levels[0]) / 3.0,
                    relevance: Some(1.0 / (1.0 + (-logits[*relevance] / temperature.relevance).exp())),
                    direction: Some([d[0], d[1], d[2]]),
                    windows: 1,
                }
            }
            Heads::Sentiment { labels } => {
                let p = softmax(logits, 1.0);
                let sum = |polarity: i8| {
                    labels.iter().zip(&p).filter(|(label, _)| **label == polarity).map(|(_, p)| p).sum()
                };
                Reading {
                    conflict: sum(-1),
                    cooperation: sum(1),
                    relevance: None,
                    direction: None,
                    windows: 1,
                }
            }
        }
    }
}

fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = logits.iter().map(|logit| ((logit - max) / temperature).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.iter().map(|exp| exp / sum).collect()
}

/// Which labels are positive, negative and neutral, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Polarity {
    /// Labels of positive sentiment.
    #[serde(default)]
    pub positive: Vec<String>,
    /// Labels of negative sentiment.
    #[serde(default)]
    pub negative: Vec<String>,
    /// Labels of no sentiment.
    #[serde(default)]
    pub neutral: Vec<String>,
}

impl std::str::FromStr for Polarity {
    type Err = String;

    /// Reads `negative=LABEL_0,neutral=LABEL_1,positive=LABEL_2`; a kind may be given more than once.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut polarity = Polarity::default();
        for part in text.split(',') {
            let (kind, label) = part.split_once('=').ok_or_else(|| format!("'{part}' is not KIND=LABEL"))?;
            let list = match kind.trim() {
                "positive" => &mut polarity.positive,
                "negative" => &mut polarity.negative,
                "neutral" => &mut polarity.neutral,
                other => return Err(format!("'{other}' is not a polarity; use positive, negative, neutral")),
            };
            list.push(label.trim().to_owned());
        }
        if polarity.positive.is_empty() || polarity.negative.is_empty() {
            return Err("name at least one positive and one negative label".into());
        }
        Ok(polarity)
    }
}

/// The parts of `config.json` that matter here.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    model_type: String,
    #[serde(default)]
    id2label: BTreeMap<u32, String>,
    #[serde(default)]
    max_position_embeddings: Option<usize>,
}

/// Reads `config.json`.
///
/// # Errors
/// It cannot be read or is no transformer configuration.
pub fn config(folder: &Path) -> Result<Config> {
    let path = folder.join("config.json");
    let text = std::fs::read_to_string(&path).map_err(io(&path, "read"))?;
    serde_json::from_str(&text).map_err(|error| {
        Error::model(folder, format!("config.json: {error}"), "it must be a Hugging Face model configuration")
    })
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
            other => {
                return Err(Error::model(
                    folder,
                    format!("the architecture '{other}' is not supported"),
                    "use a BERT, RoBERTa, DistilBERT, ELECTRA, DeBERTa or ALBERT classifier",
                ));
            }
        })
    }

    /// Most tokens of a window, special tokens included.
    ///
    /// # Errors
    /// Neither the manifest nor the configuration says.
    pub fn max_tokens(&self, folder: &Path, config: &Config) -> Result<usize> {
        // RoBERTa's positions begin after the padding index, 1.
        let reserved =
            if matches!(self.architecture(folder, config)?, Architecture::Roberta) { 2 } else { 0 };
        let most =
            config.max_position_embeddings.map(|positions| positions.saturating_sub(reserved).min(512));
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
    pub fn heads(&self, folder: &Path, polarity: Option<&Polarity>) -> Result<Heads> {
        let labels: Vec<String> = config(folder)?.id2label.into_values().collect();
        let heads = match (&self.reading, polarity) {
            (Some(ReadingSpec::Tension { intensity, relevance, direction, temperature }), None) => {
                if intensity[1] != intensity[0] + 7 || direction[1] != direction[0] + 3 {
                    return Err(Error::model(
                        folder,
                        "model.toml: intensity has 7 logits and direction 3",
                        "mend [reading]",
                    ));
                }
                if [temperature.intensity, temperature.relevance, temperature.direction]
                    .iter()
                    .any(|t| !t.is_finite() || *t <= 0.0)
                {
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
                sentiment(folder, &labels, polarity)?
            }
            (None, None) => sentiment(folder, &labels, &by_name(folder, &labels)?)?,
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

fn sentiment(folder: &Path, labels: &[String], polarity: &Polarity) -> Result<Heads> {
    let of = |label: &String| {
        let is = |list: &[String]| list.iter().any(|name| name == label);
        match (is(&polarity.negative), is(&polarity.neutral), is(&polarity.positive)) {
            (true, false, false) => Some(-1),
            (false, true, false) => Some(0),
            (false, false, true) => Some(1),
            _ => None,
        }
    };
    let polarities: Vec<i8> = labels
        .iter()
        .map(|label| of(label).ok_or_else(|| without_polarity(folder, labels, label)))
        .collect::<Result<_>>()?;
    if !polarities.contains(&-1) || !polarities.contains(&1) {
        return Err(without_polarity(folder, labels, "negative or positive"));
    }
    Ok(Heads::Sentiment { labels: polarities })
}

/// Polarity by label name, in any case: positive/pos, negative/neg, neutral/neu.
fn by_name(folder: &Path, labels: &[String]) -> Result<Polarity> {
    let mut polarity = Polarity::default();
    for label in labels {
        match label.to_lowercase().as_str() {
            "positive" | "pos" => polarity.positive.push(label.clone()),
            "negative" | "neg" => polarity.negative.push(label.clone()),
            "neutral" | "neu" => polarity.neutral.push(label.clone()),
            _ => return Err(without_polarity(folder, labels, label)),
        }
    }
    Ok(polarity)
}

fn without_polarity(folder: &Path, labels: &[String], label: &str) -> Error {
    Error::model(
        folder,
        format!("no polarity is known for the label '{label}' (labels: {})", labels.join(", ")),
        "say which is which, e.g. --polarity negative=LABEL_0,positive=LABEL_1",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn polarity_goes_by_name_never_by_place() {
        let folder = Path::new("m");
        let heads = |names: &[&str]| {
            by_name(folder, &labels(names)).and_then(|p| sentiment(folder, &labels(names), &p))
        };
        assert_eq!(heads(&["POSITIVE", "NEGATIVE"]).unwrap(), Heads::Sentiment { labels: vec![1, -1] });
        assert_eq!(heads(&["neg", "neu", "pos"]).unwrap(), Heads::Sentiment { labels: vec![-1, 0, 1] });
        assert!(heads(&["LABEL_0", "LABEL_1"]).unwrap_err().to_string().contains("--polarity"));
        assert!(heads(&["positive", "neutral"]).is_err());
        let given: Polarity = "negative=LABEL_0,positive=LABEL_1".parse().unwrap();
        assert_eq!(
            sentiment(folder, &labels(&["LABEL_0", "LABEL_1"]), &given).unwrap(),
            Heads::Sentiment { labels: vec![-1, 1] }
        );
        assert!("positive=a".parse::<Polarity>().is_err());
    }

    #[test]
    fn a_sure_level_is_its_third() {
        let heads =
            Heads::Tension { intensity: 0, relevance: 7, direction: 8, temperature: Temperature::default() };
        for level in 0..7 {
            let mut logits = [0.0_f32; 11];
            logits[level] = 60.0;
            let reading = heads.read(&logits);
            assert!((reading.tension() - (level as f32 - 3.0) / 3.0).abs() < 1e-6);
        }
    }

    proptest! {
        #[test]
        fn readings_stay_in_range(logits in proptest::collection::vec(-20.0_f32..20.0, 11)) {
            let heads = Heads::Tension { intensity: 0, relevance: 7, direction: 8, temperature: Temperature::default() };
            for reading in [heads.read(&logits), Heads::Sentiment { labels: vec![-1, 0, 1] }.read(&logits[..3])] {
                prop_assert!((0.0..=1.0).contains(&reading.conflict) && (0.0..=1.0).contains(&reading.cooperation));
                prop_assert!(reading.tension().abs() <= 1.0 + 1e-6);
                prop_assert!(reading.relevance.is_none_or(|r| (0.0..=1.0).contains(&r)));
                prop_assert!(reading.direction.is_none_or(|d| (d.iter().sum::<f32>() - 1.0).abs() < 1e-5));
            }
        }
    }
}
