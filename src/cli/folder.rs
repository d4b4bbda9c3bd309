//! The output folder of a run: whose it is, whether a run is to go on or begin anew, and that it can be written.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// An output folder that may be written.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

/// Written last: a folder that has it holds a finished run.
const FINISHED: &str = "run.json";
/// Written first: a folder that has it is ours.
pub const STORE: &str = "readings.sqlite";

impl Folder {
    /// Makes or takes over a folder, before any work is done.
    ///
    /// # Errors
    /// It is a file, somebody else's folder, a finished run (unless `force`), or not writable.
    pub fn prepare(path: &Path, force: bool) -> anyhow::Result<Folder> {
        let name = path.display();
        if path.exists() {
            if !path.is_dir() {
                bail!("{name}: this is a file; -o names a folder");
            }
            if path.join(FINISHED).exists() && !force {
                bail!(
                    "{name}: holds a finished run; add --force to run again (readings are used again), or choose another folder"
                );
            }
            let empty = std::fs::read_dir(path)
                .with_context(|| format!("{name}: cannot read the folder"))?
                .next()
                .is_none();
            let ours = path.join(STORE).exists() || path.join(FINISHED).exists();
            if !empty && !ours && !force {
                bail!("{name}: holds other files; choose another folder, or add --force to write among them");
            }
        } else {
            std::fs::create_dir_all(path)
                .with_context(|| format!("{name}: cannot make the folder; check the path and its rights"))?;
        }
        tempfile::tempfile_in(path).with_context(|| {
            format!("{name}: cannot write into the folder; check its rights or choose another")
        })?;
        match std::fs::remove_file(path.join(FINISHED)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{name}: cannot replace {FINISHED}"))
            }
            _ => Ok(Folder { path: path.into() }),
        }
    }

    /// A file in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes `run.json`: the run is finished.
    pub fn finish(&self, run: &serde_json::Value) -> anyhow::Result<()> {
        let mut text = serde_json::to_string_pretty(run)?;
        text.push('\n');
        Ok(crate::output::write(&self.join(FINISHED), text.as_bytes())?)
    }
}
