//! Word lists for the splitter: what a full stop after a word means, and which words start a sentence.
//!
//! English news only. Words of other languages fall through to the general rule, a stop before a capital.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What a full stop after an abbreviation says about the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Never ends one: titles before names, `vs.`, `e.g.`
    Never,
    /// Ends one unless a digit follows: `No. 2`, `Fig. 3`.
    BeforeNumber,
    /// Ends one only before a word that starts sentences, and not before a digit: `Jan. 9`, initials, `Jr.`, `St.`
    BeforeStarter,
    /// Ends one before a starter, or before a capitalised subject and its verb: `the U.S. China is`, `Acme Corp.`
    BeforeClause,
    /// Clock times: end one unless a zone or a day follows.
    Time,
}

/// The abbreviations, without their last full stop, by the rule for it. Case matters: `Mass` but not `mass`.
const STOPS: &[(Stop, &str)] = &[
    (
        Stop::Never,
        "Mr Mrs Ms Mx Messrs Dr Drs Prof Rev Fr Hon Gen Lt Col Maj Capt Cpt Cmdr Cdr Comdr \
         Adm Sgt Cpl Pvt Brig Sen Sens Rep Reps Gov Govs Pres Amb Supt Det Insp Atty Msgr \
         Mme Mlle Mt Ft Mts Pte Sec",
    ),
    (Stop::Never, "vs v e.g i.e eg ie cf viz ca c approx incl resp"),
    (Stop::BeforeNumber, "No no Nos nos Art Fig Figs fig Vol vol pp p par para Ch ch sec Op op N° Tel tel"),
    (Stop::BeforeStarter, "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec"),
    (
        Stop::BeforeStarter,
        "Jr Sr Esq Ph.D PhD M.D St al Dept Assn Univ Inst Bros Ave Blvd Rd est Est ed eds Ed",
    ),
    (Stop::BeforeClause, "Inc Corp Co Cos Ltd Pty L.P S.A N.V co"),
    (Stop::BeforeClause, "U.S U.S.A U.K U.N E.U U.A.E P.R.C D.C N.Y N.J N.H N.C S.C N.M R.I R.O.C H.K"),
    (
        Stop::BeforeClause,
        "Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Kans Ky La Mass Md Mich Minn \
         Miss Mo Mont Neb Nebr Nev Okla Ore Pa Penn Tenn Tex Va Vt Wash Wis Wyo Ont Que Alta",
    ),
    (Stop::Time, "a.m p.m A.M P.M"),
];

/// Words that, capitalised, nearly always start a sentence. Left out are those that are also names: Will, May, An, Long.
const STARTERS: &str = "the this that these those a i he she it we they you his her its our their my your there \
    here but and or nor yet if when while although though because since unless until as in \
    on at by for from to with without under over after before during despite amid among \
    against between behind beyond across like unlike according what who why how where which \
    whether did does do is are was were can could should would has have had not so no none \
    nothing nobody neither both all some many most much more few several other others \
    another each every any one two three now then today yesterday later earlier meanwhile \
    however moreover furthermore nevertheless still also even only just once again instead \
    indeed perhaps officials analysts critics experts shares mr mrs ms";

/// Capitalised words that go on with a name that ends in `U.S.` or `Inc.`
const NAME_PARTS: &str = "President Vice Secretary Treasury Congress Congressional Senate House Representative \
    Representatives Government Department Embassy Consulate Consul Ambassador Navy Army Air \
    Marine Marines Coast Space Pacific Indo Indo-Pacific Supreme Court District Circuit \
    Justice Attorney Trade Commerce State Defense Defence Energy Agriculture Census Customs \
    Immigration Federal Food Postal Patent Security Securities International National \
    Chamber Council Central Special Climate Deputy Under Assistant Acting Military Strategic \
    Steel Bank Bancorp Open Soybean Business Agency Institute Chief Chairman Chairwoman \
    Chair Chairperson Executive Founder CEO Foreign Homeland Labor Bureau Commission \
    Commissioner Committee General Permanent High Human Prime Minister Mayor Governor \
    Sustainable Framework Environment Dollar Index Global Republican Democratic Democrat \
    Democrats Republicans Capitol Constitution Seventh Fifth Cyber Command Forces Geological \
    Highway Route Olympic Women's Men's Masters Asia";

/// Verbs that news puts right after a subject.
const FINITE_VERBS: &str = "is are was were has have had will would can could may might must should did does do also \
    then now said says told asked added called warned accused denied rejected responded \
    replied";

/// Verbs of speech, as they follow a quotation.
const SPEECH_VERBS: &str = "said says asked asks wrote writes added shouted cried replied wondered tweeted posted \
    demanded exclaimed quipped declared told chanted yelled";

/// Zones, days and places that follow a clock time.
const TIME_PARTS: &str = "ET EST EDT CT CST CDT MT PT PST PDT GMT UTC BST HKT JST Eastern Central Pacific Beijing \
    Washington London Tokyo Hong New Taipei Moscow Paris Brussels Monday Tuesday Wednesday \
    Thursday Friday Saturday Sunday Jan Feb March April May June July Aug Sept Oct Nov Dec \
    Mr";

/// Nouns that a capital letter labels.
const LABELLED: &str = "class plan group grade type category series section part annex appendix exhibit option \
    vitamin hepatitis influenza point list";

/// The words of a list as a set.
macro_rules! set {
    ($words:expr) => {{
        static SET: LazyLock<HashSet<&str>> = LazyLock::new(|| $words.split(' ').collect());
        &*SET
    }};
}

/// The rule for a word, given without its last full stop (`U.S`, `Gen`, `a.m`).
pub(super) fn stop(word: &str) -> Option<Stop> {
    static RULES: LazyLock<HashMap<&str, Stop>> = LazyLock::new(|| {
        STOPS.iter().flat_map(|(rule, words)| words.split(' ').map(|word| (word, *rule))).collect()
    });
    RULES.get(word).copied().or_else(|| dotted(word).then_some(Stop::BeforeStarter))
}

/// Initials, single (`W`) or dotted (`H.R`), in Latin capitals or small letters.
fn dotted(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() % 2 == 1
        && bytes.iter().enumerate().all(
            |(i, b)| {
                if i % 2 == 0 { b.is_ascii_alphabetic() } else { *b == b'.' }
            },
        )
        && (bytes.len() > 1 || bytes[0].is_ascii_uppercase())
}

/// Whether a word starts a sentence even after an abbreviation.
pub(super) fn starts_sentence(word: &str) -> bool {
    let mut letters = word.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    // `IT` and `AS` are acronyms, not `It` and `As`.
    capital && !letters.any(char::is_uppercase) && set!(STARTERS).contains(word.to_lowercase().as_str())
}

/// Whether a capitalised word after `U.S.`, `Corp.` and their like still belongs to that name: `U.S. Navy`,
/// `Apple Inc. Chief Executive`.
pub(super) fn belongs_to_name(word: &str) -> bool {
    set!(NAME_PARTS).contains(word)
}

/// Finite verbs that show the capitalised words before them to be the subject of a new sentence.
pub(super) fn is_finite_verb(word: &str) -> bool {
    set!(FINITE_VERBS).contains(word)
}

/// Whether a word is a verb of speech in a form that follows a quotation.
pub(super) fn is_speech_verb(word: &str) -> bool {
    set!(SPEECH_VERBS).contains(word)
}

/// Words after `a.m.` and `p.m.` that go on with the time: zones, days, places.
pub(super) fn follows_time(word: &str) -> bool {
    set!(TIME_PARTS).contains(word)
}

/// Nouns that a letter may label, so that the letter is no initial: `class A`, `Plan B`.
pub(super) fn takes_letter(word: &str) -> bool {
    set!(LABELLED).contains(word.to_lowercase().as_str())
}
