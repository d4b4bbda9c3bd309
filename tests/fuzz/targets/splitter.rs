//! Any text: spans are in order, not empty, trimmed, and hold every character that is no whitespace; what scorers are given is plain,
//! and stays as it is when made plain again. Nothing panics where the pair is looked for.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tensiometer::dyad::Dyad;
use tensiometer::sentence::{plain, sentences};

static DYAD: LazyLock<Dyad> = LazyLock::new(|| Dyad::us_china().expect("the bundled dyad"));

fuzz_target!(|text: &str| {
    let mut end = 0;
    for span in sentences(text) {
        assert!(text[end..span.start].trim().is_empty(), "lost: {:?}", &text[end..span.start]);
        let sentence = &text[span.start..span.end];
        assert!(!sentence.is_empty() && sentence.trim() == sentence);
        let one = plain(sentence);
        assert_eq!(plain(&one), one);
        let mentions = DYAD.mentions(sentence, None);
        assert!(mentions.any() || !mentions.names_pair());
        DYAD.marked(&one);
        if let Some(turned) = DYAD.exchanged(&one) {
            assert_ne!(turned, "");
        }
        end = span.end;
    }
    assert!(text[end..].trim().is_empty());
});
