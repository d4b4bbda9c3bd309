//! Statistics that more than one room needs.

use serde::Serialize;

/// A figure and the band in which 95 % of its bootstrap draws lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    /// The figure itself.
    pub value: f64,
    /// 2.5 % quantile of the draws; `None` where no draws were asked for.
    pub low: Option<f64>,
    /// 97.5 % quantile.
    pub high: Option<f64>,
}

impl Band {
    /// A figure with the band of its draws.
    pub fn of(value: f64, mut draws: Vec<f64>) -> Band {
        draws.sort_by(f64::total_cmp);
        Band { value, low: quantile(&draws, 0.025), high: quantile(&draws, 0.975) }
    }
}

/// The quantile of sorted values, interpolated between neighbours (Hyndman and Fan 1996, type 7).
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = (sorted.len().checked_sub(1)? as f64) * share;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

/// The mean of some values; NaN of none.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample standard deviation (n − 1); `None` for fewer than two values.
pub fn deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values);
    Some((values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt())
}

/// Dated values in standard deviations from their mean; missing where they do not vary.
pub fn standardised<D: Copy>(series: &[(D, Option<f64>)]) -> Vec<(D, Option<f64>)> {
    let values: Vec<f64> = series.iter().filter_map(|(_, x)| *x).collect();
    let moments = deviation(&values).filter(|sd| *sd > 0.0).map(|sd| (mean(&values), sd));
    let scaled = |x: f64| moments.map(|(mean, sd)| (x - mean) / sd);
    series.iter().map(|(date, x)| (*date, x.and_then(scaled))).collect()
}

/// Pearson's correlation. `None` where one side does not vary.
pub fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let (x, y) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (dx, dy) = (pair.0 - x, pair.1 - y);
        (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
    }
    (xx > 1e-12 && yy > 1e-12).then(|| xy / (xx * yy).sqrt())
}

/// Spearman's rank correlation: Pearson's of the ranks, ties at their mean rank. `None` where one side does not vary.
pub fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let ranks = |side: fn(&(f64, f64)) -> f64| {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by(|a, b| side(&pairs[*a]).total_cmp(&side(&pairs[*b])));
        let mut ranks = vec![0.0; pairs.len()];
        let mut first = 0;
        for tied in order.chunk_by(|a, b| side(&pairs[*a]) == side(&pairs[*b])) {
            let mean = first as f64 + (tied.len() - 1) as f64 / 2.0;
            tied.iter().for_each(|at| ranks[*at] = mean);
            first += tied.len();
        }
        ranks
    };
    let (x, y) = (ranks(|pair| pair.0), ranks(|pair| pair.1));
    pearson(&x.into_iter().zip(y).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn correlations_by_hand() {
        // x 1 2 3, y 1 3 2: Σ dx dy = 1, Σ dx² = Σ dy² = 2.
        assert_eq!(pearson(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0)]), Some(0.5));
        assert_eq!(spearman(&[(1.0, 1.0), (2.0, 900.0), (3.0, 2.0)]), Some(0.5));
        // Ties stand at their mean rank: 0.5, 0.5, 2 against 0, 1, 2.
        let tied = spearman(&[(5.0, 1.0), (5.0, 2.0), (9.0, 3.0)]).unwrap();
        assert!((tied - 0.75_f64.sqrt()).abs() < 1e-12, "{tied}");
        assert_eq!((pearson(&[(1.0, 2.0), (1.0, 3.0)]), pearson(&[])), (None, None));
        assert_eq!(quantile(&[0.0, 1.0, 2.0, 3.0], 0.5), Some(1.5));
    }

    proptest! {
        #[test]
        fn ranks_do_not_see_a_rising_function(pairs in prop::collection::vec((-5.0_f64..5.0, -5.0_f64..5.0), 3..30)) {
            let bent: Vec<(f64, f64)> = pairs.iter().map(|(x, y)| (x.exp(), 2.0 * y + 7.0)).collect();
            let (plain, bent) = (spearman(&pairs), spearman(&bent));
            prop_assert!(plain.zip(bent).is_none_or(|(a, b)| (a - b).abs() < 1e-9));
        }
    }
}
