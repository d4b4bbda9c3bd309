//! MPNet sequence classifiers, for inference only, with the arithmetic and names of transformers; rust-bert has none.
//!
//! A BERT whose layers share a table of attention biases by distance, counted on a logarithmic scale as in T5.

use rust_bert::Activation;
use serde::Deserialize;
use tch::{Kind, Tensor, nn};

/// Row of the position table before the first token's; padding has this one.
const PADDING: i64 = 1;
/// Distances from which on all share a bucket.
const FARTHEST: f64 = 128.0;

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
    layer_norm_eps: Option<f64>,
    relative_attention_num_buckets: Option<i64>,
}

/// The network: embeddings, layers, head.
pub(super) struct MpnetClassifier {
    words: nn::Embedding,
    positions: nn::Embedding,
    norm: nn::LayerNorm,
    /// Attention bias of each head by bucket of distance: `[buckets, heads]`.
    distances: nn::Embedding,
    layers: Vec<Layer>,
    dense: nn::Linear,
    labels: nn::Linear,
}

struct Layer {
    heads: i64,
    query: nn::Linear,
    key: nn::Linear,
    value: nn::Linear,
    attended: nn::Linear,
    attended_norm: nn::LayerNorm,
    intermediate: nn::Linear,
    act: Activation,
    output: nn::Linear,
    output_norm: nn::LayerNorm,
}

impl MpnetClassifier {
    /// The network with its weights still to be loaded into `root`'s store.
    ///
    /// # Errors
    /// The configuration contradicts itself; in words.
    pub(super) fn new(root: &nn::Path, config: &Config) -> Result<MpnetClassifier, String> {
        let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
        if heads < 1 || hidden % heads != 0 {
            return Err(format!("hidden_size {hidden} is not a multiple of num_attention_heads {heads}"));
        }
        let buckets = config.relative_attention_num_buckets.unwrap_or(32);
        if buckets < 4 {
            return Err(format!("relative_attention_num_buckets is {buckets}, fewer than 4"));
        }
        let (mpnet, head) = (root / "mpnet", root / "classifier");
        let (embeddings, encoder) = (&mpnet / "embeddings", &mpnet / "encoder");
        let table = |name: &str, rows| nn::embedding(&embeddings / name, rows, hidden, Default::default());
        Ok(MpnetClassifier {
            words: table("word_embeddings", config.vocab_size),
            positions: table("position_embeddings", config.max_position_embeddings),
            norm: norm(&embeddings, config),
            distances: nn::embedding(
                &encoder / "relative_attention_bias",
                buckets,
                heads,
                Default::default(),
            ),
            layers: (0..config.num_hidden_layers)
                .map(|at| Layer::new(&(&encoder / "layer" / at), config))
                .collect(),
            dense: linear(&head / "dense", hidden, hidden),
            labels: linear(&head / "out_proj", hidden, config.id2label.len() as i64),
        })
    }

    /// Logits `[batch, labels]` of token ids and their mask (1 token, 0 padding), both `[batch, length]`.
    pub(super) fn logits(&self, ids: &Tensor, mask: &Tensor) -> Tensor {
        let mask = mask.to_kind(Kind::Int64);
        let positions = mask.cumsum(1, Kind::Int64) * &mask + PADDING;
        let mut hidden = (ids.apply(&self.words) + positions.apply(&self.positions)).apply(&self.norm);
        let padding = mask.eq(0).unsqueeze(1).unsqueeze(1);
        let bias = self.bias(ids.size()[1]);
        for layer in &self.layers {
            hidden = layer.forward(&hidden, &padding, &bias);
        }
        hidden.select(1, 0).apply(&self.dense).tanh().apply(&self.labels)
    }

    /// What each head adds to a pair's attention by the distance of its tokens: `[1, heads, length, length]`.
    fn bias(&self, length: i64) -> Tensor {
        let at = Tensor::arange(length, (Kind::Int64, self.distances.ws.device()));
        let distance = at.unsqueeze(1) - at.unsqueeze(0);
        bucketed(&distance, self.distances.ws.size()[0])
            .apply(&self.distances)
            .permute([2, 0, 1])
            .unsqueeze(0)
    }
}

/// Buckets of signed distances: one half for tokens before, one for those after; near ones singly, far ones by their logarithm.
fn bucketed(distance: &Tensor, buckets: i64) -> Tensor {
    let half = buckets / 2;
    let near = half / 2;
    let size = distance.abs();
    // In single precision, since the rounding down must fall as it does in transformers.
    let share =
        (size.clamp_min(near).to_kind(Kind::Float) / near as f64).log() / (FARTHEST / near as f64).ln();
    let far = (share * (half - near) as f64).to_kind(Kind::Int64) + near;
    let bucket = size.where_self(&size.lt(near), &far.clamp_max(half - 1));
    bucket + distance.lt(0).to_kind(Kind::Int64) * half
}

impl Layer {
    fn new(path: &nn::Path, config: &Config) -> Layer {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let attention = path / "attention";
        let square = |name: &str| linear(&attention / "attn" / name, hidden, hidden);
        Layer {
            heads: config.num_attention_heads,
            query: square("q"),
            key: square("k"),
            value: square("v"),
            attended: square("o"),
            attended_norm: norm(&attention, config),
            intermediate: linear(path / "intermediate" / "dense", hidden, inner),
            act: config.hidden_act,
            output: linear(path / "output" / "dense", inner, hidden),
            output_norm: norm(&(path / "output"), config),
        }
    }

    fn forward(&self, hidden: &Tensor, padding: &Tensor, bias: &Tensor) -> Tensor {
        let size = hidden.size();
        let split = |project| {
            let x: Tensor = hidden.apply(project);
            x.view([size[0], size[1], self.heads, -1]).transpose(1, 2)
        };
        let (query, key, value): (Tensor, Tensor, Tensor) =
            (split(&self.query), split(&self.key), split(&self.value));
        let scale = (query.size()[3] as f64).sqrt();
        let scores = query.matmul(&key.transpose(-1, -2)) / scale + bias;
        let weights = scores.masked_fill(padding, f64::NEG_INFINITY).softmax(-1, Kind::Float);
        let attended = weights.matmul(&value).transpose(1, 2).flatten(2, 3).apply(&self.attended);
        let attended = (attended + hidden).apply(&self.attended_norm);
        let inner = self.act.get_function().get_fn()(&attended.apply(&self.intermediate));
        (inner.apply(&self.output) + attended).apply(&self.output_norm)
    }
}

fn linear(path: nn::Path, from: i64, to: i64) -> nn::Linear {
    nn::linear(path, from, to, Default::default())
}

fn norm(path: &nn::Path, config: &Config) -> nn::LayerNorm {
    let eps = config.layer_norm_eps.unwrap_or(1e-12);
    let options = nn::LayerNormConfig { eps, ..Default::default() };
    nn::layer_norm(path / "LayerNorm", vec![config.hidden_size], options)
}

#[cfg(test)]
mod tests {
    use tch::Tensor;

    use super::bucketed;

    #[test]
    fn distances_fall_into_the_buckets_of_transformers() {
        // The right side is transformers' relative_position_bucket of memory − context.
        let distances: [i64; 14] = [0, 1, 7, 8, 9, 12, 16, 31, 32, 64, 127, 128, 500, -3];
        let expected: [i64; 14] = [0, 1, 7, 8, 8, 9, 10, 11, 12, 14, 15, 15, 15, 19];
        assert_eq!(bucketed(&Tensor::from_slice(&distances), 32), Tensor::from_slice(&expected));
    }
}
