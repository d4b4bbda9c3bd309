//! Reads CSV and TSV corpora row by row: memory does not grow with the file, and a bad row never stops the reading.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use csv::{ByteRecord, Position};
use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use tempfile::NamedTempFile;

use super::columns::{Columns, Field};
use super::dates::{self, DateKind};
use super::quoting::is_sound;
use super::{Article, Reject, Row, mojibake, packed};
use crate::error::{Error, Result, io};

/// How a corpus file is to be read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Columns chosen by name, before the aliases.
    pub columns: Vec<(Field, String)>,
    /// `strftime` form of the dates; the usual forms where `None`.
    pub date_format: Option<String>,
    /// Encoding of the file; UTF-8 (or what its byte-order mark says) where `None`.
    pub encoding: Option<&'static Encoding>,
    /// Largest size of one field, bytes; larger rows are rejected.
    pub max_field: usize,
    /// Most bytes that an archive may hold; 50 times its size, or a GiB, where `None`.
    pub max_unpacked: Option<u64>,
    /// Whether misread UTF-8 (`â€™`) is mended.
    pub mend: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            columns: Vec::new(),
            date_format: None,
            encoding: None,
            max_field: 1 << 20,
            max_unpacked: None,
            mend: true,
        }
    }
}

/// Ids met so far, by hash, with the file's number in the run and the line of the first use.
pub type Seen = HashMap<[u8; 16], (usize, u64)>;

/// One open corpus file.
pub struct Reader {
    path: PathBuf,
    /// Place of the file in the run, from 0.
    number: usize,
    source: String,
    options: ReadOptions,
    columns: Columns,
    /// Which columns are read as what.
    pub columns_read: String,
    width: usize,
    delimiter: u8,
    crlf: bool,
    ends_in_newline: bool,
    csv: csv::Reader<Rationed>,
    /// Where the row that was read last begins, or an empty line before it.
    start: Position,
    /// The same bytes, to look at a suspicious record as it stands.
    raw: File,
    end: u64,
    stamp: Stamp,
    /// Where an archive, a pipe or another encoding was copied to; removed with the reader.
    _copied: Option<NamedTempFile>,
    record: ByteRecord,
    /// How the dates were written, with counts.
    pub date_kinds: BTreeMap<DateKind, u64>,
    /// Articles whose text held misread UTF-8 that was mended.
    pub mended: u64,
}

impl Reader {
    /// Opens a corpus, the file of this number in its run (from 0), and reads its header.
    ///
    /// # Errors
    /// The file cannot be opened or unpacked, is empty, or its header lacks a column that is needed.
    pub fn open(path: &Path, number: usize, options: &ReadOptions) -> Result<Reader> {
        let stamp = Stamp::of(path)?;
        let mut copied = packed::unpacked(path, options.max_unpacked)?;
        let bytes =
            |copied: &Option<NamedTempFile>| copied.as_ref().map_or(path, NamedTempFile::path).to_owned();
        let mut head = Vec::new();
        let file = File::open(bytes(&copied)).map_err(io(path, "open"))?;
        Read::by_ref(&mut &file).take(4).read_to_end(&mut head).map_err(io(path, "read"))?;
        let marked = Encoding::for_bom(&head).map(|(encoding, _)| encoding);
        let encoding = options.encoding.or(marked).unwrap_or(encoding_rs::UTF_8);
        if encoding != encoding_rs::UTF_8 {
            let whole = head.as_slice().chain(file);
            let decoded = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(whole);
            copied = Some(packed::copy(path, decoded, u64::MAX)?);
        }
        let bytes = &bytes(&copied);
        let raw = File::open(bytes).map_err(io(bytes, "open"))?;
        let end = raw.metadata().map_err(io(bytes, "read"))?.len();
        let (delimiter, crlf) = dialect(path, &raw)?;
        let ends_in_newline = ends_in_newline(&raw, end).map_err(io(path, "read"))?;
        let file = File::open(bytes).map_err(io(bytes, "open"))?;
        let mut csv = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(Rationed { file, left: 1 << 20 });
        let mut record = ByteRecord::new();
        let any =
            csv.read_byte_record(&mut record).map_err(|source| Error::Csv { path: path.into(), source })?;
        if !any {
            return Err(Error::input(
                path,
                "the file is empty",
                "a corpus is a CSV file with a header line and one article a row",
            ));
        }
        let header: Vec<String> =
            record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        if header.iter().any(|name| name.contains('\n')) {
            let hint = "double the quotes inside a name, or take them away";
            return Err(Error::input(path, "a quote opened in the header line is not closed", hint));
        }
        let columns = Columns::find(path, &header, &options.columns)?;
        Ok(Reader {
            path: path.into(),
            number,
            source: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            options: options.clone(),
            columns_read: columns.describe(&header),
            columns,
            width: header.len(),
            delimiter,
            crlf,
            ends_in_newline,
            csv,
            start: Position::new(),
            raw,
            end,
            stamp,
            _copied: copied,
            record,
            date_kinds: BTreeMap::new(),
            mended: 0,
        })
    }

    /// Bytes of the file, and how many of them have been read: for a progress bar.
    pub fn progress(&self) -> (u64, u64) {
        (self.csv.position().byte(), self.end)
    }

    /// The next row; `None` at the end. `seen` holds the ids of all files of a run.
    ///
    /// # Errors
    /// Only what ends the reading: the file cannot be read further.
    pub fn next_row(&mut self, seen: &mut Seen) -> Result<Option<Row>> {
        let mut start = self.csv.position().clone();
        self.start = start.clone();
        // Twice, for quotes are doubled. A quote that nobody closes would else take the rest of the file into memory.
        let most = self.width as u64 * (2 * self.options.max_field as u64 + 64) + (1 << 16);
        self.csv.get_mut().left = most;
        match self.csv.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return self.stamp.check(&self.path).map(|()| None),
            Err(error) if is_over_ration(&error) => {
                self.past_blank_lines(&mut start)?;
                let raw = self.bytes(start.byte(), (start.byte() + most).min(self.end))?;
                return self.first_line_only(&start, &raw).map(Some);
            }
            Err(source) => return Err(Error::Csv { path: self.path.clone(), source }),
        }
        if self.record.iter().any(|field| field.contains(&b'\n')) {
            self.past_blank_lines(&mut start)?;
            let raw = self.bytes(start.byte(), self.csv.position().byte())?;
            if !is_sound(&raw, self.delimiter) || self.record.len() != self.width {
                return self.first_line_only(&start, &raw).map(Some);
            }
        }
        let reason = match self.article() {
            Ok(article) => match self.duplicate(&article, self.line(), seen) {
                None => return Ok(Some(Row::Article(article))),
                Some(reason) => reason,
            },
            Err(reason) => reason,
        };
        self.past_blank_lines(&mut start)?;
        Ok(Some(Row::Reject(self.reject(&start, reason))))
    }

    /// Line of the record just read, without looking at the file again: right where all lines end alike.
    fn line(&self) -> u64 {
        let after = self.csv.position();
        let inside = self.record.iter().flatten().filter(|byte| **byte == b'\n').count() as u64;
        // Of CRLF the parser leaves the LF to the next record.
        let end = u64::from(!self.crlf && (after.byte() < self.end || self.ends_in_newline));
        after.line().saturating_sub(inside + end)
    }

    /// The parser counts empty lines, and the end of a CRLF, to the record after them; a row's place is where it begins.
    fn past_blank_lines(&self, start: &mut Position) -> Result<()> {
        loop {
            let bytes = self.bytes(start.byte(), (start.byte() + 64).min(self.end))?;
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let lines = bytes[..blank].iter().filter(|byte| **byte == b'\n').count() as u64;
            let line = start.line() + lines;
            start.set_byte(start.byte() + blank as u64).set_line(line);
            if blank < bytes.len() || bytes.is_empty() {
                return Ok(());
            }
        }
    }

    /// Rejects the first line of a run-together record and reads on at the next line.
    fn first_line_only(&mut self, start: &Position, raw: &[u8]) -> Result<Row> {
        let line = raw.iter().position(|&b| b == b'\n').map_or(raw.len(), |at| at + 1);
        let mut next = Position::new();
        next.set_byte(start.byte() + line as u64).set_line(start.line() + 1).set_record(start.record() + 1);
        self.csv.seek(next).map_err(|source| Error::Csv { path: self.path.clone(), source })?;
        Ok(Row::Reject(Reject {
            path: self.path.display().to_string(),
            line: start.line(),
            byte: start.byte(),
            reason:
                "a quote opened in this line is not closed as CSV wants; double the quotes inside a field"
                    .into(),
            row: printable(&raw[..line]),
        }))
    }

    fn article(&mut self) -> Result<Article, String> {
        let record = &self.record;
        if record.len() != self.width {
            return Err(format!(
                "{} fields where the header has {}; quote fields that hold the delimiter",
                record.len(),
                self.width
            ));
        }
        if let Some(size) = record.iter().map(<[u8]>::len).find(|&size| size > self.options.max_field) {
            return Err(format!(
                "a field of {size} bytes is over the limit of {}; raise it with --max-field",
                self.options.max_field
            ));
        }
        if record.iter().any(|field| field.contains(&0)) {
            return Err("the row holds NUL bytes; if the file is UTF-16 say --encoding utf-16le".into());
        }
        let columns = &self.columns;
        let get = |field: Field| -> Result<&str, String> {
            let Some(bytes) = columns.of(field).and_then(|at| record.get(at)) else { return Ok("") };
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let name = field.name();
                format!(
                    "the {name} is not UTF-8 at its byte {}; say --encoding windows-1252 or what it is",
                    error.valid_up_to()
                )
            })?;
            Ok(text.trim())
        };
        let (date, kind) = dates::parse(get(Field::Date)?, self.options.date_format.as_deref())?;
        let (title, text) = (get(Field::Title)?, get(Field::Text)?);
        if title.is_empty() && text.is_empty() {
            return Err("no title and no text".into());
        }
        let mend =
            |text: &str| if self.options.mend { mojibake::mend(text).into_owned() } else { text.to_owned() };
        let source = match get(Field::Source)? {
            "" => self.source.clone(),
            source => mend(source),
        };
        let mut article = Article {
            id: get(Field::Id)?.to_owned(),
            date,
            source,
            title: mend(title),
            text: mend(text),
            url: get(Field::Url)?.to_owned(),
        };
        if article.title != title || article.text != text {
            self.mended += 1;
        }
        if article.id.is_empty() {
            article.id = content_hash(&article).to_hex()[..16].to_owned();
        }
        *self.date_kinds.entry(kind).or_default() += 1;
        Ok(article)
    }

    /// The reason to set an article aside whose id was met before.
    fn duplicate(&self, article: &Article, line: u64, seen: &mut Seen) -> Option<String> {
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::hash(article.id.as_bytes()).as_bytes()[..16]);
        match seen.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert((self.number, line));
                None
            }
            Entry::Occupied(first) => {
                let (file, line) = *first.get();
                let place =
                    if file == self.number { String::new() } else { format!(" of file {}", file + 1) };
                Some(format!(
                    "the id '{}' was used before, in line {line}{place}; ids must be unique",
                    article.id
                ))
            }
        }
    }

    /// The row that was read last, set aside after all.
    ///
    /// # Errors
    /// The file cannot be read again.
    pub fn reject_last(&self, reason: String) -> Result<Reject> {
        let mut start = self.start.clone();
        self.past_blank_lines(&mut start)?;
        Ok(self.reject(&start, reason))
    }

    fn reject(&self, start: &Position, reason: String) -> Reject {
        let mut row = Vec::new();
        for (at, field) in self.record.iter().enumerate() {
            if at > 0 {
                row.push(self.delimiter);
            }
            row.extend_from_slice(field);
        }
        Reject {
            path: self.path.display().to_string(),
            line: start.line(),
            byte: start.byte(),
            reason,
            row: printable(&row),
        }
    }

    fn bytes(&self, start: u64, end: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut raw = &self.raw;
        raw.seek(SeekFrom::Start(start))
            .and_then(|_| raw.take(end - start).read_to_end(&mut bytes))
            .map_err(io(&self.path, "read"))?;
        Ok(bytes)
    }
}

/// What a file looks like from outside, to know whether it was changed while it was read.
#[derive(PartialEq)]
struct Stamp(Option<(u64, Option<SystemTime>)>);

impl Stamp {
    fn of(path: &Path) -> Result<Stamp> {
        let metadata = std::fs::metadata(path).map_err(io(path, "open"))?;
        Ok(Stamp(metadata.is_file().then(|| (metadata.len(), metadata.modified().ok()))))
    }

    fn check(&self, path: &Path) -> Result<()> {
        if Stamp::of(path)? == *self {
            return Ok(());
        }
        Err(Error::input(
            path,
            "the file was changed while it was read",
            "run the same command again when it is left alone",
        ))
    }
}

/// A file of which only so much may be read before more is allowed.
struct Rationed {
    file: File,
    left: u64,
}

impl Read for Rationed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let read = self.file.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

impl Seek for Rationed {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

fn is_over_ration(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == ErrorKind::FileTooLarge)
}

/// The delimiter that the header line uses most (a comma where it uses none), and whether it ends in CRLF.
fn dialect(path: &Path, raw: &File) -> Result<(u8, bool)> {
    let mut header = Vec::new();
    BufReader::new(raw).take(1 << 16).read_until(b'\n', &mut header).map_err(io(path, "read"))?;
    if header.contains(&0) {
        return Err(Error::input(
            path,
            "the header holds NUL bytes",
            "if the file is UTF-16 say --encoding utf-16le",
        ));
    }
    if header.contains(&b'\r') && !header.ends_with(b"\n") {
        return Err(Error::input(
            path,
            "its lines end in carriage returns only",
            "convert it: tr '\\r' '\\n'",
        ));
    }
    let count = |delimiter: u8| header.iter().filter(|&&b| b == delimiter).count();
    // The last of equal counts wins, so the comma stands last.
    let delimiter = *b"|;\t,".iter().max_by_key(|&&delimiter| count(delimiter)).unwrap_or(&b',');
    Ok((delimiter, header.ends_with(b"\r\n")))
}

fn ends_in_newline(mut raw: &File, end: u64) -> std::io::Result<bool> {
    let mut last = Vec::new();
    raw.seek(SeekFrom::Start(end.saturating_sub(1)))?;
    raw.read_to_end(&mut last)?;
    Ok(last == b"\n")
}

/// At most 10,000 characters of a row, bytes that are no UTF-8 and NULs shown as escapes.
fn printable(row: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in row[..row.len().min(40_000)].utf8_chunks() {
        shown.push_str(&chunk.valid().replace('\0', "\\x00"));
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02x}"));
        }
    }
    let mut shown: String = shown.chars().take(10_000).collect();
    shown.truncate(shown.trim_end_matches(['\r', '\n']).len());
    shown
}

/// A name for an article that has none: date, source, title and text.
fn content_hash(article: &Article) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in [&article.date.to_string(), &article.source, &article.title, &article.text] {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8], options: &ReadOptions) -> Result<(Vec<Article>, Vec<Reject>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.csv");
        std::fs::write(&path, bytes).unwrap();
        let (mut articles, mut rejects) = (Vec::new(), Vec::new());
        let (mut reader, mut seen) = (Reader::open(&path, 0, options)?, Seen::new());
        while let Some(row) = reader.next_row(&mut seen)? {
            match row {
                Row::Article(article) => articles.push(article),
                Row::Reject(reject) => rejects.push(reject),
            }
        }
        Ok((articles, rejects))
    }

    fn read(bytes: &[u8]) -> (Vec<Article>, Vec<Reject>) {
        rows(bytes, &ReadOptions::default()).unwrap()
    }

    fn ids(articles: &[Article]) -> Vec<&str> {
        articles.iter().map(|article| article.id.as_str()).collect()
    }

    #[test]
    fn a_plain_corpus_is_read() {
        let (articles, rejects) = read(
            b"\xef\xbb\xbfid,date,title,text\n1,2020-01-02,T,\"two\nlines, \"\"q\"\"\"\n\n2,2020-01-03,U,v\n",
        );
        assert!(rejects.is_empty(), "{rejects:?}");
        assert_eq!(articles[0].text, "two\nlines, \"q\"");
        assert_eq!((articles[0].source.as_str(), articles[1].id.as_str()), ("c", "2"));
    }

    #[test]
    fn an_unclosed_quote_costs_one_row() {
        let (articles, rejects) = read(b"id,date,text\n1,2020-01-01,\"abc\n2,2020-01-02,\"def\"\n3,2020-01-03,ghi\n4,2020-01-04,\"never\n5,2020-01-05,j\n");
        assert_eq!(ids(&articles), ["2", "3", "5"]);
        assert_eq!(rejects.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(rejects[0].row, "1,2020-01-01,\"abc");
        assert_eq!(rejects[0].byte, 13);
    }

    #[test]
    fn places_are_those_of_the_file_with_crlf_and_empty_lines() {
        let (articles, rejects) = read(
            b"id,date,text\r\n1,2020-01-01,\"two\r\nlines\"\r\n\r\n2,never,x\r\n3,2020-01-03,\"open\r\n4,2020-01-04,ok\r\n",
        );
        assert_eq!(ids(&articles), ["1", "4"]);
        assert_eq!(rejects.iter().map(|r| (r.line, r.byte)).collect::<Vec<_>>(), [(5, 43), (6, 54)]);
        let (articles, rejects) = read(b"id,date,text\n\n\n1,2020-01-01,\"open\n\n2,2020-01-02,ok\n");
        assert_eq!((ids(&articles), rejects.len(), rejects[0].line), (vec!["2"], 1, 4));
        for file in [
            "id,date,text\n1,2020-01-01,\"a\nb\"\n\n7,2020-01-01,x\n7,2020-01-01,x",
            "id,date,text\n1,2020-01-01,\"a\nb\"\n\n7,2020-01-01,x\n7,2020-01-01,x\n",
        ] {
            for file in [file.to_owned(), file.replace('\n', "\r\n")] {
                let (_, rejects) = read(file.as_bytes());
                assert!(rejects[0].line == 6 && rejects[0].reason.contains("in line 5;"), "{rejects:?}");
            }
        }
    }

    #[test]
    fn each_bad_row_says_why() {
        let (articles, rejects) = read(
            b"id,date,text\n1,2020-01-01,ok\n1,2020-01-02,again\n3,soon,x\n4,2020-01-04,caf\xe9\n5,2020-01-05,a,b\n6,2020-01-06,\n7,2020-01-07,n\0n\n8,03/04/2020,x\n",
        );
        assert_eq!(ids(&articles), ["1"]);
        let reasons: Vec<&str> = rejects.iter().map(|r| r.reason.as_str()).collect();
        for (reason, part) in reasons.iter().zip([
            "used before, in line 2",
            "not a date",
            "not UTF-8 at its byte 3",
            "4 fields where",
            "no title and no text",
            "NUL",
            "two ways",
        ]) {
            assert!(reason.contains(part), "{reason} / {part}");
        }
        assert_eq!(rejects.len(), 7);
        assert_eq!(rejects[2].row, "4,2020-01-04,caf\\xe9");
    }

    #[test]
    fn a_field_over_the_limit_is_set_aside() {
        let mut bytes = b"id,date,text\n1,2020-01-01,".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', 5 << 20));
        bytes.extend(b"\n2,2020-01-02,ok\n");
        let (articles, rejects) = read(&bytes);
        assert_eq!(ids(&articles), ["2"]);
        assert!(rejects[0].reason.contains("--max-field") && rejects[0].row.len() == 10_000);
    }

    #[test]
    fn a_quote_that_nobody_closes_does_not_take_the_file_into_memory() {
        let mut file = b"id,date,text\n0,2020-01-01,\"x\n".to_vec();
        (1..20_000).for_each(|id| file.extend(format!("{id},2020-01-01,fine\n").bytes()));
        let options = ReadOptions { max_field: 1000, ..ReadOptions::default() };
        let (articles, rejects) = rows(&file, &options).unwrap();
        assert_eq!((articles.len(), rejects.len()), (19_999, 1));
        assert_eq!((rejects[0].line, rejects[0].row.as_str()), (2, "0,2020-01-01,\"x"));
        assert_eq!(articles[0].id, "1");
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.csv");
        std::fs::write(&path, "date,text\n2020-01-01,x\n").unwrap();
        let (mut reader, mut seen) = (Reader::open(&path, 0, &ReadOptions::default()).unwrap(), Seen::new());
        std::fs::write(&path, "date,text\n2020-01-01,x\n2020-01-02,y\n").unwrap();
        let error = loop {
            match reader.next_row(&mut seen) {
                Ok(Some(_)) => {}
                Ok(None) => panic!("nobody noticed"),
                Err(error) => break error.to_string(),
            }
        };
        assert!(error.contains("changed while it was read"), "{error}");
    }

    #[test]
    fn a_packed_corpus_is_the_corpus() {
        let plain = b"date\ttext\n2020-01-01\tcaf\xe9\n";
        let options = ReadOptions { encoding: Some(encoding_rs::WINDOWS_1252), ..Default::default() };
        let packed = zstd::encode_all(plain.as_slice(), 3).unwrap();
        assert_eq!(rows(&packed, &options).unwrap().0, rows(plain, &options).unwrap().0);
    }

    #[test]
    fn encodings_and_delimiters() {
        let latin = ReadOptions { encoding: Some(encoding_rs::WINDOWS_1252), ..Default::default() };
        assert_eq!(rows(b"date;text\n2020-01-01;caf\xe9\n", &latin).unwrap().0[0].text, "café");
        let utf16: Vec<u8> =
            "\u{feff}date\ttext\n2020-01-01\tcafé\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16).0[0].text, "café");
        let (articles, _) = read("date,text\n2020-01-01,China\u{e2}\u{80}\u{99}s\n".as_bytes());
        assert_eq!(articles[0].text, "China’s");
        assert_eq!(articles[0].id.len(), 16);
    }

    #[test]
    fn what_is_no_corpus_is_refused() {
        let refusal = |bytes: &[u8]| rows(bytes, &ReadOptions::default()).unwrap_err().to_string();
        assert!(refusal(b"").contains("empty"));
        assert!(refusal(b"\x1f\x8b\x08\x00").contains("cut off or damaged"));
        assert!(refusal(b"id,text\n").contains("no date column"));
        assert!(refusal(b"id,date,text\r1,2020-01-01,x\r").contains("carriage returns only"));
        assert!(refusal(b"i\0d\0,\0d\0a\0t\0e\0\n\0").contains("--encoding utf-16le"));
        assert!(refusal(b"id,date,\"text\n1,2020-01-01,x\n").contains("in the header line"));
    }

    proptest::proptest! {
        #[test]
        fn every_row_comes_back_as_article_or_reject(rows in proptest::collection::vec("[a-z]{1,5}", 1..20)) {
            let mut file = String::from("id,date,text\n");
            for (at, text) in rows.iter().enumerate() {
                file.push_str(&format!("{at},{},{text}\n", if at % 3 == 0 { "2020-01-01" } else { "never" }));
            }
            let (articles, rejects) = read(file.as_bytes());
            proptest::prop_assert_eq!(articles.len() + rejects.len(), rows.len());
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::sample::select(&b"\",\n\r;a1\xff\0"[..]), 0..200)) {
            let mut file = b"date,text\n".to_vec();
            file.extend(bytes);
            let _ = rows(&file, &ReadOptions::default());
        }
    }
}
