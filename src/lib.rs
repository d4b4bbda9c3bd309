#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod article_score;
pub mod cli;
pub mod corpus;
pub mod digest;
pub mod dyad;
pub mod error;
pub mod eval;
pub mod explain;
pub mod index;
pub mod output;
pub mod pipeline;
pub mod plot;
pub mod robustness;
pub mod scorer;
pub mod sentence;
pub mod statistics;
pub mod store;
pub mod story;
pub mod validate;

pub use error::{Error, Result};
