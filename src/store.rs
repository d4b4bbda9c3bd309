//! Readings already made, in SQLite: a sentence text is scored once ever by one scorer. A run that was stopped goes on
//! from what is stored here.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result, io};
use crate::scorer::Reading;

/// Raised when the table changes shape; an older store is refused by name.
const SCHEMA: i64 = 2;
/// Marks our SQLite files: `tens` in ASCII.
const APPLICATION: i64 = 0x7465_6e73;

/// How long another run that is writing is waited for.
const WAIT: std::time::Duration = std::time::Duration::from_secs(60);
/// The first bytes of every SQLite file.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// A store of readings.
pub struct Store {
    path: PathBuf,
    db: Connection,
    /// Where a damaged store of this name was put when this one was opened.
    pub set_aside: Option<PathBuf>,
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

/// What tells whether the numbers of a reading are those that were stored: SQLite has no checksums of its own.
fn checksum(key: &Key, reading: &Reading) -> i64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&key.0);
    let direction = reading.direction.unwrap_or([f32::NAN; 3]);
    let numbers = [reading.conflict, reading.cooperation, reading.relevance.unwrap_or(f32::NAN)];
    for number in numbers.iter().chain(&direction) {
        hasher.update(&number.to_bits().to_le_bytes());
    }
    hasher.update(&reading.windows.to_le_bytes());
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..4]);
    u32::from_le_bytes(bytes).into()
}

impl Store {
    /// Opens a store, or makes one. Another run that is writing to it is waited for, up to a minute. A store that is damaged is
    /// set aside under another name, and a new one is made.
    ///
    /// # Errors
    /// The file is no store of this version, or cannot be opened.
    pub fn open(path: &Path) -> Result<Store> {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, NotADatabase};
        let code = |error: &Error| match error {
            Error::Store { source, .. } => source.sqlite_error_code(),
            _ => None,
        };
        // Two that make a store at once: SQLite does not wait where it sets the journal's mode.
        let began = std::time::Instant::now();
        let mut opened = Store::open_as_it_is(path);
        while opened.as_ref().is_err_and(|error| code(error) == Some(DatabaseBusy)) && began.elapsed() < WAIT
        {
            std::thread::sleep(std::time::Duration::from_millis(20));
            opened = Store::open_as_it_is(path);
        }
        match opened {
            Err(error)
                if matches!(code(&error), Some(DatabaseCorrupt | NotADatabase)) && begins_as_sqlite(path) =>
            {
                let aside = set_aside(path)?;
                Ok(Store { set_aside: Some(aside), ..Store::open_as_it_is(path)? })
            }
            outcome => outcome,
        }
    }

    fn open_as_it_is(path: &Path) -> Result<Store> {
        let failed = |source| failed(path, source);
        let db = Connection::open(path).map_err(failed)?;
        db.busy_timeout(WAIT).map_err(failed)?;
        // First, for another run may be making it: its table and its marks come at once.
        let tables: i64 =
            db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).map_err(failed)?;
        let number =
            |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
        let (version, application) = (number("user_version")?, number("application_id")?);
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
        let check: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
        if check != "ok" {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            return Err(failed(rusqlite::Error::SqliteFailure(code, Some(check))));
        }
        db.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        db.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
        if tables == 0 {
            db.execute_batch(&format!(
                "BEGIN IMMEDIATE;
                 CREATE TABLE IF NOT EXISTS reading (
                     key BLOB PRIMARY KEY, conflict REAL NOT NULL, cooperation REAL NOT NULL, relevance REAL,
                     a_to_b REAL, b_to_a REAL, mutual REAL, windows INTEGER NOT NULL, checksum INTEGER NOT NULL
                 ) WITHOUT ROWID;
                 PRAGMA user_version = {SCHEMA};
                 PRAGMA application_id = {APPLICATION};
                 COMMIT;"
            ))
            .map_err(failed)?;
        }
        Ok(Store { path: path.into(), db, set_aside: None })
    }

    /// The stored reading of each key, `None` where there is none.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn get(&self, keys: &[Key]) -> Result<Vec<Option<Reading>>> {
        let read = || -> rusqlite::Result<Vec<Option<Reading>>> {
            let mut query = self.db.prepare_cached(
                "SELECT conflict, cooperation, relevance, a_to_b, b_to_a, mutual, windows, checksum FROM reading WHERE key = ?1",
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
                            // What is not as it was put, or what no scorer gives, is made again.
                            let whole = row.get::<_, i64>(7)? == checksum(key, &reading);
                            Ok((whole && reading.is_sound()).then_some(reading))
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
                    "INSERT OR REPLACE INTO reading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
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
                        reading.windows,
                        checksum(key, reading)
                    ])?;
                }
            }
            transaction.commit()
        };
        write(&mut self.db).map_err(|source| failed(&self.path, source))
    }
}

/// Whether a file was a SQLite file once, and not something else that was named as a store by mistake.
fn begins_as_sqlite(path: &Path) -> bool {
    let mut head = Vec::new();
    File::open(path).is_ok_and(|file| file.take(16).read_to_end(&mut head).is_ok() && head == SQLITE)
}

/// Gives a damaged store another name, with what SQLite keeps beside it.
fn set_aside(path: &Path) -> Result<PathBuf> {
    let named = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
    let free = (1..).map(|at| named(&format!(".damaged-{at}"))).find(|name| !name.exists());
    let aside = free.unwrap_or_else(|| named(".damaged"));
    std::fs::rename(path, &aside).map_err(io(path, "set aside"))?;
    for end in ["-wal", "-shm"] {
        // A log of changes to the damaged file would be taken for one to the new file.
        match std::fs::rename(named(end), format!("{}{end}", aside.display())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io(&named(end), "set aside")(error));
            }
            _ => {}
        }
    }
    Ok(aside)
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
    fn many_may_make_a_store_at_once() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("readings.sqlite");
            std::thread::scope(|scope| {
                for at in 0..4 {
                    let path = &path;
                    scope.spawn(move || {
                        let row = (Key::new("m", &at.to_string()), reading(0.5, None));
                        Store::open(path).unwrap().put(&[row]).unwrap();
                    });
                }
            });
        }
    }

    #[test]
    fn a_damaged_store_is_set_aside_and_one_that_was_tampered_with_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("readings.sqlite");
        let keys: Vec<Key> = (0..3000).map(|at| Key::new("m", &at.to_string())).collect();
        let rows: Vec<(Key, Reading)> = keys.iter().map(|&key| (key, reading(0.25, None))).collect();
        Store::open(&path).unwrap().put(&rows).unwrap();
        Connection::open(&path)
            .unwrap()
            .execute("UPDATE reading SET conflict = 0.5 WHERE key = ?1", [keys[7].0])
            .unwrap();
        let store = Store::open(&path).unwrap();
        assert_eq!((store.get(&keys[7..9]).unwrap(), &store.set_aside), (vec![None, Some(rows[8].1)], &None));
        drop(store);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 9000].fill(0x5a);
        std::fs::write(&path, &bytes).unwrap();
        let mut store = Store::open(&path).unwrap();
        let aside = store.set_aside.clone().unwrap();
        assert_eq!(std::fs::read(&aside).unwrap(), bytes, "nothing of it is lost");
        assert_eq!(store.get(&keys[..1]).unwrap(), [None]);
        store.put(&rows).unwrap();
        assert_eq!(Store::open(&path).unwrap().get(&keys[..1]).unwrap(), [Some(rows[0].1)]);
        // Cut off in the middle of a page.
        std::fs::write(&path, &bytes[..5000]).unwrap();
        assert_ne!(Store::open(&path).unwrap().set_aside, Some(aside), "another name");
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
