//! A dated column of a CSV file, as published indices come: one date column, or a year and a month; gaps allowed.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use jiff::civil::Date;

use crate::corpus::dates;
use crate::error::{Error, Result, io};

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The CSV file.
    pub path: PathBuf,
    /// The column; the only one with numbers where `None`.
    pub column: Option<String>,
    /// Form of the dates in strftime directives; the usual forms where `None`.
    pub date_format: Option<String>,
}

/// A dated series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The column's name.
    pub name: String,
    /// Its values by date, as the file dates them.
    pub values: BTreeMap<Date, f64>,
    /// What was left out: a line for a person; none where nothing was.
    pub note: Option<String>,
}

/// Names of a column of dates.
const DATES: [&str; 7] = ["date", "month", "period", "day", "time", "quarter", "year"];
/// What stands for a missing number.
const MISSING: [&str; 6] = ["", "na", "n/a", "nan", ".", "-"];

/// Reads a series. Rows without a number are gaps.
///
/// # Errors
/// The file cannot be read; it has no date, no such column or no number; a date stands there twice.
pub fn read(source: &Source) -> Result<Series> {
    let path = source.path.as_path();
    let failed = |source| Error::Csv { path: path.into(), source };
    let file = File::open(path).map_err(io(path, "open"))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(file);
    let header: Vec<String> = reader
        .headers()
        .map_err(failed)?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let rows: Vec<csv::StringRecord> =
        reader.records().collect::<std::result::Result<_, _>>().map_err(failed)?;
    let when = When::find(&header).ok_or_else(|| {
        Error::input(
            path,
            "it has no column of dates",
            "name one date, month, quarter or year, or a year and a month",
        )
    })?;
    let column = column(source, &header, &rows, &when)?;
    let mut values = BTreeMap::new();
    let mut undated = Vec::new();
    for row in &rows {
        let line = row.position().map_or(0, csv::Position::line);
        let text = row.get(column).unwrap_or_default();
        if MISSING.contains(&text.to_lowercase().as_str()) {
            continue;
        }
        let Ok(date) = when.date(row, source.date_format.as_deref()) else {
            undated.push(line);
            continue;
        };
        let value = number(text).ok_or_else(|| {
            Error::input(
                path,
                format!("line {line}: '{}' in the column '{}' is no number", short(text), header[column]),
                "choose another --column, or leave the cell empty",
            )
        })?;
        if values.insert(date, value).is_some() {
            return Err(Error::input(
                path,
                format!("line {line}: {date} stands there twice"),
                "keep one row a date",
            ));
        }
    }
    if values.is_empty() {
        let why = match undated.first() {
            Some(line) => format!("no row has a date that can be read (the first is in line {line})"),
            None => format!("the column '{}' has no number", header[column]),
        };
        return Err(Error::input(
            path,
            why,
            "choose another --column, or say how dates are written with --date-format",
        ));
    }
    let note = undated.first().map(|first| {
        format!(
            "{}: {} rows without a date that can be read were left out, the first in line {first}",
            path.display(),
            undated.len()
        )
    });
    Ok(Series { name: header[column].clone(), values, note })
}

/// Where the dates stand.
enum When {
    Column(usize),
    YearAndMonth(usize, usize),
}

impl When {
    fn find(header: &[String]) -> Option<When> {
        let place = |name: &str| header.iter().position(|column| column.to_lowercase() == name);
        match place("year").zip(place("month")) {
            Some((year, month)) => Some(When::YearAndMonth(year, month)),
            None => DATES.into_iter().find_map(place).map(When::Column),
        }
    }

    fn holds(&self, column: usize) -> bool {
        match self {
            When::Column(at) => *at == column,
            When::YearAndMonth(year, month) => [*year, *month].contains(&column),
        }
    }

    fn date(&self, row: &csv::StringRecord, format: Option<&str>) -> std::result::Result<Date, String> {
        match self {
            When::Column(at) => date(row.get(*at).unwrap_or_default(), format),
            When::YearAndMonth(year, month) => {
                let whole = |at: &usize| row.get(*at).and_then(number).filter(|x| x.fract() == 0.0);
                let (year, month) = whole(year).zip(whole(month)).ok_or("no year and month")?;
                Date::new(year as i16, month as i8, 1).map_err(|error| error.to_string())
            }
        }
    }
}

/// A day, or the first day of a month (`2018-07`, `2018M7`), quarter (`2018Q3`) or year.
fn date(text: &str, format: Option<&str>) -> std::result::Result<Date, String> {
    if format.is_none() {
        let upper = text.to_uppercase();
        let (year, rest) = upper.split_at_checked(4).unwrap_or((&upper, ""));
        if let Some(year) = year.parse::<i16>().ok().filter(|year| *year >= 1000) {
            let rest = rest.trim_start_matches([':', ' ', '-']);
            let month = match rest.split_at_checked(1) {
                None => Some(1),
                Some(("M", month)) => month.parse().ok(),
                Some(("Q", quarter)) => {
                    quarter.parse().ok().filter(|q| (1..=4).contains(q)).map(|q: i8| 3 * q - 2)
                }
                Some(_) if rest.len() <= 2 => rest.parse().ok(),
                Some(_) => None,
            };
            if let Some(first) = month.and_then(|month| Date::new(year, month, 1).ok()) {
                return Ok(first);
            }
        }
    }
    dates::parse(text, format).map(|(date, _)| date)
}

/// The column that is asked for; else the only one with numbers.
fn column(source: &Source, header: &[String], rows: &[csv::StringRecord], when: &When) -> Result<usize> {
    let numeric = |at: &usize| {
        let mut cells = rows
            .iter()
            .filter_map(|row| row.get(*at))
            .filter(|text| !MISSING.contains(&text.to_lowercase().as_str()));
        !when.holds(*at) && cells.next().is_some_and(|text| number(text).is_some())
    };
    let candidates: Vec<usize> = (0..header.len()).filter(numeric).collect();
    let names = || candidates.iter().map(|at| header[*at].as_str()).collect::<Vec<_>>().join(", ");
    match &source.column {
        Some(name) => header.iter().position(|column| column == name).ok_or_else(|| {
            Error::input(&source.path, format!("it has no column '{name}'"), format!("it has {}", names()))
        }),
        None => match candidates.as_slice() {
            [one] => Ok(*one),
            [] => Err(Error::input(&source.path, "it has no column of numbers", "check the file")),
            _ => Err(Error::input(
                &source.path,
                "it has several columns of numbers",
                format!("choose one: {}", names()),
            )),
        },
    }
}

fn number(text: &str) -> Option<f64> {
    text.replace(',', "").parse().ok().filter(|x: &f64| x.is_finite())
}

fn short(text: &str) -> String {
    text.chars().take(40).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, column: Option<&str>) -> std::result::Result<Series, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.csv");
        std::fs::write(&path, text).unwrap();
        read(&Source { path, column: column.map(str::to_owned), date_format: None })
            .map_err(|error| error.to_string())
    }

    #[test]
    fn dates_as_published_indices_write_them() {
        for (text, first) in [
            ("date,x\n2018-07-01,1\n", "2018-07-01"),
            ("month,x\n2018-07,1\n", "2018-07-01"),
            ("Date,x\n2018M7,1\n", "2018-07-01"),
            ("date,x\n2018Q3,1\n", "2018-07-01"),
            ("Year,Month,x\n2018,7,1\n", "2018-07-01"),
            ("year,x\n2018,1\n", "2018-01-01"),
            ("date,x\n20180706,1\n", "2018-07-06"),
        ] {
            let read = of(text, None).unwrap();
            assert_eq!(read.values.first_key_value().unwrap().0.to_string(), first, "{text}");
        }
    }

    #[test]
    fn gaps_are_gaps_and_what_is_wrong_is_named() {
        let read =
            of("date,x,y\n2018-07,1,\n2018-08,NA,\n2018-09,\"1,234.5\",\nSource: elsewhere,7,\n", Some("x"))
                .unwrap();
        assert_eq!(read.values.values().copied().collect::<Vec<_>>(), [1.0, 1234.5]);
        assert!(read.note.unwrap().contains("line 5"));
        let fails = |text: &str, column| of(text, column).unwrap_err();
        assert!(fails("date,x\n2018-07,1\n2018-07,2\n", None).contains("twice"));
        assert!(fails("date,x\n2018-07,1\n2018-08,many\n", None).contains("line 3: 'many'"));
        assert!(fails("date,x,y\n2018-07,1,2\n", None).contains("choose one: x, y"));
        assert!(fails("date,x\n2018-07,1\n", Some("z")).contains("no column 'z'; it has x"));
        assert!(fails("when,x\n2018-07,1\n", None).contains("no column of dates"));
        assert!(fails("date,x\n07/06/2018,1\n", None).contains("--date-format"));
        assert!(fails("date,x\n", Some("x")).contains("no number"));
    }
}
