//! The two sides marked in a sentence, for models that were trained on sentences with marks.

use super::{Dyad, Role, gazetteer::fold};

impl Dyad {
    /// The sentence with `[A] ` or `[B] ` before each name of a side (entity markers, Baldini Soares and others 2019):
    /// `[A] Washington warned [B] Beijing.` Apostrophes, hyphens and spaces are folded to ASCII, in a sentence without a name too.
    /// Leaders count on any day; contested places and words for the pair have no mark.
    pub fn marked(&self, sentence: &str) -> String {
        // News has brackets of its own: “[A]ny deal”, “[B]eijing must stop”.
        let folded = fold(sentence).replace("[A]", "A").replace("[B]", "B");
        let (mut out, mut done) = (String::with_capacity(folded.len() + 16), 0);
        for (span, role) in self.actors.spans(&folded, None) {
            let mark = match role {
                Role::A => "[A] ",
                Role::B => "[B] ",
                Role::Ignored | Role::Contested | Role::Explicit | Role::Implicit => continue,
            };
            // A term may stand twice, as a leader of two terms of office: one mark is enough.
            if span.start >= done {
                out.push_str(&folded[done..span.start]);
                out.push_str(mark);
                out.push_str(&folded[span.clone()]);
                done = span.end;
            }
        }
        out.push_str(&folded[done..]);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_name_of_a_side_is_marked_once() {
        let dyad = Dyad::us_china().unwrap();
        for (sentence, marked) in [
            ("Washington warned Beijing.", "[A] Washington warned [B] Beijing."),
            ("The U.S.-China talks went on.", "The U.S.-China talks went on."),
            (
                "Trump called China’s leader Xi Jinping.",
                "[A] Trump called [B] China's leader [B] Xi Jinping.",
            ),
            (
                "The Washington Post wrote of Sino-American trade.",
                "The Washington Post wrote of Sino-American trade.",
            ),
            ("Taiwan thanked the US", "Taiwan thanked the [A] US"),
            ("It rained – in Oslo.", "It rained - in Oslo."),
            ("\"[B]eijing must stop,\" it said", "\"[B] Beijing must stop,\" it said"),
            ("", ""),
        ] {
            assert_eq!(dyad.marked(sentence), marked);
        }
    }

    proptest! {
        #[test]
        fn without_its_marks_the_sentence_is_the_folded_one(words in prop::collection::vec("China|US|Trump|Taiwan|the two countries|[a-z]{1,4}|’s|\\PC", 0..12)) {
            let text = words.join(" ").replace(['[', ']'], "");
            let marked = Dyad::us_china().unwrap().marked(&text);
            prop_assert_eq!(marked.replace("[A] ", "").replace("[B] ", ""), fold(&text));
        }
    }
}
