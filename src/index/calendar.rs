//! Periods: labelled by their first day, counted without gaps.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::point::Freq;

/// Days from the first to the last, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Window {
    /// Whether a day lies in it.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }
}

impl std::str::FromStr for Window {
    type Err = String;

    /// Reads `2017-01..2019-12` or `2017-01-15..2019-12-31`; a month or year means all its days.
    fn from_str(text: &str) -> Result<Self, String> {
        let help = || format!("'{text}' is not a window; write FROM..TO, e.g. 2017-01..2019-12");
        let (from, to) = text.split_once("..").ok_or_else(help)?;
        let from = span(from.trim()).ok_or_else(help)?.0;
        let to = span(to.trim()).ok_or_else(help)?.1;
        if to < from {
            return Err(format!("the window '{text}' ends before it begins"));
        }
        Ok(Window { from, to })
    }
}

/// First and last day of a written day, month or year.
fn span(text: &str) -> Option<(Date, Date)> {
    if let Some(day) = (text.len() == 10).then(|| text.parse().ok()).flatten() {
        return Some((day, day));
    }
    if text.len() == 7 {
        let first: Date = format!("{text}-01").parse().ok()?;
        return Some((first, first.last_of_month()));
    }
    if text.len() == 4 {
        let first: Date = format!("{text}-01-01").parse().ok()?;
        return Some((first, first.last_of_year()));
    }
    None
}

/// First day of the period that holds a day.
pub fn first_day(freq: Freq, day: Date) -> Date {
    match freq {
        Freq::Day => day,
        // Saturating: the calendar ends in year 9999 and begins in −9999, and corpora do not.
        Freq::Week => day.saturating_sub(i64::from(day.weekday().since(Weekday::Monday)).days()),
        Freq::Month => day.first_of_month(),
        Freq::Quarter => day.saturating_sub(i64::from((day.month() - 1) % 3).months()).first_of_month(),
        Freq::Year => day.first_of_year(),
    }
}

/// First days of all periods from that of `first` to that of `last`.
pub fn periods(freq: Freq, first: Date, last: Date) -> Vec<Date> {
    let last = first_day(freq, last);
    first_day(freq, first).series(freq.step()).take_while(|day| *day <= last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const ALL: [Freq; 5] = [Freq::Day, Freq::Week, Freq::Month, Freq::Quarter, Freq::Year];

    #[test]
    fn first_days() {
        let day = date(2022, 8, 4); // a Thursday
        let firsts = ALL.map(|freq| first_day(freq, day));
        assert_eq!(firsts, [day, date(2022, 8, 1), date(2022, 8, 1), date(2022, 7, 1), date(2022, 1, 1)]);
    }

    #[test]
    fn windows_are_read() {
        assert_eq!("2017-01..2019".parse(), Ok(Window { from: date(2017, 1, 1), to: date(2019, 12, 31) }));
        assert_eq!(
            "2017-02-03..2017-02".parse(),
            Ok(Window { from: date(2017, 2, 3), to: date(2017, 2, 28) })
        );
        for wrong in ["2017", "2019..2017", "a..b", "..", "2017-13..2018"] {
            assert!(wrong.parse::<Window>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn periods_have_no_gaps_and_hold_their_days(start in 0_i64..20_000, length in 0_i64..900) {
            let first = date(1980, 1, 1).saturating_add(start.days());
            let last = first.saturating_add(length.days());
            for freq in ALL {
                let periods = periods(freq, first, last);
                prop_assert_eq!(periods[0], first_day(freq, first));
                prop_assert_eq!(*periods.last().unwrap(), first_day(freq, last));
                for pair in periods.windows(2) {
                    // The day before a period belongs to the period before it.
                    prop_assert_eq!(first_day(freq, pair[1].yesterday().unwrap()), pair[0]);
                }
            }
        }
    }
}
