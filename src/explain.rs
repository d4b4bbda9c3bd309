//! Why a point of the index is where it is: its stories, their articles and sentences, each with what it gives to the point.
//! Everything adds up: sentences to articles, articles to stories, stories to the point (but for the offset of a z-score).

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;

use crate::article_score::{self, ArticleScore, Part, SentenceScore};
use crate::error::{Error, Result};
use crate::index::{Attribution, Change};
use crate::output::for_each_row;

/// How far from the point its sentences' sum may be, as a share of it: rounding only.
const TOLERANCE: f64 = 1e-9;

/// What a sentence gives to a point: `factor · weight · x⁺`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sentence {
    /// `title` or `text`.
    pub part: Part,
    /// First byte in that part.
    pub start: usize,
    /// Byte after its last.
    pub end: usize,
    /// The sentence.
    pub text: String,
    /// x in [−1, 1].
    pub tension: f64,
    /// x⁺ in [0, 1].
    pub conflict: f64,
    /// Its share of the article, in (0, 1].
    pub weight: f64,
    /// In the index's unit.
    pub contribution: f64,
    /// Of the point.
    pub share: f64,
    /// Topics named, joined by `;`.
    pub topics: String,
}

/// What an article gives to a point.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Article {
    /// The article's id.
    pub id: String,
    /// Day of publication.
    pub date: Date,
    /// Outlet.
    pub source: String,
    /// Headline.
    pub title: String,
    /// Address.
    pub url: String,
    /// S⁺_a in [0, 1].
    pub conflict: f64,
    /// In the index's unit.
    pub contribution: f64,
    /// Of the point.
    pub share: f64,
    /// Its relevant sentences, those that give most first.
    pub sentences: Vec<Sentence>,
}

/// What a story gives to a point: its articles together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Story {
    /// Id of its first article.
    pub id: String,
    /// In the index's unit.
    pub contribution: f64,
    /// Of the point.
    pub share: f64,
    /// Its articles, those that give most first.
    pub articles: Vec<Article>,
}

/// A point and all that it is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// First day of the period.
    pub date: Date,
    /// The point, in the index's unit.
    pub tension: f64,
    /// What no story gives: 0, but for z-scores `−mean / deviation`.
    pub offset: f64,
    /// Stories with a relevant article, those that give most first.
    pub stories: Vec<Story>,
    /// What each topic gives: a sentence is shared equally among the topics that it names; `other` where it names none.
    pub topics: BTreeMap<String, f64>,
}

/// Joins a point's articles with their rows in `articles.csv` and `sentences.csv`.
///
/// # Errors
/// A file cannot be read, or the sentences do not add up to the point: they are of another run.
pub fn explain(attribution: &Attribution, articles: &Path, sentences: &Path) -> Result<Explanation> {
    let places: HashMap<&str, usize> =
        attribution.articles.iter().enumerate().map(|(at, article)| (article.id, at)).collect();
    let mut rows: Vec<Option<Article>> = vec![None; attribution.articles.len()];
    // A z-score of 0 or below has contributions, and no shares that mean something.
    let whole = attribution.tension - attribution.offset;
    let share = |x: f64| if whole > 0.0 { x / whole } else { 0.0 };
    for_each_row(articles, |row: ArticleScore| {
        if let Some(&at) = places.get(row.id.as_str()) {
            let value = attribution.articles[at].value();
            rows[at] = Some(Article {
                id: row.id,
                date: row.date,
                source: row.source,
                title: row.title,
                url: row.url,
                conflict: attribution.articles[at].conflict,
                contribution: value,
                share: share(value),
                sentences: Vec::new(),
            });
        }
        Ok(())
    })?;
    let mut topics: BTreeMap<String, f64> = BTreeMap::new();
    let mut sum = attribution.offset;
    for_each_row(sentences, |row: SentenceScore| {
        let Some(&at) = places.get(row.article_id.as_str()).filter(|_| row.weight > 0.0) else {
            return Ok(());
        };
        let contribution = attribution.articles[at].factor * row.weight * row.conflict;
        sum += contribution;
        for (topic, share) in article_score::topics(&row.topics) {
            *topics.entry(topic.to_owned()).or_default() += contribution * share;
        }
        if let Some(article) = &mut rows[at] {
            article.sentences.push(Sentence {
                part: row.part,
                start: row.start,
                end: row.end,
                text: row.text,
                tension: row.tension,
                conflict: row.conflict,
                weight: row.weight,
                contribution,
                share: share(contribution),
                topics: row.topics,
            });
        }
        Ok(())
    })?;
    if (sum - attribution.tension).abs() > TOLERANCE * attribution.tension.abs().max(1.0) {
        return Err(Error::input(
            sentences,
            format!(
                "its sentences make {sum}, the point is {}: they are of another run or an older version",
                attribution.tension
            ),
            "run again with --force",
        ));
    }
    let mut stories: BTreeMap<&str, Vec<Article>> = BTreeMap::new();
    for (of, article) in attribution.articles.iter().zip(rows) {
        if let Some(mut article) = article {
            article.sentences.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
            stories.entry(of.story).or_default().push(article);
        }
    }
    let mut stories: Vec<Story> = stories
        .into_iter()
        .map(|(id, mut articles)| {
            articles.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
            let contribution = articles.iter().map(|article| article.contribution).sum();
            Story { id: id.to_owned(), contribution, share: share(contribution), articles }
        })
        .collect();
    stories.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
    Ok(Explanation {
        date: attribution.date,
        tension: attribution.tension,
        offset: attribution.offset,
        stories,
        topics,
    })
}

/// What each topic gives in each of two periods, the largest change first.
pub fn topic_changes(from: &Explanation, to: &Explanation) -> Vec<Change> {
    let mut names: Vec<&String> = from.topics.keys().chain(to.topics.keys()).collect();
    names.sort();
    names.dedup();
    let of = |topics: &BTreeMap<String, f64>, name| topics.get(name).copied().unwrap_or(0.0);
    names
        .into_iter()
        .map(|name| Change { name: name.clone(), from: of(&from.topics, name), to: of(&to.topics, name) })
        .collect()
}
