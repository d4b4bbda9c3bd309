//! Parses the command line, runs, prints the error chain.

use std::process::ExitCode;

fn main() -> ExitCode {
    match tensiometer::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!(
                "{}error:{} {error:#}",
                anstyle::AnsiColor::Red.on_default().bold(),
                anstyle::Reset
            );
            ExitCode::FAILURE
        }
    }
}
