//! How much hangs on the choices that were made: the index made anew under others, from the same readings, beside the headline.

use jiff::civil::Date;
use serde::Serialize;

use crate::article_score::{self, Cut, Rules, ScoreOptions, Weighting};
use crate::corpus::Reject;
use crate::error::Result;
use crate::index::{self, Cells, Denominator, IndexOptions, Scaling, Unit};
use crate::pipeline::Sink;
use crate::scorer::Reading;
use crate::statistics::{pearson, quantile, spearman, standardised};

/// What is varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nothing: the index as it is.
    Headline,
    /// From which relevance a sentence counts.
    Relevance,
    /// How much a sentence's place counts.
    Weighting,
    /// How levels are scaled.
    Scaling,
    /// What is counted.
    Unit,
    /// What is divided by.
    Denominator,
    /// Which sources there are.
    WithoutSource,
    /// Who reads.
    Scorer,
}

/// The headline under another choice.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What is varied.
    pub kind: Kind,
    /// The choice.
    pub name: String,
    /// The headline by period, or why there is none.
    pub series: std::result::Result<Vec<(Date, Option<f64>)>, String>,
}

/// Relevance thresholds that are tried.
const THRESHOLDS: [f64; 4] = [0.3, 0.5, 0.7, 0.9];
/// Beyond so many sources those with the most articles are left out in turn, and not the others.
const MOST_SOURCES: usize = 50;

/// One way to put readings together.
struct View<'a> {
    kind: Kind,
    name: String,
    rules: Rules<'a>,
    /// The keyword list reads instead of the scorer.
    keywords: bool,
    cells: Cells,
}

/// Scores each article in several ways, from one reading of its sentences. A [`Sink`] for the pipeline; [`Views::variants`] makes the
/// indices.
pub struct Views<'a> {
    views: Vec<View<'a>>,
    /// Rows set aside.
    pub rejected: u64,
}

impl<'a> Views<'a> {
    /// The ways that the readings of a scorer allow: the headline's own first.
    pub fn new(rules: Rules<'a>) -> Views<'a> {
        let own = rules.options;
        let view = |kind, name: &str, options: ScoreOptions, keywords| View {
            kind,
            name: name.to_owned(),
            rules: Rules { options, ..rules },
            keywords,
            cells: Cells::default(),
        };
        let mut views = vec![view(Kind::Headline, "headline", own, false)];
        if own.trust_head {
            let others = THRESHOLDS.into_iter().filter(|threshold| *threshold != own.relevance);
            views.extend(others.map(|relevance| {
                let name = format!("sentences from relevance {relevance}");
                view(Kind::Relevance, &name, ScoreOptions { relevance, ..own }, false)
            }));
            let gazetteer = ScoreOptions { trust_head: false, ..own };
            views.push(view(Kind::Relevance, "relevance by the gazetteer alone", gazetteer, false));
        }
        let (name, weighting) = match own.weighting {
            Weighting::Equal => ("the top counts more", Weighting::Lead),
            Weighting::Lead => ("all sentences alike", Weighting::Equal),
        };
        views.push(view(Kind::Weighting, name, ScoreOptions { weighting, ..own }, false));
        views.push(view(Kind::Scorer, "keywords", ScoreOptions { trust_head: false, ..own }, true));
        Views { views, rejected: 0 }
    }

    /// The headline, and the index under each other choice.
    ///
    /// # Errors
    /// The headline is not defined.
    pub fn variants(self, options: &IndexOptions) -> Result<Vec<Variant>> {
        let mut variants = Vec::new();
        for view in &self.views {
            let series = index::tension(&view.cells, options, None);
            let series = if view.kind == Kind::Headline {
                Ok(series?)
            } else {
                series.map_err(|error| error.to_string())
            };
            variants.push(Variant { kind: view.kind, name: view.name.clone(), series });
        }
        let Some(own) = self.views.first().map(|view| &view.cells) else { return Ok(variants) };
        let mut add = |kind, name: String, options: &IndexOptions, without: Option<&str>| {
            let series = index::tension(own, options, without).map_err(|error| error.to_string());
            variants.push(Variant { kind, name, series });
        };
        // A z-score or a raw index is the pooled one, moved and stretched.
        for scaling in [Scaling::Pooled, Scaling::PerSource, Scaling::SourceEffects] {
            let same = |a: Scaling| matches!(a, Scaling::Pooled | Scaling::ZScore | Scaling::Raw);
            if scaling != options.scaling && !(same(scaling) && same(options.scaling)) {
                let options = IndexOptions { scaling, calibration: None, ..options.clone() };
                add(Kind::Scaling, scaling.name().into(), &options, None);
            }
        }
        let (name, unit) = match options.unit {
            Unit::Article => ("sentences counted", Unit::Sentence),
            Unit::Sentence => ("articles counted", Unit::Article),
        };
        add(Kind::Unit, name.into(), &IndexOptions { unit, calibration: None, ..options.clone() }, None);
        for denominator in [Denominator::All, Denominator::Relevant, Denominator::Steady] {
            if denominator.name() != options.denominator.name() {
                let name = format!("denominator {}", denominator.name());
                let options = IndexOptions { denominator, calibration: None, ..options.clone() };
                add(Kind::Denominator, name, &options, None);
            }
        }
        let mut sources: Vec<(&str, u64)> =
            own.by_source().into_iter().map(|(name, sums)| (name, sums.articles)).collect();
        if sources.len() > 1 {
            sources.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
            sources.truncate(MOST_SOURCES);
            for (source, _) in sources {
                add(Kind::WithoutSource, format!("without {source}"), options, Some(source));
            }
        }
        Ok(variants)
    }
}

impl Sink for Views<'_> {
    fn article(&mut self, cut: &Cut, readings: &[Option<Reading>]) -> Result<()> {
        for view in &mut self.views {
            let (article, _) = if view.keywords {
                let read = |piece| view.rules.keywords.read(cut.text(piece));
                let read: Vec<Option<Reading>> =
                    cut.pieces.iter().map(|piece| cut.is_asked(piece).then(|| read(piece))).collect();
                article_score::score(cut, &read, &view.rules)
            } else {
                article_score::score(cut, readings, &view.rules)
            };
            view.cells.add(&article);
        }
        Ok(())
    }

    fn reject(&mut self, _: &Reject) -> Result<()> {
        self.rejected += 1;
        Ok(())
    }
}

/// A row of `robustness.csv`: a variant beside the headline.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What is varied.
    pub kind: Kind,
    /// The choice.
    pub variant: String,
    /// Pearson's correlation with the headline, in levels; empty where one does not vary.
    pub pearson: Option<f64>,
    /// Spearman's, of ranks.
    pub spearman: Option<f64>,
    /// Pearson's of changes from one period to the next.
    pub pearson_differences: Option<f64>,
    /// Periods that both have.
    pub n: usize,
    /// Why there is no such index.
    pub note: String,
}

impl Default for Row {
    fn default() -> Row {
        let (variant, note) = (String::new(), String::new());
        Row {
            kind: Kind::Headline,
            variant,
            pearson: None,
            spearman: None,
            pearson_differences: None,
            n: 0,
            note,
        }
    }
}

/// Each variant beside the headline, which is the first.
pub fn rows(variants: &[Variant]) -> Vec<Row> {
    let Some(Ok(headline)) = variants.first().map(|variant| &variant.series) else { return Vec::new() };
    let others = variants.iter().skip(1);
    others
        .map(|variant| {
            let empty = Row { kind: variant.kind, variant: variant.name.clone(), ..Row::default() };
            let series = match &variant.series {
                Ok(series) => series,
                Err(why) => return Row { note: why.clone(), ..empty },
            };
            // All cover the periods of one corpus, in order.
            let both: Vec<Option<(f64, f64)>> =
                headline.iter().zip(series).map(|((_, a), (_, b))| a.zip(*b)).collect();
            let levels: Vec<(f64, f64)> = both.iter().flatten().copied().collect();
            let changes: Vec<(f64, f64)> = both
                .windows(2)
                .filter_map(|two| two[0].zip(two[1]))
                .map(|(a, b)| (b.0 - a.0, b.1 - a.1))
                .collect();
            Row {
                pearson: pearson(&levels),
                spearman: spearman(&levels),
                pearson_differences: pearson(&changes),
                n: levels.len(),
                ..empty
            }
        })
        .collect()
}

/// A row of `variants.csv`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Point {
    /// First day of the period.
    pub date: Date,
    /// The choice.
    pub variant: String,
    /// The headline under it, in its own unit.
    pub tension: Option<f64>,
}

/// All series in one tidy table.
pub fn points(variants: &[Variant]) -> Vec<Point> {
    let of = |variant: &Variant| {
        let name = variant.name.clone();
        let series = variant.series.clone().unwrap_or_default();
        series.into_iter().map(move |(date, tension)| Point { date, variant: name.clone(), tension })
    };
    variants.iter().flat_map(of).collect()
}

/// What all variants say of one period, each in standard deviations from its own mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// First day of the period.
    pub date: Date,
    /// The headline.
    pub headline: f64,
    /// Lowest and highest of all, the headline among them.
    pub all: (f64, f64),
    /// Those between which the middle half lies.
    pub half: (f64, f64),
}

/// The fan: where all variants lie, period by period. Periods without a headline are left out.
pub fn fan(variants: &[Variant]) -> Vec<Spread> {
    let standard: Vec<Vec<(Date, Option<f64>)>> =
        variants.iter().filter_map(|variant| Some(standardised(variant.series.as_ref().ok()?))).collect();
    let Some(headline) = standard.first() else { return Vec::new() };
    (0..headline.len())
        .filter_map(|at| {
            let (date, own) = headline[at];
            let mut values: Vec<f64> = standard.iter().filter_map(|series| series.get(at)?.1).collect();
            values.sort_by(f64::total_cmp);
            let ends = |low, high| Some((quantile(&values, low)?, quantile(&values, high)?));
            Some(Spread { date, headline: own?, all: ends(0.0, 1.0)?, half: ends(0.25, 0.75)? })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn variant(kind: Kind, name: &str, values: &[Option<f64>]) -> Variant {
        let dates = (1..).map(|month| date(2020, month, 1));
        Variant { kind, name: name.into(), series: Ok(dates.zip(values.iter().copied()).collect()) }
    }

    #[test]
    fn rows_and_fan_by_hand() {
        let variants = [
            variant(Kind::Headline, "headline", &[Some(1.0), Some(2.0), None, Some(3.0)]),
            variant(Kind::Scaling, "twice", &[Some(2.0), Some(4.0), Some(9.0), Some(6.0)]),
            variant(Kind::Scorer, "upside down", &[Some(3.0), Some(2.0), None, Some(1.0)]),
            Variant { kind: Kind::Scaling, name: "none".into(), series: Err("no spread".into()) },
        ];
        let rows = rows(&variants);
        assert_eq!((rows[0].pearson, rows[0].n), (Some(1.0), 3));
        // Only January to February is a change that both have.
        assert_eq!(
            (rows[1].pearson, rows[1].spearman, rows[1].pearson_differences),
            (Some(-1.0), Some(-1.0), None)
        );
        assert_eq!((rows[2].pearson, rows[2].note.as_str()), (None, "no spread"));
        let fan = fan(&variants);
        assert_eq!(fan.len(), 3, "March has no headline");
        assert_eq!((fan[0].headline, fan[0].all.1), (-1.0, 1.0));
        assert_eq!(points(&variants).len(), 12);
    }
}
