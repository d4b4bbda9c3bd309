#!/usr/bin/env python3
"""Reads the same sentences by the same model with tensiometer and with what a user would pick instead; prints docs/benchmarks.md's
first table.

    scripts/setup.sh && cargo build --release --examples
    python3 -m venv VENV && VENV/bin/pip install -r scripts/peers/requirements.txt
    VENV/bin/python scripts/bench_peers.py [--sentences 1000] [--rounds 5]

The sentences are the first of the bundled corpus that name a side. Every reader is loaded and warmed up before the clock starts;
the readers take turns, and each figure is the median of the rounds. Ratios are medians of the ratios within a round.
"""
import argparse
import csv
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODEL = ROOT / "models/tension-minilm-l6"
OURS = ["f32", "int8"]


def binary(name):
    meta = subprocess.run(["cargo", "metadata", "--format-version=1", "--no-deps"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return pathlib.Path(json.loads(meta.stdout)["target_directory"]) / "release" / name


def sentences(count, folder):
    """Sentences that the scorer is asked for in the bundled corpus, each once."""
    program = [binary("tensiometer"), "batch", ROOT / "data/us_china_chronicle.csv", "--model", "keywords", "-o", folder / "out"]
    subprocess.run(program, check=True, stderr=subprocess.DEVNULL)
    with open(folder / "out/sentences.csv", newline="") as file:
        texts = dict.fromkeys(" ".join(row["text"].split()) for row in csv.DictReader(file))
    return list(texts)[:count]


def rust(reader, file):
    def read():
        out = subprocess.run([binary("examples/sentences"), MODEL, file, reader], stdout=subprocess.PIPE, check=True)
        return float(out.stdout)
    return read


def timed(task):
    def read():
        began = time.perf_counter()
        task()
        return time.perf_counter() - began
    return read


def transformers_reader(texts, batch):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline
    model = AutoModelForSequenceClassification.from_pretrained(MODEL, dtype=torch.float32)
    classify = pipeline("text-classification", model=model, tokenizer=AutoTokenizer.from_pretrained(MODEL), device="cpu",
                        top_k=None, function_to_apply="none")
    classify(texts[:32], batch_size=batch)
    return timed(lambda: classify(texts, batch_size=batch))


def onnx_reader(texts, file, batch=32):
    import onnxruntime
    from transformers import AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])

    def task(texts=texts):
        # Sorted by length, as a careful user would: the pipeline of optimum does not.
        order = sorted(texts, key=len)
        for at in range(0, len(order), batch):
            rows = tokenizer(order[at:at + batch], padding=True, truncation=True, max_length=256, return_tensors="np")
            session.run(None, {name: rows[name].astype("int64") for name in ("input_ids", "attention_mask", "token_type_ids")})
    task(texts[:32])
    return timed(task)


def export(folder):
    import onnxruntime.quantization
    import torch
    from transformers import AutoModelForSequenceClassification
    model = AutoModelForSequenceClassification.from_pretrained(MODEL, dtype=torch.float32, attn_implementation="eager").eval()
    row = torch.ones(2, 16, dtype=torch.int64)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "length"} for name in names}
    full, int8 = folder / "model.onnx", folder / "int8.onnx"
    model.config.return_dict = False
    torch.onnx.export(model, (row, row, row * 0), str(full), input_names=names, output_names=["logits"], dynamic_axes=axes,
                      opset_version=17, dynamo=False)
    onnxruntime.quantization.quantize_dynamic(str(full), str(int8))
    return full, int8


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text() if pathlib.Path("/proc/cpuinfo").exists() else ""
    names = [line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")]
    vnni = "" if "avx512_vnni" in text else "out"
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores with{vnni} AVX-512 VNNI, {platform.system()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        texts = sentences(options.sentences, folder)
        file = folder / "sentences.txt"
        file.write_text("\n".join(texts) + "\n")
        full, int8 = export(folder)
        readers = {
            "transformers, batch 1": transformers_reader(texts, 1),
            "transformers, batch 32": transformers_reader(texts, 32),
            "ONNX Runtime f32, batch 32, sorted": onnx_reader(texts, full),
            "ONNX Runtime int8, batch 32, sorted": onnx_reader(texts, int8),
            "rust-bert's pipeline, batch 32": rust("rust-bert", file),
            "**tensiometer, `--precision f32`**": rust("f32", file),
            "**tensiometer, int8**": rust("int8", file),
        }
        seconds = {name: [] for name in readers}
        for _ in range(options.rounds):
            for name, read in readers.items():
                seconds[name].append(read())
    import onnxruntime
    import torch
    import transformers
    ours = seconds["**tensiometer, int8**"]
    words = statistics.mean(len(text.split()) for text in texts)
    print(f"{len(texts)} sentences of {words:.0f} words on average, {options.rounds} rounds; {machine()}; transformers "
          f"{transformers.__version__}, torch {torch.__version__.split('+')[0]}, ONNX Runtime {onnxruntime.__version__}, rust-bert 0.23 on libtorch 2.4.0.\n")
    print("| reader | sentences a second | lowest to highest | tensiometer int8 is faster by |")
    print("| --- | ---: | --- | ---: |")
    for name, all_seconds in seconds.items():
        rates = sorted(len(texts) / s for s in all_seconds)
        ratio = statistics.median(theirs / own for theirs, own in zip(all_seconds, ours, strict=True))
        print(f"| {name} | {statistics.median(rates):.0f} | {rates[0]:.0f} – {rates[-1]:.0f} | {ratio:.2f} × |")


if __name__ == "__main__":
    main()
