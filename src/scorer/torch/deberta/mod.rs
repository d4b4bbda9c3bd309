//! DeBERTa v1, v2 and v3 sequence classifiers, for inference only, with the arithmetic and names of transformers.
//!
//! rust-bert 0.23 has these networks too, but its `disentangled_att_bias` differs from transformers:
//! - `models/deberta/attention.rs` takes `query_layer.size()[1]`, which is the number of heads, for the sequence
//!   length in `attention_span`, so that tokens further apart than there are heads count as that far apart.
//! - `models/deberta_v2/attention.rs` looks up `relative_pos` where `relative_pos + att_span` is meant, divides both
//!   position terms by `scale` instead of its root, and divides `(max_position - 1) / mid` as integers.

mod attention;

use rust_bert::Activation;
use serde::Deserialize;
use tch::{Kind, Tensor, nn};

use attention::{Attention, Positions, Relative};

/// What `config.json` says; what it may leave out is as in transformers.
#[derive(Deserialize)]
pub(super) struct Config {
    vocab_size: i64,
    hidden_size: i64,
    intermediate_size: i64,
    num_hidden_layers: i64,
    num_attention_heads: i64,
    max_position_embeddings: i64,
    hidden_act: Activation,
    id2label: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    type_vocab_size: i64,
    embedding_size: Option<i64>,
    position_biased_input: Option<bool>,
    layer_norm_eps: Option<f64>,
    pooler_hidden_act: Option<Activation>,
    relative_attention: Option<bool>,
    max_relative_positions: Option<i64>,
    pos_att_type: Option<Names>,
    talking_head: Option<bool>,
    // Of v2 and v3 alone:
    position_buckets: Option<i64>,
    share_att_key: Option<bool>,
    norm_rel_ebd: Option<Names>,
    conv_kernel_size: Option<i64>,
    conv_groups: Option<i64>,
    conv_act: Option<Activation>,
}

/// `"p2c|c2p"` or `["p2c", "c2p"]`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    Joined(String),
    List(Vec<String>),
}

impl Names {
    fn list(&self) -> Vec<String> {
        match self {
            Names::Joined(names) => names.to_lowercase().split('|').map(|name| name.trim().into()).collect(),
            Names::List(names) => names.clone(),
        }
    }
}

/// Which DeBERTa: v3 is v2 trained otherwise.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Generation {
    V1,
    V2,
}

/// The network: embeddings, encoder, pooler, labels.
pub(super) struct DebertaClassifier {
    embeddings: Embeddings,
    relative: Option<Relative>,
    layers: Vec<Layer>,
    convolution: Option<Convolution>,
    pooler: nn::Linear,
    pooler_act: Activation,
    labels: nn::Linear,
}

struct Embeddings {
    words: nn::Embedding,
    positions: Option<nn::Embedding>,
    kinds: Option<nn::Embedding>,
    project: Option<nn::Linear>,
    norm: nn::LayerNorm,
}

struct Layer {
    attention: Attention,
    attended: Residual,
    intermediate: nn::Linear,
    act: Activation,
    output: Residual,
}

struct Residual {
    dense: nn::Linear,
    norm: nn::LayerNorm,
}

/// Added to the first layer's output by the large v2 models.
struct Convolution {
    conv: nn::Conv1D,
    act: Activation,
    norm: nn::LayerNorm,
}

impl DebertaClassifier {
    /// The network with its weights still to be loaded into `root`'s store.
    ///
    /// # Errors
    /// The configuration contradicts itself, or asks for what is not computed here; in words.
    pub(super) fn new(
        root: &nn::Path,
        config: &Config,
        generation: Generation,
    ) -> Result<DebertaClassifier, String> {
        let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
        if heads < 1 || hidden % heads != 0 {
            return Err(format!("hidden_size {hidden} is not a multiple of num_attention_heads {heads}"));
        }
        if config.talking_head == Some(true) {
            return Err("talking_head is not supported".into());
        }
        let terms = config.pos_att_type.as_ref().map(Names::list).unwrap_or_default();
        if let Some(other) = terms.iter().find(|term| !["c2p", "p2c"].contains(&term.as_str())) {
            return Err(format!("pos_att_type {other:?} is not supported, only \"c2p\" and \"p2c\" are"));
        }
        let (deberta, v2) = (root / "deberta", generation == Generation::V2);
        let encoder = &deberta / "encoder";
        let layer = |at| Layer::new(&(&encoder / "layer" / at), config, generation, &terms);
        let kernel = config.conv_kernel_size.filter(|kernel| v2 && *kernel > 0);
        Ok(DebertaClassifier {
            embeddings: Embeddings::new(&(&deberta / "embeddings"), config),
            relative: (config.relative_attention == Some(true))
                .then(|| Relative::new(&encoder, config, generation)),
            layers: (0..config.num_hidden_layers).map(layer).collect(),
            convolution: kernel.map(|kernel| Convolution::new(&(&encoder / "conv"), config, kernel)),
            pooler: linear(root / "pooler" / "dense", hidden, hidden, true),
            pooler_act: config.pooler_hidden_act.unwrap_or(Activation::gelu),
            labels: linear(root / "classifier", hidden, config.id2label.len() as i64, true),
        })
    }

    /// Logits `[batch, labels]` of token ids and their mask (1 token, 0 padding), both `[batch, length]`.
    pub(super) fn logits(&self, ids: &Tensor, mask: &Tensor) -> Tensor {
        let embedded = self.embeddings.forward(ids, mask);
        let positions = self.relative.as_ref().map(|relative| relative.positions(ids.size()[1]));
        let padding = mask.eq(0).unsqueeze(1).unsqueeze(1);
        let mut hidden = embedded.shallow_clone();
        for (at, layer) in self.layers.iter().enumerate() {
            hidden = layer.forward(&hidden, &padding, positions.as_ref());
            if let Some(convolution) = self.convolution.as_ref().filter(|_| at == 0) {
                hidden = convolution.forward(&embedded, &hidden);
            }
        }
        activate(self.pooler_act, &hidden.select(1, 0).apply(&self.pooler)).apply(&self.labels)
    }
}

impl Embeddings {
    fn new(path: &nn::Path, config: &Config) -> Embeddings {
        let (hidden, size) = (config.hidden_size, config.embedding_size.unwrap_or(config.hidden_size));
        let table = |name: &str, rows| nn::embedding(path / name, rows, size, Default::default());
        Embeddings {
            words: table("word_embeddings", config.vocab_size),
            positions: config
                .position_biased_input
                .unwrap_or(true)
                .then(|| table("position_embeddings", config.max_position_embeddings)),
            kinds: (config.type_vocab_size > 0)
                .then(|| table("token_type_embeddings", config.type_vocab_size)),
            project: (size != hidden).then(|| linear(path / "embed_proj", size, hidden, false)),
            norm: norm(path, config),
        }
    }

    fn forward(&self, ids: &Tensor, mask: &Tensor) -> Tensor {
        let mut sum = ids.apply(&self.words);
        if let Some(positions) = &self.positions {
            sum += Tensor::arange(ids.size()[1], (Kind::Int64, ids.device())).apply(positions);
        }
        if let Some(kinds) = &self.kinds {
            sum += ids.zeros_like().apply(kinds);
        }
        if let Some(project) = &self.project {
            sum = sum.apply(project);
        }
        // Padding is kept out of the attention later; the convolution must find zeros there.
        sum.apply(&self.norm) * mask.unsqueeze(-1)
    }
}

impl Layer {
    fn new(path: &nn::Path, config: &Config, generation: Generation, terms: &[String]) -> Layer {
        let attention = path / "attention";
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        Layer {
            attention: Attention::new(&(&attention / "self"), config, generation, terms),
            attended: Residual::new(&(&attention / "output"), config, hidden),
            intermediate: linear(path / "intermediate" / "dense", hidden, inner, true),
            act: config.hidden_act,
            output: Residual::new(&(path / "output"), config, inner),
        }
    }

    fn forward(&self, hidden: &Tensor, padding: &Tensor, positions: Option<&Positions>) -> Tensor {
        let attended = self.attended.forward(&self.attention.forward(hidden, padding, positions), hidden);
        let inner = activate(self.act, &attended.apply(&self.intermediate));
        self.output.forward(&inner, &attended)
    }
}

impl Residual {
    fn new(path: &nn::Path, config: &Config, from: i64) -> Residual {
        Residual { dense: linear(path / "dense", from, config.hidden_size, true), norm: norm(path, config) }
    }

    fn forward(&self, x: &Tensor, residual: &Tensor) -> Tensor {
        (x.apply(&self.dense) + residual).apply(&self.norm)
    }
}

impl Convolution {
    fn new(path: &nn::Path, config: &Config, kernel: i64) -> Convolution {
        let options = nn::ConvConfig {
            padding: (kernel - 1) / 2,
            groups: config.conv_groups.unwrap_or(1),
            ..Default::default()
        };
        Convolution {
            conv: nn::conv1d(path / "conv", config.hidden_size, config.hidden_size, kernel, options),
            act: config.conv_act.unwrap_or(Activation::tanh),
            norm: norm(path, config),
        }
    }

    fn forward(&self, embedded: &Tensor, hidden: &Tensor) -> Tensor {
        let out = embedded.transpose(1, 2).apply(&self.conv).transpose(1, 2);
        (activate(self.act, &out) + hidden).apply(&self.norm)
    }
}

fn linear(path: nn::Path, from: i64, to: i64, bias: bool) -> nn::Linear {
    nn::linear(path, from, to, nn::LinearConfig { bias, ..Default::default() })
}

fn norm(path: &nn::Path, config: &Config) -> nn::LayerNorm {
    let eps = config.layer_norm_eps.unwrap_or(1e-7);
    nn::layer_norm(
        path / "LayerNorm",
        vec![config.hidden_size],
        nn::LayerNormConfig { eps, ..Default::default() },
    )
}

fn activate(act: Activation, x: &Tensor) -> Tensor {
    act.get_function().get_fn()(x)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};
    use tch::{Device, nn};

    use super::{Config, DebertaClassifier, Generation};

    fn refusal(key: &str, value: Value) -> Option<String> {
        let mut config = json!({
            "vocab_size": 10, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
            "num_attention_heads": 2, "max_position_embeddings": 16, "hidden_act": "gelu",
            "relative_attention": true, "pos_att_type": "c2p|p2c", "id2label": {"0": "a", "1": "b"},
        });
        config[key] = value;
        let config: Config = serde_json::from_value(config).unwrap();
        let weights = nn::VarStore::new(Device::Cpu);
        DebertaClassifier::new(&weights.root(), &config, Generation::V1).err()
    }

    #[test]
    fn what_is_not_computed_is_refused() {
        assert_eq!(refusal("pos_att_type", json!(["c2p"])), None);
        assert_eq!(refusal("talking_head", json!(true)).unwrap(), "talking_head is not supported");
        assert!(refusal("pos_att_type", json!("c2p|p2p")).unwrap().contains("\"p2p\" is not supported"));
        assert!(refusal("num_attention_heads", json!(3)).unwrap().contains("is not a multiple"));
        assert!(refusal("num_attention_heads", json!(0)).unwrap().contains("is not a multiple"));
    }
}
