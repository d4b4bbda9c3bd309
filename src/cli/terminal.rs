//! What a terminal shows while work goes on.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::pipeline::Progress;

/// A bar on stderr with rate and time left; hidden when stderr is no terminal or nothing is to be said.
struct Bar(ProgressBar);

impl Bar {
    /// A bar that has not begun.
    fn new(quiet: bool) -> Bar {
        if quiet || !std::io::stderr().is_terminal() {
            return Bar(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(1); // an empty bar of length 0 would look full
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}  {elapsed} elapsed, {eta} left")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        Bar(bar)
    }

    /// Shows where the work is.
    fn show(&self, progress: Progress) {
        self.0.set_length(progress.bytes.1.max(1));
        self.0.set_position(progress.bytes.0);
        let rate = progress.scored as f64 / self.0.elapsed().as_secs_f64().max(1e-3);
        self.0.set_message(format!("{} articles, {rate:.0} sentences/s", HumanCount(progress.articles)));
    }

    /// Takes the bar away.
    fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// Signals that ask this program to stop, while there is something to finish first. The second one ends it at once, and so does
/// any once this is dropped.
struct Stop {
    signal: Arc<AtomicUsize>,
    at_once: Arc<AtomicBool>,
}

impl Stop {
    /// Listens to an interrupt from the keyboard and to requests to end.
    ///
    /// # Errors
    /// Signals cannot be listened to.
    fn listen() -> anyhow::Result<Stop> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        use signal_hook::flag::{register, register_conditional_shutdown, register_usize};
        let stop = Stop { signal: Arc::default(), at_once: Arc::default() };
        for signal in [SIGINT, SIGTERM] {
            register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop.at_once))
                .and_then(|_| register(signal, Arc::clone(&stop.at_once)))
                .and_then(|_| register_usize(signal, Arc::clone(&stop.signal), signal as usize))
                .context("cannot listen to signals")?;
        }
        Ok(stop)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.at_once.store(true, Ordering::Relaxed);
    }
}

/// Does work under a bar, which a signal may ask to stop: `work` gets the number of the signal (0 before one comes) and where to
/// tell its progress.
///
/// # Errors
/// Signals cannot be listened to.
pub fn attended<T>(
    quiet: bool,
    work: impl FnOnce(&AtomicUsize, &mut dyn FnMut(Progress)) -> T,
) -> anyhow::Result<T> {
    let (stop, bar) = (Stop::listen()?, Bar::new(quiet));
    let outcome = work(&stop.signal, &mut |progress| bar.show(progress));
    bar.clear();
    Ok(outcome)
}

/// A line on stderr, unless nothing is to be said.
pub fn say(quiet: bool, line: impl AsRef<str>) {
    if !quiet {
        // A terminal that is gone or full is no reason to stop the work.
        let _ = writeln!(anstream::stderr().lock(), "{}", tame_lines(line.as_ref()));
    }
}

/// Text with control characters taken out, for a terminal.
pub fn tame(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control()
                || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// Text with control characters taken out, but that lines stay lines.
pub fn tame_lines(text: &str) -> String {
    text.lines().map(tame).collect::<Vec<_>>().join("\n")
}

/// Writes to standard output, colours only where it is a terminal; a reader that has gone away is no error.
pub fn print(text: &str) -> anyhow::Result<()> {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.context("standard output: cannot write; is the disk full?"),
    }
}

/// Writes data to standard output as it is; to a terminal without control characters.
pub fn print_data(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let outcome = match out.is_terminal() {
        true => text.lines().try_for_each(|line| writeln!(out, "{}", tame(line))),
        false => out.write_all(text.as_bytes()),
    };
    match outcome.and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.context("standard output: cannot write; is the disk full?"),
    }
}
