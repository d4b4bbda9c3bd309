//! Which column is which: header names and their usual aliases.

use std::path::Path;

use crate::error::{Error, Result};

/// A field of an article that a column can fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// Unique name of the article.
    Id,
    /// Day of publication.
    Date,
    /// Headline.
    Title,
    /// Body or lead.
    Text,
    /// Outlet.
    Source,
    /// Address.
    Url,
}

impl Field {
    /// All fields.
    pub const ALL: [Field; 6] =
        [Field::Id, Field::Date, Field::Title, Field::Text, Field::Source, Field::Url];

    /// The field's own column name.
    pub fn name(self) -> &'static str {
        self.aliases()[0]
    }

    /// Header names that are understood, best first; compared without case, spaces, `_` and `-`.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Field::Id => &["id", "articleid", "docid", "docno", "documentid", "uid", "guid"],
            Field::Date => &[
                "date",
                "published",
                "publishedat",
                "publicationdate",
                "pubdate",
                "publishdate",
                "datepublished",
                "datetime",
                "timestamp",
                "day",
            ],
            Field::Title => &["title", "headline", "heading"],
            Field::Text => &[
                "text",
                "body",
                "content",
                "fulltext",
                "articletext",
                "maintext",
                "article",
                "lead",
                "leadparagraph",
                "lede",
                "abstract",
                "snippet",
                "description",
            ],
            Field::Source => &[
                "source",
                "publisher",
                "outlet",
                "publication",
                "newspaper",
                "sourcename",
                "domain",
                "media",
            ],
            Field::Url => &["url", "link", "weburl"],
        }
    }
}

impl std::str::FromStr for Field {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Field::ALL
            .into_iter()
            .find(|field| field.name() == name)
            .ok_or_else(|| format!("'{name}' is not a field; fields are id, date, title, text, source, url"))
    }
}

/// Column numbers of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    id: Option<usize>,
    date: usize,
    title: Option<usize>,
    text: Option<usize>,
    source: Option<usize>,
    url: Option<usize>,
}

impl Columns {
    /// Finds the columns of a header, `chosen` before aliases.
    ///
    /// # Errors
    /// No date column, neither a title nor a text column, or a chosen column that is not in the header.
    pub fn find(path: &Path, header: &[String], chosen: &[(Field, String)]) -> Result<Columns> {
        let seen = || format!("the header has: {}", header.join(", "));
        let find = |field: Field| -> Result<Option<usize>> {
            if let Some((_, name)) = chosen.iter().find(|(of, _)| *of == field) {
                let at = header.iter().position(|column| column == name).ok_or_else(|| {
                    Error::input(path, format!("no column '{name}' for {}", field.name()), seen())
                })?;
                return Ok(Some(at));
            }
            for alias in field.aliases() {
                let mut named = (0..header.len()).filter(|&at| key(&header[at]) == *alias);
                match (named.next(), named.next()) {
                    (Some(at), None) => return Ok(Some(at)),
                    (Some(_), Some(_)) => {
                        return Err(Error::input(
                            path,
                            format!("two columns are called {alias}"),
                            "rename one of them",
                        ));
                    }
                    (None, _) => {}
                }
            }
            Ok(None)
        };
        let columns = Columns {
            id: find(Field::Id)?,
            date: find(Field::Date)?.ok_or_else(|| {
                Error::input(path, "no date column", format!("{}; name it with --column date=NAME", seen()))
            })?,
            title: find(Field::Title)?,
            text: find(Field::Text)?,
            source: find(Field::Source)?,
            url: find(Field::Url)?,
        };
        if columns.title.is_none() && columns.text.is_none() {
            return Err(Error::input(
                path,
                "neither a title nor a text column",
                format!("{}; name one with --column text=NAME", seen()),
            ));
        }
        Ok(columns)
    }

    /// For a person: what is read as what, and what is not read.
    pub fn describe(&self, header: &[String]) -> String {
        let read = Field::ALL
            .iter()
            .filter_map(|field| Some(format!("{}={}", field.name(), header.get(self.of(*field)?)?)));
        let unread = |at: &usize| Field::ALL.iter().all(|field| self.of(*field) != Some(*at));
        let left: Vec<&str> = (0..header.len()).filter(unread).map(|at| header[at].as_str()).collect();
        let left = if left.is_empty() { String::new() } else { format!("; not read: {}", left.join(", ")) };
        format!("columns: {}{left}", read.collect::<Vec<_>>().join(", "))
    }

    /// The column of a field, where there is one.
    pub fn of(&self, field: Field) -> Option<usize> {
        match field {
            Field::Id => self.id,
            Field::Date => Some(self.date),
            Field::Title => self.title,
            Field::Text => self.text,
            Field::Source => self.source,
            Field::Url => self.url,
        }
    }
}

fn key(header: &str) -> String {
    header.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &[&str], chosen: &[(Field, String)]) -> Result<Columns> {
        let header: Vec<String> = header.iter().map(|s| s.to_string()).collect();
        Columns::find(Path::new("c.csv"), &header, chosen)
    }

    #[test]
    fn aliases_are_understood_in_any_dress() {
        let columns = find(&["Doc ID", "Publication_Date", "HEADLINE", "full-text", "Outlet"], &[]).unwrap();
        assert_eq!(
            Field::ALL.map(|field| columns.of(field)),
            [Some(0), Some(1), Some(2), Some(3), Some(4), None]
        );
    }

    #[test]
    fn what_is_not_read_is_said() {
        let header = ["date", "Headline", "my text"].map(str::to_owned);
        let columns = Columns::find(Path::new("c.csv"), &header, &[]).unwrap();
        assert_eq!(columns.describe(&header), "columns: date=date, title=Headline; not read: my text");
    }

    #[test]
    fn a_chosen_column_wins() {
        let columns = find(&["date", "text", "body"], &[(Field::Text, "body".into())]).unwrap();
        assert_eq!(columns.of(Field::Text), Some(2));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(find(&["id", "text"], &[]).unwrap_err().to_string().contains("--column date=NAME"));
        assert!(find(&["id", "date"], &[]).unwrap_err().to_string().contains("neither a title nor a text"));
        let error = find(&["date", "text"], &[(Field::Text, "corpo".into())]).unwrap_err().to_string();
        assert!(error.contains("no column 'corpo'") && error.contains("date, text"), "{error}");
    }
}
