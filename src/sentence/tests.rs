//! Tests of the splitter: invariants that hold for any text, then the news traps and the Golden Rules, then kinds.

use proptest::prelude::*;

use super::{Kind, Sentence, sentences};

const TRAPS: &str = include_str!("../../tests/data/news_traps.tsv");
const GOLDEN_RULES: &str = include_str!("../../tests/data/golden_rules_en.tsv");

/// Golden Rules that the splitter breaks: 18 wants `6 P.M. Mr. Smith` cut and `5 a.m. Mr. Smith` not; 31, 33, 35 and 39
/// are list items on one line without a final mark, which news writes inside a sentence; 51 starts a sentence with dots.
const BROKEN_RULES: [&str; 6] = ["18", "31", "33", "35", "39", "51"];

/// The text of a marked case, and its sentences.
fn case(marked: &str) -> (String, Vec<String>) {
    let marked = marked.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
    let text = marked.replace('‖', "").replace('¦', " ");
    let wanted = marked.split(['‖', '¦']).map(|piece| piece.trim().to_owned()).collect();
    (text, wanted)
}

fn texts(text: &str) -> Vec<&str> {
    sentences(text).iter().map(|s| &text[s.start..s.end]).collect()
}

fn kinds(text: &str) -> Vec<(&str, Kind)> {
    sentences(text).iter().map(|s| (&text[s.start..s.end], s.kind)).collect()
}

/// What must hold for the sentences of any text.
fn check(text: &str, found: &[Sentence]) {
    let mut end = 0;
    for s in found {
        assert!(s.start >= end && s.end > s.start && s.end <= text.len(), "{s:?} after {end}");
        assert!(text.is_char_boundary(s.start) && text.is_char_boundary(s.end), "{s:?}");
        assert_eq!(&text[s.start..s.end], text[s.start..s.end].trim());
        assert_eq!(text[end..s.start].trim(), "", "left out before {s:?}");
        end = s.end;
    }
    assert_eq!(text[end..].trim(), "", "left out at the end");
}

/// News-like text: the words and marks that the rules are about, in any order.
fn news() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "U.S.",
        "The",
        "talks",
        "Gen.",
        "Li",
        "Jan.",
        "9",
        "1.5",
        "No.",
        "Corp.",
        "China",
        "said",
        "is",
        "a.m.",
        "He",
        ".",
        "!",
        "?",
        "…",
        "...",
        "。",
        "”",
        "“",
        "\"",
        "'",
        "(",
        ")",
        "[",
        "]",
        "[3]",
        "•",
        "—",
        "--",
        "BEIJING",
        "\n",
        "\r\n",
        "\n\n",
        " ",
        "  ",
        "\u{a0}",
        "\u{0}",
        "READ ALSO:",
        "(Reporting by Ann Lee)",
        "[Photo/VCG]",
        "By Ann Lee",
        "var a = {};",
        "iPhone",
        "中国",
        "😀",
        "é",
        "â\u{80}\u{9d}",
        "W.",
        "class",
        "A.",
        "1.",
        "., ",
        "x@y.Z",
    ]);
    (prop::collection::vec((piece, prop::bool::ANY), 0..60)).prop_map(|pieces| {
        pieces.iter().map(|(piece, space)| format!("{piece}{}", if *space { " " } else { "" })).collect()
    })
}

proptest! {
    #[test]
    fn spans_cover_news_in_order(text in news()) {
        check(&text, &sentences(&text));
    }

    #[test]
    fn spans_cover_any_text_in_order(text in "\\PC{0,200}|[ -~\n\r\t\u{80}-\u{ff}]{0,200}") {
        check(&text, &sentences(&text));
    }

    /// A paragraph is cut the same wherever it stands, unless its neighbours make it a heading.
    #[test]
    fn blank_lines_part_texts(one in news(), two in news()) {
        let joined = format!("{one}\n\n{two}");
        let shift = one.len() + 2;
        let apart = sentences(&one).into_iter().map(|s| (s.start, s.end))
            .chain(sentences(&two).into_iter().map(|s| (s.start + shift, s.end + shift)));
        prop_assert_eq!(sentences(&joined).iter().map(|s| (s.start, s.end)).collect::<Vec<_>>(), apart.collect::<Vec<_>>());
    }

    /// Spaces around a text move its sentences and change nothing else.
    #[test]
    fn outer_space_does_not_matter(text in news(), pad in " {0,3}") {
        let padded = format!("{pad}{}{pad}", text.trim());
        let moved: Vec<Sentence> = sentences(text.trim()).into_iter()
            .map(|s| Sentence { start: s.start + pad.len(), end: s.end + pad.len(), ..s }).collect();
        prop_assert_eq!(sentences(&padded), moved);
    }
}

#[test]
fn news_traps_are_cut_as_marked() {
    let mut count = 0;
    for line in TRAPS.lines().filter(|line| !line.starts_with('#')) {
        let (text, wanted) = case(line.splitn(3, '\t').nth(2).unwrap_or_default());
        assert_eq!(texts(&text), wanted, "{line}");
        count += 1;
    }
    assert!(count >= 120, "only {count} traps were read");
}

#[test]
fn golden_rules_hold_but_for_the_named_ones() {
    let mut broken = Vec::new();
    for line in GOLDEN_RULES.lines().filter(|line| !line.starts_with('#')) {
        let (number, marked) = line.split_once('\t').unwrap_or_default();
        let (text, wanted) = case(marked);
        if texts(&text) != wanted.iter().filter(|s| !s.is_empty()).collect::<Vec<_>>() {
            broken.push(number);
        }
    }
    assert_eq!(broken, BROKEN_RULES);
}

#[test]
fn a_sentence_of_traps_stays_whole_alone() {
    for line in TRAPS.lines().filter(|line| !line.starts_with('#')) {
        let (text, _) = case(line.splitn(3, '\t').nth(2).unwrap_or_default());
        for sentence in texts(&text) {
            assert_eq!(texts(sentence), [sentence]);
        }
    }
}

/// A text that once was cut inside a character.
#[test]
fn a_label_after_a_dash_keeps_characters_whole() {
    let text = "\0 —A. (";
    check(text, &sentences(text));
}

#[test]
fn nothing_gives_nothing() {
    assert!(sentences("").is_empty());
    assert!(sentences(" \r\n\t\u{a0}\u{2028}").is_empty());
}

/// Runs far longer than any rule looks, and the sentences that they hold: marks without a word, brackets and quotes
/// that nothing closes.
#[test]
fn long_runs_are_cut_like_short_ones() {
    let times = 2_000;
    for (unit, wanted) in [
        ("“Never. ", times),
        ("中。", times),
        ("a\n", times),
        ("“", 1),
        (". ", 1),
        ("(", 1),
        ("[1].", 1),
        ("(Photo: ", 1),
        ("U.S. ", 1),
        ("word ", 1),
        ("x", 1),
        (".(", 1),
        ("\u{a0}. ", 1),
    ] {
        let text = unit.repeat(times);
        let found = sentences(&text);
        check(&text, &found);
        assert_eq!(found.len(), wanted, "{unit:?}");
    }
    // A long run of whitespace before marks that end nothing.
    let text = format!("x. {}{}", " ".repeat(10_000), "a.b ".repeat(times));
    assert_eq!(texts(&text), [text.trim()]);
}

#[test]
fn residue_is_boilerplate() {
    for line in [
        "READ ALSO: Carmaker Recalls Half Its Fleet",
        "READ ALSO: Who Won? Nobody. Why the Summit Failed",
        "Related stories",
        ">> Read more",
        "(Reporting by Ann Lee and Bo Chen; Editing by Cy Diaz)",
        "Reporting by Ann Lee; Editing by Bo Chen",
        "[Photo/VCG]",
        "(File photo)",
        "By Ann Lee",
        "By Ann Lee and Bo Chen, Example News",
        "Copyright 2024 Example News. All rights reserved.",
        "© 2024 Example News",
        "Click here to subscribe.",
        "Sign up for our newsletter.",
        "Subscribe to our channel!",
        "var config = {\"bar\":false};",
        "* * *",
        "ADVERTISEMENT",
    ] {
        for (text, kind) in kinds(line) {
            assert_eq!(kind, Kind::Boilerplate, "{text:?} of {line:?}");
        }
    }
}

#[test]
fn news_is_not_boilerplate() {
    for line in [
        "Related industries fell as well.",
        "By Monday the ships had left.",
        "By land and sea, China pressed on.",
        "Read more books, the minister told students.",
        "Photographs showed the ships.",
        "Copyright law is a sore point in the talks.",
        "Subscribers to the plan were few.",
        "(The ministry did not reply.)",
        "Follow-up talks are due in May.",
        "Recommended tariffs run to 60 percent.",
        "Sources said the source: an unnamed aide.",
        "Reporting by the state broadcaster was muted.",
        "Advertisements were pulled from the game.",
        "Follow US allies, the paper urged.",
        "Advertisement revenue fell in China.",
        "The islands are reserved for the navy, and all rights to them too.",
        "CHINA WARNS U.S. OVER TAIWAN",
        "US President Joe Biden — who was in Hanoi — did not reply.",
        "NATO — an alliance of 32 — met.",
        "Watch: frigates pass through the strait",
    ] {
        assert!(kinds(line).iter().all(|(_, kind)| *kind == Kind::Text), "{:?}", kinds(line));
    }
}

#[test]
fn datelines_are_cut_off() {
    for (dateline, story) in [
        ("BEIJING —", "The ministry protested."),
        ("BEIJING, Dec. 11 (Example) --", "The ministry protested."),
        ("HONG KONG, Aug. 2, 2019 —", "“We will stay,” they said."),
        ("SEOUL, South Korea —", "The envoy left."),
        ("KOTA BHARU, Malaysia, Feb. 28 -- -", "The envoy left."),
    ] {
        let text = format!("{dateline} {story}");
        assert_eq!(kinds(&text), [(dateline, Kind::Boilerplate), (story, Kind::Text)]);
    }
}

#[test]
fn a_credit_parts_caption_and_story() {
    let text = "Ships wait off Ningbo. [Photo/VCG] BEIJING, May 3 -- Exports fell.";
    assert_eq!(
        kinds(text),
        [
            ("Ships wait off Ningbo.", Kind::Text),
            ("[Photo/VCG]", Kind::Boilerplate),
            ("BEIJING, May 3 --", Kind::Boilerplate),
            ("Exports fell.", Kind::Text),
        ]
    );
}

#[test]
fn headings_stand_before_running_text() {
    let text = "The envoys met.\nCritical Talks Amidst Rising Tensions\nThey agreed on nothing.\nWhat it means\n\nLittle.";
    let heads: Vec<&str> =
        kinds(text).iter().filter(|(_, kind)| *kind == Kind::Heading).map(|(text, _)| *text).collect();
    assert_eq!(heads, ["Critical Talks Amidst Rising Tensions", "What it means"]);
}

#[test]
fn a_line_without_running_text_below_is_no_heading() {
    for text in [
        "China warns of countermeasures over chip curbs",
        "China warns of countermeasures\nBiden meets Xi in Bali",
        "The envoys met.\nThey agreed on nothing",
        "the envoys met\nThey agreed.",
        "The minister told the delegation from the south that the ships had left port and would not be back\nThey were.",
    ] {
        assert!(kinds(text).iter().all(|(_, kind)| *kind == Kind::Text), "{:?}", kinds(text));
    }
}

#[test]
fn wrapped_prose_is_one_paragraph() {
    let text = "The ministry said on Monday that it had lodged a protest with\nWashington over the passage of a destroyer near\n\
        Mischief Reef. The ship had left by noon, the navy said, and\nBeijing had been told.";
    let column = "The ministry said on Monday that it had lodged a protest with".len();
    assert!(text.lines().all(|line| line.len() <= column));
    // The second line had room for `Mischief`, so this is no filled prose: every line is cut.
    assert_eq!(sentences(text).len(), 5);
    let filled = "The ministry said on Monday that it had lodged a protest with\nWashington over the passage of a destroyer near Mischief Reef.\n\
        The ship had left by noon, the navy said, and so it was that\nBeijing had been told.";
    assert_eq!(sentences(filled).len(), 2);
}

#[test]
fn copies_laid_out_otherwise_are_read_as_one() {
    let plain = |text: &str| super::plain(text).into_owned();
    assert_eq!(plain("China  met\u{a0}the\n U.S."), "China met the U.S.");
    assert_eq!(plain("tar\u{ad}iffs\u{200b} “rose”"), "tariffs “rose”");
    assert_ne!(plain("China will not yield."), plain("China will yield."));
}
