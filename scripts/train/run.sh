#!/usr/bin/env bash
# Train the tension model from labelled sentences, measure it and write its folder.
#
#   scripts/train/run.sh --data DIR [--out models/tension-minilm-l6] [--teach]
#
# DIR holds us_china_tension_silver.csv, us_china_tension_dev.csv, plover_train.csv and cameo_train.csv; DIR/../corpora the
# corpora whose sentences data/labelled/corpora.csv labels by place. MiniLM-L6 learns from labels and from a teacher, MPNet-base, whose
# readings of unlabelled sentences are in data/labelled/taught.safetensors; --teach trains the teacher first and has it read
# anew. The Python environment and the
# checkpoints live in the XDG cache; an interrupted run goes on from its last finished epoch. Uses a GPU when torch sees one.
set -euo pipefail

root="$(cd "$(dirname "$0")/../.." && pwd)"
data="" out="$root/models/tension-minilm-l6" teach=no
while [ $# -gt 0 ]; do
  case "$1" in
    --data) data="${2:?--data wants a folder}"; shift 2 ;;
    --teach) teach=yes; shift ;;
    --out) out="${2:?--out wants a folder}"; shift 2 ;;
    *) echo "usage: $0 --data DIR [--out DIR] [--teach]" >&2; exit 2 ;;
  esac
done
if [ ! -f "$data/us_china_tension_silver.csv" ]; then
  echo "$0: no us_china_tension_silver.csv in '${data}'; give the folder of labelled sentences with --data DIR" >&2
  exit 2
fi
data="$(realpath "$data")" out="$(realpath -m "$out")"
cd "$root" # where cargo finds libtorch
scripts/setup.sh >&2
here="$root/scripts/train"
. "$here/environment.sh"

# One folder of checkpoints for each state of the data and the recipe, so that a resumed run is the same run.
recipe="$(cat "$data"/us_china_tension_silver.csv "$root"/data/labelled/* \
  "$here"/{corpora,heads,markers,sentences,swap,teach,train}.py "$here/run.sh" | sha256sum | cut -c1-12)"
work="$cache/train/$recipe"
mkdir -p "$work"

# The corpora, cut in sentences by our own splitter; labels name sentences by these places.
for corpus in nyt_us_china_2009_2021 peoples_daily_tariffs_2018_raw headlines_2022 us_china_chronicle; do
  if [ ! -f "$work/cut/$corpus/sentences.csv" ]; then
    cargo run --quiet --release -- batch --quiet --model keywords \
      "$(ls "$data/../corpora/$corpus.csv" "$root/data/$corpus.csv" 2>/dev/null)" -o "$work/cut/$corpus"
  fi
done
"$python" "$here/corpora.py" --data "$data" --cut "$work/cut" --out "$work/unlabelled.txt"

taught="$root/data/labelled/taught.safetensors"
if [ "$teach" = yes ]; then
  "$python" "$here/train.py" --data "$data" --cut "$work/cut" --work "$work/teacher" --base "$(mpnet)" \
    --epochs 3 --average 1 --lr 3e-5 --head-lr 2e-4
  taught="$work/taught.safetensors"
  if [ ! -f "$taught" ]; then
    "$python" "$here/teach.py" "$work/teacher/model" --texts "$work/unlabelled.txt" --out "$taught"
  fi
fi
"$python" "$here/train.py" --data "$data" --cut "$work/cut" --work "$work/student-$teach" --teacher "$taught" \
  --texts "$work/unlabelled.txt"

best="$work/student-$teach/model"
expected=()
if [ "$out" = "$root/models/tension-minilm-l6" ]; then
  expected=(--expected "$root/tests/data/tension_expected.json")
fi
"$python" "$here/export.py" "$best" --data "$data" --out "$out" "${expected[@]}"
card=()
if [ -f "$out/README.md" ]; then card=(--card "$out/README.md"); fi
# Reads with the model as it ships.
cargo build --quiet --release
binary="$(cargo metadata --format-version 1 --no-deps |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/release/tensiometer"
"$python" "$here/evaluate.py" "$out" --data "$data" --tensiometer "$binary" --full "$best" "${card[@]}" \
  --picture "$root/docs/img/reliability.svg"
"$python" "$here/baselines.py" --data "$data" --tensiometer "$binary" --model "$out" "${card[@]}"
