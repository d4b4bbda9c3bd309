//! Labelled sentences: the CSV file and what its columns mean.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result, io};

/// Who acts toward whom, as labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Side A acts toward side B.
    AToB,
    /// Side B acts toward side A.
    BToA,
    /// Both, or a third party on the pair.
    Mutual,
}

impl Way {
    /// Place among the three probabilities of a reading.
    pub fn place(self) -> usize {
        match self {
            Way::AToB => 0,
            Way::BToA => 1,
            Way::Mutual => 2,
        }
    }
}

/// A sentence and what a reader of it said.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// Name in the file, or the number of its line.
    pub id: String,
    /// The sentence.
    pub text: String,
    /// Tension in grades, −3 (major cooperation) to +3 (severe conflict); fractions for the mean of several readers.
    pub grade: f64,
    /// Whether it concerns the dyad; `None` where the file does not say.
    pub relevant: Option<bool>,
    /// Who acts toward whom; `None` for none, or where the file does not say.
    pub direction: Option<Way>,
    /// What the sentence tests; empty where the file has no kinds.
    pub kind: String,
    /// Template family: sentences of one family are not independent.
    pub family: String,
    /// Minimal set within the family; empty where the file has no sets.
    pub set: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(alias = "text")]
    sentence: String,
    tension: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    relevant: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    family: String,
    #[serde(default)]
    set: String,
    #[serde(default)]
    part: String,
}

/// Reads labelled sentences: columns `sentence` (or `text`) and `tension` (grade, −3 to +3); where there are such `id`,
/// `relevant` (0, 1), `direction` (`a_to_b`, `b_to_a`, `mutual`, `none`; or the letters u, c, m, n of the US–China
/// codebook), `kind`, `family`, `set`, `part`. With `part`, only the rows of that part.
///
/// # Errors
/// The file cannot be read, a label is not in its range (named by line), or no row is left.
pub fn read(path: &Path, part: Option<&str>) -> Result<Vec<Labelled>> {
    let file = std::fs::File::open(path).map_err(io(path, "open"))?;
    let mut csv = csv::Reader::from_reader(file);
    let headers = csv.headers().map_err(|source| Error::Csv { path: path.into(), source })?.clone();
    let has = |name: &str| headers.iter().any(|header| header == name);
    if !has("tension") || !(has("sentence") || has("text")) {
        return Err(Error::input(
            path,
            format!(
                "no column 'sentence' or 'tension'; the header has: {}",
                headers.iter().collect::<Vec<_>>().join(", ")
            ),
            "name the columns sentence,tension and, where there are such, id,relevant,direction,kind,family,set,part",
        ));
    }
    let mut rows = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|source| Error::Csv { path: path.into(), source })?;
        let line = record.position().map_or(0, |position| position.line());
        let row: Row =
            record.deserialize(Some(&headers)).map_err(|source| Error::Csv { path: path.into(), source })?;
        if part.is_none_or(|part| row.part == part) {
            let wrong = |what: String| Error::input(path, format!("line {line}: {what}"), "mend the label");
            rows.push(row.labelled(line).map_err(wrong)?);
        }
    }
    if rows.is_empty() {
        let reason = part
            .map_or("there is no labelled sentence".into(), |part| format!("no row has the part '{part}'"));
        return Err(Error::input(path, reason, "give a file with a header and labelled rows"));
    }
    Ok(rows)
}

impl Row {
    fn labelled(self, line: u64) -> Result<Labelled, String> {
        if self.sentence.trim().is_empty() {
            return Err("the sentence is empty".into());
        }
        let grade: f64 = self
            .tension
            .trim()
            .parse()
            .map_err(|_| format!("the tension '{}' is no number", self.tension))?;
        if !(-3.0..=3.0).contains(&grade) {
            return Err(format!("the tension {grade} is not in −3 to +3"));
        }
        let relevant = match self.relevant.trim() {
            "" => None,
            "0" => Some(false),
            "1" => Some(true),
            other => return Err(format!("relevant is '{other}', not 0 or 1")),
        };
        let direction = match self.direction.trim() {
            "" | "n" | "none" => None,
            "u" | "a_to_b" => Some(Way::AToB),
            "c" | "b_to_a" => Some(Way::BToA),
            "m" | "mutual" => Some(Way::Mutual),
            other => return Err(format!("the direction '{other}' is not a_to_b, b_to_a, mutual or none")),
        };
        Ok(Labelled {
            id: if self.id.is_empty() { line.to_string() } else { self.id },
            text: self.sentence,
            grade,
            relevant,
            direction,
            kind: self.kind,
            family: self.family,
            set: self.set,
        })
    }
}

/// What is drawn as one in the bootstrap: the sentences of a family, or a sentence without one.
pub(super) fn groups(labelled: &[Labelled]) -> Vec<Vec<usize>> {
    let mut families: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    let mut groups = Vec::new();
    for (at, row) in labelled.iter().enumerate() {
        match row.family.as_str() {
            "" => groups.push(vec![at]),
            family => families.entry((&row.kind, family)).or_default().push(at),
        }
    }
    groups.extend(families.into_values());
    groups
}
