"""Tiny classification checkpoints with random weights, one for each architecture the scorer reads.

    python tiny_checkpoints.py OUT        (the environment of scripts/train/requirements.txt)

Each OUT/<architecture>/ has config.json, tokenizer.json, the architecture's own vocabulary files,
model.safetensors, and expected.json: sentences, token ids and logits as transformers computes them,
in 32-bit floats, all sentences in one padded batch with an attention mask. A reader that agrees on
them reads the architecture; the labels are noise. The weights are drawn wide, so that logits of
different sentences differ by far more than the tolerance of a comparison.
"""
import io
import json
import sys
from pathlib import Path

import sentencepiece
import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers.convert_slow_tokenizer import convert_slow_tokenizer

TEXTS = [
    "The two ministers met for three hours and agreed to meet again.",
    "Tariffs on steel will rise next week, the trade office said.",
    "Nobody was surprised.",
    "After months of silence, the embassy replied to the letter, but its answer settled nothing and pleased no one in the capital.",
    "Rain fell on the harbour all day.",
    "The navy denied that its ships had crossed the line.",
    "They signed a treaty on fishing rights and shook hands before the cameras.",
    "A spokesman called the sanctions unjust and promised a firm response.",
]
SENTENCES = TEXTS[:5] + [
    ".",
    "Zoë Müller’s café in São Tomé — “closed” — costs 12,50 €; 北京 said no 🙂.",
    "The ships crossed the line, the ministers met, the embassy replied, the navy denied it, rain fell, "
    "and the trade office promised that tariffs on steel and fish will rise and fall and rise again before winter.",
]
LABELS = {
    "two": ["NEGATIVE", "POSITIVE"],
    "three": ["negative", "neutral", "positive"],
    "bare": ["LABEL_0", "LABEL_1", "LABEL_2"],
}
SIZE = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
            max_position_embeddings=128)


def wordpiece(folder, pad="[PAD]", unk="[UNK]", cls="[CLS]", sep="[SEP]", mask="[MASK]"):
    """Lower-casing WordPiece, as BERT, DistilBERT and ELECTRA have it; and MPNet, with the special tokens of RoBERTa."""
    special = [pad, unk, cls, sep, mask] if cls == "[CLS]" else [cls, pad, sep, unk, mask]
    # Every letter, and the words of some texts: known words, words in pieces and unknown signs all occur.
    # Not trained, since the trainer breaks ties differently in each run.
    letters = sorted({c for text in TEXTS for c in text.lower() if not c.isspace()})
    words = sorted({word.strip(".,") for text in TEXTS[:6] for word in text.lower().split()} - set(letters))
    pieces = special + letters + [f"##{c}" for c in letters] + words
    t = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token=unk))
    t.normalizer = normalizers.BertNormalizer(lowercase=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    t.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}", pair=f"{cls} $A {sep} $B:1 {sep}:1",
        special_tokens=[(token, special.index(token)) for token in (cls, sep)])
    t.model.save(str(folder))
    return t, {"pad_token": pad, "unk_token": unk, "cls_token": cls, "sep_token": sep, "mask_token": mask}


def byte_bpe(folder, cls, sep, pad, unk, mask):
    """Byte-level BPE, as RoBERTa and DeBERTa have it: no text is unknown."""
    roberta = cls == "<s>"
    special = [cls, pad, sep, unk, mask] if roberta else [pad, cls, sep, unk, mask]
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(TEXTS, trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    between = f"{sep} {sep}" if roberta else sep
    t.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}", pair=f"{cls} $A {between} $B {sep}",
        special_tokens=[(token, special.index(token)) for token in (cls, sep)])
    t.model.save(str(folder))
    return t, {"pad_token": pad, "unk_token": unk, "cls_token": cls, "sep_token": sep, "mask_token": mask}


def unigram(folder, stem, slow_class, lowercase, names, ids):
    """SentencePiece unigram, as ALBERT and DeBERTa-v2 have it; leaves the .model file too."""
    spm = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text.lower() if lowercase else text for text in TEXTS), model_writer=spm,
        vocab_size=110, model_type="unigram", pad_piece=names["pad_token"], unk_piece=names["unk_token"],
        bos_piece=names["cls_token"], eos_piece=names["sep_token"], user_defined_symbols=names["mask_token"],
        minloglevel=2, num_threads=1, **ids)
    (folder / f"{stem}.model").write_bytes(spm.getvalue())
    return convert_slow_tokenizer(slow_class(str(folder / f"{stem}.model"), **names)), names


BRACKETS = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
CHECKPOINTS = {
    # name: (configuration class, model class, tokenizer, labels, configuration beyond SIZE)
    "bert": (hf.BertConfig, hf.BertForSequenceClassification, wordpiece, "two", {}),
    "roberta": (
        hf.RobertaConfig, hf.RobertaForSequenceClassification,
        lambda folder: byte_bpe(folder, "<s>", "</s>", "<pad>", "<unk>", "<mask>"), "bare",
        dict(type_vocab_size=1, max_position_embeddings=130)),  # two positions are taken by the padding index
    "distilbert": (
        hf.DistilBertConfig, hf.DistilBertForSequenceClassification, wordpiece, "two",
        dict(dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=128, tie_weights_=True)),
    "electra": (hf.ElectraConfig, hf.ElectraForSequenceClassification, wordpiece, "three", dict(embedding_size=16)),
    "deberta": (
        hf.DebertaConfig, hf.DebertaForSequenceClassification,
        lambda folder: byte_bpe(folder, "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]"), "three",
        dict(relative_attention=True, pos_att_type=["c2p", "p2c"], position_biased_input=False, type_vocab_size=0)),
    "deberta-v2": (
        hf.DebertaV2Config, hf.DebertaV2ForSequenceClassification,
        lambda folder: unigram(folder, "spm", hf.DebertaV2Tokenizer, False, BRACKETS,
                               dict(pad_id=0, bos_id=1, eos_id=2, unk_id=3)), "three",
        # As DeBERTa-v3 is configured; few buckets, so that the long sentence reaches the logarithmic ones.
        dict(relative_attention=True, pos_att_type=["p2c", "c2p"], position_biased_input=False, type_vocab_size=0,
             share_att_key=True, norm_rel_ebd="layer_norm", position_buckets=16)),
    "albert": (
        hf.AlbertConfig, hf.AlbertForSequenceClassification,
        lambda folder: unigram(folder, "spiece", hf.AlbertTokenizer, True,
                               {**BRACKETS, "pad_token": "<pad>", "unk_token": "<unk>"},
                               dict(pad_id=0, unk_id=1, bos_id=2, eos_id=3)), "two",
        dict(embedding_size=16)),
    "mpnet": (
        hf.MPNetConfig, hf.MPNetForSequenceClassification,
        lambda folder: wordpiece(folder, "<pad>", "[UNK]", "<s>", "</s>", "<mask>"), "three",
        dict(max_position_embeddings=130)),  # two positions are taken by the padding index
}


def write_json(path, value):
    lines = [f" {json.dumps(key)}: {json.dumps(entry, ensure_ascii=False)}" for key, entry in value.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def make(name, folder, seed):
    config_class, model_class, tokenizer_of, labels, extra = CHECKPOINTS[name]
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer, specials = tokenizer_of(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    write_json(folder / "special_tokens_map.json", specials)
    write_json(folder / "tokenizer_config.json", {
        **specials, "model_max_length": 128, "tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False})

    labels = LABELS[labels]
    ids = {f"{key}_token_id": tokenizer.token_to_id(specials[f"{token}_token"])
           for key, token in (("pad", "pad"), ("bos", "cls"), ("eos", "sep"))}
    size = {} if name == "distilbert" else SIZE
    torch.manual_seed(seed)
    model = model_class(config_class(
        **{**size, **ids, **extra}, vocab_size=tokenizer.get_vocab_size(), initializer_range=0.2,
        id2label=dict(enumerate(labels)), label2id={label: i for i, label in enumerate(labels)})).eval()
    with torch.no_grad():  # fresh biases are zero: a reader that forgets one would not be found out
        for key, value in model.named_parameters():
            if key.endswith("bias"):
                value.normal_(0, 0.2)
    model.save_pretrained(folder)

    loaded = hf.AutoModelForSequenceClassification.from_pretrained(folder)
    fast = hf.AutoTokenizer.from_pretrained(folder)
    batch = fast(SENTENCES, padding=True, return_tensors="pt", return_token_type_ids=False)
    with torch.no_grad():
        logits = loaded(**batch).logits
        alone = torch.cat([loaded(**fast(text, return_tensors="pt", return_token_type_ids=False)).logits
                           for text in SENTENCES])
    spread = (logits[:, 0] - logits[:, 1]).std().item()
    encoded = fast(SENTENCES)["input_ids"]
    assert encoded == [e.ids for e in tokenizer.encode_batch(SENTENCES)]
    write_json(folder / "expected.json", {"sentences": SENTENCES, "input_ids": encoded, "logits": logits.tolist()})
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{name:11} {size:7} bytes, {max(map(len, encoded)):3} tokens at most, spread of logits {spread:.3f}, "
          f"batched against alone {(logits - alone).abs().max():.1e}")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    for seed, name in enumerate(CHECKPOINTS):
        make(name, Path(sys.argv[1]) / name, seed)


if __name__ == "__main__":
    main()
