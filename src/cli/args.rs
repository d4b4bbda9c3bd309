//! Arguments that several commands share, and what they become.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::article_score::{ScoreOptions, Weighting};
use crate::corpus::{Field, ReadOptions};
use crate::digest::sha256;
use crate::dyad::Dyad;
use crate::index::{
    Bootstrap, Calibration, Denominator, Freq, IndexOptions, Replaced, Scaling, Totals, Unit, Window,
};
use crate::scorer::{self, BothWays, Device, Marked, OpenOptions, Polarity, Precision, Scorer};

/// Who reads, and about whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub struct ScorerArgs {
    /// An installed model, `keywords`, a folder in Hugging Face layout, or a hub name such as org/name
    #[arg(long, short, value_name = "MODEL", default_value = "tension-minilm-l6")]
    model: String,
    /// Polarity of a sentiment model's labels, where their names do not say, e.g. negative=LABEL_0,positive=LABEL_1
    #[arg(long, value_name = "KIND=LABEL,…")]
    polarity: Option<Polarity>,
    /// The two sides: a dyad file; US–China where left out
    #[arg(long, value_name = "FILE")]
    dyad: Option<PathBuf>,
    /// Sentences below this relevance to the dyad do not count, in [0, 1]
    #[arg(long, value_name = "R", default_value_t = 0.5, value_parser = fraction)]
    relevance: f64,
    /// How much a sentence's place in the article counts
    #[arg(long, value_enum, default_value_t)]
    weighting: WeightingArg,
    /// Threads of the model; all cores where left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// What the model computes in
    #[arg(long, value_enum, default_value_t, env = "TENSIOMETER_PRECISION")]
    precision: PrecisionArg,
    /// What the model is computed by
    #[arg(long, value_enum, default_value_t)]
    device: DeviceArg,
}

/// A dyad file, read; the bundled United States – China where there is none.
pub fn dyad(path: Option<&Path>) -> anyhow::Result<Dyad> {
    Ok(match path {
        Some(path) => Dyad::open(path)?,
        None => Dyad::us_china()?,
    })
}

fn fraction(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("'{text}' is not a number"))?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(format!("{value} is not in [0, 1]")) }
}

/// `--weighting`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum WeightingArg {
    /// All sentences alike
    #[default]
    Equal,
    /// The top counts more: the weight halves every five sentences
    Lead,
}

/// `--precision`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum PrecisionArg {
    /// 8-bit integers where model and processor serve them, else single precision
    #[default]
    Auto,
    /// Single precision: the same readings on any processor
    F32,
    /// 8-bit integers
    Int8,
}

/// `--device`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DeviceArg {
    /// CUDA where libtorch has it, else the CPU
    #[default]
    Auto,
    Cpu,
    Cuda,
    /// Metal, on a Mac
    Mps,
}

impl ScorerArgs {
    /// The dyad file, read.
    pub fn dyad(&self) -> anyhow::Result<Dyad> {
        dyad(self.dyad.as_deref())
    }

    /// The scorer, loaded; a model trained on this very dyad sees the sides marked, where it was trained so, and reads both alike.
    pub fn scorer<'a>(&self, dyad: &'a Dyad) -> anyhow::Result<Box<dyn Scorer + 'a>> {
        let precision = match self.precision {
            PrecisionArg::Auto => Precision::Auto,
            PrecisionArg::F32 => Precision::F32,
            PrecisionArg::Int8 => Precision::Int8,
        };
        let options = OpenOptions {
            polarity: self.polarity.clone(),
            threads: self.threads.map(usize::from),
            precision,
            device: match self.device {
                DeviceArg::Auto => Device::Auto,
                DeviceArg::Cpu => Device::Cpu,
                DeviceArg::Cuda => Device::Cuda,
                DeviceArg::Mps => Device::Mps,
            },
        };
        let scorer = scorer::open(&self.model, &options)?;
        if scorer.dyad() != Some(&dyad.name) {
            return Ok(scorer);
        }
        let scorer: Box<dyn Scorer + 'a> =
            if scorer.marks() { Box::new(Marked::new(scorer, dyad)) } else { scorer };
        Ok(Box::new(BothWays::new(scorer, dyad)))
    }

    /// From readings to scores.
    pub fn options(&self, scorer: &dyn Scorer, dyad: &Dyad) -> ScoreOptions {
        let weighting = match self.weighting {
            WeightingArg::Equal => Weighting::Equal,
            WeightingArg::Lead => Weighting::Lead,
        };
        ScoreOptions { relevance: self.relevance, weighting, trust_head: scorer.dyad() == Some(&dyad.name) }
    }
}

/// The corpus and how it is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Corpus")]
pub struct CorpusArgs {
    /// CSV or TSV files, plain or packed by gzip or zstd, with a header: date, and title or text; id, source, url where there are such
    #[arg(required = true, value_name = "CORPUS")]
    pub paths: Vec<PathBuf>,
    /// Which column is which, where the header does not say, e.g. --column text=content --column date=day
    #[arg(long = "column", value_name = "FIELD=NAME", value_parser = column)]
    columns: Vec<(Field, String)>,
    /// Form of the dates in strftime directives, e.g. %d/%m/%Y
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// Encoding of the files, e.g. windows-1252, gbk, utf-16le; UTF-8 where left out
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    encoding: Option<&'static encoding_rs::Encoding>,
    /// Rows with a larger field are rejected, bytes
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20)]
    max_field: usize,
    /// Articles of more sentences are rejected
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub max_sentences: usize,
    /// Most bytes that a gzip or zstd file may hold; 50 times its size, or a GiB, where left out
    #[arg(long, value_name = "BYTES")]
    max_unpacked: Option<u64>,
    /// Leave misread UTF-8 (â€™ for ’) as it is
    #[arg(long)]
    keep_mojibake: bool,
    /// Stop at the first bad row instead of setting it aside
    #[arg(long)]
    pub strict: bool,
}

fn column(text: &str) -> Result<(Field, String), String> {
    let (field, name) = text.split_once('=').ok_or("write FIELD=NAME, e.g. text=body")?;
    Ok((field.trim().parse()?, name.trim().to_owned()))
}

fn encoding(name: &str) -> Result<&'static encoding_rs::Encoding, String> {
    encoding_rs::Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        format!(
            "'{name}' is not an encoding; names are as on the web: utf-8, windows-1252, gbk, big5, utf-16le …"
        )
    })
}

impl CorpusArgs {
    /// What `run.json` says of the reading.
    pub fn describe(&self) -> Value {
        json!({
            "columns": self.columns.iter().map(|(field, name)| format!("{}={name}", field.name())).collect::<Vec<_>>(),
            "date_format": self.date_format,
            "encoding": self.encoding.map(|encoding| encoding.name()),
            "max_field": self.max_field,
            "max_sentences": self.max_sentences,
            "mojibake": if self.keep_mojibake { "kept" } else { "mended" },
        })
    }

    /// How to read.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            columns: self.columns.clone(),
            date_format: self.date_format.clone(),
            encoding: self.encoding,
            max_field: self.max_field,
            max_unpacked: self.max_unpacked,
            mend: !self.keep_mojibake,
        }
    }
}

/// How the index is made.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Index")]
pub struct IndexArgs {
    /// Length of a period
    #[arg(long, value_enum, default_value = "month")]
    freq: FreqArg,
    /// What is counted
    #[arg(long, value_enum, default_value = "article")]
    unit: UnitArg,
    /// How levels become an index
    #[arg(long, value_enum, default_value = "pooled")]
    scaling: ScalingArg,
    /// What tension is a share of
    #[arg(long, value_enum, default_value = "all", conflicts_with = "totals")]
    denominator: DenominatorArg,
    /// Numbers of all articles (source,date,n), for a corpus that was filtered before
    #[arg(long, value_name = "FILE")]
    totals: Option<PathBuf>,
    /// Days whose periods have a mean of 100, e.g. 2017-01..2019-12; all where left out
    #[arg(long, value_name = "FROM..TO", conflicts_with = "calibration")]
    base: Option<Window>,
    /// A source that is replaced by another, which goes on at its level, measured where both are there; may be given more than once
    #[arg(long = "splice", value_name = "OLD=NEW", conflicts_with = "calibration")]
    splices: Vec<Replaced>,
    /// Scales of an earlier index, so that its points stay as they were
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
    /// Where to keep the scales of this index, for later vintages
    #[arg(long, value_name = "FILE", conflicts_with = "calibration")]
    pub write_calibration: Option<PathBuf>,
    /// Bootstrap draws of the 95 % bands; 0 for none
    #[arg(long, value_name = "N", default_value_t = 999, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    draws: u32,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FreqArg {
    Day,
    /// ISO week, from Monday
    Week,
    Month,
    Quarter,
    Year,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum UnitArg {
    /// Articles, all alike
    Article,
    /// Sentences: an article counts as often as it has relevant ones
    Sentence,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScalingArg {
    /// All sources in one pot, base mean 100 (Caldara–Iacoviello)
    Pooled,
    /// Each source by its standard deviation, then the mean, base mean 100 (Baker–Bloom–Davis)
    PerSource,
    /// Pooled, less what the mix of sources adds, base mean 100 (Shapiro–Sudhof–Wilson)
    SourceEffects,
    /// Pooled, in standard deviations from the base mean
    Zscore,
    /// Pooled, not scaled
    Raw,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DenominatorArg {
    /// All articles of the corpus
    All,
    /// Relevant articles only: for a corpus that was filtered before
    Relevant,
    /// As many articles in every period: for a corpus that was filtered before, of sources that print as much at all times
    Steady,
}

impl IndexArgs {
    /// The options; the totals are read.
    pub fn options(&self) -> anyhow::Result<IndexOptions> {
        let options = IndexOptions {
            freq: match self.freq {
                FreqArg::Day => Freq::Day,
                FreqArg::Week => Freq::Week,
                FreqArg::Month => Freq::Month,
                FreqArg::Quarter => Freq::Quarter,
                FreqArg::Year => Freq::Year,
            },
            unit: match self.unit {
                UnitArg::Article => Unit::Article,
                UnitArg::Sentence => Unit::Sentence,
            },
            scaling: match self.scaling {
                ScalingArg::Pooled => Scaling::Pooled,
                ScalingArg::PerSource => Scaling::PerSource,
                ScalingArg::SourceEffects => Scaling::SourceEffects,
                ScalingArg::Zscore => Scaling::ZScore,
                ScalingArg::Raw => Scaling::Raw,
            },
            denominator: match (&self.totals, self.denominator) {
                (Some(path), _) => Denominator::Totals(Totals::open(path)?),
                (None, DenominatorArg::All) => Denominator::All,
                (None, DenominatorArg::Relevant) => Denominator::Relevant,
                (None, DenominatorArg::Steady) => Denominator::Steady,
            },
            base: self.base,
            splices: self.splices.clone(),
            calibration: self.calibration.as_deref().map(Calibration::open).transpose()?,
            bands: (self.draws > 0).then_some(Bootstrap {
                draws: self.draws,
                seed: self.seed,
                threads: None,
            }),
        };
        if let Some((calibration, path)) = options.calibration.as_ref().zip(self.calibration.as_ref()) {
            calibration.fits(&options).with_context(|| path.display().to_string())?;
        }
        Ok(options)
    }

    /// What `run.json` says of the index.
    pub fn describe(&self, options: &IndexOptions) -> anyhow::Result<Value> {
        let denominator = match (&self.totals, &options.denominator) {
            (Some(path), _) => json!({ "path": path.display().to_string(), "sha256": sha256(path)? }),
            (None, denominator) => json!(denominator.name()),
        };
        let calibration = match &self.calibration {
            Some(path) => json!({ "path": path.display().to_string(), "sha256": sha256(path)? }),
            None => Value::Null,
        };
        Ok(json!({
            "freq": options.freq,
            "unit": options.unit,
            "scaling": options.scaling,
            "denominator": denominator,
            "base": options.base.map(|base| format!("{}..{}", base.from, base.to)),
            "splices": options.splices.iter().map(|one| format!("{}={}", one.old, one.new)).collect::<Vec<_>>(),
            "calibration": calibration,
            "draws": self.draws,
            "seed": self.seed,
        }))
    }
}

/// How the index of a finished run was made, by its `run.json`; without bands, which explain nothing.
///
/// # Errors
/// The run made no index, or a file that it went by is not what it was.
pub fn options_of_run(run: &Value) -> anyhow::Result<IndexOptions> {
    let index = &run["index"];
    anyhow::ensure!(index.is_object(), "this run made no index; make one with tensiometer run");
    let path_of = |file: &Value| -> anyhow::Result<Option<PathBuf>> {
        let Some(path) = file["path"].as_str().map(PathBuf::from) else { return Ok(None) };
        let sum = sha256(&path).with_context(|| {
            format!("{}: run.json names it as seen from where the run was started; go there", path.display())
        })?;
        anyhow::ensure!(
            Some(sum.as_str()) == file["sha256"].as_str(),
            "{}: is not the file that the run went by; restore it, or run again",
            path.display()
        );
        Ok(Some(path))
    };
    let base = index["base"].as_str().map(str::parse).transpose().map_err(anyhow::Error::msg)?;
    let splices = index["splices"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::parse);
    Ok(IndexOptions {
        freq: Freq::deserialize(&index["freq"])?,
        unit: Option::<Unit>::deserialize(&index["unit"])?.unwrap_or_default(),
        scaling: Scaling::deserialize(&index["scaling"])?,
        denominator: match path_of(&index["denominator"])? {
            Some(path) => Denominator::Totals(Totals::open(&path)?),
            None if index["denominator"] == "relevant" => Denominator::Relevant,
            None if index["denominator"] == "steady" => Denominator::Steady,
            None => Denominator::All,
        },
        base,
        splices: splices.collect::<Result<_, _>>().map_err(anyhow::Error::msg)?,
        calibration: path_of(&index["calibration"])?.as_deref().map(Calibration::open).transpose()?,
        bands: None,
    })
}

/// Reads a whole file, or standard input for `-`.
pub fn read_text(path: &Path) -> anyhow::Result<String> {
    let (bytes, name) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes)
            .context("standard input: cannot read")?;
        (bytes, "standard input".to_owned())
    } else {
        (std::fs::read(path).map_err(crate::error::io(path, "read"))?, path.display().to_string())
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow::anyhow!(
            "{name}: not UTF-8 at byte {at}; convert it first, e.g. iconv -f windows-1252 -t utf-8"
        )
    })?;
    anyhow::ensure!(!text.trim().is_empty(), "{name}: there is no text in it; give an article as plain text");
    Ok(text)
}
