//! The header of a safetensors file, checked before anything is loaded: what it promises must be there, to the byte
//! (format: <https://huggingface.co/docs/safetensors>).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result, io};

/// The longest header that is read; that of a large model is some 100 kB.
const LONGEST: u64 = 16 << 20;

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// Checks that every tensor of a file lies within it and is as long as its type and shape want.
///
/// # Errors
/// The file cannot be read, or its header does not fit it; names the tensor.
pub fn check(path: &Path) -> Result<()> {
    let mut file = File::open(path).map_err(io(path, "open"))?;
    let size = file.metadata().map_err(io(path, "read"))?.len();
    let wrong = |reason: String| {
        Err(Error::model(path, reason, "restore the file, or save it again with safetensors"))
    };
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(8).read_to_end(&mut head).map_err(io(path, "read"))?;
    let Ok(length) = <[u8; 8]>::try_from(head.as_slice()).map(u64::from_le_bytes) else {
        return wrong(format!("{size} bytes are no safetensors file"));
    };
    if length > LONGEST || length > size - 8 {
        return wrong(format!("its header claims {length} bytes, the file has {size}"));
    }
    let mut json = Vec::new();
    file.take(length).read_to_end(&mut json).map_err(io(path, "read"))?;
    let header: BTreeMap<String, serde_json::Value> = match serde_json::from_slice(&json) {
        Ok(header) => header,
        Err(error) => return wrong(format!("its header is no JSON: {error}")),
    };
    let data = size - 8 - length;
    for (name, value) in header.into_iter().filter(|(name, _)| name != "__metadata__") {
        let name: String = name.chars().take(80).collect();
        let Ok(Entry { dtype, shape, data_offsets: [start, end] }) = Entry::deserialize(value) else {
            return wrong(format!("its header does not say type, shape and place of {name:?}"));
        };
        let bits: u64 = match dtype.trim_start_matches(|c: char| !c.is_ascii_digit()).split('_').next() {
            Some("8") => 8,
            Some("16") => 16,
            Some("32") => 32,
            Some("64") => 64,
            _ if dtype == "BOOL" => 8,
            _ => return wrong(format!("the type {dtype:?} of {name:?} is not known")),
        };
        let bytes = shape.iter().try_fold(bits / 8, |bytes, width| bytes.checked_mul(*width));
        if end > data || end.checked_sub(start).is_none() || end.checked_sub(start) != bytes {
            return wrong(format!(
                "{name:?} of type {dtype} and shape {shape:?} does not lie in bytes {start} to {end} of {data}"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(header: &str, data: usize) -> Result<(), String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; data]].concat();
        std::fs::write(file.path(), bytes).unwrap();
        check(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_lies_in_the_file_is_taken() {
        let header = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},
            "b":{"dtype":"F32","shape":[],"data_offsets":[12,16]},"c":{"dtype":"BOOL","shape":[0,9],"data_offsets":[16,16]}}"#;
        assert_eq!(checked(header, 16), Ok(()));
        assert!(checked(header, 15).unwrap_err().contains("\"b\""));
    }

    #[test]
    fn what_promises_more_than_there_is_is_refused_before_memory_is_taken() {
        let entry = |shape: &str, offsets: &str| {
            checked(&format!(r#"{{"w":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#), 16)
        };
        assert_eq!(entry("[4]", "[0,16]"), Ok(()));
        for (shape, offsets) in [
            ("[5]", "[0,16]"),
            ("[4]", "[16,0]"),
            ("[4]", "[4,20]"),
            ("[4294967296,4294967296]", "[0,16]"),
            ("[18446744073709551615]", "[0,18446744073709551615]"),
        ] {
            let error = entry(shape, offsets).unwrap_err();
            assert!(error.contains("does not lie in bytes"), "{error}");
        }
        assert!(entry("[-1]", "[0,16]").unwrap_err().contains("does not say"));
        assert!(checked("{", 0).unwrap_err().contains("no JSON"));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), u64::MAX.to_le_bytes()).unwrap();
        assert!(check(file.path()).unwrap_err().to_string().contains("its header claims"));
        std::fs::write(file.path(), b"short").unwrap();
        assert!(check(file.path()).unwrap_err().to_string().contains("no safetensors"));
    }
}
