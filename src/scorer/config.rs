//! `config.json` and the header of `model.safetensors`, checked against each other before any memory is taken for them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result, io};

/// The parts of `config.json` that matter outside the network.
#[derive(Clone, Debug)]
pub struct Config {
    /// Family of the encoder, e.g. `bert`.
    pub model_type: String,
    /// Labels in the order of the logits.
    pub labels: Vec<String>,
    /// Positions that the encoder knows.
    pub positions: Option<usize>,
}

/// Largest header of a safetensors file that is read, bytes.
const LARGEST_HEADER: u64 = 100 << 20;

#[derive(Deserialize)]
struct Tensor {
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

impl Config {
    /// Reads a folder's configuration and compares it with its weights.
    ///
    /// # Errors
    /// A size is missing or out of any reason, or the weights are of another network.
    pub fn read(folder: &Path) -> Result<Config> {
        let path = folder.join("config.json");
        let text = std::fs::read_to_string(&path).map_err(io(&path, "read"))?;
        let wrong = |reason: String| {
            Error::model(
                folder,
                format!("config.json: {reason}"),
                "it must be the model's own Hugging Face configuration",
            )
        };
        let json: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let sizes = Sizes::read(&json).map_err(wrong)?;
        sizes.compare(&header(folder)?).map_err(|reason| {
            Error::model(
                folder,
                format!("model.safetensors does not fit config.json: {reason}"),
                "restore the folder",
            )
        })?;
        let labels: BTreeMap<u32, String> = serde_json::from_value(json["id2label"].clone())
            .map_err(|error| wrong(format!("id2label: {error}")))?;
        if !labels.keys().copied().eq(0..labels.len() as u32) {
            return Err(wrong(format!(
                "id2label must number its labels from 0 to {}",
                labels.len().saturating_sub(1)
            )));
        }
        Ok(Config {
            model_type: json["model_type"]
                .as_str()
                .ok_or_else(|| wrong("model_type is missing".into()))?
                .to_owned(),
            labels: labels.into_values().collect(),
            positions: json["max_position_embeddings"].as_u64().map(|positions| positions as usize),
        })
    }
}

/// Sizes that decide how much memory a network takes.
struct Sizes {
    vocabulary: u64,
    embedding: u64,
    layers: u64,
    /// Whether the layers share their weights (ALBERT).
    shared: bool,
}

impl Sizes {
    fn read(json: &Value) -> Result<Sizes, String> {
        // By architecture the same size has two names.
        let size = |names: &[&str], low: u64, high: u64| -> Result<Option<u64>, String> {
            let Some((name, value)) = names.iter().find_map(|name| json.get(name).map(|value| (name, value)))
            else {
                return Ok(None);
            };
            match value.as_u64() {
                Some(size) if (low..=high).contains(&size) => Ok(Some(size)),
                _ if value.is_null() => Ok(None),
                _ => Err(format!("{name} is {value}, not a number from {low} to {high}")),
            }
        };
        let needed =
            |names: &[&str], high: u64| size(names, 1, high)?.ok_or(format!("{} is missing", names[0]));
        let hidden = needed(&["hidden_size", "dim"], 16_384)?;
        let heads = needed(&["num_attention_heads", "n_heads"], 1024)?;
        let layers = needed(&["num_hidden_layers", "n_layers"], 200)?;
        let vocabulary = needed(&["vocab_size"], 5_000_000)?;
        needed(&["intermediate_size", "hidden_dim"], 131_072)?;
        size(&["max_position_embeddings"], 8, 1_000_000)?;
        size(&["type_vocab_size"], 0, 1024)?;
        size(&["pooler_hidden_size"], 1, 16_384)?;
        size(&["num_hidden_groups"], 1, 200)?;
        size(&["inner_group_num"], 1, 200)?;
        size(&["pad_token_id"], 0, vocabulary - 1)?;
        let embedding = size(&["embedding_size"], 1, 16_384)?.unwrap_or(hidden);
        if hidden % heads != 0 {
            return Err(format!("{heads} attention heads do not divide a hidden size of {hidden}"));
        }
        Ok(Sizes { vocabulary, embedding, layers, shared: json["model_type"] == "albert" })
    }

    fn compare(&self, tensors: &BTreeMap<String, Tensor>) -> Result<(), String> {
        let words = tensors.iter().find(|(name, _)| name.ends_with("word_embeddings.weight"));
        match words {
            None => return Err("it has no word embeddings".into()),
            Some((name, tensor)) if tensor.shape != [self.vocabulary, self.embedding] => {
                let (vocabulary, embedding) = (self.vocabulary, self.embedding);
                return Err(format!(
                    "{name} has the shape {:?}, not [{vocabulary}, {embedding}]",
                    tensor.shape
                ));
            }
            Some(_) => {}
        }
        let numbered = tensors
            .keys()
            .filter_map(|name| name.split_once(".layer.")?.1.split('.').next()?.parse::<u64>().ok());
        let layers = numbered.max().map_or(0, |last| last + 1);
        if !self.shared && layers != self.layers {
            return Err(format!("it has {layers} layers, config.json says {}", self.layers));
        }
        Ok(())
    }
}

/// Names, shapes and places of the tensors of `model.safetensors`.
fn header(folder: &Path) -> Result<BTreeMap<String, Tensor>> {
    let path = folder.join("model.safetensors");
    let damaged = |reason: String| {
        Error::model(
            folder,
            format!("model.safetensors: {reason}"),
            "restore the folder (git checkout, or download it again)",
        )
    };
    let mut file = File::open(&path).map_err(io(&path, "open"))?;
    let size = file.metadata().map_err(io(&path, "read"))?.len();
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(|_| damaged("it is too short to be one".into()))?;
    let length = u64::from_le_bytes(length);
    if length > LARGEST_HEADER || length > size.saturating_sub(8) {
        return Err(damaged(format!("its header claims {length} bytes of a file of {size}")));
    }
    let mut text = Vec::new();
    file.take(length).read_to_end(&mut text).map_err(io(&path, "read"))?;
    let mut entries: BTreeMap<String, Value> =
        serde_json::from_slice(&text).map_err(|error| damaged(format!("its header is damaged: {error}")))?;
    entries.remove("__metadata__");
    let tensors: BTreeMap<String, Tensor> = entries
        .into_iter()
        .map(|(name, value)| Ok((name, serde_json::from_value(value)?)))
        .collect::<Result<_, serde_json::Error>>()
        .map_err(|error| damaged(format!("its header is damaged: {error}")))?;
    let end = tensors.values().map(|tensor| tensor.data_offsets[1]).max().unwrap_or(0);
    if end > size - 8 - length {
        return Err(damaged(format!(
            "it is cut off: its tensors end at byte {}, the file has {size}",
            end.saturating_add(8 + length)
        )));
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoiled(change: impl FnOnce(&mut Value)) -> String {
        let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tiny/bert");
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(tiny.join("model.safetensors"), folder.path().join("model.safetensors")).unwrap();
        let mut json: Value =
            serde_json::from_str(&std::fs::read_to_string(tiny.join("config.json")).unwrap()).unwrap();
        change(&mut json);
        std::fs::write(folder.path().join("config.json"), json.to_string()).unwrap();
        Config::read(folder.path()).err().map_or("taken".into(), |error| error.to_string())
    }

    #[test]
    fn sizes_out_of_reason_are_refused_before_memory_is_taken() {
        assert_eq!(spoiled(|_| {}), "taken");
        for (key, value) in [
            ("hidden_size", Value::from(-4)),
            ("hidden_size", Value::from(1_u64 << 40)),
            ("hidden_size", Value::from(33)),
            ("num_hidden_layers", Value::from(0)),
            ("num_hidden_layers", Value::from(10_000_000)),
            ("num_hidden_layers", Value::from(1)),
            ("num_attention_heads", Value::from(5)),
            ("vocab_size", Value::from(77)),
            ("type_vocab_size", Value::from(1 << 30)),
            ("pad_token_id", Value::from(1 << 30)),
            ("intermediate_size", Value::from("many")),
            ("id2label", serde_json::json!({ "1": "NEGATIVE", "2": "POSITIVE" })),
            ("model_type", Value::Null),
        ] {
            let refusal = spoiled(|json| json[key] = value.clone());
            assert!(refusal.contains("config.json"), "{key} {value}: {refusal}");
        }
    }

    #[test]
    fn weights_that_are_cut_off_are_refused() {
        let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tiny/bert");
        let weights = std::fs::read(tiny.join("model.safetensors")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let refusal = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            header(folder.path()).err().map_or("taken".into(), |error| error.to_string())
        };
        assert_eq!(refusal(&weights), "taken");
        assert!(refusal(&weights[..weights.len() - 1]).contains("cut off"));
        assert!(refusal(&weights[..5]).contains("too short"));
        assert!(refusal(&[&[0xff; 8], &weights[8..]].concat()).contains("claims"));
        assert!(refusal(&[&weights[..8], &vec![b'x'; weights.len() - 8]].concat()).contains("damaged"));
    }
}
