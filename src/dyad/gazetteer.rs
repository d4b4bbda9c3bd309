//! Finds the terms of a list in a text: whole words, the longest term at a place, case as written unless the term is
//! all lower case or the text all capitals.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use jiff::civil::Date;

/// A term and what it stands for.
#[derive(Clone, Debug)]
pub struct Term<T> {
    text: String,
    /// The days on which it counts, both inclusive; every day where `None`.
    dates: Option<(Date, Option<Date>)>,
    meaning: T,
}

impl<T> Term<T> {
    /// A term that counts on every day.
    pub fn new(text: &str, meaning: T) -> Term<T> {
        Term { text: fold(text.trim()).into_owned(), dates: None, meaning }
    }

    /// The same term, counting from one day to another (or on), both inclusive.
    pub fn within(self, from: Date, to: Option<Date>) -> Term<T> {
        Term { dates: Some((from, to)), ..self }
    }

    fn counts_on(&self, date: Option<Date>) -> bool {
        match (self.dates, date) {
            (Some((from, to)), Some(date)) => from <= date && to.is_none_or(|to| date <= to),
            _ => true,
        }
    }
}

/// A searchable list of terms.
#[derive(Debug)]
pub struct Gazetteer<T> {
    terms: Vec<Term<T>>,
    automaton: AhoCorasick,
}

impl<T: Copy> Gazetteer<T> {
    /// Builds the automaton.
    ///
    /// # Errors
    /// The automaton's own limit on size.
    pub fn new(mut terms: Vec<Term<T>>) -> Result<Self, String> {
        terms.retain(|term| !term.text.is_empty());
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA)) // twice as fast as what is chosen by itself
            .build(terms.iter().map(|term| &term.text))
            .map_err(|error| error.to_string())?;
        Ok(Gazetteer { terms, automaton })
    }

    /// The meanings found in a folded text (see [`fold`]), from left to right.
    pub fn find(&self, folded: &str, date: Option<Date>) -> Vec<T> {
        self.spans(folded, date).into_iter().map(|(_, meaning)| meaning).collect()
    }

    /// Where in a folded text which meanings are found, from left to right.
    pub fn spans(&self, folded: &str, date: Option<Date>) -> Vec<(Range<usize>, T)> {
        let capitals = LazyCell::new(|| is_all_capitals(folded)); // seldom asked for
        let mut found: Vec<(usize, usize, usize)> = self
            .automaton
            .find_overlapping_iter(folded)
            .filter(|hit| {
                let term = &self.terms[hit.pattern().as_usize()];
                let text = &folded[hit.start()..hit.end()];
                let cased = || term.text.chars().any(char::is_uppercase);
                is_word(folded, hit.start(), hit.end())
                    && (text == term.text || !cased() || *capitals)
                    && term.counts_on(date)
            })
            .map(|hit| (hit.start(), hit.end(), hit.pattern().as_usize()))
            .collect();
        // Leftmost first, the longest of those that start together; equal spans stay: a term may mean two things.
        found.sort_by_key(|&(start, end, _)| (start, usize::MAX - end));
        let mut spans = Vec::new();
        let (mut last_start, mut last_end) = (0, 0);
        for (start, end, term) in found {
            if start >= last_end || (start, end) == (last_start, last_end) {
                (last_start, last_end) = (start, end);
                spans.push((start..end, self.terms[term].meaning));
            }
        }
        spans
    }
}

/// Text with typographic apostrophes, hyphens and spaces as their ASCII cousins.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| match c {
            '’' | '‘' | 'ʼ' | '′' => '\'',
            '‐' | '‑' | '–' | '−' => '-',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect()
}

fn is_all_capitals(text: &str) -> bool {
    let (mut upper, mut lower) = (0, 0);
    for c in text.chars() {
        upper += usize::from(c.is_uppercase());
        lower += usize::from(c.is_lowercase());
    }
    upper >= 6 && lower * 10 <= upper
}

/// Whether `start..end` is not inside a longer word; `'s` may follow, and an edge that is no letter ends a word itself.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let hit = &text[start..end];
    let inside_before = letter(text[..start].chars().next_back()) && letter(hit.chars().next());
    let inside_after = letter(text[end..].chars().next()) && letter(hit.chars().next_back());
    !inside_before && !inside_after
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn find(terms: &[&str], text: &str) -> Vec<usize> {
        let terms = terms.iter().enumerate().map(|(at, term)| Term::new(term, at)).collect();
        Gazetteer::new(terms).unwrap().find(&fold(text), None)
    }

    #[test]
    fn the_longest_term_hides_those_inside() {
        assert_eq!(find(&["Washington", "Washington Post"], "the Washington Post in Washington"), [1, 0]);
        assert_eq!(find(&["America", "Latin America"], "Latin America's"), [1]);
        assert_eq!(find(&["x y", "x y"], "x y"), [0, 1]);
    }

    #[test]
    fn a_longer_term_that_fails_hides_nothing() {
        assert_eq!(find(&["US", "US Navys"], "US Navy"), [0]);
        assert_eq!(find(&["China", "China Sea"], "China Seas"), [0]);
    }

    #[test]
    fn folding_and_case() {
        assert_eq!(find(&["People's Daily"], "People’s Daily"), [0]);
        assert_eq!(find(&["tariff"], "Tariff!"), [0]);
        assert!(find(&["US"], "us").is_empty());
        assert_eq!(find(&["Beijing"], "BEIJING RESPONDS"), [0]);
        assert_eq!(find(&["US"], "中US中 and US-led"), [0]);
        assert_eq!(find(&["US", "US$"], "US$50"), [1]);
        assert_eq!(find(&["U.S."], "the U.S. Navy"), [0]);
    }

    #[test]
    fn dates_bound_a_term() {
        let term = Term::new("Ann", ()).within(date(2000, 1, 1), Some(date(2000, 12, 31)));
        let list = Gazetteer::new(vec![term]).unwrap();
        for (day, count) in
            [(date(1999, 12, 31), 0), (date(2000, 1, 1), 1), (date(2000, 12, 31), 1), (date(2001, 1, 1), 0)]
        {
            assert_eq!(list.find("Ann", Some(day)).len(), count, "{day}");
        }
        assert_eq!(list.find("Ann", None).len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,60}") {
            find(&["US", "the two", "é"], &text);
        }
    }
}
