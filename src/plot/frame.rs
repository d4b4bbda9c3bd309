//! The points of a picture: checked, in order of date, cut into unbroken runs.

use jiff::civil::Date;

use super::{Options, PlotError, Series, axis};
use crate::index::{Freq, IndexPoint};

/// At least one point, at least one series, at least one value.
pub(super) struct Frame<'a> {
    pub points: Vec<&'a IndexPoint>,
    pub freq: Freq,
    pub series: Vec<Series>,
    ends: (Date, Date),
}

impl<'a> Frame<'a> {
    pub fn new(points: &'a [IndexPoint], options: &Options) -> Result<Self, PlotError> {
        let mut series = Series::ALL.to_vec();
        series.retain(|one| options.series.contains(one));
        if series.is_empty() {
            return Err(PlotError::NoSeries);
        }
        let mut points: Vec<&IndexPoint> = points.iter().collect();
        points.sort_by_key(|point| point.date);
        for pair in points.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            if a.freq != b.freq {
                return Err(PlotError::MixedFrequencies(a.freq.label(), b.freq.label()));
            }
            if a.date == b.date {
                return Err(PlotError::DuplicateDate(a.date));
            }
        }
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Err(PlotError::NoPeriods);
        };
        let has_value = |point: &&IndexPoint| series.iter().any(|one| one.value(point).is_some());
        if !points.iter().any(has_value) {
            let names: Vec<&str> = series.iter().map(|one| one.name()).collect();
            let (series, periods) = (names.join(", "), points.len());
            return Err(PlotError::NothingToDraw { series, periods });
        }
        Ok(Self { freq: first.freq, ends: (first.date, last.date), points, series })
    }

    /// The first and the last period, with a value or without.
    pub fn ends(&self) -> (Date, Date) {
        self.ends
    }

    /// The unbroken stretches of a value, with its dates: a missing value or row ends one.
    pub fn runs<T>(&self, value: impl Fn(&IndexPoint) -> Option<T>) -> Vec<Vec<(Date, T)>> {
        let mut runs: Vec<Vec<(Date, T)>> = Vec::new();
        let mut expected = None;
        for point in &self.points {
            let Some(value) = value(point) else {
                continue;
            };
            match runs.last_mut() {
                Some(run) if expected == Some(point.date) => run.push((point.date, value)),
                _ => runs.push(vec![(point.date, value)]),
            }
            expected = axis::next_period(point.date, self.freq);
        }
        runs
    }
}
