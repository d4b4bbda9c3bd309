//! Parses the command line, runs, prints the error chain.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match tensiometer::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do when even stderr is gone.
            let _ = writeln!(
                anstream::stderr(),
                "{}error:{} {}",
                anstyle::AnsiColor::Red.on_default().bold(),
                anstyle::Reset,
                tensiometer::cli::tame_lines(&format!("{error:#}"))
            );
            match error.downcast_ref() {
                // As shells say it: 130 after an interrupt, 143 after a request to end.
                Some(tensiometer::Error::Stopped { signal }) => ExitCode::from(128 + (*signal & 127) as u8),
                _ => ExitCode::FAILURE,
            }
        }
    }
}
