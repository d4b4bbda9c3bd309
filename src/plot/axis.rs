//! Where the ticks go and what they say: round numbers on y, calendar steps on x.

use jiff::{ToSpan, civil::Date};

use crate::index::Freq;

/// A y axis: its ticks, from the lowest end of the axis to the highest, and their decimals.
pub(super) struct Values {
    pub ticks: Vec<f64>,
    decimals: usize,
}

impl Values {
    /// Covers `low..=high` in about `steps` steps of 1, 2 or 5 times a power of ten.
    pub fn new(low: f64, high: f64, steps: usize) -> Self {
        // A span of zero, or one lost beside the size of its ends, has no round steps of its own.
        let size = low.abs().max(high.abs());
        let span = if high - low > size * 1e-9 { high - low } else { size.max(1.0) };
        let rough = span / steps.max(1) as f64;
        let power = rough.log10().floor() as i32;
        // Dividing by a whole power of ten, not multiplying by a fraction, keeps 0.3 at 0.3.
        let times = |digits: f64| match power {
            0.. => digits * 10f64.powi(power),
            _ => digits / 10f64.powi(-power),
        };
        let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| times(*digit) >= rough * 0.999).unwrap_or(10.0);
        let step = times(digit);
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil().max(first + 1.0);
        let count = (last - first) as usize;
        let ticks = (0..=count).map(|i| times((first + i as f64) * digit)).collect();
        let decimals = (-(step * 1.001).log10().floor()).clamp(0.0, 12.0) as usize;
        Self { ticks, decimals }
    }

    pub fn low(&self) -> f64 {
        self.ticks.first().copied().unwrap_or(0.0)
    }

    pub fn high(&self) -> f64 {
        self.ticks.last().copied().unwrap_or(1.0)
    }

    pub fn label(&self, value: f64) -> String {
        number(value, self.decimals)
    }
}

/// `value` with thousands set off by commas, a true minus sign, and no negative zero.
pub(super) fn number(value: f64, decimals: usize) -> String {
    let digits = format!("{:.*}", decimals, value.abs());
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut text = String::new();
    if value < 0.0 && digits.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        text.push('\u{2212}');
    }
    for (i, digit) in digits.char_indices() {
        if i > 0 && i < whole && (whole - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// First day of the period after the one that starts on `date`; `None` past the calendar's end.
pub(super) fn next_period(date: Date, freq: Freq) -> Option<Date> {
    date.checked_add(freq.step()).ok()
}

/// Days from 1 January 1970, the unit of the x axis.
pub(super) fn day_number(date: Date) -> f64 {
    date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() as f64 / 24.0
}

/// A distance between date ticks. The lists of candidates run from fine to coarse.
#[derive(Clone, Copy)]
enum Step {
    Days(i32),
    /// Counted from Mondays.
    Weeks(i32),
    Months(i32),
    Years(i32),
}

const STEPS: [Step; 16] = [
    Step::Days(1),
    Step::Days(2),
    Step::Weeks(1),
    Step::Weeks(2),
    Step::Weeks(4),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Years(1),
    Step::Years(2),
    Step::Years(5),
    Step::Years(10),
    Step::Years(20),
    Step::Years(50),
    Step::Years(100),
];

impl Step {
    fn days(self) -> f64 {
        match self {
            Self::Days(n) => f64::from(n),
            Self::Weeks(n) => 7.0 * f64::from(n),
            Self::Months(n) => 30.44 * f64::from(n),
            Self::Years(n) => 365.25 * f64::from(n),
        }
    }

    /// Pixels that one label and its air take.
    fn label_width(self) -> f64 {
        match self {
            Self::Days(_) | Self::Weeks(_) => 84.0,
            Self::Months(_) => 62.0,
            Self::Years(_) => 44.0,
        }
    }

    /// A tick finer than the periods would suggest data that are not there.
    fn suits(self, freq: Freq) -> bool {
        let finest = match freq {
            Freq::Day => Self::Days(1),
            Freq::Week => Self::Weeks(1),
            Freq::Month => Self::Months(1),
            Freq::Quarter => Self::Months(3),
            Freq::Year => Self::Years(1),
        };
        self.days() >= finest.days()
    }

    /// The last tick at or before `date`.
    fn floor(self, date: Date) -> Option<Date> {
        let back = match self {
            Self::Days(n) => (day_number(date) as i32).rem_euclid(n).days(),
            Self::Weeks(n) => {
                // 1970-01-05 was a Monday: whole weeks are counted from there.
                (day_number(date) as i32 - 4).rem_euclid(7 * n).days()
            }
            Self::Months(n) => {
                let months = (i32::from(date.month()) - 1).rem_euclid(n);
                return date.first_of_month().checked_sub(months.months()).ok();
            }
            Self::Years(n) => {
                let years = i32::from(date.year()).rem_euclid(n);
                return date.first_of_year().checked_sub(years.years()).ok();
            }
        };
        date.checked_sub(back).ok()
    }

    fn next(self, date: Date) -> Option<Date> {
        let ahead = match self {
            Self::Days(n) => n.days(),
            Self::Weeks(n) => n.weeks(),
            Self::Months(n) => n.months(),
            Self::Years(n) => n.years(),
        };
        date.checked_add(ahead).ok()
    }

    /// The year stands at the first tick and where a new year begins.
    fn label(self, date: Date, before: Option<Date>) -> String {
        let new_year = before.is_none_or(|before| before.year() != date.year());
        let format = match (self, new_year) {
            (Self::Years(_), _) => "%Y",
            (Self::Months(_), true) if before.is_some() => "%Y",
            (Self::Months(_), true) => "%b %Y",
            (Self::Months(_), false) => "%b",
            (_, true) => "%-d %b %Y",
            (_, false) => "%-d %b",
        };
        date.strftime(format).to_string()
    }
}

/// Labelled ticks for the dates `first..=last` on an axis `pixels` wide.
///
/// At least one: a range without a round date is labelled at its first day.
pub(super) fn date_ticks(first: Date, last: Date, freq: Freq, pixels: f64) -> Vec<(Date, String)> {
    let span = (day_number(last) - day_number(first)).max(1.0);
    let step = STEPS
        .into_iter()
        .filter(|step| step.suits(freq))
        .find(|step| step.label_width() * span / step.days() <= pixels)
        .unwrap_or(Step::Years(100));

    let mut dates = Vec::new();
    let mut next = step.floor(first);
    while let Some(date) = next.filter(|date| *date <= last) {
        if date >= first {
            dates.push(date);
        }
        next = step.next(date);
    }
    if dates.is_empty() {
        return vec![(first, Step::Days(1).label(first, None))];
    }
    let before = std::iter::once(None).chain(dates.iter().copied().map(Some));
    let labels = dates.iter().zip(before);
    labels.map(|(date, before)| (*date, step.label(*date, before))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn y_ticks_are_round_and_cover_the_values() {
        for (low, high) in [(0.0, 233.7), (-0.31, 0.08), (0.0, 1e-5), (0.0, 48_213.0), (7.0, 7.0)] {
            let axis = Values::new(low, high, 5);
            assert!(axis.low() <= low && axis.high() >= high, "{low}..{high}: {:?}", axis.ticks);
            assert!((2..=8).contains(&axis.ticks.len()), "{:?}", axis.ticks);
            let labels: Vec<String> = axis.ticks.iter().map(|tick| axis.label(*tick)).collect();
            for pair in labels.windows(2) {
                assert_ne!(pair[0], pair[1]);
            }
        }
    }

    #[test]
    fn numbers_carry_commas_and_a_true_minus() {
        assert_eq!(number(1_234_567.0, 0), "1,234,567");
        assert_eq!(number(-1234.5, 1), "\u{2212}1,234.5");
        assert_eq!(number(-0.0001, 2), "0.00");
        assert_eq!(number(999.0, 0), "999");
    }

    #[test]
    fn date_ticks_follow_the_span() {
        let labels = |first, last, freq| -> Vec<String> {
            date_ticks(first, last, freq, 900.0).into_iter().map(|(_, text)| text).collect()
        };
        let years = labels(date(2001, 3, 1), date(2018, 12, 1), Freq::Month);
        assert_eq!((years[0].as_str(), years.len()), ("2002", 17));
        let months = labels(date(2018, 3, 5), date(2019, 3, 4), Freq::Day);
        assert_eq!((months[0].as_str(), months[9].as_str()), ("Apr 2018", "2019"));
        let days = labels(date(2018, 12, 30), date(2019, 1, 3), Freq::Day);
        assert_eq!(days, ["30 Dec 2018", "31 Dec", "1 Jan 2019", "2 Jan", "3 Jan"]);
        let weeks = date_ticks(date(2018, 1, 1), date(2018, 3, 5), Freq::Week, 900.0);
        assert!(weeks.iter().all(|(day, _)| day.weekday() == jiff::civil::Weekday::Monday));
        assert_eq!(labels(date(2018, 5, 1), date(2018, 5, 1), Freq::Month), ["May 2018"]);
    }

    #[test]
    fn a_span_without_a_round_date_is_still_labelled() {
        let ticks = date_ticks(date(2018, 5, 2), date(2018, 5, 3), Freq::Year, 900.0);
        assert_eq!(ticks, [(date(2018, 5, 2), "2 May 2018".to_owned())]);
    }
}
