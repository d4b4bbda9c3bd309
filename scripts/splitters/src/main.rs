//! `splitters NAME < documents`: cuts documents, parted by U+0001, with one splitter.
//! Prints a line a document: the nanoseconds it took, a tab, and the byte spans as `start-end` with spaces between.

use std::io::Read;
use std::time::Instant;

use unicode_segmentation::UnicodeSegmentation;

#[path = "../../../src/sentence/mod.rs"]
#[allow(dead_code)]
mod sentence;

type Spans = Vec<(usize, usize)>;

fn ours(text: &str) -> Spans {
    sentence::sentences(text).iter().map(|s| (s.start, s.end)).collect()
}

/// Ours without the spans that are flagged as boilerplate, which are cut off by convention.
fn ours_text(text: &str) -> Spans {
    let kept = sentence::sentences(text).into_iter().filter(|s| s.kind != sentence::Kind::Boilerplate);
    kept.map(|s| (s.start, s.end)).collect()
}

fn sentencex(text: &str) -> Spans {
    sentencex::get_sentence_boundaries("en", text).iter().map(|b| (b.start_byte, b.end_byte)).collect()
}

fn unicode(text: &str) -> Spans {
    text.split_sentence_bound_indices().map(|(at, s)| (at, at + s.len())).collect()
}

/// This one returns slices; their place is the difference of the addresses.
fn sentencize(text: &str) -> Spans {
    let place = |s: &str| s.as_ptr() as usize - text.as_ptr() as usize;
    sentencize::split(text).iter().map(|s| (place(s), place(s) + s.len())).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let split = match std::env::args().nth(1).as_deref() {
        Some("ours") => ours,
        Some("ours-text") => ours_text,
        Some("sentencex") => sentencex,
        Some("unicode-segmentation") => unicode,
        Some("sentencize") => sentencize,
        other => {
            return Err(format!(
                "no splitter {other:?}; one of ours, ours-text, sentencex, unicode-segmentation, sentencize"
            )
            .into());
        }
    };
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    for text in input.split('\u{1}') {
        let began = Instant::now();
        let spans = split(text);
        let spent = began.elapsed().as_nanos();
        let spans: Vec<String> = spans.iter().map(|(start, end)| format!("{start}-{end}")).collect();
        println!("{spent}\t{}", spans.join(" "));
    }
    Ok(())
}
