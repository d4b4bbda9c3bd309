//! Who the two sides are: a dyad file (`data/dyads/*.toml`) names actors, offices, leaders with their dates, pair
//! words and topics; [`Dyad::mentions`] says which of them a text names.

mod exchange;
mod file;
mod gazetteer;
mod marks;

use std::path::Path;

use jiff::civil::Date;

use crate::error::{Error, Result, io};
use exchange::Exchange;
use file::{DyadFile, Side};
use gazetteer::{Gazetteer, Term};

const US_CHINA: &str = include_str!("../../data/dyads/us-china.toml");

/// A pair of sides and how text names them.
#[derive(Debug)]
pub struct Dyad {
    /// Slug, e.g. `us-china`.
    pub name: String,
    /// For people, e.g. `United States – China`.
    pub title: String,
    /// Short names of sides A and B, e.g. `US`, `China`.
    pub sides: [String; 2],
    /// Topics, in the file's order; [`Mentions::topics`] counts in it.
    pub topics: Vec<String>,
    /// Identifies the file's content: readings of relevance made with another file are other readings.
    pub hash: String,
    actors: Gazetteer<Role>,
    subjects: Gazetteer<usize>,
    exchange: Exchange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Ignored,
    A,
    B,
    Contested,
    Explicit,
    Implicit,
}

/// What a text names of a dyad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Side A.
    pub a: bool,
    /// Side B.
    pub b: bool,
    /// A place between the sides, which stands for B where A is named too.
    pub contested: bool,
    /// A word for the pair that needs no context: `Sino-American`.
    pub explicit: bool,
    /// A word for the pair that needs an article about it: `the two countries`.
    pub implicit: bool,
    /// Bit i: topic i of [`Dyad::topics`]; none where nothing of the above is named.
    pub topics: u64,
}

impl Mentions {
    /// Whether the text names both sides or the pair.
    pub fn names_pair(self) -> bool {
        self.explicit || (self.a && (self.b || self.contested))
    }

    /// Whether the text names anything of the dyad.
    pub fn any(self) -> bool {
        self.a || self.b || self.contested || self.explicit || self.implicit
    }
}

impl std::ops::BitOr for Mentions {
    type Output = Mentions;

    fn bitor(self, other: Mentions) -> Mentions {
        Mentions {
            a: self.a | other.a,
            b: self.b | other.b,
            contested: self.contested | other.contested,
            explicit: self.explicit | other.explicit,
            implicit: self.implicit | other.implicit,
            topics: self.topics | other.topics,
        }
    }
}

impl Dyad {
    /// The bundled United States – China dyad.
    ///
    /// # Errors
    /// Never for an unchanged build: a test reads it.
    pub fn us_china() -> Result<Dyad> {
        Dyad::parse(US_CHINA, Path::new("data/dyads/us-china.toml"))
    }

    /// Reads a dyad file.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML of the dyad's shape, or lacks names for a side.
    pub fn open(path: &Path) -> Result<Dyad> {
        Dyad::parse(&std::fs::read_to_string(path).map_err(io(path, "read"))?, path)
    }

    /// A dyad of a file's text; `path` is for messages.
    ///
    /// # Errors
    /// As [`Dyad::open`].
    pub fn parse(text: &str, path: &Path) -> Result<Dyad> {
        let file: DyadFile = toml::from_str(text).map_err(|error| {
            Error::input(path, error.to_string().trim().to_owned(), "compare with data/dyads/us-china.toml")
        })?;
        let mut actors = Vec::new();
        let mut add =
            |role: Role, terms: &[String]| actors.extend(terms.iter().map(|term| Term::new(term, role)));
        add(Role::Ignored, &file.ignore);
        add(Role::Explicit, &file.pair.explicit);
        add(Role::Implicit, &file.pair.implicit);
        for (role, side) in [(Role::A, &file.a), (Role::B, &file.b)] {
            if side.names.iter().all(|name| name.trim().is_empty()) {
                return Err(Error::input(
                    path,
                    format!("side '{}' has no names", side.name),
                    "list the country's names under names",
                ));
            }
            for terms in [&side.names, &side.metonyms, &side.offices, &side.firms] {
                add(role, terms);
            }
            add(Role::Contested, &side.contested);
        }
        for (role, side) in [(Role::A, &file.a), (Role::B, &file.b)] {
            actors.extend(leaders(side, role, path)?);
        }
        if !file.a.contested.is_empty() {
            return Err(Error::input(
                path,
                "side A has contested places; they stand for side B",
                "list them under [b]",
            ));
        }
        let plain = |side: &Side| {
            [&side.names, &side.metonyms, &side.offices, &side.firms].map(|list| list.clone()).concat()
        };
        if let Some(name) = plain(&file.a).iter().find(|name| plain(&file.b).contains(name)) {
            return Err(Error::input(path, format!("'{name}' stands on both sides"), "leave it on one"));
        }
        if file.topics.len() > 64 {
            return Err(Error::input(
                path,
                format!("{} topics, at most 64 can be told apart", file.topics.len()),
                "join some",
            ));
        }
        let topics: Vec<String> = file.topics.keys().cloned().collect();
        let subjects = file
            .topics
            .values()
            .enumerate()
            .flat_map(|(at, terms)| terms.iter().map(move |term| Term::new(term, at)));
        let build = |error: String| Error::input(path, error, "shorten the lists");
        Ok(Dyad {
            name: file.name,
            title: file.title,
            sides: [file.a.short, file.b.short],
            topics,
            hash: blake3::hash(text.as_bytes()).to_hex()[..16].to_owned(),
            exchange: Exchange::new(&file.pair.exchange),
            subjects: Gazetteer::new(subjects.collect()).map_err(build)?,
            actors: Gazetteer::new(actors).map_err(build)?,
        })
    }

    /// What `text` names; leaders count only within their dates, and always where `date` is `None`.
    pub fn mentions(&self, text: &str, date: Option<Date>) -> Mentions {
        let mut mentions = Mentions::default();
        let folded = gazetteer::fold(text);
        for role in self.actors.find(&folded, date) {
            match role {
                Role::Ignored => {}
                Role::A => mentions.a = true,
                Role::B => mentions.b = true,
                Role::Contested => mentions.contested = true,
                Role::Explicit => mentions.explicit = true,
                Role::Implicit => mentions.implicit = true,
            }
        }
        if mentions.any() {
            for topic in self.subjects.find(&folded, date) {
                mentions.topics |= 1 << topic;
            }
        }
        mentions
    }

    /// The topics of a set of mentions, in the file's order, joined by `;`.
    pub fn topic_names(&self, mentions: Mentions) -> String {
        let named = self.topics.iter().enumerate().filter(|(at, _)| mentions.topics >> at & 1 == 1);
        named.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(";")
    }
}

fn leaders(side: &Side, role: Role, path: &Path) -> Result<Vec<Term<Role>>> {
    let mut terms = Vec::new();
    for leader in &side.leaders {
        if leader.to.is_some_and(|to| to < leader.from) {
            let names = leader.names.join(", ");
            return Err(Error::input(
                path,
                format!("{names}, {}: the end lies before the beginning", leader.office),
                "mend from and to",
            ));
        }
        terms.extend(leader.names.iter().map(|name| Term::new(name, role).within(leader.from, leader.to)));
    }
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn named(text: &str) -> Mentions {
        Dyad::us_china().unwrap().mentions(text, Some(date(2019, 5, 10)))
    }

    #[test]
    fn both_sides_and_the_pair_are_found() {
        assert!(named("Washington raised tariffs on China’s goods.").names_pair());
        assert!(named("Sino-American trade fell.").names_pair());
        assert!(named("The U.S.-China talks went on.").names_pair());
        assert!(named("U.S. arms for Taiwan").names_pair());
        assert!(named("US, CHINA RESUME TALKS").names_pair());
        let implicit = named("The two countries agreed.");
        assert!(implicit.implicit && !implicit.names_pair());
    }

    #[test]
    fn words_are_whole_and_cased() {
        assert!(!named("It helped us all, said the china shop.").any());
        assert!(!named("USAGE and Chinatown").any());
        assert!(!named("The Washington Post ran it.").a);
        assert!(!named("Latin America grew.").a);
    }

    #[test]
    fn leaders_count_in_office_only() {
        let dyad = Dyad::us_china().unwrap();
        assert!(dyad.mentions("Trump spoke.", Some(date(2019, 1, 1))).a);
        assert!(!dyad.mentions("Trump spoke.", Some(date(2010, 1, 1))).a);
        assert!(dyad.mentions("Xi Jinping spoke.", Some(date(2019, 1, 1))).b);
    }

    #[test]
    fn topics_are_named() {
        let dyad = Dyad::us_china().unwrap();
        let names = dyad.topic_names(dyad.mentions("New American tariffs on steel", None));
        assert!(names.split(';').any(|name| name == "trade"), "{names}");
    }

    #[test]
    fn sides_change_places() {
        let dyad = Dyad::us_china().unwrap();
        let exchanged = |text: &str| dyad.exchanged(text);
        assert_eq!(
            exchanged("The United States accused China's army of jamming an American ship.").unwrap(),
            "China accused the United States's army of jamming a Chinese ship."
        );
        assert_eq!(exchanged("Beijing and Washington met.").unwrap(), "Washington and Beijing met.");
        assert_eq!(exchanged("U.S. firms left China").unwrap(), "Chinese firms left the United States");
        // A word that would stay behind, a word inside another, and no word at all.
        assert_eq!(exchanged("Xi Jinping met American farmers."), None);
        assert_eq!(exchanged("South China Morning Post readers liked it."), None);
        assert_eq!(exchanged("It rained."), None);
        for text in ["Beijing said Washington was wrong.", "American tariffs hit Chinese steel."] {
            assert_eq!(exchanged(&exchanged(text).unwrap()).unwrap(), text);
        }
    }

    #[test]
    fn a_wrong_file_says_where() {
        let parse = |text: &str| Dyad::parse(text, Path::new("d.toml")).unwrap_err().to_string();
        assert!(parse("name = 3").contains("d.toml"));
        let side = |names: &str| {
            format!(
                "name='x'\ntitle='x'\nversion=1\n[a]\nname='A'\nshort='A'\nnames=[{names}]\n[b]\nname='B'\nshort='B'\nnames=['B']\n[pair]\n"
            )
        };
        assert!(parse(&side("")).contains("side 'A' has no names"));
        assert!(Dyad::parse(&side("'Aland'"), Path::new("d.toml")).is_ok());
    }
}
