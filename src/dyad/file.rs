//! The shape of a dyad file.

use indexmap::IndexMap;
use jiff::civil::Date;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DyadFile {
    pub name: String,
    pub title: String,
    /// For readers of the file; the content's hash is what the program compares.
    #[serde(rename = "version")]
    pub _version: u32,
    /// Phrases that hide the names inside them: `Washington Post`.
    #[serde(default)]
    pub ignore: Vec<String>,
    pub a: Side,
    pub b: Side,
    pub pair: Pair,
    #[serde(default)]
    pub topics: IndexMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    pub name: String,
    pub short: String,
    pub names: Vec<String>,
    #[serde(default)]
    pub metonyms: Vec<String>,
    #[serde(default)]
    pub offices: Vec<String>,
    #[serde(default)]
    pub firms: Vec<String>,
    #[serde(default)]
    pub contested: Vec<String>,
    #[serde(default)]
    pub leaders: Vec<Leader>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leader {
    pub names: Vec<String>,
    pub office: String,
    pub from: Date,
    /// Last day in office; still in office where missing.
    pub to: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    #[serde(default)]
    pub explicit: Vec<String>,
    #[serde(default)]
    pub implicit: Vec<String>,
    /// Words of side A and of side B that stand for each other.
    #[serde(default)]
    pub exchange: Vec<[String; 2]>,
}
