//! Files appear whole or not at all: written under a temporary name in their own folder, synced, renamed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::NamedTempFile;

use crate::error::{Error, Result, io};

/// Beginning of the names of files that are being written.
pub const UNFINISHED: &str = ".tensiometer-";

/// A file that appears under its name when it is [`Pending::finish`]ed.
pub struct Pending {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Pending {
    /// Begins a file; its folder must be there.
    ///
    /// # Errors
    /// The folder is missing or not writable: known before any work is done.
    pub fn create(path: &Path) -> Result<Pending> {
        // A link stays a link: what it points to is replaced.
        let target = path.canonicalize().unwrap_or_else(|_| path.into());
        let path = target.as_path();
        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        if path.is_dir() {
            return Err(Error::input(path, "this is a folder", "name a file"));
        }
        if path.exists() && !path.is_file() {
            return Err(Error::input(
                path,
                "this is no regular file",
                "leave it out to write to standard output",
            ));
        }
        let file =
            tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder).map_err(io(path, "write"))?;
        Ok(Pending { path: path.into(), file: BufWriter::new(file) })
    }

    /// Syncs it and gives it its name, replacing an older file.
    ///
    /// # Errors
    /// The disk is full, or the name cannot be taken.
    pub fn finish(self) -> Result<()> {
        let path = self.path;
        let file = self.file.into_inner().map_err(|error| io(&path, "write")(error.into_error()))?;
        file.as_file().sync_all().map_err(io(&path, "sync"))?;
        readable(file.as_file()).map_err(io(&path, "write"))?;
        file.persist(&path).map_err(|error| io(&path, "write")(error.error))?;
        Ok(())
    }
}

/// Temporary files are private; what has a name has the usual rights.
#[cfg(unix)]
fn readable(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &File) -> std::io::Result<()> {
    Ok(())
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Writes a whole file.
///
/// # Errors
/// As [`Pending`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = Pending::create(path)?;
    file.write_all(bytes).map_err(io(path, "write"))?;
    file.finish()
}

/// What becomes of a text that a spreadsheet would run as a formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Formulas {
    /// It gets an apostrophe before it, as one would type it there; [`for_each_row`] takes it away again.
    #[default]
    Guarded,
    /// It is written as it is. [`for_each_row`] cannot know: a text that itself begins so, `'=1`, loses its apostrophe there.
    Kept,
}

/// A tidy CSV file of one kind of row; the header comes from the row's fields.
pub struct Table<T> {
    path: PathBuf,
    pending: Pending,
    formulas: Formulas,
    empty: bool,
    row: PhantomData<T>,
}

impl<T: Serialize + Default> Table<T> {
    /// Begins a table.
    ///
    /// # Errors
    /// As [`Pending::create`].
    pub fn create(path: &Path, formulas: Formulas) -> Result<Table<T>> {
        let pending = Pending::create(path)?;
        Ok(Table { path: path.into(), pending, formulas, empty: true, row: PhantomData })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn row(&mut self, row: &T) -> Result<()> {
        let lines = match self.formulas {
            Formulas::Guarded => guarded(row, self.empty),
            Formulas::Kept => lines(row, self.empty),
        };
        let written = lines.and_then(|lines| self.pending.write_all(&lines).map_err(csv::Error::from));
        self.empty = false;
        written.map_err(|error| unwritten(&self.path, error))
    }

    /// Finishes the file; a table without rows has its header all the same.
    ///
    /// # Errors
    /// As [`Pending::finish`].
    pub fn finish(mut self) -> Result<()> {
        if self.empty {
            let header = to_csv::<T>(&[]).map_err(|error| unwritten(&self.path, error))?;
            self.pending.write_all(&header).map_err(io(&self.path, "write"))?;
        }
        self.pending.finish()
    }
}

/// Why a row was not written, in the operating system's words where it is its doing.
fn unwritten(path: &Path, error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => io(path, "write")(source),
        kind => io(path, "write")(std::io::Error::other(format!("{kind:?}"))),
    }
}

/// Rows as CSV with the header of their fields, which stands there without rows too.
///
/// # Errors
/// A row is no record.
pub fn to_csv<T: Serialize + Default>(rows: &[T]) -> csv::Result<Vec<u8>> {
    let sample = [T::default()];
    let written = if rows.is_empty() { &sample } else { rows };
    let mut bytes = Vec::new();
    for (at, row) in written.iter().enumerate() {
        bytes.extend(guarded(row, at == 0)?);
    }
    if rows.is_empty() {
        bytes.truncate(bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1));
    }
    Ok(bytes)
}

/// Rows of a table that this program (or another) wrote.
///
/// # Errors
/// The file cannot be read, or a row is not of this kind; names the line.
pub fn read_table<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let mut rows = Vec::new();
    for_each_row(path, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// Goes through the rows of a table, one at a time.
///
/// # Errors
/// As [`read_table`], and what is done with a row.
pub fn for_each_row<T: DeserializeOwned>(path: &Path, mut with: impl FnMut(T) -> Result<()>) -> Result<()> {
    let file = File::open(path).map_err(io(path, "open"))?;
    let mut csv = csv::Reader::from_reader(file);
    let wrong = |source| Error::Csv { path: path.into(), source };
    let header = csv.headers().map_err(wrong)?.clone();
    for record in csv.into_records() {
        let mut record = record.map_err(wrong)?;
        if record.iter().any(|field| plain(field) != field) {
            let mut bare = StringRecord::from_iter(record.iter().map(plain));
            bare.set_position(record.position().cloned());
            record = bare;
        }
        with(record.deserialize(Some(&header)).map_err(wrong)?)?;
    }
    Ok(())
}

/// Writes a table anew, with another last field in the rows whose first field, an id, `last` knows one for.
///
/// # Errors
/// The file cannot be read or replaced.
pub fn replace_last(path: &Path, formulas: Formulas, last: impl Fn(&str) -> Option<String>) -> Result<()> {
    let is_guarded = formulas == Formulas::Guarded;
    let file = File::open(path).map_err(io(path, "open"))?;
    let mut table = csv::Writer::from_writer(Pending::create(path)?);
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(file);
    let mut row = StringRecord::new();
    while rows.read_record(&mut row).map_err(|source| Error::Csv { path: path.into(), source })? {
        let id = row.get(0).unwrap_or_default();
        if let Some(last) = last(if is_guarded { plain(id) } else { id }) {
            row.truncate(row.len().saturating_sub(1));
            row.push_field(&if is_guarded && is_formula(&last) { format!("'{last}") } else { last });
        }
        table.write_record(&row).map_err(|error| unwritten(path, error))?;
    }
    table.into_inner().map_err(|error| io(path, "write")(error.into_error()))?.finish()
}

/// A row as CSV, after the header where that is wanted.
fn lines(row: &impl Serialize, header: bool) -> csv::Result<Vec<u8>> {
    let mut csv =
        csv::WriterBuilder::new().has_headers(header).buffer_capacity(1 << 10).from_writer(Vec::new());
    csv.serialize(row)?;
    csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// As [`lines`], with an apostrophe before each text that a spreadsheet would run as a formula.
fn guarded(row: &impl Serialize, header: bool) -> csv::Result<Vec<u8>> {
    let bytes = lines(row, header)?;
    // Most rows hold no such text, and are seen here not to. A number is a whole field, never quoted.
    let before = |at: usize| if at == 0 { b'\n' } else { bytes[at - 1] };
    let is_number = |at: usize| {
        let field = bytes[at..].split(|byte| matches!(byte, b',' | b'\n')).next().unwrap_or_default();
        std::str::from_utf8(field).is_ok_and(|field| field.parse::<f64>().is_ok())
    };
    let may_be = |at: usize| match (before(at), bytes[at]) {
        (b',' | b'\n', b'+' | b'-') => !is_number(at),
        (b',' | b'\n' | b'"' | b'\'', b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | 0xef) => true,
        _ => false,
    };
    if !(0..bytes.len()).any(may_be) {
        return Ok(bytes);
    }
    let mut csv = csv::Writer::from_writer(Vec::new());
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_slice());
    for record in reader.into_records() {
        let record = record?;
        let fields =
            record.iter().map(|field| if is_formula(field) { format!("'{field}") } else { field.into() });
        csv.write_record(fields.collect::<Vec<String>>())?;
    }
    csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// Whether a spreadsheet runs a text as a formula: after a sign or a control character, unless it is a number. One that begins with
/// apostrophes before that is treated like it, so that the apostrophe can be taken away again.
fn is_formula(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    bare.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
        && !(bare.len() == text.len() && text.parse::<f64>().is_ok())
}

/// A text without the apostrophe of [`guarded`].
fn plain(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Reject;

    #[test]
    fn an_empty_table_has_the_header_of_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        Table::<Reject>::create(&path, Formulas::Guarded).unwrap().finish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "path,line,byte,reason,row\n");
        assert_eq!(read_table::<Reject>(&path).unwrap(), []);
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_a_formula_and_all_come_back(
            rows in proptest::collection::vec(("['=+@\\-\ta1.\n\r\"＝]{0,5}", "[-+]?[0-9]{1,3}([.][0-9])?"), 1..5)
        ) {
            let rows: Vec<Reject> = rows
                .into_iter()
                .map(|(reason, row)| Reject { reason, row, ..Reject::default() })
                .collect();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("r.csv");
            let mut table = Table::<Reject>::create(&path, Formulas::Guarded).unwrap();
            rows.iter().for_each(|row| table.row(row).unwrap());
            table.finish().unwrap();
            proptest::prop_assert_eq!(std::fs::read(&path).unwrap(), to_csv(&rows).unwrap());
            proptest::prop_assert_eq!(&read_table::<Reject>(&path).unwrap(), &rows);
            for record in csv::Reader::from_path(&path).unwrap().into_records() {
                for field in &record.unwrap() {
                    let risky = field.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
                    proptest::prop_assert!(!risky || field.parse::<f64>().is_ok(), "{field}");
                }
            }
        }
    }

    #[test]
    fn a_number_with_a_quote_after_it_is_a_text() {
        let rows = ["+1\"", "-2\"x", "'+1", "+1,0"]
            .map(|reason| Reject { reason: reason.into(), ..Reject::default() });
        let written = String::from_utf8(to_csv(&rows).unwrap()).unwrap();
        for guarded in ["\"'+1\"\"\"", "\"'-2\"\"x\"", "''+1", "\"'+1,0\""] {
            assert!(written.contains(guarded), "{guarded} in {written}");
        }
    }

    #[test]
    fn a_formula_is_kept_where_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        let row = Reject { path: "=1+1".into(), reason: "-x".into(), ..Reject::default() };
        let mut table = Table::<Reject>::create(&path, Formulas::Kept).unwrap();
        table.row(&row).unwrap();
        table.finish().unwrap();
        replace_last(&path, Formulas::Kept, |id| (id == "=1+1").then(|| "@y".to_owned())).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().ends_with("\n=1+1,0,0,-x,@y\n"));
        assert_eq!(read_table::<Reject>(&path).unwrap(), [Reject { row: "@y".into(), ..row }]);
    }

    #[test]
    fn what_is_not_finished_does_not_appear() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        let mut table = Table::<Reject>::create(&path, Formulas::Guarded).unwrap();
        table.row(&Reject::default()).unwrap();
        drop(table);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(Pending::create(&folder.path().join("no/such/f.csv")).is_err());
    }
}
