//! Model folders: where they are, and that what is in them is whole, known and no pickle.

use std::path::{Path, PathBuf};

use super::config::Config;
use super::heads::{Heads, Polarity};
use super::manifest::{Architecture, Manifest};
use super::safetensors;
use crate::digest::sha256;
use crate::error::{Error, Result, io};

/// A model folder whose files have been checked.
#[derive(Clone, Debug)]
pub struct ModelFolder {
    /// The folder.
    pub path: PathBuf,
    /// The manifest: `model.toml`, or what `config.json` says where there is none.
    pub manifest: Manifest,
    /// The encoder's family.
    pub architecture: Architecture,
    /// How logits become a reading.
    pub heads: Heads,
    /// Most tokens in one window, special tokens included.
    pub max_tokens: usize,
    /// Identifies weights, configuration, tokenizer and heads.
    pub hash: String,
}

/// The files that are read and decide a reading.
pub const FILES: [&str; 7] = [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
];

const PICKLES: [&str; 5] = ["bin", "pt", "pth", "pkl", "ckpt"];

impl ModelFolder {
    /// Checks a folder: nothing missing, sizes and SHA-256 as the manifest says, weights in safetensors.
    ///
    /// # Errors
    /// Names the file that is missing, damaged or refused, and what to do.
    pub fn open(path: &Path, polarity: Option<&Polarity>) -> Result<ModelFolder> {
        if path.is_file() {
            return Err(if is_pickle(path) {
                pickle(path, path)
            } else {
                Error::model(
                    path,
                    "this is a file",
                    "name the folder that holds config.json and model.safetensors",
                )
            });
        }
        let weights = path.join("model.safetensors");
        if !weights.exists() {
            let found =
                std::fs::read_dir(path).map_err(io(path, "open"))?.flatten().map(|entry| entry.path());
            if let Some(file) = found.into_iter().find(|file| is_pickle(file)) {
                return Err(pickle(path, &file));
            }
        }
        for name in ["config.json", "model.safetensors"] {
            if !path.join(name).is_file() {
                return Err(Error::model(
                    path,
                    format!("{name} is missing"),
                    "restore the folder (git checkout, or download it again)",
                ));
            }
        }
        let (manifest, stated) = Manifest::read(path)?;
        for file in &manifest.files {
            file.verify(path)?;
        }
        safetensors::check(&weights)?;
        let mut hasher = blake3::Hasher::new();
        for name in FILES.into_iter().filter(|name| path.join(name).exists()) {
            let sum = match manifest.files.iter().find(|file| file.name == name) {
                Some(file) => file.sha256.clone(),
                None if stated => {
                    let reason = format!("{name} is there, and model.toml does not list it");
                    return Err(Error::model(
                        path,
                        reason,
                        "list every file that is read with its bytes and sha256",
                    ));
                }
                None => sha256(&path.join(name))?,
            };
            hasher.update(name.as_bytes()).update(sum.as_bytes());
        }
        let config = Config::read(path)?;
        let heads = manifest.heads(path, &config, polarity)?;
        let (architecture, max_tokens) =
            (manifest.architecture(path, &config)?, manifest.max_tokens(path, &config)?);
        hasher.update(format!("{architecture:?} {heads:?} {max_tokens}").as_bytes());
        Ok(ModelFolder {
            path: path.into(),
            hash: hasher.finalize().to_hex()[..32].to_owned(),
            architecture,
            heads,
            max_tokens,
            manifest,
        })
    }
}

fn is_pickle(path: &Path) -> bool {
    path.extension().is_some_and(|ext| PICKLES.iter().any(|pickle| ext == *pickle))
}

fn pickle(model: &Path, file: &Path) -> Error {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Error::model(
        model,
        format!("the weights are a pickle ({name}), which can run code when it is loaded, and is refused"),
        "convert it where you trust it: AutoModelForSequenceClassification.from_pretrained(IN).save_pretrained(OUT, safe_serialization=True)",
    )
}

/// Folders in which named models are looked for, best first: `$TENSIOMETER_MODELS`, `models` or
/// `share/tensiometer/models` beside or above the program, `models` of the source tree it was built from.
fn homes() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> =
        std::env::var_os("TENSIOMETER_MODELS").map(PathBuf::from).into_iter().collect();
    if let Ok(program) = std::env::current_exe().and_then(|path| path.canonicalize()) {
        for folder in program.ancestors().skip(1).take(3) {
            homes.push(folder.join("models"));
            homes.push(folder.join("share/tensiometer/models"));
        }
    }
    homes.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("models"));
    homes
}

/// Installed models: name and folder, the first of a name.
pub fn installed() -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for folder in homes().iter().filter_map(|home| std::fs::read_dir(home).ok()).flatten().flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        if folder.path().join("model.toml").is_file() && !found.iter().any(|(known, _)| *known == name) {
            found.push((name, folder.path()));
        }
    }
    found.sort();
    found
}

/// The folder of a model by path or installed name; `None` for a hub name (`org/name`), which is to be fetched.
///
/// # Errors
/// The name is none of these.
pub fn locate(model: &str) -> Result<Option<PathBuf>> {
    let path = Path::new(model);
    if path.exists() {
        return Ok(Some(path.into()));
    }
    if let Some((_, folder)) = installed().into_iter().find(|(name, _)| name == model) {
        return Ok(Some(folder));
    }
    let hub = model.strip_prefix("hub:").unwrap_or(model);
    let parts: Vec<&str> = hub.split('/').collect();
    let named = |part: &&str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
    };
    let is_hub =
        parts.iter().all(named) && (parts.len() == 2 || (parts.len() == 1 && hub.len() < model.len()));
    if is_hub { Ok(None) } else { Err(unknown(model)) }
}

/// The error for a name that is neither a folder, an installed model, nor a hub name.
fn unknown(model: &str) -> Error {
    let names: Vec<String> = installed().into_iter().map(|(name, _)| name).collect();
    let known = if names.is_empty() {
        "none is installed".to_owned()
    } else {
        format!("installed: {}", names.join(", "))
    };
    Error::model(
        Path::new(model),
        format!("there is no such model ({known})"),
        "name an installed one, `keywords`, a folder in Hugging Face layout, or a hub name such as org/name",
    )
}
