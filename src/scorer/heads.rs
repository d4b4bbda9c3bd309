//! How logits become a reading: the three heads of a tension model, or the labels of a sentiment classifier, whose
//! polarity goes by their names and is never guessed.

use std::path::Path;

use serde::Deserialize;

use super::reading::Reading;
use crate::error::{Error, Result};

/// Divisors of the logits of each head, fitted on a development set.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Temperature {
    intensity: f32,
    relevance: f32,
    direction: f32,
}

impl Temperature {
    /// Whether every divisor is a number above 0.
    pub fn is_sound(&self) -> bool {
        [self.intensity, self.relevance, self.direction].iter().all(|t| t.is_finite() && *t > 0.0)
    }
}

impl Default for Temperature {
    fn default() -> Self {
        Temperature { intensity: 1.0, relevance: 1.0, direction: 1.0 }
    }
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
    /// How many logits the heads take in all.
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

pub fn sentiment(folder: &Path, labels: &[String], polarity: &Polarity) -> Result<Heads> {
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
pub fn by_name(folder: &Path, labels: &[String]) -> Result<Polarity> {
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
