//! Which articles tell one story: near-duplicate texts of a few days, such as copies of one wire report.
//!
//! Texts are compared by MinHash over runs of three words (Broder 1997, *On the resemblance and containment of documents*):
//! the share of equal minima estimates the share of runs that two texts have in common (Jaccard). Candidates are found by bands of
//! minima (Leskovec, Rajaraman and Ullman, *Mining of Massive Datasets*, §3.4); linked articles and what they are linked to are one
//! story, so that stories do not depend on the order of the articles.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

/// Words of a text that are compared: copies are cut at the end.
const WORDS: usize = 200;
/// Texts of fewer words are alike by chance, and stand alone.
const FEWEST_WORDS: usize = 8;
/// Words in a run.
const RUN: usize = 3;
/// Minima of a signature that are hashed together, and how often.
const ROWS: usize = 3;
const BANDS: usize = 24;
/// Share of equal minima from which two texts are one story: at 0.5 the bands miss one pair in 25, at 0.7 one in 24,000.
const ALIKE: f64 = 0.5;
/// Days within which a copy is printed.
const DAYS: i32 = 7;

/// How many texts of a band, the next in time, a text is compared with: a template with thousands of fillings would take days.
const NEXT: usize = 200;

type Signature = [u32; ROWS * BANDS];

/// The articles met so far. Takes about 350 bytes an article.
#[derive(Debug, Default)]
pub struct Stories {
    articles: Vec<(Date, String, Signature)>,
}

impl Stories {
    /// Adds an article; one of a few words is left out, and stands alone.
    pub fn add(&mut self, id: &str, date: Date, title: &str, text: &str) {
        if let Some(signature) = signature(if text.trim().is_empty() { title } else { text }) {
            self.articles.push((date, id.to_owned(), signature));
        }
    }

    /// The story of each article that does not stand alone: the id of the story's first article, by date, then id.
    pub fn told(mut self) -> HashMap<String, String> {
        self.articles.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let articles = &self.articles;
        let mut first: Vec<usize> = (0..articles.len()).collect();
        let near = |a: usize, b: usize| days_between(articles[a].0, articles[b].0) <= DAYS;

        // Equal texts first, in runs without a gap of more than DAYS: thousands of copies are linked in a row, not each with each.
        let mut equal: BTreeMap<&Signature, Vec<usize>> = BTreeMap::new();
        for (at, (_, _, signature)) in articles.iter().enumerate() {
            equal.entry(signature).or_default().push(at);
        }
        let mut runs: Vec<Vec<usize>> = Vec::new();
        for group in equal.into_values() {
            runs.extend(group.chunk_by(|&a, &b| near(a, b)).map(<[usize]>::to_vec));
        }
        runs.sort();
        for run in &runs {
            run.windows(2).for_each(|pair| link(&mut first, pair[0], pair[1]));
        }
        for band in 0..BANDS {
            let mut buckets: HashMap<&[u32], Vec<&Vec<usize>>> = HashMap::new();
            for run in &runs {
                buckets.entry(&articles[run[0]].2[band * ROWS..][..ROWS]).or_default().push(run);
            }
            for bucket in buckets.values() {
                for (at, one) in bucket.iter().enumerate() {
                    for other in bucket[at + 1..].iter().take(NEXT) {
                        let apart = root(&mut first, one[0]) != root(&mut first, other[0]);
                        if apart
                            && meet(one, other, &near)
                            && alike(&articles[one[0]].2, &articles[other[0]].2)
                        {
                            link(&mut first, one[0], other[0]);
                        }
                    }
                }
            }
        }
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..articles.len() {
            members.entry(root(&mut first, at)).or_default().push(at);
        }
        let stories = members.into_values().filter(|members| members.len() > 1);
        stories
            .flat_map(|members| members.clone().into_iter().map(move |at| (at, members[0])))
            .map(|(at, story)| (articles[at].1.clone(), articles[story].1.clone()))
            .collect()
    }
}

/// Whether an article of one run is near one of another; both are in order of time.
fn meet(one: &[usize], other: &[usize], near: &dyn Fn(usize, usize) -> bool) -> bool {
    other.iter().any(|&b| {
        let at = one.partition_point(|&a| a < b);
        let beside = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|at| one.get(at));
        beside.into_iter().any(|&a| near(a, b))
    })
}

fn root(first: &mut [usize], at: usize) -> usize {
    let mut end = at;
    while first[end] != end {
        first[end] = first[first[end]];
        end = first[end];
    }
    end
}

/// The smaller root becomes that of both: the first article in time.
fn link(first: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(first, a), root(first, b));
    first[a.max(b)] = a.min(b);
}

fn days_between(a: Date, b: Date) -> i32 {
    // Dates lie within four digits of years: their distance in days fits.
    a.until(b).map_or(i32::MAX, |span| span.get_days().abs())
}

fn alike(a: &Signature, b: &Signature) -> bool {
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 >= ALIKE * a.len() as f64
}

/// The least value of each of many hash functions over the runs of words of a text; `None` where the text is too short.
fn signature(text: &str) -> Option<Signature> {
    let words: Vec<u64> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .map(|word| {
            word.chars()
                .flat_map(char::to_lowercase)
                .fold(0xcbf2_9ce4_8422_2325, |hash, c| mixed(hash ^ u64::from(c)))
        })
        .collect();
    if words.len() < FEWEST_WORDS {
        return None;
    }
    let mut least = [u32::MAX; ROWS * BANDS];
    for run in words.windows(RUN) {
        let run = run.iter().fold(0, |hash: u64, word| mixed(hash.rotate_left(21) ^ word));
        for (at, least) in least.iter_mut().enumerate() {
            *least =
                (*least).min((mixed(run ^ (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 32) as u32);
        }
    }
    Some(least)
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn mixed(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const WIRE: &str = "BEIJING (Wire) - China on Friday condemned the tariffs that Washington imposed on its steel and said that \
        it would answer in kind. A spokesman of the commerce ministry told reporters that the measures broke the rules of trade and \
        hurt the firms of both countries. Exports of steel to the United States fell by a tenth last year.";

    fn told(articles: &[(&str, Date, &str)]) -> Vec<(String, String)> {
        let mut stories = Stories::default();
        articles.iter().for_each(|(id, date, text)| stories.add(id, *date, "", text));
        let mut told: Vec<_> = stories.told().into_iter().collect();
        told.sort();
        told
    }

    #[test]
    fn copies_of_a_wire_report_are_one_story() {
        let day = date(2018, 7, 6);
        let edited = WIRE.replace("(Wire) - ", "— ").replace("told reporters", "said at a briefing");
        let cut = &WIRE[..WIRE.find("Exports of").unwrap()];
        let other = "Washington and Beijing opened talks on steel in Geneva on Friday, and both sides called the first day useful. \
            The talks go on until Sunday, officials said.";
        let found = told(&[
            ("b", day, &edited),
            ("c", day.tomorrow().unwrap(), cut),
            ("a", day, WIRE),
            ("d", day, other),
            ("e", day.saturating_add(30.days()), WIRE),
            ("f", day, "China condemned the tariffs."),
            ("g", day, "China condemned the tariffs."),
        ]);
        let story = |id: &str| (id.to_owned(), "a".to_owned());
        assert_eq!(found, [story("a"), story("b"), story("c")]);
    }

    #[test]
    fn many_equal_texts_are_linked_in_a_row() {
        let ids: Vec<String> = (0..20_000).map(|at| format!("{at:05}")).collect();
        let mut stories = Stories::default();
        ids.iter().enumerate().for_each(|(at, id)| {
            stories.add(id, date(2018, 7, 6).saturating_add((at as i64 / 5000).days()), "", WIRE)
        });
        let told = stories.told();
        assert_eq!(told.len(), 20_000);
        assert!(told.values().all(|story| story == "00000"));
    }

    proptest! {
        #[test]
        fn stories_do_not_depend_on_the_order(picks in prop::collection::vec((0_usize..6, 0_i64..20), 2..24), seed: u64) {
            let texts: Vec<String> = (0..6).map(|at| {
                let words: Vec<&str> = WIRE.split(' ').collect();
                words[(at * 5)..].join(" ")
            }).collect();
            let ids: Vec<String> = (0..picks.len()).map(|at| format!("{at:02}")).collect();
            let mut articles: Vec<(&str, Date, &str)> = picks.iter().zip(&ids)
                .map(|((text, day), id)| (id.as_str(), date(2018, 1, 1).saturating_add(day.days()), texts[*text].as_str())).collect();
            let one = told(&articles);
            articles.sort_by_key(|(id, _, _)| mixed(seed ^ id.bytes().map(u64::from).sum::<u64>()));
            prop_assert_eq!(one, told(&articles));
        }
    }
}
