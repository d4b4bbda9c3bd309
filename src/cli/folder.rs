//! The output folder of a run: whose it is, whether a run is to go on or begin anew, and that it can be written.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::terminal::say;
use crate::store::Store;

/// An output folder that may be written.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held while this program writes here.
    _lock: File,
}

/// Written last: a folder that has it holds a finished run.
const FINISHED: &str = "run.json";
/// Written first: a folder that has it is ours.
const STORE: &str = "readings.sqlite";

/// Whether there is nothing in a folder but what is left by a run that was stopped and keeps its readings elsewhere.
fn holds_only_results(path: &Path) -> anyhow::Result<bool> {
    let entries =
        std::fs::read_dir(path).with_context(|| format!("{}: cannot read the folder", path.display()))?;
    let results = ["articles.csv", "sentences.csv", "rejects.csv"];
    let is_result = |name: &str| name.starts_with(crate::output::UNFINISHED) || results.contains(&name);
    Ok(entries.flatten().all(|entry| entry.file_name().to_str().is_some_and(is_result)))
}

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
            let ours = path.join(STORE).exists() || path.join(FINISHED).exists() || holds_only_results(path)?;
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
        let lock = File::open(path).with_context(|| format!("{name}: cannot open the folder"))?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            bail!("{name}: another run is writing here; wait for it, or choose another folder");
        }
        // What an earlier run was writing when it was stopped.
        for entry in
            std::fs::read_dir(path).with_context(|| format!("{name}: cannot read the folder"))?.flatten()
        {
            if entry.file_name().to_string_lossy().starts_with(crate::output::UNFINISHED) {
                let _ = std::fs::remove_file(entry.path()); // it is in nobody's way
            }
        }
        Ok(Folder { path: path.into(), _lock: lock })
    }

    /// Takes over the folder of a run, finished or not, to add files to it; or makes one.
    ///
    /// # Errors
    /// As [`Folder::prepare`], but that a finished run is welcome.
    pub fn beside(path: &Path) -> anyhow::Result<Folder> {
        let finished = path.join(FINISHED).exists();
        Folder::prepare(path, finished)
    }

    /// Takes the mark of a finished run away, before its files are replaced.
    ///
    /// # Errors
    /// It cannot be taken away.
    pub fn reopen(&self) -> anyhow::Result<()> {
        let mark = self.join(FINISHED);
        match std::fs::remove_file(&mark) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{}: cannot be replaced", mark.display()))
            }
            _ => Ok(()),
        }
    }

    /// Opens the store of readings: the named one, else the folder's own.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn store(&self, named: Option<&Path>, quiet: bool) -> anyhow::Result<Store> {
        let own = self.join(STORE);
        let path = named.unwrap_or(&own);
        let store = Store::open(path)?;
        if let Some(aside) = &store.set_aside {
            let (path, aside) = (path.display(), aside.display());
            say(
                quiet,
                format!("{path}: the store was damaged; it is {aside} now, and what it held is read again"),
            );
        }
        Ok(store)
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
