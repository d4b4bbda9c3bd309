//! Source effects: `y_st = δ_t + γ_s + ε_st` by least squares over articles, so that a period's level does not depend on which
//! sources happen to be there (Shapiro, Sudhof and Wilson 2022, *Measuring news sentiment*, eq. 1; a two-way fixed effects model).

use std::collections::BTreeMap;

use nalgebra::DMatrix;
use nalgebra_sparse::factorization::CscCholesky;
use nalgebra_sparse::{CooMatrix, CscMatrix};

use super::rates::Rates;
use crate::error::{Error, Result};

/// γ_s of each source that has articles, up to a constant that is the same for all.
///
/// Every article counts alike: a cell of N articles has the weight N. The normal equations are those of the graph of sources and
/// periods; they are ordered so that only the smaller side fills in, the last node is held at 0, and solved by Cholesky.
///
/// # Errors
/// The sources fall into groups that never share a period: their levels cannot be compared. Names the groups.
pub fn effects(rates: &Rates<'_>) -> Result<BTreeMap<usize, f64>> {
    let mut sources: Vec<usize> = rates.rows().flatten().map(|cell| cell.source).collect();
    sources.sort_unstable();
    sources.dedup();
    if sources.is_empty() {
        return Ok(BTreeMap::new());
    }
    connected(rates, &sources)?;
    let place_of: BTreeMap<usize, usize> =
        sources.iter().enumerate().map(|(place, source)| (*source, place)).collect();
    let periods: Vec<&[super::rates::Rated]> = rates.rows().filter(|row| !row.is_empty()).collect();

    let (n, t) = (sources.len(), periods.len());
    // The larger side first: it has no edges within, and fills in only the smaller side.
    let (source_at, period_at) = if n >= t { (0, n) } else { (t, 0) };
    let free = n + t - 1;
    let mut normal = CooMatrix::new(free, free);
    let mut right = DMatrix::zeros(free, 1);
    let mut diagonal = vec![0.0; n + t];
    for (period, row) in periods.iter().enumerate() {
        for cell in *row {
            let (a, b) = (source_at + place_of[&cell.source], period_at + period);
            for node in [a, b] {
                diagonal[node] += cell.whole;
                if node < free {
                    right[node] += cell.part;
                }
            }
            if a < free && b < free {
                normal.push(a, b, cell.whole);
                normal.push(b, a, cell.whole);
            }
        }
    }
    (0..free).for_each(|node| normal.push(node, node, diagonal[node]));
    let solved = match CscCholesky::factor(&CscMatrix::from(&normal)) {
        Ok(factor) => factor.solve(&right),
        Err(error) => {
            return Err(Error::index(
                format!("the source effects of the {} series cannot be solved for: {error}", rates.name),
                "take --scaling pooled or per-source",
            ));
        }
    };
    Ok(sources
        .iter()
        .enumerate()
        .map(|(place, source)| {
            let node = source_at + place;
            (*source, if node < free { solved[node] } else { 0.0 })
        })
        .collect())
}

/// How many sources of an island are named.
const NAMED: usize = 3;

/// Whether each source can be compared with each, over others that share periods with both.
fn connected(rates: &Rates<'_>, sources: &[usize]) -> Result<()> {
    // Each source's island, by one of its sources; a period joins all that are in it.
    let mut island: BTreeMap<usize, usize> = sources.iter().map(|source| (*source, *source)).collect();
    fn root(island: &mut BTreeMap<usize, usize>, source: usize) -> usize {
        let mut at = source;
        while island[&at] != at {
            at = island[&at];
        }
        island.insert(source, at);
        at
    }
    for row in rates.rows() {
        for pair in row.windows(2) {
            let (a, b) = (root(&mut island, pair[0].source), root(&mut island, pair[1].source));
            island.insert(a.max(b), a.min(b));
        }
    }
    let mut islands: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for source in sources {
        let root = root(&mut island, *source);
        islands.entry(root).or_default().push(&rates.sources[*source]);
    }
    if islands.len() < 2 {
        return Ok(());
    }
    let named = |names: &Vec<&str>| {
        let more = names.len().saturating_sub(NAMED);
        let names = names.iter().take(NAMED).map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{names} and {more} more") } else { names }
    };
    let all: Vec<String> = islands.values().map(named).collect();
    Err(Error::index(
        format!(
            "in the {} series the sources fall into {} groups that share no period, so their levels cannot be compared: {}",
            rates.name,
            all.len(),
            all.join(" | ")
        ),
        "leave a group out, take a lower --freq, or take --scaling pooled",
    ))
}
