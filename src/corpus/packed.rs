//! Files that cannot be read in place: gzip and zstd archives, known by their first bytes, and pipes.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::{Error, Result, io};

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Without a limit of its own, an archive may hold so many times its size: news packs to a fifth, a bomb to a thousandth.
const EXPANSION: u64 = 50;
/// And this many bytes in any case.
const SMALL: u64 = 1 << 30;

/// The bytes of an archive or a pipe in a temporary file, which goes when it is dropped; `None` for what can be read in place.
///
/// # Errors
/// The file cannot be read, the archive is cut off or damaged, or holds more than `most` bytes.
pub fn unpacked(path: &Path, most: Option<u64>) -> Result<Option<NamedTempFile>> {
    let file = File::open(path).map_err(io(path, "open"))?;
    let metadata = file.metadata().map_err(io(path, "read"))?;
    if metadata.is_dir() {
        return Err(Error::input(path, "this is a folder", "name the CSV files in it"));
    }
    if !metadata.is_file() {
        // A pipe can be read once only; what comes through it may be packed as well.
        let copied = copy(path, file, u64::MAX)?;
        return Ok(match unpacked(copied.path(), most)? {
            Some(unpacked) => Some(unpacked),
            None => Some(copied),
        });
    }
    let most = most.unwrap_or_else(|| metadata.len().saturating_mul(EXPANSION).max(SMALL));
    let mut head = Vec::new();
    Read::by_ref(&mut &file).take(4).read_to_end(&mut head).map_err(io(path, "read"))?;
    let whole = head.chain(&file);
    if head.starts_with(&GZIP) {
        copy(path, flate2::read::MultiGzDecoder::new(whole), most).map(Some)
    } else if head == ZSTD {
        copy(path, zstd::Decoder::new(whole).map_err(io(path, "unpack"))?, most).map(Some)
    } else {
        Ok(None)
    }
}

/// What a reader gives, in a temporary file.
///
/// # Errors
/// As [`unpacked`].
pub fn copy(path: &Path, reader: impl Read, most: u64) -> Result<NamedTempFile> {
    let folder = std::env::temp_dir();
    let mut copied = NamedTempFile::new().map_err(io(&folder, "make a temporary file in"))?;
    let mut reader = reader.take(most.saturating_add(1));
    let mut block = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = match reader.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::UnexpectedEof
                        | ErrorKind::InvalidInput
                        | ErrorKind::InvalidData
                        | ErrorKind::Other
                ) =>
            {
                let reason =
                    format!("the archive is cut off or damaged after {size} unpacked bytes ({error})");
                return Err(Error::input(
                    path,
                    reason,
                    "fetch it again, or unpack what can be saved by hand",
                ));
            }
            Err(error) => return Err(io(path, "read")(error)),
        };
        std::io::Write::write_all(&mut copied, &block[..read])
            .map_err(io(&folder, "write a temporary file in"))?;
        size += read as u64;
    }
    if size > most {
        let reason = format!("the archive holds more than {most} bytes");
        return Err(Error::input(path, reason, "raise the limit with --max-unpacked if you trust it"));
    }
    Ok(copied)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 3).unwrap()
    }

    fn unpack(bytes: &[u8], most: Option<u64>) -> Result<Option<Vec<u8>>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.csv.gz");
        std::fs::write(&path, bytes).unwrap();
        let unpacked = unpacked(&path, most).map_err(|error| error.to_string())?;
        Ok(unpacked.map(|file| std::fs::read(file.path()).unwrap()))
    }

    #[test]
    fn archives_give_back_what_went_in_and_other_files_are_read_in_place() {
        let text = "id,date,title\n1,2020-01-01,T\n".repeat(5000).into_bytes();
        for pack in [gzip, zstd] {
            assert_eq!(unpack(&pack(&text), None), Ok(Some(text.clone())));
            let two = [pack(&text), pack(b"more")].concat();
            assert_eq!(
                unpack(&two, None),
                Ok(Some([text.as_slice(), b"more"].concat())),
                "members follow one another"
            );
        }
        assert_eq!(unpack(&text, None), Ok(None));
        assert_eq!(unpack(b"", None), Ok(None));
    }

    #[test]
    fn what_is_cut_off_or_damaged_or_too_much_is_refused() {
        // Bytes without a pattern, so that a cut archive has lost some of them.
        let text: Vec<u8> =
            (0..200_000_u64).flat_map(|x| blake3::hash(&x.to_le_bytes()).as_bytes()[..4].to_vec()).collect();
        for pack in [gzip, zstd] {
            let packed = pack(&text);
            for cut in [5, 20, packed.len() / 2, packed.len() - 1] {
                let error = unpack(&packed[..cut], None).unwrap_err();
                assert!(
                    error.contains("cut off or damaged") && error.contains("fetch it again"),
                    "{cut}: {error}"
                );
            }
            let mut damaged = packed.clone();
            damaged[packed.len() / 2] ^= 0xff;
            assert_ne!(unpack(&damaged, None), Ok(Some(text.clone())), "nobody notices");
            let error = unpack(&packed, Some(1000)).unwrap_err();
            assert!(error.contains("more than 1000 bytes") && error.contains("--max-unpacked"), "{error}");
            assert!(unpack(&packed, Some(text.len() as u64)).is_ok(), "just as much");
        }
    }
}
