//! A point of the index, as it stands in `index.csv`.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

/// Length of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Freq {
    /// Calendar day.
    Day,
    /// ISO week, from Monday.
    Week,
    /// Calendar month.
    #[default]
    Month,
    /// Calendar quarter.
    Quarter,
    /// Calendar year.
    Year,
}

impl Freq {
    /// From one period's first day to the next one's.
    pub fn step(self) -> Span {
        match self {
            Freq::Day => 1.day(),
            Freq::Week => 1.week(),
            Freq::Month => 1.month(),
            Freq::Quarter => 3.months(),
            Freq::Year => 1.year(),
        }
    }

    /// `day`, `week`, …
    pub fn label(self) -> &'static str {
        match self {
            Freq::Day => "day",
            Freq::Week => "week",
            Freq::Month => "month",
            Freq::Quarter => "quarter",
            Freq::Year => "year",
        }
    }
}

/// The index in one period. Missing is empty, never 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IndexPoint {
    /// First day of the period.
    pub date: Date,
    /// Length of the period.
    pub freq: Freq,
    /// Conflict per article (the headline series), scaled: 100 is the mean of the base window.
    pub tension: Option<f64>,
    /// 2.5 % quantile of its bootstrap draws; empty with fewer than two relevant stories, or where no bands were asked for.
    #[serde(default)]
    pub tension_low: Option<f64>,
    /// 97.5 % quantile.
    #[serde(default)]
    pub tension_high: Option<f64>,
    /// Cooperation per article, scaled likewise by its own base mean.
    pub cooperation: Option<f64>,
    /// Mean S_a over relevant articles, in [−1, 1].
    pub tone: Option<f64>,
    /// 2.5 % quantile of its bootstrap draws.
    #[serde(default)]
    pub tone_low: Option<f64>,
    /// 97.5 % quantile.
    #[serde(default)]
    pub tone_high: Option<f64>,
    /// Trailing mean of tone, in which news fades by 5 % a day; over all sources as they are.
    #[serde(default)]
    pub tone_smoothed: Option<f64>,
    /// Share of articles that are relevant, scaled likewise; the share itself is `n_relevant / n_articles`.
    pub attention: Option<f64>,
    /// Part of tension from sentences in which side A acts or speaks toward B; with the two parts below and `tension_offset` it adds up
    /// to tension. Empty where the scorer does not say who acts.
    #[serde(default)]
    pub tension_a_to_b: Option<f64>,
    /// Part in which side B acts or speaks toward A.
    #[serde(default)]
    pub tension_b_to_a: Option<f64>,
    /// Part in which both do, or a third describes them.
    #[serde(default)]
    pub tension_mutual: Option<f64>,
    /// What no article gives: 0, but for z-scores `−mean / deviation`, and with source effects what the mix of sources is corrected by.
    #[serde(default)]
    pub tension_offset: Option<f64>,
    /// Articles.
    pub n_articles: u64,
    /// Relevant articles.
    pub n_relevant: u64,
    /// Sentences that concern the dyad.
    pub n_sentences: u64,
    /// Those of them in which the word list finds conflict: a count to compare with.
    #[serde(default)]
    pub n_keyword: u64,
    /// Sources with at least one article.
    pub n_sources: u64,
    /// Stories with a relevant article: near-duplicate articles are one story.
    #[serde(default)]
    pub n_stories: u64,
    /// Effective number of stories, `(Σ S⁺)² / Σ (S⁺)²` over stories (Kish 1965): few where a few stories make the point.
    #[serde(default)]
    pub effective_stories: Option<f64>,
    /// Lowest tension when one of the period's sources is left out; empty with one source, or with more than a thousand in all.
    #[serde(default)]
    pub tension_without_low: Option<f64>,
    /// Highest tension when one source is left out.
    #[serde(default)]
    pub tension_without_high: Option<f64>,
}
