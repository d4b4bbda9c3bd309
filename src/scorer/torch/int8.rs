//! BERT classifiers in 8-bit integers on the CPU, by the fbgemm kernels of libtorch.
//!
//! A weight matrix is held as 8-bit integers with one scale a row; what flows into it is rounded to 256 steps between its
//! least and greatest value. That range is the sentence's own: each window goes through the network alone, so a reading does
//! not depend on its batch-mates, nothing is padded, and every core reads its own sentences.
//!
//! A few columns reach many times as far as the others and would leave them few steps. They are multiplied in single
//! precision (Dettmers, Lewis, Belkada and Zettlemoyer 2022, *LLM.int8()*); which they are does not depend on the sentence and is
//! seen once, while a sample passes through the network in single precision.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rust_bert::bert::BertConfig;
use tch::{Kind, Scalar, TchError, Tensor};

type Result<T, E = TchError> = std::result::Result<T, E>;

/// A text to see by which columns reach far.
pub const SAMPLE: &str = "Beijing, July 6 (Wire) - China's commerce ministry accused the United States of \"the largest trade war \
    in economic history\" after Washington imposed 25% tariffs on $34 billion of goods; both sides said that talks would go on.";
/// A column reaches far when it reaches so many times as far as the one that 98 % of them do not exceed.
const FAR: f64 = 2.0;
/// Of the layer norms: rust-bert's and BERT's own.
const EPSILON: f64 = 1e-12;

/// Whether this processor multiplies 8-bit integers exactly and fast. Without VNNI fbgemm's sums saturate at 16 bits.
pub fn served() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::is_x86_feature_detected!("avx512vnni") && std::is_x86_feature_detected!("avx512vl");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// A classifier for each worker thread; they share the weights.
pub struct Workers {
    networks: Vec<Mutex<Bert<Int8>>>,
}

impl Workers {
    /// Rounds the weights of a network, by their names in the file, for this many threads; `sample` is the ids of [`SAMPLE`].
    ///
    /// # Errors
    /// A weight is missing, or fbgemm does not serve this processor.
    pub fn new(
        weights: &HashMap<String, Tensor>,
        config: &BertConfig,
        sample: &[i64],
        threads: usize,
    ) -> Result<Self> {
        tch::set_num_threads(1);
        let whole = Bert::new(weights, config)?;
        whole.logits(sample)?;
        let network = quietly(|| {
            let network = whole.rounded()?;
            network.logits(sample)?;
            Ok::<_, TchError>(network)
        })?;
        let networks = vec![network; threads.max(1)];
        Ok(Workers { networks: networks.into_iter().map(Mutex::new).collect() })
    }

    /// Logits of each row of token ids, special tokens included.
    ///
    /// # Errors
    /// libtorch's own.
    pub fn logits(&self, rows: &[&[i64]]) -> Result<Vec<Vec<f32>>> {
        // The longest first, so that no worker begins one when the others are done.
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(rows[at].len()));
        let (next, stopped) = (AtomicUsize::new(0), || TchError::Shape("a worker has stopped".into()));
        let work = |network: &Mutex<Bert<Int8>>| {
            let network = network.lock().map_err(|_| stopped())?;
            let mut done = Vec::new();
            while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((at, network.logits(rows[at])?));
            }
            Ok::<_, TchError>(done)
        };
        let mut logits = vec![Vec::new(); rows.len()];
        std::thread::scope(|scope| {
            let work = &work;
            let workers: Vec<_> =
                self.networks.iter().map(|network| scope.spawn(move || work(network))).collect();
            for worker in workers {
                let done = worker.join().map_err(|_| stopped())??;
                done.into_iter().for_each(|(at, row)| logits[at] = row);
            }
            Ok(logits)
        })
    }
}

/// A tensor whose clones share its memory.
struct Held(Tensor);

impl Clone for Held {
    fn clone(&self) -> Held {
        Held(self.0.shallow_clone())
    }
}

impl Deref for Held {
    type Target = Tensor;

    fn deref(&self) -> &Tensor {
        &self.0
    }
}

/// BERT with a pooler and one layer of labels; its large maps are an `M`.
#[derive(Clone)]
struct Bert<M> {
    heads: i64,
    words: Held,
    /// Positions with the segment added: all sentences are of segment 0.
    positions: Held,
    norm: Norm,
    layers: Vec<Layer<M>>,
    pooler: Linear,
    labels: Linear,
}

#[derive(Clone)]
struct Layer<M> {
    /// Query, divided by the root of a head's width, key and value in one.
    attend: M,
    attended: M,
    attended_norm: Norm,
    intermediate: M,
    output: M,
    output_norm: Norm,
}

#[derive(Clone)]
struct Norm {
    weight: Held,
    bias: Held,
}

#[derive(Clone)]
struct Linear {
    weight: Held,
    bias: Held,
}

/// `[length, inputs]` to `[length, outputs]`.
trait Map {
    fn forward(&self, x: &Tensor) -> Result<Tensor>;
}

impl Map for Linear {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.f_linear(&self.weight, Some(&*self.bias))
    }
}

/// A linear map that keeps how far each column of its input reached.
struct Watched {
    map: Linear,
    reach: RefCell<Option<Tensor>>,
}

impl Map for Watched {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.reach.replace(Some(x.f_abs()?.f_amax([0_i64].as_slice(), false)?));
        self.map.forward(x)
    }
}

/// A linear map in 8-bit integers.
#[derive(Clone)]
struct Int8 {
    integers: Held,
    /// The integers as fbgemm wants them.
    packed: Held,
    /// Their sum in each row: what the zero point of the input is multiplied by.
    sums: Held,
    /// What one step is worth in each row.
    scales: Held,
    bias: Held,
    no_bias: Held,
    far: Option<Far>,
}

/// The columns that reach far.
#[derive(Clone)]
struct Far {
    columns: Held,
    /// 0 for these columns, 1 for the others.
    others: Held,
    /// Their weights, `[columns, outputs]`.
    weights: Held,
}

impl Watched {
    /// The same map with its weights rounded.
    fn rounded(&self) -> Result<Int8> {
        let Linear { weight, bias } = &self.map;
        let far = match &*self.reach.borrow() {
            Some(reach) => Far::of(reach, weight)?,
            None => None,
        };
        let weight = match &far {
            Some(far) => weight.f_mul(&far.others)?,
            None => weight.shallow_clone(),
        };
        let scales =
            weight.f_abs()?.f_amax([1_i64].as_slice(), true)?.f_clamp_min(1e-12)?.f_div_scalar(127.0)?;
        let integers = weight.f_div(&scales)?.f_round()?.f_to_kind(Kind::Int8)?;
        Ok(Int8 {
            packed: Held(integers.f_fbgemm_pack_quantized_matrix()?),
            sums: Held(integers.f_sum_dim_intlist([1_i64].as_slice(), false, Kind::Int)?),
            scales: Held(scales.f_squeeze()?),
            bias: bias.clone(),
            no_bias: Held(bias.f_zeros_like()?),
            integers: Held(integers),
            far,
        })
    }
}

impl Far {
    fn of(reach: &Tensor, weight: &Tensor) -> Result<Option<Far>> {
        let reach: Vec<f64> = Vec::try_from(reach.f_to_kind(Kind::Double)?)?;
        let mut sorted = reach.clone();
        sorted.sort_by(f64::total_cmp);
        let most = FAR * sorted[sorted.len() * 98 / 100];
        let columns: Vec<i64> =
            (0_i64..).zip(&reach).filter(|(_, reach)| **reach > most).map(|(at, _)| at).collect();
        if columns.is_empty() {
            return Ok(None);
        }
        let others: Vec<f32> = reach.iter().map(|&reach| f32::from(u8::from(reach <= most))).collect();
        let columns = Tensor::f_from_slice(&columns)?;
        Ok(Some(Far {
            weights: Held(weight.f_index_select(1, &columns)?.f_transpose(0, 1)?.f_contiguous()?),
            others: Held(Tensor::f_from_slice(&others)?),
            columns: Held(columns),
        }))
    }
}

impl Map for Int8 {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let product = |x: &Tensor| {
            let (scale, zero) = (Scalar::from(1.0), Scalar::from(0));
            let Int8 { integers, packed, sums, no_bias, .. } = self;
            x.f_fbgemm_linear_int8_weight_fp32_activation(integers, packed, sums, scale, zero, no_bias)
        };
        let Some(far) = &self.far else {
            return self.bias.f_addcmul(&product(x)?, &self.scales);
        };
        let mut y = self.bias.f_addcmul(&product(&x.f_mul(&far.others)?)?, &self.scales)?;
        y.f_addmm_(&x.f_index_select(1, &far.columns)?, &far.weights)
    }
}

impl Norm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.f_layer_norm(self.weight.size().as_slice(), Some(&*self.weight), Some(&*self.bias), EPSILON, false)
    }
}

impl<M: Map> Layer<M> {
    fn forward(&self, x: &Tensor, heads: i64) -> Result<Tensor> {
        let (length, width) = x.size2()?;
        // [length, 3 · width] → three of [heads, length, width of a head]
        let parts = self.attend.forward(x)?.f_view([length, 3, heads, width / heads])?;
        let part = |at| parts.f_select(1, at)?.f_transpose(0, 1);
        let (query, key, value) = (part(0)?, part(1)?, part(2)?);
        let shares = query.f_matmul(&key.f_transpose(1, 2)?)?.f_softmax(-1, Kind::Float)?;
        let context = shares.f_matmul(&value)?.f_transpose(0, 1)?.f_reshape([length, width])?;
        let x = self.attended_norm.forward(&self.attended.forward(&context)?.f_add_(x)?)?;
        let wide = self.intermediate.forward(&x)?.f_gelu("none")?;
        self.output_norm.forward(&self.output.forward(&wide)?.f_add_(&x)?)
    }
}

impl<M: Map> Bert<M> {
    /// Logits of one row of token ids.
    fn logits(&self, ids: &[i64]) -> Result<Vec<f32>> {
        let _guard = tch::no_grad_guard();
        let mut words = self.words.f_index_select(0, &Tensor::f_from_slice(ids)?)?;
        let positions = self.positions.f_narrow(0, 0, ids.len() as i64)?;
        let mut x = self.norm.forward(&words.f_add_(&positions)?)?;
        for layer in &self.layers {
            x = layer.forward(&x, self.heads)?;
        }
        let pooled = self.pooler.forward(&x.f_narrow(0, 0, 1)?)?.f_tanh()?;
        Vec::try_from(self.labels.forward(&pooled)?.f_view(-1)?)
    }
}

impl Bert<Watched> {
    fn new(weights: &HashMap<String, Tensor>, config: &BertConfig) -> Result<Self> {
        let get = |name: String| match weights.get(&name) {
            Some(found) => Ok(Held(found.shallow_clone())),
            None => Err(TchError::TensorNameNotFound(name, "model.safetensors".into())),
        };
        let linear = |name: &str| {
            Ok::<_, TchError>(Linear {
                weight: get(format!("{name}.weight"))?,
                bias: get(format!("{name}.bias"))?,
            })
        };
        let norm = |name: &str| linear(name).map(|Linear { weight, bias }| Norm { weight, bias });
        let watched = |map: Linear| Watched { map, reach: RefCell::default() };
        let scale = ((config.hidden_size / config.num_attention_heads) as f64).sqrt();
        let layer = |at: i64| {
            let part = |name: &str| format!("bert.encoder.layer.{at}.{name}");
            let query = linear(&part("attention.self.query"))?;
            let (key, value) = (linear(&part("attention.self.key"))?, linear(&part("attention.self.value"))?);
            let weights = [&query.weight.f_div_scalar(scale)?, &*key.weight, &*value.weight];
            let biases = [&query.bias.f_div_scalar(scale)?, &*key.bias, &*value.bias];
            let attend =
                Linear { weight: Held(Tensor::f_cat(&weights, 0)?), bias: Held(Tensor::f_cat(&biases, 0)?) };
            Ok::<_, TchError>(Layer {
                attend: watched(attend),
                attended: watched(linear(&part("attention.output.dense"))?),
                attended_norm: norm(&part("attention.output.LayerNorm"))?,
                intermediate: watched(linear(&part("intermediate.dense"))?),
                output: watched(linear(&part("output.dense"))?),
                output_norm: norm(&part("output.LayerNorm"))?,
            })
        };
        let embeddings = |name: &str| get(format!("bert.embeddings.{name}_embeddings.weight"));
        Ok(Bert {
            heads: config.num_attention_heads,
            words: embeddings("word")?,
            positions: Held(embeddings("position")?.f_add(&embeddings("token_type")?.f_select(0, 0)?)?),
            norm: norm("bert.embeddings.LayerNorm")?,
            layers: (0..config.num_hidden_layers).map(layer).collect::<Result<_>>()?,
            pooler: linear("bert.pooler.dense")?,
            labels: linear("classifier")?,
        })
    }

    /// The same network with the weights of its layers rounded.
    fn rounded(&self) -> Result<Bert<Int8>> {
        let layer = |layer: &Layer<Watched>| {
            Ok(Layer {
                attend: layer.attend.rounded()?,
                attended: layer.attended.rounded()?,
                attended_norm: layer.attended_norm.clone(),
                intermediate: layer.intermediate.rounded()?,
                output: layer.output.rounded()?,
                output_norm: layer.output_norm.clone(),
            })
        };
        Ok(Bert {
            heads: self.heads,
            words: self.words.clone(),
            positions: self.positions.clone(),
            norm: self.norm.clone(),
            layers: self.layers.iter().map(layer).collect::<Result<_>>()?,
            pooler: self.pooler.clone(),
            labels: self.labels.clone(),
        })
    }
}

/// Runs `task` with standard error closed: libtorch says there, once for each kernel, that they will go in a later version
/// than the one that is linked.
fn quietly<T>(task: impl FnOnce() -> T) -> T {
    #[cfg(unix)]
    {
        let kept = rustix::io::dup(rustix::stdio::stderr());
        let null = std::fs::OpenOptions::new().write(true).open("/dev/null");
        if let (Ok(kept), Ok(null)) = (kept, null) {
            let _ = rustix::stdio::dup2_stderr(&null);
            let result = task();
            let _ = rustix::stdio::dup2_stderr(&kept);
            return result;
        }
        // What could not be closed is left open.
    }
    task()
}
