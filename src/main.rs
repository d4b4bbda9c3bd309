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
                "{}error:{} {error:#}",
                anstyle::AnsiColor::Red.on_default().bold(),
                anstyle::Reset
            );
            ExitCode::FAILURE
        }
    }
}
