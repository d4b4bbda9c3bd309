//! `completions` and `man`: made from the same arguments that are parsed.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command};
use clap_complete::Shell;

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    pub fn run(self, command: &mut Command) -> anyhow::Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, command, "tensiometer", &mut script);
        super::terminal::print(&String::from_utf8(script)?)
    }
}

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
pub struct Man {
    /// Folder to write into; it must be there
    folder: PathBuf,
}

impl Man {
    /// Runs the command.
    pub fn run(self, command: Command) -> anyhow::Result<()> {
        clap_mangen::generate_to(command, &self.folder).with_context(|| {
            format!(
                "{}: cannot write the pages; the folder must be there and writable",
                self.folder.display()
            )
        })
    }
}
