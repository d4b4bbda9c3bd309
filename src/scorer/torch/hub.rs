//! Models of the hub, through rust-bert's remote resources.

use std::path::{Path, PathBuf};

use rust_bert::resources::{RemoteResource, ResourceProvider};

use crate::error::{Error, Result, io};
use crate::scorer::folder::FILES;

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
    for file in FILES {
        let target = folder.join(file);
        if target.exists() {
            continue;
        }
        let address = format!("https://huggingface.co/{name}/resolve/main/{file}");
        match RemoteResource::new(&address, &format!("{name}/{file}")).get_local_path() {
            Ok(cached) => {
                // Whole or not at all: a copy that breaks off must not be taken for the file.
                let part = folder.join(format!("{file}.part"));
                std::fs::copy(&cached, &part)
                    .and_then(|_| std::fs::rename(&part, &target))
                    .map_err(io(&target, "write"))?;
            }
            // A model has one kind of tokenizer file or another.
            Err(error)
                if error.to_string().contains("404")
                    && !["config.json", "model.safetensors"].contains(&file) => {}
            Err(error) => {
                return Err(Error::model(
                    Path::new(name),
                    format!("{file} could not be fetched from the hub ({error})"),
                    "check the name and the network, or fetch the folder elsewhere and give its path to --model",
                ));
            }
        }
    }
    Ok(folder)
}
