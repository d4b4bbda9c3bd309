//! A corpus through the scorer: one thread reads, several cut and gate, this one looks up, scores and writes, with bounded
//! queues between them. Memory does not grow with the corpus, but for the ids met
//! (16 bytes and a place each) and for what the articles that name the pair are compared by (350 bytes each).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::article_score::Cut;
use crate::corpus::{Article, Corpus, Reject, Row};
use crate::dyad::Dyad;
use crate::error::{Error, Result};
use crate::scorer::{Reading, Scorer};
use crate::sentence;
use crate::store::{Key, Store};
use crate::story::Stories;

/// Rows that go from thread to thread together.
const HAND: usize = 32;
/// Hands waiting before and behind each cutter.
const QUEUE: usize = 2;
/// Threads that cut articles; one keeps up with a hundred times what a model of six layers reads.
const MOST_CUTTERS: usize = 8;
/// Sentences scored together: enough to sort by length, few enough to show progress and to lose little.
const CHUNK: usize = 512;

/// Where the results go, in the order of the corpus.
pub trait Sink {
    /// An article and the reading of each of its pieces, `None` where it was not read.
    ///
    /// # Errors
    /// It cannot be written.
    fn article(&mut self, cut: &Cut, readings: &[Option<Reading>]) -> Result<()>;

    /// A row that was set aside.
    ///
    /// # Errors
    /// It cannot be written, or no bad row is to be borne.
    fn reject(&mut self, reject: &Reject) -> Result<()>;
}

/// Counts of a run, as they stand in `run.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Rows of the corpus, header lines aside.
    pub rows: u64,
    /// Rows set aside in `rejects.csv`.
    pub rejected: u64,
    /// Articles: rows that could be used.
    pub articles: u64,
    /// Articles that name both sides or the pair; only of these are sentences read.
    pub candidates: u64,
    /// Articles with at least one relevant sentence; for the one who scores them to count.
    pub relevant: u64,
    /// Sentences of all articles.
    pub sentences: u64,
    /// Headings and boilerplate left out.
    pub left_out: u64,
    /// Sentences that the scorer read, in this run or before: those of candidates that name something of the dyad.
    pub sentences_read: u64,
    /// Sentences that were read in this run; the others' readings were in the store. Not in `run.json`, which is the
    /// same for a run that went on after a stop.
    #[serde(skip)]
    pub scored_now: u64,
    /// Seconds in which there was nothing to score yet, since text had still to be read and cut. Not in `run.json`.
    #[serde(skip)]
    pub waited: f64,
    /// Sentences longer than the model takes, read in windows.
    pub windowed: u64,
    /// Articles in which misread UTF-8 was mended.
    pub mended: u64,
    /// Articles that tell a story which an earlier one tells.
    pub copies: u64,
    /// How dates were written.
    pub date_kinds: BTreeMap<String, u64>,
}

/// What a run needs besides its corpus and its sink.
pub struct Job<'a> {
    /// Who the sides are.
    pub dyad: &'a Dyad,
    /// Reads the sentences.
    pub scorer: &'a dyn Scorer,
    /// Readings made before, and where new ones go.
    pub store: &'a mut Store,
    /// The number of a signal that asks to stop; 0 while there is none. What is being scored is still stored.
    pub stop: &'a AtomicUsize,
    /// Articles of more sentences are set aside.
    pub max_sentences: usize,
}

/// What is shown while a run goes on.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Bytes of the corpus that have been read, and all of them.
    pub bytes: (u64, u64),
    /// Articles done.
    pub articles: u64,
    /// Sentences scored in this run.
    pub scored: u64,
}

/// What goes from thread to thread: rows, and the bytes of the corpus read until then and in all.
struct Hand {
    rows: Vec<What>,
    bytes: (u64, u64),
}

enum What {
    Article(Box<Article>),
    Cut(Box<Cut>),
    Reject(Box<Reject>),
}

/// Reads the whole corpus; also says which of its articles are to be compared for stories. What is scored is stored as it comes, so that a run that is stopped goes on from there.
///
/// # Errors
/// The corpus cannot be read further, the scorer fails, or a result cannot be stored or written.
pub fn run(
    mut corpus: Corpus,
    job: Job<'_>,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Counts, Stories)> {
    std::thread::scope(|scope| {
        let (dyad, most) = (job.dyad, job.max_sentences);
        // Rows are dealt to the cutters in turn and taken from them in turn: so they stay in order.
        let cutters = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_CUTTERS);
        let (mut dealt, mut cut, mut workers) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..cutters {
            let (deal, hands) = sync_channel(QUEUE);
            let (give, taken) = sync_channel(QUEUE);
            workers.push(scope.spawn(move || cut_all(hands, dyad, &give)));
            dealt.push(deal);
            cut.push(taken);
        }
        let reader = scope.spawn(move || {
            let outcome = read(&mut corpus, dyad, most, &dealt);
            (corpus, outcome)
        });
        // When the scoring fails the receivers are dropped, and the others end at their next article.
        let counts = consume(cut, job, sink, progress);
        let stopped = |_| Error::Scorer("a thread that reads or cuts stopped; please report this".into());
        let (corpus, outcome) = reader.join().map_err(stopped)?;
        // One that stopped would look like the end of the corpus.
        workers.into_iter().try_for_each(|worker| worker.join().map_err(stopped))?;
        let (mut counts, stories) = counts?;
        outcome?;
        counts.mended = corpus.mended();
        counts.date_kinds =
            corpus.date_kinds().iter().map(|(kind, count)| (kind.to_string(), *count)).collect();
        Ok((counts, stories))
    })
}

fn read(corpus: &mut Corpus, dyad: &Dyad, most: usize, dealt: &[SyncSender<Hand>]) -> Result<()> {
    for cutter in dealt.iter().cycle() {
        let mut rows = Vec::with_capacity(HAND);
        let mut outcome = Ok(());
        while rows.len() < HAND {
            rows.push(match corpus.next() {
                None => break,
                // Only so long a text can have too many sentences; where it has, its row is still at hand here.
                Some(Ok(Row::Article(article))) if article.text.len() / 2 >= most => {
                    let cut = Cut::new(article, dyad);
                    match cut.spans.len() {
                        found if found > most => What::Reject(Box::new(corpus.reject_long(found, most)?)),
                        _ => What::Cut(Box::new(cut)),
                    }
                }
                Some(Ok(Row::Article(article))) => What::Article(Box::new(article)),
                Some(Ok(Row::Reject(reject))) => What::Reject(Box::new(reject)),
                Some(Err(error)) => {
                    outcome = Err(error);
                    break;
                }
            });
        }
        let last = rows.len() < HAND;
        // Where nobody takes it, the other side has failed and says why.
        if cutter.send(Hand { rows, bytes: corpus.progress() }).is_err() || last {
            return outcome;
        }
    }
    Ok(())
}

/// Cuts what is dealt to one cutter, and hands the rest on.
fn cut_all(dealt: Receiver<Hand>, dyad: &Dyad, give: &SyncSender<Hand>) {
    for mut hand in dealt {
        let cut = |what| match what {
            What::Article(article) => What::Cut(Box::new(Cut::new(*article, dyad))),
            other => other,
        };
        hand.rows = hand.rows.into_iter().map(cut).collect();
        if give.send(hand).is_err() {
            break;
        }
    }
}

fn consume(
    cut: Vec<Receiver<Hand>>,
    mut job: Job<'_>,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Counts, Stories)> {
    let (mut counts, mut stories) = (Counts::default(), Stories::default());
    let mut waiting: Vec<Cut> = Vec::new();
    let mut sentences = 0;
    let mut read = (0, 0);
    let mut waited = Duration::ZERO;
    // The first cutter that has nothing left had the turn after the last row.
    let hands = cut.iter().cycle().map_while(|cutter| {
        let began = Instant::now();
        let hand = cutter.recv().ok();
        waited += began.elapsed();
        hand
    });
    let rows = hands.flat_map(|Hand { rows, bytes }| rows.into_iter().map(move |row| (row, bytes)));
    for (row, bytes) in rows {
        counts.rows += 1;
        read = bytes;
        match row {
            What::Reject(reject) => {
                counts.rejected += 1;
                sink.reject(&reject)?;
            }
            What::Cut(cut) => {
                if cut.candidate {
                    sentences += cut.pieces.iter().filter(|piece| cut.is_asked(piece)).count();
                    let article = &cut.article;
                    stories.add(&article.id, article.date, &article.title, &article.text);
                }
                waiting.push(*cut);
            }
            What::Article(_) => {
                return Err(Error::Scorer("an article was not cut; please report this".into()));
            }
        }
        if sentences >= CHUNK || waiting.len() >= 8 * CHUNK {
            flush(&waiting, &mut job, sink, &mut counts)?;
            waiting.clear();
            sentences = 0;
            let signal = job.stop.load(Ordering::Relaxed);
            if signal != 0 {
                return Err(Error::Stopped { signal });
            }
            progress(Progress { bytes: read, articles: counts.articles, scored: counts.scored_now });
        }
    }
    flush(&waiting, &mut job, sink, &mut counts)?;
    counts.waited = waited.as_secs_f64();
    progress(Progress { bytes: read, articles: counts.articles, scored: counts.scored_now });
    Ok((counts, stories))
}

/// Looks up or scores the sentences of the waiting articles, and hands the articles on.
fn flush(waiting: &[Cut], job: &mut Job<'_>, sink: &mut dyn Sink, counts: &mut Counts) -> Result<()> {
    let mut texts: Vec<Cow<'_, str>> = Vec::new();
    for cut in waiting {
        let pieces = cut.pieces.iter().filter(|piece| cut.is_asked(piece));
        texts.extend(pieces.map(|piece| sentence::plain(cut.text(piece))));
    }
    let (readings, scored) = readings(&texts, job)?;
    counts.sentences_read += texts.len() as u64;
    counts.scored_now += scored;
    counts.windowed += readings.iter().filter(|reading| reading.windows > 1).count() as u64;
    let mut next = readings.into_iter();
    for cut in waiting {
        let own: Vec<Option<Reading>> =
            cut.pieces.iter().map(|piece| if cut.is_asked(piece) { next.next() } else { None }).collect();
        counts.articles += 1;
        counts.candidates += u64::from(cut.candidate);
        counts.sentences += cut.pieces.len() as u64;
        counts.left_out += cut.left_out() as u64;
        sink.article(cut, &own)?;
    }
    Ok(())
}

/// A reading for each text, from the store where it is there; each new text is scored once. Also how many were new.
fn readings(texts: &[Cow<'_, str>], job: &mut Job<'_>) -> Result<(Vec<Reading>, u64)> {
    let keys: Vec<Key> = texts.iter().map(|text| Key::new(job.scorer.hash(), text)).collect();
    let mut known: HashMap<Key, Reading> = HashMap::new();
    let mut missing: Vec<(Key, &str)> = Vec::new();
    for ((&key, stored), text) in keys.iter().zip(job.store.get(&keys)?).zip(texts) {
        match stored {
            Some(reading) => drop(known.insert(key, reading)),
            None => missing.push((key, text)),
        }
    }
    missing.sort_by_key(|(_, text)| *text);
    missing.dedup_by_key(|(_, text)| *text);
    if !missing.is_empty() {
        let new = job.scorer.score(&missing.iter().map(|(_, text)| *text).collect::<Vec<_>>())?;
        let new: Vec<(Key, Reading)> =
            missing.iter().zip(new).map(|((key, _), reading)| (*key, reading)).collect();
        job.store.put(&new)?;
        known.extend(new);
    }
    let all = keys.iter().map(|key| known.get(key).copied()).collect::<Option<Vec<_>>>();
    let all = all
        .ok_or_else(|| Error::Scorer(format!("{} gave fewer readings than sentences", job.scorer.name())))?;
    Ok((all, missing.len() as u64))
}
