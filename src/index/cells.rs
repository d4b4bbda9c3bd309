//! Articles by day and source, and their sums at a frequency: all that the index needs. A lower frequency adds up the
//! articles themselves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar;
use super::grid::Grid;
use super::point::Freq;
use super::sums::Sums;
use crate::article_score::ArticleScore;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Articles, all alike.
    #[default]
    Article,
    /// Sentences: an article counts as often as it has relevant ones, and the news by all its sentences.
    Sentence,
}

impl Unit {
    /// `article` or `sentence`.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Article => "article",
            Unit::Sentence => "sentence",
        }
    }
}

/// An article among the cells.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Day of publication.
    pub date: Date,
    /// Outlet.
    pub source: &'a str,
    /// The article's id.
    pub id: &'a str,
    /// The story that it tells, by the id of the story's first article: its own where it stands alone.
    pub story: &'a str,
    /// How often it counts: once, or by its relevant sentences.
    pub times: f64,
    /// S⁺_a, once.
    pub conflict: f64,
    /// Its sums, so often.
    pub sums: Sums,
    /// What its conflict is made of, where it is relevant.
    pub parts: Option<&'a ArticleParts>,
}

/// What an article's conflict is made of; each kind of parts adds up to S⁺_a.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArticleParts {
    /// A→B, B→A, mutual, where the scorer says.
    pub directed: Option<[f64; 3]>,
    /// By topic, as its place in [`Cells::topics`]; none where the file does not say.
    pub topics: Box<[(u32, f64)]>,
}

#[derive(Clone, Debug)]
struct Kept {
    /// Where it is not the article's own.
    story: Option<String>,
    /// All its sentences.
    length: u64,
    /// As one article.
    sums: Sums,
    /// Of relevant articles.
    parts: Option<Box<ArticleParts>>,
}

impl Kept {
    /// How often it counts in a unit, and its sums so often.
    fn counted(&self, unit: Unit) -> (f64, Sums) {
        let one = self.sums;
        match unit {
            Unit::Article => (1.0, one),
            Unit::Sentence => {
                let times = one.sentences as f64;
                let [tone, conflict, cooperation] =
                    [one.tone, one.conflict, one.cooperation].map(|score| times * score);
                (times, Sums { n: self.length as f64, r: times, tone, conflict, cooperation, ..one })
            }
        }
    }
}

/// Articles of one day and source by id, since floating-point sums depend on order: one order, whatever the input's.
type Day = BTreeMap<String, Kept>;

/// Articles by day and source.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    days: BTreeMap<(Date, String), Day>,
    topics: Vec<String>,
}

impl Cells {
    /// Adds an article. One of the same day, source and id is replaced.
    pub fn add(&mut self, article: &ArticleScore) {
        let sums = Sums {
            articles: 1,
            relevant: u64::from(article.n_relevant > 0),
            sentences: article.n_relevant,
            keyword: article.n_keyword,
            n: 1.0,
            r: f64::from(u8::from(article.n_relevant > 0)),
            tone: article.tension.unwrap_or_default(),
            conflict: article.conflict.unwrap_or_default(),
            cooperation: article.cooperation.unwrap_or_default(),
        };
        let story = (!article.story.is_empty() && article.story != article.id).then(|| article.story.clone());
        let parts = (sums.relevant > 0).then(|| Box::new(self.parts(article)));
        let day = self.days.entry((article.date, article.source.clone())).or_default();
        day.insert(article.id.clone(), Kept { story, length: article.n_sentences, sums, parts });
    }

    fn parts(&mut self, article: &ArticleScore) -> ArticleParts {
        let directed = match (article.conflict_a_to_b, article.conflict_b_to_a, article.conflict_mutual) {
            (Some(a), Some(b), Some(mutual)) => Some([a, b, mutual]),
            _ => None,
        };
        let topics = article.by_topic().map(|(name, part)| {
            let known = self.topics.iter().position(|topic| topic == name);
            let at = known.unwrap_or_else(|| {
                self.topics.push(name.to_owned());
                self.topics.len() - 1
            });
            (at as u32, part)
        });
        ArticleParts { directed, topics: topics.collect() }
    }

    /// Names of the topics that articles have, as met.
    pub fn topics(&self) -> &[String] {
        &self.topics
    }

    /// Whether there is no article.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// All articles, in the order of days, sources and ids, counted in a unit.
    pub fn articles(&self, unit: Unit) -> impl Iterator<Item = Entry<'_>> {
        self.days.iter().flat_map(move |((date, source), day)| {
            day.iter().map(move |(id, kept)| {
                let (times, sums) = kept.counted(unit);
                Entry {
                    date: *date,
                    source,
                    id,
                    story: kept.story.as_deref().unwrap_or(id),
                    times,
                    conflict: kept.sums.conflict,
                    sums,
                    parts: kept.parts.as_deref(),
                }
            })
        })
    }

    /// Sums over all periods, by source.
    pub fn by_source(&self) -> BTreeMap<&str, Sums> {
        let mut sources: BTreeMap<&str, Sums> = BTreeMap::new();
        for entry in self.articles(Unit::Article) {
            *sources.entry(entry.source).or_default() += entry.sums;
        }
        sources
    }

    /// The sums at a frequency.
    pub fn at(&self, freq: Freq, unit: Unit) -> Grid {
        let mut cells: BTreeMap<(Date, &str), Sums> = BTreeMap::new();
        for entry in self.articles(unit) {
            *cells.entry((calendar::first_day(freq, entry.date), entry.source)).or_default() += entry.sums;
        }
        let dates = match (self.days.first_key_value(), self.days.last_key_value()) {
            (Some(((first, _), _)), Some(((last, _), _))) => calendar::periods(freq, *first, *last),
            _ => Vec::new(),
        };
        let sources: BTreeSet<&str> = cells.keys().map(|(_, source)| *source).collect();
        Grid::new(freq, dates, sources.into_iter().map(str::to_owned).collect(), cells)
    }
}
