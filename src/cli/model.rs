//! `model`: what is installed, what it is, whether it is whole.

use clap::{Args, Subcommand};

use super::terminal::print;
use crate::scorer::{Heads, ModelFolder, Polarity, installed, locate};

/// Arguments of the command; its help stands in `cli/mod.rs`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  tensiometer model
  tensiometer model verify tension-minilm-l6
  tensiometer model show ./my-sentiment-model --polarity negative=LABEL_0,positive=LABEL_1")]
pub struct Model {
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// List the installed models
    List,
    /// Say what a model is and how its logits become a reading
    Show(Which),
    /// Check a model's files against its manifest
    Verify(Which),
}

#[derive(Debug, Args)]
struct Which {
    /// An installed model's name or a folder
    model: String,
    /// Polarity of a sentiment model's labels, where their names do not say
    #[arg(long, value_name = "KIND=LABEL,…")]
    polarity: Option<Polarity>,
}

impl Which {
    fn open(&self) -> anyhow::Result<ModelFolder> {
        let Some(path) = locate(&self.model)? else {
            anyhow::bail!("{}: this is a hub name; only folders can be looked into", self.model);
        };
        Ok(ModelFolder::open(&path, self.polarity.as_ref())?)
    }
}

impl Model {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let text = match self.command.unwrap_or(Task::List) {
            Task::List => {
                let mut lines: Vec<String> = installed()
                    .into_iter()
                    .map(|(name, path)| format!("{name}\t{}", path.display()))
                    .collect();
                lines.push("keywords\t(built in)".into());
                lines.join("\n")
            }
            Task::Show(which) => {
                let folder = which.open()?;
                let manifest = &folder.manifest;
                let heads = match &folder.heads {
                    Heads::Tension { .. } => "tension: intensity −3…+3, relevance, direction".to_owned(),
                    Heads::Sentiment { labels } => {
                        format!("sentiment: polarity of the labels in order {labels:?}")
                    }
                };
                [
                    ("name", manifest.name.clone()),
                    ("version", manifest.version.clone()),
                    ("base", manifest.base.clone()),
                    ("licence", manifest.licence.clone()),
                    ("architecture", format!("{:?}", folder.architecture)),
                    ("window", format!("{} tokens", folder.max_tokens)),
                    ("reads", heads),
                    ("dyad", manifest.dyad.clone().unwrap_or_default()),
                    ("sides", if manifest.marks { "marked in the text".into() } else { String::new() }),
                    ("hash", folder.hash.clone()),
                    ("folder", folder.path.display().to_string()),
                ]
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| format!("{key:<13}{value}"))
                .collect::<Vec<_>>()
                .join("\n")
            }
            Task::Verify(which) => {
                let folder = which.open()?;
                match folder.manifest.files.len() {
                    0 => format!(
                        "{}: no model.toml, so there is nothing to compare with; the files can be read",
                        which.model
                    ),
                    n => format!("{}: {n} files are whole (size and SHA-256)", which.model),
                }
            }
        };
        print(&format!("{text}\n"))
    }
}
