//! A dyad file of any text: refused with a reason, or a dyad that can be used.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use tensiometer::dyad::Dyad;

fuzz_target!(|text: &str| {
    match Dyad::parse(text, Path::new("fuzz.toml")) {
        Ok(dyad) => {
            let sentence = "Washington warned Beijing; the United States and China met over Taiwan.";
            let mentions = dyad.mentions(sentence, None);
            dyad.topic_names(mentions);
            dyad.marked(sentence);
            dyad.exchanged(sentence);
            dyad.mentions(text, None);
        }
        Err(error) => assert!(error.to_string().contains("fuzz.toml")),
    }
});
