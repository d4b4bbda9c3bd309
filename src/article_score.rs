//! From readings of sentences to the score of an article.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::corpus::Article;
use crate::dyad::{Dyad, Mentions};
use crate::scorer::{Keywords, Reading};
use crate::sentence::{self, Kind, Sentence};

/// How much a sentence's place in the article counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weighting {
    /// Every sentence alike.
    #[default]
    Equal,
    /// The top counts more: the weight halves every five sentences.
    Lead,
}

/// Sentences after which [`Weighting::Lead`] has halved.
const LEAD_HALF_LIFE: f64 = 5.0;

impl Weighting {
    fn weight(self, position: usize) -> f64 {
        match self {
            Weighting::Equal => 1.0,
            // The floor keeps an article whose only relevant sentence stands at its far end from weighing nothing.
            Weighting::Lead => 0.5_f64.powf(position as f64 / LEAD_HALF_LIFE).max(1e-100),
        }
    }
}

/// How readings become scores.
#[derive(Clone, Copy, Debug)]
pub struct ScoreOptions {
    /// Sentences of a relevance below this, in [0, 1], do not count.
    pub relevance: f64,
    /// How much a sentence's place counts.
    pub weighting: Weighting,
    /// Whether the scorer's relevance and direction heads were trained on the dyad at hand; else the gazetteer alone
    /// decides what is relevant, and there is no direction.
    pub trust_head: bool,
}

/// The part of an article that a sentence stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The headline, read as one sentence.
    Title,
    /// The body.
    #[default]
    Text,
}

/// A sentence of an article, before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands.
    pub part: Part,
    /// First byte in that part.
    pub start: usize,
    /// Byte after its last.
    pub end: usize,
    /// What it names of the dyad.
    pub mentions: Mentions,
}

/// An article cut in sentences.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The article.
    pub article: Article,
    /// Its sentences, headings and boilerplate left out.
    pub pieces: Vec<Piece>,
    /// All spans of its text, headings and boilerplate too.
    pub spans: Vec<Sentence>,
    /// Whether it names both sides or the pair: only such articles are read by the model.
    pub candidate: bool,
}

impl Cut {
    /// Cuts an article in sentences and looks for the dyad in each, with the leaders of its day.
    pub fn new(article: Article, dyad: &Dyad) -> Cut {
        let day = article.date;
        Cut::on(article, dyad, Some(day))
    }

    /// As [`Cut::new`], with the leaders of another day, or of all days for `None`.
    pub fn on(article: Article, dyad: &Dyad, day: Option<Date>) -> Cut {
        let mut pieces = Vec::new();
        let mut add = |part: Part, text: &str, start: usize, end: usize| {
            let mentions = dyad.mentions(&text[start..end], day);
            pieces.push(Piece { part, start, end, mentions });
        };
        if !article.title.is_empty() {
            add(Part::Title, &article.title, 0, article.title.len());
        }
        let spans = sentence::sentences(&article.text);
        for span in spans.iter().filter(|span| span.kind == Kind::Text) {
            add(Part::Text, &article.text, span.start, span.end);
        }
        let all = pieces.iter().fold(Mentions::default(), |all, piece| all | piece.mentions);
        Cut { article, pieces, spans, candidate: all.names_pair() }
    }

    /// Headings and boilerplate, which are not read.
    pub fn left_out(&self) -> usize {
        self.spans.iter().filter(|span| span.kind != Kind::Text).count()
    }

    /// Whether the scorer is to read a sentence: those of articles that name the pair, where they name something of the dyad. The
    /// relevance of all others is 0 whatever the scorer says.
    pub fn is_asked(&self, piece: &Piece) -> bool {
        self.candidate && piece.mentions.any()
    }

    /// The text of one of its sentences.
    pub fn text(&self, piece: &Piece) -> &str {
        let part = match piece.part {
            Part::Title => &self.article.title,
            Part::Text => &self.article.text,
        };
        part.get(piece.start..piece.end).unwrap_or_default()
    }
}

/// A row of `articles.csv`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArticleScore {
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
    /// Sentences, headings and boilerplate left out.
    pub n_sentences: u64,
    /// Sentences that concern the dyad.
    pub n_relevant: u64,
    /// S_a in [−1, 1]; empty where no sentence is relevant.
    pub tension: Option<f64>,
    /// S⁺_a in [0, 1]; empty where no sentence is relevant.
    pub conflict: Option<f64>,
    /// S⁻_a in [0, 1]; empty where no sentence is relevant.
    pub cooperation: Option<f64>,
    /// Part of S⁺_a in sentences in which side A acts or speaks toward B; the three parts add up to S⁺_a. Empty where the scorer
    /// does not say who acts.
    #[serde(default)]
    pub conflict_a_to_b: Option<f64>,
    /// Part in which side B acts or speaks toward A.
    #[serde(default)]
    pub conflict_b_to_a: Option<f64>,
    /// Part in which both do, or a third describes them.
    #[serde(default)]
    pub conflict_mutual: Option<f64>,
    /// Relevant sentences in which the word list (`data/keywords`) finds more conflict than cooperation: a plain count to compare with.
    #[serde(default)]
    pub n_keyword: u64,
    /// Topics named in relevant sentences, joined by `;`.
    pub topics: String,
    /// Parts of S⁺_a by topic, `trade=0.25;taiwan=0.1;other=0`, adding up to S⁺_a: a sentence is shared equally among the topics that it
    /// names, and is `other` where it names none.
    #[serde(default)]
    pub conflict_by_topic: String,
    /// The story that it tells, by the id of the story's first article; its own where it stands alone or was not compared.
    #[serde(default)]
    pub story: String,
}

impl ArticleScore {
    /// The parts of `conflict_by_topic`; a part that is no number is left out, and then they do not add up.
    pub fn by_topic(&self) -> impl Iterator<Item = (&str, f64)> {
        let parts = self.conflict_by_topic.split(';').filter_map(|part| part.rsplit_once('='));
        parts.filter_map(|(name, part)| Some((name, part.parse().ok()?)))
    }
}

/// A row of `sentences.csv`: every sentence that the scorer read (see [`Cut::is_asked`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SentenceScore {
    /// The article's id.
    pub article_id: String,
    /// `title` or `text`.
    pub part: Part,
    /// First byte in that part.
    pub start: usize,
    /// Byte after its last.
    pub end: usize,
    /// The sentence.
    pub text: String,
    /// r in [0, 1]; 0 where it is below the threshold or the sentence names nothing of the dyad.
    pub relevance: f64,
    /// Its share of the article, `r_i w_i / Σ r w`: over an article's relevant sentences these add up to 1, and
    /// S⁺_a is the sum of `weight · conflict`.
    #[serde(default)]
    pub weight: f64,
    /// x in [−1, 1].
    pub tension: f64,
    /// x⁺ in [0, 1].
    pub conflict: f64,
    /// x⁻ in [0, 1].
    pub cooperation: f64,
    /// Probability that side A acts or speaks toward B; empty where the scorer does not say.
    pub a_to_b: Option<f64>,
    /// Probability that side B acts or speaks toward A.
    pub b_to_a: Option<f64>,
    /// Probability that both do, or that a third describes them.
    pub mutual: Option<f64>,
    /// Topics named, joined by `;`.
    pub topics: String,
    /// Windows that the sentence was read in.
    pub windows: u16,
}

/// The topic of sentences that name none.
pub const OTHER: &str = "other";

/// What readings are put together by.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Who the sides are.
    pub dyad: &'a Dyad,
    /// The word list whose hits are counted beside the readings.
    pub keywords: &'a Keywords,
    /// How readings become scores.
    pub options: ScoreOptions,
}

/// The article's score and its sentences', from the reading of each piece, `None` where it was not read:
/// `S_a = Σ r_i w_i x_i / Σ r_i w_i`, likewise S⁺ and S⁻ (docs/method.md).
pub fn score(
    cut: &Cut,
    readings: &[Option<Reading>],
    Rules { dyad, keywords, options }: &Rules<'_>,
) -> (ArticleScore, Vec<SentenceScore>) {
    let mut sentences = Vec::with_capacity(readings.len());
    let (mut weights, mut conflict, mut cooperation) = (0.0, 0.0, 0.0);
    let (mut n_relevant, mut n_keyword) = (0, 0);
    let mut named = Mentions::default();
    for (position, (piece, reading)) in cut.pieces.iter().zip(readings).enumerate() {
        let Some(reading) = reading else { continue };
        let relevance = if cut.candidate { relevance(piece.mentions, reading, options) } else { 0.0 };
        let weight = relevance * options.weighting.weight(position);
        if relevance > 0.0 {
            weights += weight;
            conflict += weight * kept(reading.conflict);
            cooperation += weight * kept(reading.cooperation);
            n_relevant += 1;
            n_keyword += u64::from(keywords.read(cut.text(piece)).tension() > 0.0);
            named = named | piece.mentions;
        }
        let direction = reading.direction.filter(|_| options.trust_head);
        let toward = |at: usize| direction.map(|direction| kept(direction[at]));
        sentences.push(SentenceScore {
            article_id: cut.article.id.clone(),
            part: piece.part,
            start: piece.start,
            end: piece.end,
            text: cut.text(piece).to_owned(),
            relevance,
            weight,
            tension: to_grid(kept(reading.conflict) - kept(reading.cooperation)),
            conflict: kept(reading.conflict),
            cooperation: kept(reading.cooperation),
            a_to_b: toward(0),
            b_to_a: toward(1),
            mutual: toward(2),
            topics: dyad.topic_names(piece.mentions),
            windows: reading.windows,
        });
    }
    if n_relevant > 0 {
        sentences.iter_mut().for_each(|sentence| sentence.weight /= weights);
    }
    let mean = |sum: f64| (n_relevant > 0).then(|| sum / weights);
    let [conflict_a_to_b, conflict_b_to_a, conflict_mutual] = by_direction(&sentences);
    let article = &cut.article;
    let row = ArticleScore {
        id: article.id.clone(),
        date: article.date,
        source: article.source.clone(),
        title: article.title.clone(),
        url: article.url.clone(),
        n_sentences: cut.pieces.len() as u64,
        n_relevant,
        tension: mean(conflict - cooperation),
        conflict: mean(conflict),
        cooperation: mean(cooperation),
        conflict_a_to_b,
        conflict_b_to_a,
        conflict_mutual,
        n_keyword,
        conflict_by_topic: by_topic(&sentences, dyad),
        topics: dyad.topic_names(named),
        story: article.id.clone(),
    };
    (row, sentences)
}

/// The parts of S⁺_a by who acts toward whom: `Σ weight · x⁺ · p`, where the p of a sentence add up to 1.
fn by_direction(sentences: &[SentenceScore]) -> [Option<f64>; 3] {
    let mut parts = [0.0; 3];
    let mut known = false;
    for sentence in sentences.iter().filter(|sentence| sentence.weight > 0.0) {
        let (Some(a), Some(b), Some(mutual)) = (sentence.a_to_b, sentence.b_to_a, sentence.mutual) else {
            return [None; 3];
        };
        // Rounded to 1e-5 each, they add up to about 1.
        let whole = a + b + mutual;
        for (part, p) in parts.iter_mut().zip([a, b, mutual]) {
            *part += sentence.weight * sentence.conflict * p / whole;
        }
        known = true;
    }
    parts.map(|part| known.then_some(part))
}

/// The parts of S⁺_a by topic, in the dyad's order, `other` last, as they stand in `articles.csv`.
fn by_topic(sentences: &[SentenceScore], dyad: &Dyad) -> String {
    let mut parts: BTreeMap<&str, f64> = BTreeMap::new();
    for sentence in sentences.iter().filter(|sentence| sentence.weight > 0.0) {
        for (topic, share) in topics(&sentence.topics) {
            *parts.entry(topic).or_default() += sentence.weight * sentence.conflict * share;
        }
    }
    let names = dyad.topics.iter().map(String::as_str).chain([OTHER]);
    let parts = names.filter_map(|name| Some(format!("{name}={}", parts.get(name)?)));
    parts.collect::<Vec<_>>().join(";")
}

/// The topics of a sentence by its `topics`, each with its share: equal ones, adding up to 1.
pub fn topics(named: &str) -> impl Iterator<Item = (&str, f64)> {
    let share = 1.0 / named.split(';').count() as f64;
    named.split(';').map(move |topic| (if topic.is_empty() { OTHER } else { topic }, share))
}

/// A reading's number to 1e-5: what lies below moves with the size of the batch.
fn kept(x: f32) -> f64 {
    to_grid(f64::from(x))
}

fn to_grid(x: f64) -> f64 {
    (x * 1e5).round() / 1e5
}

/// r of a sentence that speaks of `the two countries` in an article that names both sides: it leans on its article, and
/// the model sees it alone.
const IMPLICIT: f64 = 0.5;

/// r of one sentence of a candidate article: the gazetteer opens the gate, the model's head (where it was trained on
/// this dyad) says how far. Without such a head a sentence counts wholly when it names both sides or the pair.
fn relevance(mentions: Mentions, reading: &Reading, options: &ScoreOptions) -> f64 {
    let Some(head) = reading.relevance.filter(|_| options.trust_head) else {
        return if mentions.names_pair() || mentions.implicit { 1.0 } else { 0.0 };
    };
    let leaning = if mentions.implicit { IMPLICIT } else { 0.0 };
    let relevance = kept(head).max(leaning);
    if mentions.any() && relevance >= options.relevance { relevance } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    static US_CHINA: LazyLock<Dyad> = LazyLock::new(|| Dyad::us_china().unwrap());
    static KEYWORDS: LazyLock<Keywords> = LazyLock::new(|| Keywords::bundled().unwrap());
    const OPTIONS: ScoreOptions =
        ScoreOptions { relevance: 0.5, weighting: Weighting::Equal, trust_head: true };

    fn cut(title: &str, text: &str) -> Cut {
        let article = Article {
            id: "1".into(),
            date: date(2019, 5, 10),
            source: "s".into(),
            title: title.into(),
            text: text.into(),
            url: String::new(),
        };
        Cut::new(article, &US_CHINA)
    }

    fn rules(options: ScoreOptions) -> Rules<'static> {
        Rules { dyad: &US_CHINA, keywords: &KEYWORDS, options }
    }

    fn score(cut: &Cut, readings: &[Reading], rules: &Rules<'_>) -> (ArticleScore, Vec<SentenceScore>) {
        super::score(cut, &readings.iter().copied().map(Some).collect::<Vec<_>>(), rules)
    }

    fn reading(conflict: f32, cooperation: f32, relevance: f32) -> Reading {
        Reading { conflict, cooperation, relevance: Some(relevance), direction: None, windows: 1 }
    }

    #[test]
    fn only_articles_that_name_both_sides_are_candidates() {
        assert!(cut("US and China talk", "It rained.").candidate);
        assert!(cut("", "Washington spoke. Beijing answered.").candidate);
        assert!(!cut("China grows", "Exports rose in Guangdong.").candidate);
    }

    #[test]
    fn no_relevant_sentence_is_empty_never_zero() {
        let cut = cut("US and China talk", "");
        let (row, sentences) = score(&cut, &[reading(0.9, 0.0, 0.2)], &rules(OPTIONS));
        assert_eq!((row.tension, row.n_relevant, sentences[0].relevance), (None, 0, 0.0));
        let (row, _) = score(&cut, &[], &rules(OPTIONS));
        assert_eq!(row.conflict, None);
    }

    #[test]
    fn an_article_that_does_not_name_both_sides_has_no_score() {
        let cut = cut("", "The two countries agreed on a ceasefire.");
        let (row, sentences) = score(&cut, &[reading(0.0, 0.6, 0.9)], &rules(OPTIONS));
        assert_eq!((row.tension, sentences[0].relevance), (None, 0.0));
    }

    #[test]
    fn the_directions_of_one_dyad_are_not_those_of_another() {
        let cut = cut("US and China talk", "");
        let readings = [Reading { direction: Some([0.2, 0.3, 0.5]), ..reading(0.5, 0.0, 1.0) }];
        let way =
            |trust_head| score(&cut, &readings, &rules(ScoreOptions { trust_head, ..OPTIONS })).1[0].mutual;
        assert_eq!((way(true), way(false)), (Some(0.5), None));
    }

    #[test]
    fn a_far_sentence_still_weighs() {
        let text = format!("{}China met the US.", "It rained. ".repeat(6000));
        let cut = cut("", &text);
        let options = ScoreOptions { weighting: Weighting::Lead, trust_head: false, ..OPTIONS };
        let readings = vec![reading(0.5, 0.0, 1.0); cut.pieces.len()];
        assert_eq!(score(&cut, &readings, &rules(options)).0.tension, Some(0.5));
    }

    #[test]
    fn a_worked_example() {
        // r = 1, x = 0.8 and r = 0.5, x = −0.4: (0.8 − 0.2) / 1.5 = 0.4
        let cut = cut("US and China talk", "China answered the US.");
        let (row, _) = score(&cut, &[reading(0.8, 0.0, 1.0), reading(0.0, 0.4, 0.5)], &rules(OPTIONS));
        assert!((row.tension.unwrap() - 0.4).abs() < 1e-7);
        assert!((row.conflict.unwrap() - 0.8 / 1.5).abs() < 1e-7);
    }

    #[test]
    fn parts_by_hand() {
        // Weights 2/3 and 1/3; x⁺ 0.6 and 0.3, so S⁺ = 0.4 + 0.1. The first names trade and Taiwan, the second neither.
        let cut = cut("US tariffs on China over Taiwan", "China answered the US.");
        let way =
            |conflict, r, direction| Reading { direction: Some(direction), ..reading(conflict, 0.0, r) };
        let readings = [way(0.6, 1.0, [0.5, 0.25, 0.25]), way(0.3, 0.5, [0.0, 1.0, 0.0])];
        let (row, _) = score(&cut, &readings, &rules(OPTIONS));
        let near = |a: Option<f64>, b: f64| assert!((a.unwrap() - b).abs() < 1e-7, "{a:?} {b}");
        near(row.conflict_a_to_b, 0.2);
        near(row.conflict_b_to_a, 0.2);
        near(row.conflict_mutual, 0.1);
        let topics: Vec<(&str, f64)> = row
            .conflict_by_topic
            .split(';')
            .map(|part| part.split_once('=').unwrap())
            .map(|(name, x)| (name, x.parse().unwrap()))
            .collect();
        for ((name, x), (topic, by_hand)) in
            topics.into_iter().zip([("taiwan", 0.2), ("trade", 0.2), ("other", 0.1)])
        {
            assert!(name == topic && (x - by_hand).abs() < 1e-7, "{name} {x}");
        }
        let (row, _) = score(&cut, &[reading(0.6, 0.0, 1.0), readings[1]], &rules(OPTIONS));
        assert_eq!(row.conflict_mutual, None, "one sentence without a direction");
    }

    #[test]
    fn another_dyad_is_judged_by_the_gazetteer_alone() {
        let cut = cut("US and China talk", "The two sides met. It rained.");
        let options = ScoreOptions { trust_head: false, ..OPTIONS };
        let readings = [reading(0.5, 0.0, 0.0); 3];
        let (row, _) = score(&cut, &readings, &rules(options));
        assert_eq!(row.n_relevant, 2);
    }

    proptest! {
        #[test]
        fn what_is_not_asked_changes_no_score(
            picks in proptest::collection::vec((0_usize..6, 0.0_f32..1.0, 0.0_f32..1.0), 1..12), trust_head: bool, lead: bool
        ) {
            let sentences = ["China met the US.", "It rained.", "Beijing objected.", "Prices rose by 3%.", "The two sides spoke.", "Taiwan waited."];
            let text: Vec<&str> = picks.iter().map(|(at, _, _)| sentences[*at]).collect();
            let cut = cut("A day in town", &text.join(" "));
            let weighting = if lead { Weighting::Lead } else { Weighting::Equal };
            let rules = rules(ScoreOptions { trust_head, weighting, ..OPTIONS });
            let all: Vec<Option<Reading>> = std::iter::once(&(0, 0.5, 0.9)).chain(&picks).map(|(_, x, r)| Some(reading(*x, 0.1, *r))).collect();
            prop_assert_eq!(all.len(), cut.pieces.len());
            let asked: Vec<Option<Reading>> =
                cut.pieces.iter().zip(&all).map(|(piece, reading)| reading.filter(|_| cut.is_asked(piece))).collect();
            let (mut one, _) = super::score(&cut, &all, &rules);
            let (other, sentences) = super::score(&cut, &asked, &rules);
            if !cut.candidate {
                one = other.clone(); // no score, and none of its sentences is read
                prop_assert!(sentences.is_empty() && other.tension.is_none());
            }
            prop_assert_eq!(one, other);
        }

        #[test]
        fn an_article_lies_between_its_sentences(x in proptest::collection::vec((0.0_f32..1.0, 0.5_f32..1.0), 3), lead: bool) {
            let cut = cut("US and China talk", "China met the US. The US met China.");
            let readings: Vec<Reading> = x.iter().map(|(conflict, r)| reading(*conflict, 0.0, *r)).collect();
            let weighting = if lead { Weighting::Lead } else { Weighting::Equal };
            let (row, _) = score(&cut, &readings, &rules(ScoreOptions { weighting, ..OPTIONS }));
            let (low, high) = x.iter().fold((1.0_f32, 0.0_f32), |(low, high), (c, _)| (low.min(*c), high.max(*c)));
            let tension = row.tension.unwrap();
            prop_assert!(tension >= f64::from(low) - 1e-9 && tension <= f64::from(high) + 1e-9);
        }
    }
}
