//! Text to token ids: `tokenizer.json`, or a BERT `vocab.txt`, or a byte-level `vocab.json` with `merges.txt`.

use std::path::Path;

use tokenizers::models::bpe::BPE;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::{bert::BertPreTokenizer, byte_level::ByteLevel};
use tokenizers::processors::{bert::BertProcessing, roberta::RobertaProcessing};
use tokenizers::{AddedToken, Tokenizer, TruncationParams};

use crate::error::{Error, Result};
use crate::scorer::manifest::Architecture;

/// One window of a sentence: ids with special tokens, and how many of them are the sentence's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Token ids, special tokens included.
    pub ids: Vec<i64>,
    /// Tokens of the sentence in this window.
    pub tokens: usize,
}

/// Loads the tokenizer of a folder, set to cut long sentences in windows of at most `max_tokens`.
///
/// # Errors
/// There is no tokenizer file that is understood.
pub fn load(folder: &Path, architecture: Architecture, max_tokens: usize) -> Result<Tokenizer> {
    let has = |name: &str| folder.join(name).is_file();
    let failed = |error: tokenizers::Error| {
        Error::model(folder, format!("the tokenizer cannot be read: {error}"), "restore its files")
    };
    let mut tokenizer = if has("tokenizer.json") {
        Tokenizer::from_file(folder.join("tokenizer.json")).map_err(failed)?
    } else if has("vocab.txt") {
        word_piece(folder).map_err(failed)?
    } else if has("vocab.json") && has("merges.txt") && architecture == Architecture::Roberta {
        byte_level(folder).map_err(failed)?
    } else {
        return Err(Error::model(
            folder,
            "there is no tokenizer.json (nor a vocab.txt, nor a RoBERTa vocab.json with merges.txt)",
            "make one: AutoTokenizer.from_pretrained(FOLDER, use_fast=True).save_pretrained(FOLDER)",
        ));
    };
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(Some(TruncationParams { max_length: max_tokens, ..TruncationParams::default() }))
        .map_err(failed)?;
    Ok(tokenizer)
}

/// The windows of each sentence.
///
/// # Errors
/// The tokenizer's own.
pub fn windows(tokenizer: &Tokenizer, sentences: &[&str]) -> Result<Vec<Vec<Window>>> {
    let encodings = tokenizer
        .encode_batch_fast(sentences.to_vec(), true)
        .map_err(|error| Error::Scorer(format!("tokenizer: {error}")))?;
    Ok(encodings
        .iter()
        .map(|first| {
            std::iter::once(first)
                .chain(first.get_overflowing())
                .map(|encoding| Window {
                    ids: encoding.get_ids().iter().map(|&id| i64::from(id)).collect(),
                    tokens: encoding
                        .get_special_tokens_mask()
                        .iter()
                        .filter(|&&special| special == 0)
                        .count(),
                })
                .collect()
        })
        .collect())
}

fn word_piece(folder: &Path) -> tokenizers::Result<Tokenizer> {
    let config: serde_json::Value = std::fs::read_to_string(folder.join("tokenizer_config.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let lowercase = config["do_lower_case"].as_bool().unwrap_or(true);
    let model = WordPiece::from_file(&folder.join("vocab.txt").to_string_lossy())
        .unk_token("[UNK]".into())
        .build()?;
    let mut tokenizer = Tokenizer::new(model);
    let id = |token: &str| tokenizer.token_to_id(token).ok_or_else(|| format!("vocab.txt has no {token}"));
    let (cls, sep) = (id("[CLS]")?, id("[SEP]")?);
    tokenizer.with_normalizer(Some(BertNormalizer::new(true, true, None, lowercase)));
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer.with_post_processor(Some(BertProcessing::new(("[SEP]".into(), sep), ("[CLS]".into(), cls))));
    tokenizer.add_special_tokens(
        &["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"].map(|token| AddedToken::from(token, true)),
    );
    Ok(tokenizer)
}

fn byte_level(folder: &Path) -> tokenizers::Result<Tokenizer> {
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let model = BPE::from_file(&file("vocab.json"), &file("merges.txt")).build()?;
    let mut tokenizer = Tokenizer::new(model);
    let id = |token: &str| tokenizer.token_to_id(token).ok_or_else(|| format!("vocab.json has no {token}"));
    let (cls, sep) = (id("<s>")?, id("</s>")?);
    tokenizer.with_pre_tokenizer(Some(ByteLevel::default().add_prefix_space(false)));
    tokenizer.with_post_processor(Some(
        RobertaProcessing::new(("</s>".into(), sep), ("<s>".into(), cls)).add_prefix_space(false),
    ));
    tokenizer.add_special_tokens(
        &["<s>", "</s>", "<pad>", "<unk>", "<mask>"].map(|token| AddedToken::from(token, true)),
    );
    Ok(tokenizer)
}
