//! Dates as corpora write them. What is ambiguous is refused, never guessed.

use jiff::civil::Date;
use jiff::fmt::{rfc2822, strtime};

/// How a date was written; the reader counts the kinds it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateKind {
    /// `2018-12-15`, with or without a time.
    Iso,
    /// `Sat, 15 Dec 2018 08:00:00 GMT`.
    Rfc2822,
    /// `December 15, 2018`, `15 Dec 2018`, …
    Written,
    /// `20181215` or `2018/12/15`.
    Compact,
    /// As `--date-format` says.
    Given,
}

impl std::fmt::Display for DateKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DateKind::Iso => "ISO 8601",
            DateKind::Rfc2822 => "RFC 2822",
            DateKind::Written => "written out",
            DateKind::Compact => "year first",
            DateKind::Given => "--date-format",
        })
    }
}

/// The calendar day that `text` names, as written: a time or a time zone beside it is dropped, not converted.
/// With `format` (strftime directives) only that form is tried.
///
/// # Errors
/// The reason, for a person; it names `--date-format` where that would help.
pub fn parse(text: &str, format: Option<&str>) -> Result<(Date, DateKind), String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("the date is empty".into());
    }
    if let Some(format) = format {
        let date = strtime::parse(format, text).and_then(|parts| parts.to_date());
        return date
            .map(|date| (date, DateKind::Given))
            .map_err(|_| format!("the date '{}' is not of the form {format}", short(text)));
    }
    let day =
        text.get(..10).filter(|head| head.as_bytes()[4] == b'-').and_then(|head| head.parse::<Date>().ok());
    if let Some(date) = day {
        // What follows a day must be a time, or this is no date.
        let timed =
            || text.parse::<jiff::civil::DateTime>().is_ok() || text.parse::<jiff::Timestamp>().is_ok();
        return if date.year() >= 1000 && (text.len() == 10 || timed()) {
            Ok((date, DateKind::Iso))
        } else {
            Err(unreadable(text))
        };
    }
    if let Ok(stamp) = rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_zoned_datetime(text) {
        return Ok((stamp.date(), DateKind::Rfc2822));
    }
    let plain = text
        .replace(['.', ','], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("Sept ", "Sep ");
    for (format, kind) in [
        ("%B %d %Y", DateKind::Written),
        ("%b %d %Y", DateKind::Written),
        ("%d %B %Y", DateKind::Written),
        ("%d %b %Y", DateKind::Written),
        ("%Y/%m/%d", DateKind::Compact),
        ("%Y%m%d", DateKind::Compact),
    ] {
        let whole = format != "%Y%m%d" || plain.len() == 8;
        let read = strtime::parse(format, &plain).and_then(|parts| parts.to_date());
        // A year of two digits is read as one of the first century: no date of a news article.
        if let (Ok(date), true) = (read, whole)
            && date.year() >= 1000
        {
            return Ok((date, kind));
        }
    }
    let numeric = text.split(['/', '.', '-']).filter(|part| part.parse::<u16>().is_ok()).count() == 3;
    if numeric {
        return Err(format!(
            "the date '{}' can be read in two ways; say which with --date-format %d/%m/%Y or %m/%d/%Y",
            short(text)
        ));
    }
    Err(unreadable(text))
}

fn unreadable(text: &str) -> String {
    format!("'{}' is not a date; use ISO 8601 or say how to read it with --date-format", short(text))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_forms_that_are_understood() {
        let day = date(2018, 12, 5);
        for (text, kind) in [
            ("2018-12-05", DateKind::Iso),
            (" 2018-12-05T23:59:00-05:00 ", DateKind::Iso),
            ("2018-12-05 08:00", DateKind::Iso),
            ("2018-12-05 08:00:00", DateKind::Iso),
            ("2018-12-05T08:00:00Z", DateKind::Iso),
            ("2018-12-05T08:00:00.123+08:00", DateKind::Iso),
            ("2018-12-05 08:00:00+00:00", DateKind::Iso),
            ("Wed, 05 Dec 2018 08:00:00 GMT", DateKind::Rfc2822),
            ("December 5, 2018", DateKind::Written),
            ("Dec. 5, 2018", DateKind::Written),
            ("5 December 2018", DateKind::Written),
            ("05 Dec 2018", DateKind::Written),
            ("2018/12/05", DateKind::Compact),
            ("20181205", DateKind::Compact),
        ] {
            assert_eq!(parse(text, None), Ok((day, kind)), "{text}");
        }
        assert_eq!(parse("Sept. 5, 2018", None).unwrap().0, date(2018, 9, 5));
        assert_eq!(parse("05/12/2018", Some("%d/%m/%Y")), Ok((day, DateKind::Given)));
    }

    #[test]
    fn what_is_no_date_or_two_is_refused() {
        for text in [
            "",
            "yesterday",
            "2018-13-01",
            "2018-02-30",
            "2018-12-051",
            "32 December 2018",
            "2018",
            "🙂🙂🙂",
            "15 Dec 18",
            "Dec 5, 18",
            "2018111",
            "2018-12-05 hello",
            "2018-12-05T99:99",
        ] {
            assert!(parse(text, None).is_err(), "{text}");
        }
        assert!(parse("03/04/2018", None).unwrap_err().contains("--date-format"));
        assert!(parse("2018-12-05", Some("%d/%m/%Y")).is_err());
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in ".{0,30}") {
            let _ = parse(&text, None);
        }
    }
}
