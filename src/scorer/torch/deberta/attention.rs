//! Disentangled attention. Token i attends to token j by the sum of three products (content with content, content with
//! position, position with content); a position is a row of a table of embeddings, of which row `span + (i − j)`
//! serves the pair. v2 counts distances beyond half its buckets on a logarithmic scale, and is otherwise the same.

use tch::{Kind, Tensor, nn};

use super::{Config, Generation, linear, norm};

/// The table of relative positions: `2·span` rows.
pub(super) struct Relative {
    table: nn::Embedding,
    norm: Option<nn::LayerNorm>,
    span: i64,
    buckets: Option<i64>,
    longest: i64,
}

/// The rows of the table that a batch uses, and which of them serves each pair: `[rows, hidden]`, `[length, length]`.
pub(super) struct Positions {
    rows: Tensor,
    index: Tensor,
}

pub(super) struct Attention {
    heads: i64,
    scale: f64,
    content: Content,
    /// Positions as keys, for content to position.
    position_key: Option<nn::Linear>,
    /// Positions as queries, for position to content.
    position_query: Option<nn::Linear>,
}

enum Content {
    V1 { joint: nn::Linear, query_bias: Tensor, value_bias: Tensor },
    V2 { query: nn::Linear, key: nn::Linear, value: nn::Linear },
}

impl Relative {
    pub(super) fn new(encoder: &nn::Path, config: &Config, generation: Generation) -> Relative {
        let longest =
            config.max_relative_positions.filter(|most| *most > 0).unwrap_or(config.max_position_embeddings);
        let v2 = generation == Generation::V2;
        let buckets = config.position_buckets.filter(|buckets| v2 && *buckets > 0);
        let span = buckets.unwrap_or(longest);
        let normed =
            config.norm_rel_ebd.as_ref().is_some_and(|names| names.list().contains(&"layer_norm".into()));
        Relative {
            table: nn::embedding(
                encoder / "rel_embeddings",
                2 * span,
                config.hidden_size,
                Default::default(),
            ),
            norm: (v2 && normed).then(|| norm(encoder, config)),
            span,
            buckets,
            longest,
        }
    }

    pub(super) fn positions(&self, length: i64) -> Positions {
        let at = Tensor::arange(length, (Kind::Int64, self.table.ws.device()));
        let mut distance = at.unsqueeze(1) - at.unsqueeze(0);
        if let Some(buckets) = self.buckets {
            distance = bucketed(&distance, buckets, self.longest);
        }
        let index = (distance + self.span).clamp(0, 2 * self.span - 1);
        let (first, last) = (index.min().int64_value(&[]), index.max().int64_value(&[]));
        let mut rows = self.table.ws.narrow(0, first, last - first + 1);
        if let Some(norm) = &self.norm {
            rows = rows.apply(norm);
        }
        Positions { rows, index: index - first }
    }
}

/// Signed distances as they are up to half the buckets, and from there to `longest` on a logarithmic scale.
fn bucketed(distance: &Tensor, buckets: i64, longest: i64) -> Tensor {
    let middle = buckets / 2;
    let size = distance.abs();
    // In single precision, since the rounding up must fall as it does in transformers.
    let whole = ((longest - 1) as f32 / middle as f32).ln();
    let share = (size.clamp_min(middle) / middle).log() / f64::from(whole);
    let far = (share * (middle - 1)).ceil() + middle;
    distance.where_self(&size.le(middle), &(far * distance.sign()).to_kind(Kind::Int64))
}

impl Attention {
    pub(super) fn new(
        path: &nn::Path,
        config: &Config,
        generation: Generation,
        terms: &[String],
    ) -> Attention {
        let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
        let square = |name: &str, bias| linear(path / name, hidden, hidden, bias);
        let term =
            |name: &str| config.relative_attention == Some(true) && terms.iter().any(|term| term == name);
        let (content, position_key, position_query) = match generation {
            Generation::V1 => {
                let content = Content::V1 {
                    joint: linear(path / "in_proj", hidden, 3 * hidden, false),
                    query_bias: path.zeros("q_bias", &[hidden]),
                    value_bias: path.zeros("v_bias", &[hidden]),
                };
                (
                    content,
                    term("c2p").then(|| square("pos_proj", false)),
                    term("p2c").then(|| square("pos_q_proj", true)),
                )
            }
            Generation::V2 => {
                let (query, key) = (square("query_proj", true), square("key_proj", true));
                let own = config.share_att_key != Some(true);
                let position = |name: &str, content| if own { square(name, true) } else { shared(content) };
                let position_key = term("c2p").then(|| position("pos_key_proj", &key));
                let position_query = term("p2c").then(|| position("pos_query_proj", &query));
                let value = square("value_proj", true);
                (Content::V2 { query, key, value }, position_key, position_query)
            }
        };
        let scale = ((hidden / heads * (1 + terms.len() as i64)) as f64).sqrt();
        Attention { heads, scale, content, position_key, position_query }
    }

    pub(super) fn forward(&self, hidden: &Tensor, padding: &Tensor, positions: Option<&Positions>) -> Tensor {
        let (query, key, value) = match &self.content {
            Content::V1 { joint, query_bias, value_bias } => {
                // Each head's query, key and value lie side by side.
                let joint = self.split(&hidden.apply(joint));
                let wide = joint.size()[3] / 3;
                let part = |at: i64| joint.narrow(-1, at * wide, wide);
                let bias = |bias: &Tensor| bias.view([self.heads, 1, wide]);
                (part(0) + bias(query_bias), part(1), part(2) + bias(value_bias))
            }
            Content::V2 { query, key, value } => {
                let split = |project| self.split(&hidden.apply(project));
                (split(query), split(key), split(value))
            }
        };
        let mut scores = query.matmul(&key.transpose(-1, -2));
        if let Some(Positions { rows, index }) = positions {
            let position = |project| self.split(&rows.unsqueeze(0).apply(project)).transpose(-1, -2);
            if let Some(project) = &self.position_key {
                let all = query.matmul(&position(project));
                scores += all.gather(-1, &index.expand_as(&scores), false);
            }
            if let Some(project) = &self.position_query {
                let all = key.matmul(&position(project));
                scores += all.gather(-1, &index.tr().expand_as(&scores), false).transpose(-1, -2);
            }
        }
        let weights = (scores / self.scale).masked_fill(padding, f64::NEG_INFINITY).softmax(-1, Kind::Float);
        weights.matmul(&value).transpose(1, 2).flatten(2, 3)
    }

    /// `[batch, length, heads·n]` to `[batch, heads, length, n]`.
    fn split(&self, x: &Tensor) -> Tensor {
        let size = x.size();
        x.view([size[0], size[1], self.heads, -1]).transpose(1, 2)
    }
}

/// The same weights once more.
fn shared(linear: &nn::Linear) -> nn::Linear {
    nn::Linear { ws: linear.ws.shallow_clone(), bs: linear.bs.as_ref().map(Tensor::shallow_clone) }
}

#[cfg(test)]
mod tests {
    use tch::Tensor;

    use super::bucketed;

    #[test]
    fn distances_fall_into_the_buckets_of_transformers() {
        // As DeBERTa-v3 is configured; the right side is transformers' make_log_bucket_position.
        let distances: [i64; 13] = [0, 1, 127, 128, 129, 130, 131, 200, 300, 400, 510, 511, 600];
        let expected: [i64; 13] = [0, 1, 127, 128, 129, 130, 131, 169, 207, 233, 255, 255, 270];
        for sign in [1, -1] {
            let tensor = Tensor::from_slice(&distances) * sign;
            let ours = bucketed(&tensor, 256, 512);
            assert_eq!(ours, Tensor::from_slice(&expected) * sign);
        }
    }
}
