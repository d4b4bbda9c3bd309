//! A model folder with a manifest, a configuration and weights of any bytes, parted by NUL NUL: refused with a reason, or opened.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tensiometer::scorer::ModelFolder;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let (Some(at), true) = (rest.windows(2).position(|pair| pair == [0, 0]), parts.len() < 2) {
        parts.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    parts.push(rest);
    let folder = tempfile::tempdir_in("/dev/shm").expect("a temporary folder");
    for (name, bytes) in ["model.toml", "config.json", "model.safetensors"].iter().zip(&parts) {
        if !(bytes.is_empty() && *name == "model.toml") {
            std::fs::write(folder.path().join(name), bytes).expect("written");
        }
    }
    if let Err(error) = ModelFolder::open(folder.path(), None) {
        assert!(error.to_string().starts_with("model ") || error.to_string().contains("cannot"), "{error}");
    }
});
