//! Readings already made, in SQLite: a sentence text is scored once ever by one scorer. A run that was stopped goes on
//! from what is stored here.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};
use crate::scorer::Reading;

/// Raised when the table changes shape; an older store is refused by name.
const SCHEMA: i64 = 1;
/// Marks our SQLite files: `tens` in ASCII.
const APPLICATION: i64 = 0x7465_6e73;

/// A store of readings.
pub struct Store {
    path: PathBuf,
    db: Connection,
}

/// Names a reading: the scorer and the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of `sentence` as the scorer with this hash reads it.
    pub fn new(scorer_hash: &str, sentence: &str) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(scorer_hash.as_bytes()).update(&[0]).update(sentence.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Key(key)
    }
}

impl Store {
    /// Opens a store, or makes one. Another run that is writing to it is waited for, up to a minute.
    ///
    /// # Errors
    /// The file is no store of this version, or cannot be opened.
    pub fn open(path: &Path) -> Result<Store> {
        let failed = |source| failed(path, source);
        let db = Connection::open(path).map_err(failed)?;
        db.busy_timeout(std::time::Duration::from_secs(60)).map_err(failed)?;
        let number =
            |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
        let (version, application) = (number("user_version")?, number("application_id")?);
        let tables: i64 =
            db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).map_err(failed)?;
        if tables > 0 && application != APPLICATION {
            let hint = "name another file with --store";
            return Err(Error::input(
                path,
                "this is another program's SQLite file, not a store of readings",
                hint,
            ));
        }
        if tables > 0 && version != SCHEMA {
            let reason = format!("this store has version {version}, this program reads {SCHEMA}");
            return Err(Error::input(path, reason, "move it away and run again to rebuild it"));
        }
        db.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        db.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
        db.execute_batch(
            "CREATE TABLE IF NOT EXISTS reading (
                 key BLOB PRIMARY KEY, conflict REAL NOT NULL, cooperation REAL NOT NULL, relevance REAL,
                 a_to_b REAL, b_to_a REAL, mutual REAL, windows INTEGER NOT NULL
             ) WITHOUT ROWID;",
        )
        .map_err(failed)?;
        db.pragma_update(None, "user_version", SCHEMA).map_err(failed)?;
        db.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
        Ok(Store { path: path.into(), db })
    }

    /// The stored reading of each key, `None` where there is none.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn get(&self, keys: &[Key]) -> Result<Vec<Option<Reading>>> {
        let read = || -> rusqlite::Result<Vec<Option<Reading>>> {
            let mut query = self.db.prepare_cached(
                "SELECT conflict, cooperation, relevance, a_to_b, b_to_a, mutual, windows FROM reading WHERE key = ?1",
            )?;
            keys.iter()
                .map(|key| {
                    query
                        .query_row([key.0.as_slice()], |row| {
                            let direction = match (row.get(3)?, row.get(4)?, row.get(5)?) {
                                (Some(a), Some(b), Some(mutual)) => Some([a, b, mutual]),
                                _ => None,
                            };
                            let reading = Reading {
                                conflict: row.get(0)?,
                                cooperation: row.get(1)?,
                                relevance: row.get(2)?,
                                direction,
                                windows: row.get(6)?,
                            };
                            // A value that no scorer gives is no reading: it is made again.
                            Ok(reading.is_sound().then_some(reading))
                        })
                        .optional()
                        .map(Option::flatten)
                })
                .collect()
        };
        read().map_err(|source| failed(&self.path, source))
    }

    /// Stores readings, all or none.
    ///
    /// # Errors
    /// SQLite's own: disk full, locked for over a minute, damaged.
    pub fn put(&mut self, readings: &[(Key, Reading)]) -> Result<()> {
        let write = |db: &mut Connection| -> rusqlite::Result<()> {
            let transaction = db.transaction()?;
            {
                let mut insert = transaction.prepare_cached(
                    "INSERT OR REPLACE INTO reading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?;
                for (key, reading) in readings {
                    let [a, b, mutual] = reading.direction.map_or([None; 3], |d| d.map(Some));
                    insert.execute(params![
                        key.0.as_slice(),
                        reading.conflict,
                        reading.cooperation,
                        reading.relevance,
                        a,
                        b,
                        mutual,
                        reading.windows
                    ])?;
                }
            }
            transaction.commit()
        };
        write(&mut self.db).map_err(|source| failed(&self.path, source))
    }
}

/// SQLite's answer with the next step that helps.
fn failed(path: &Path, source: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseCorrupt, DiskFull, NotADatabase, PermissionDenied, ReadOnly,
    };
    let hint = match source.sqlite_error_code() {
        Some(CannotOpen | PermissionDenied | ReadOnly) => {
            "check the path and its rights, or name another file with --store"
        }
        Some(DiskFull) => "make room on the disk and run the same command to go on",
        Some(DatabaseBusy) => "another run is writing to it; wait for it, or name another file with --store",
        Some(DatabaseCorrupt | NotADatabase) => "move it away and run again to rebuild it",
        _ => "if this stays, move it away and run again to rebuild it",
    };
    Error::Store { path: path.into(), hint, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(conflict: f32, direction: Option<[f32; 3]>) -> Reading {
        Reading { conflict, cooperation: 0.1, relevance: direction.map(|_| 0.7), direction, windows: 2 }
    }

    #[test]
    fn what_is_put_comes_back_to_the_last_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.sqlite");
        let (one, two) = (Key::new("m", "a"), Key::new("m", "b"));
        let stored = [(one, reading(0.123_456_79, None)), (two, reading(0.3, Some([0.1, 0.2, 0.7])))];
        Store::open(&path).unwrap().put(&stored).unwrap();
        let got = Store::open(&path).unwrap().get(&[two, Key::new("other", "a"), one]).unwrap();
        assert_eq!(got, [Some(stored[1].1), None, Some(stored[0].1)]);
    }

    #[test]
    fn what_no_scorer_gives_is_made_again_and_other_databases_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.sqlite");
        let key = Key::new("m", "a");
        let mut store = Store::open(&path).unwrap();
        store.put(&[(key, reading(7.5, None))]).unwrap();
        assert_eq!(store.get(&[key]).unwrap(), [None]);
        let other = folder.path().join("bookmarks.sqlite");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE bookmark (url TEXT)").unwrap();
        assert!(Store::open(&other).err().unwrap().to_string().contains("another program's"));
    }

    #[test]
    fn what_is_no_store_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.sqlite");
        std::fs::write(&path, "not a database, but long enough to be taken for a damaged one ".repeat(40))
            .unwrap();
        let error = Store::open(&path).err().unwrap().to_string();
        assert!(error.contains("move it away"), "{error}");
    }
}
