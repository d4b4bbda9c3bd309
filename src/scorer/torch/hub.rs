//! Models of the hub, through rust-bert's remote resources.

use std::path::{Path, PathBuf};

use rust_bert::resources::{RemoteResource, ResourceProvider};

use crate::error::{Error, Result, io};

/// Fetches a model of the hub through rust-bert's cache and gives a folder that holds it.
///
/// # Errors
/// The hub cannot be reached, or the model has no safetensors there.
pub fn fetch(model: &str) -> Result<PathBuf> {
    let name = model.strip_prefix("hub:").unwrap_or(model);
    let folder = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("tensiometer/hub")
        .join(name);
    std::fs::create_dir_all(&folder).map_err(io(&folder, "make"))?;
    for (file, needed) in [
        ("config.json", true),
        ("model.safetensors", true),
        ("tokenizer.json", false),
        ("tokenizer_config.json", false),
        ("vocab.txt", false),
        ("vocab.json", false),
        ("merges.txt", false),
    ] {
        let target = folder.join(file);
        if target.exists() {
            continue;
        }
        let address = format!("https://huggingface.co/{name}/resolve/main/{file}");
        match RemoteResource::new(&address, &format!("{name}/{file}")).get_local_path() {
            Ok(cached) => {
                std::fs::hard_link(&cached, &target)
                    .or_else(|_| std::fs::copy(&cached, &target).map(drop))
                    .map_err(io(&target, "write"))?;
            }
            Err(error) if needed => {
                return Err(Error::model(
                    Path::new(name),
                    format!("{file} could not be fetched from the hub ({error})"),
                    "check the name and the network, or fetch the folder elsewhere and give its path to --model",
                ));
            }
            Err(_) => {} // the other kinds of tokenizer file are looked for in turn
        }
    }
    Ok(folder)
}
