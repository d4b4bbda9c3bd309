//! Is the index right? A series of ours against a published one: correlation in levels and first differences, who leads, which peaks
//! are met, and the same for trivial rivals, counts of articles and words, so that no one is fooled by volume.

mod compare;
mod series;

pub use compare::{Agreement, Compared, Lag, Options, Peak, Peaks, Smoothed, Validation, validate};
pub use series::{Series, Source, read};
