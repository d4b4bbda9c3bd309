//! Smoothing: a trailing mean of tone in which news fades day by day. It never looks ahead.

use jiff::civil::Date;

use super::calendar;
use super::cells::{Cells, Unit};
use super::point::Freq;

/// λ: what is left of an article's weight after a day; half is left after two weeks.
const LEFT: f64 = 0.95;

/// `D_t = Σ_k λ^k n_{t−k} S̄_{t−k} / Σ_k λ^k n_{t−k}` over days k back from the end of each period, n relevant articles and S̄ their mean
/// score, in [−1, 1] (exponential smoothing with the news of a day as its weight; Holt 1957). `None` in periods without a relevant article.
pub fn smoothed_tone(cells: &Cells, dates: &[Date], freq: Freq, unit: Unit) -> Vec<Option<f64>> {
    let mut smoothed = vec![None; dates.len()];
    let (mut sum, mut n) = (0.0, 0.0);
    let mut day: Option<Date> = None;
    for entry in cells.articles(unit).filter(|entry| entry.sums.relevant > 0) {
        let days = day.and_then(|day| entry.date.since(day).ok()).map_or(0, |span| span.get_days());
        let left = LEFT.powi(days);
        (sum, n) = (left * sum + entry.sums.tone, left * n + entry.sums.r);
        day = Some(entry.date);
        if let Ok(at) = dates.binary_search(&calendar::first_day(freq, entry.date)) {
            // What fades until the period's end fades above and below alike.
            smoothed[at] = Some(sum / n);
        }
    }
    smoothed
}
