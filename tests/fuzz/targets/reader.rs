//! A corpus file of any bytes: each row is an article or a reject, in order, and nothing panics. The first byte picks the options.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tensiometer::corpus::{Corpus, ReadOptions, Row};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let file = tempfile::NamedTempFile::new_in("/dev/shm").expect("a temporary file");
    std::fs::write(file.path(), bytes).expect("written");
    let options = ReadOptions {
        max_field: if first & 1 == 0 { 64 } else { 1 << 20 },
        max_unpacked: Some(1 << 16),
        mend: first & 2 == 0,
        ..ReadOptions::default()
    };
    let Ok(corpus) = Corpus::open(&[file.path().to_owned()], &options) else { return };
    let mut last = (0, 0);
    for row in corpus {
        match row {
            Ok(Row::Article(article)) => {
                assert!(!article.id.is_empty() && !(article.title.is_empty() && article.text.is_empty()));
                assert!(article.text.len() <= 3 * options.max_field);
            }
            Ok(Row::Reject(reject)) => {
                // A lone carriage return ends a row, but no line.
                let place = (reject.line, reject.byte);
                assert!(!reject.reason.is_empty() && place.0 >= last.0 && place.1 > last.1, "{place:?} after {last:?}: {}", reject.reason);
                last = place;
            }
            Err(_) => return,
        }
    }
});
