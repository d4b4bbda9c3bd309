//! Scorers read sentences: plain text in, [`Reading`]s out. `torch` is the transformer and all that knows libtorch;
//! `keywords` is the word-list baseline.

mod both_ways;
mod config;
mod folder;
mod heads;
mod keywords;
mod manifest;
mod marked;
mod reading;
mod safetensors;
#[cfg(feature = "torch")]
mod torch;

pub use both_ways::BothWays;
pub use folder::{ModelFolder, installed, locate};
pub use heads::{Heads, Polarity, Temperature};
pub use keywords::Keywords;
pub use manifest::{Architecture, Manifest, ModelFile};
pub use marked::Marked;
pub use reading::{Reading, Scorer};
#[cfg(feature = "torch")]
pub use torch::{TorchOptions, TorchScorer};

use crate::error::Result;

/// Opens a scorer by what the user called it: `keywords`, an installed model's name, a folder, or a hub name `org/name`.
///
/// # Errors
/// There is no such model, its files are damaged or refused, or this build has no transformer.
pub fn open(model: &str, options: &OpenOptions) -> Result<Box<dyn Scorer>> {
    if model == "keywords" {
        if options.polarity.is_some() {
            return Err(crate::Error::model(
                model.as_ref(),
                "the keyword scorer has no labels",
                "leave --polarity out",
            ));
        }
        return Ok(Box::new(Keywords::bundled()?));
    }
    open_transformer(model, options)
}

/// What is said about a model besides its name.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Which label is positive, negative, neutral, where the model does not say.
    pub polarity: Option<Polarity>,
    /// Threads of one forward pass; all cores where `None`.
    pub threads: Option<usize>,
    /// What the transformer computes in.
    pub precision: Precision,
    /// What the transformer is computed by.
    pub device: Device,
}

/// What a transformer is computed by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// CUDA where libtorch has it, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The first CUDA device.
    Cuda,
    /// Metal, on a Mac.
    Mps,
}

/// What a transformer computes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 8-bit integers where the model's manifest allows them and the processor has AVX-512 VNNI, else single precision.
    #[default]
    Auto,
    /// Single precision: the same reading on any processor, to 1e-5.
    F32,
    /// 8-bit integers.
    Int8,
}

#[cfg(feature = "torch")]
fn open_transformer(model: &str, options: &OpenOptions) -> Result<Box<dyn Scorer>> {
    let path = match locate(model)? {
        Some(path) => path,
        None => torch::fetch(model)?,
    };
    let folder = ModelFolder::open(&path, options.polarity.as_ref())?;
    let torch =
        TorchOptions { threads: options.threads, precision: options.precision, ..TorchOptions::default() };
    Ok(Box::new(TorchScorer::load(&folder, &torch)?))
}

#[cfg(not(feature = "torch"))]
fn open_transformer(model: &str, options: &OpenOptions) -> Result<Box<dyn Scorer>> {
    let path = locate(model)?.unwrap_or_else(|| model.into());
    if path.exists() {
        ModelFolder::open(&path, options.polarity.as_ref())?;
    }
    Err(crate::Error::model(
        model.as_ref(),
        "this build has no transformer (it was made without the feature `torch`)",
        "run scripts/setup.sh and build with default features, or use --model keywords",
    ))
}
