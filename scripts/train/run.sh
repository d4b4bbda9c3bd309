#!/usr/bin/env bash
# Train a tension model from labelled sentences, measure it and write its folder.
#
#   scripts/train/run.sh --data DIR [--model tension-minilm-l6|tension-base] [--from FOLDER] [--out models/NAME] [--part N]
#
# DIR holds us_china_tension_silver.csv, us_china_tension_dev.csv, plover_train.csv and cameo_train.csv, and to be read by a teacher only
# un_quad_train.csv, news_target_sentiment_train.csv and directed_sentiment_train.csv; DIR/../corpora the corpora whose
# sentences data/labelled/corpora.csv labels by place. The stages and what each learns from are in recipes.toml. tension-base, of MPNet,
# takes three of them. tension-minilm-l6, of MiniLM-L6, takes three, and from there the last twice more, side by side, in two orders; from the mean
# of all three it goes once more over all of it twice, with and without dropout, and the mean of both is the model. It learns from labels, from what
# two large models read in unlabelled sentences and in varied ones
# (data/labelled/taught.safetensors, by teach.py), and from the states of tension-base as it ships (states.py: some twenty minutes,
# 4 GB in the cache). With --from the first stage is left out, and the model of that folder takes its place. The Python environment and the
# checkpoints live in the XDG cache; an interrupted run goes on from its last finished epochs. Uses a GPU when torch sees one. With --part
# only one sentence in N is learnt from: a rehearsal of minutes, which goes where --out says.
set -euo pipefail

root="$(cd "$(dirname "$0")/../.." && pwd)"
data="" out="" model=tension-minilm-l6 from="" part=1
while [ $# -gt 0 ]; do
  case "$1" in
    --data) data="${2:?--data wants a folder}"; shift 2 ;;
    --model) model="${2:?--model wants a name}"; shift 2 ;;
    --from) from="${2:?--from wants a folder}"; shift 2 ;;
    --out) out="${2:?--out wants a folder}"; shift 2 ;;
    --part) part="${2:?--part wants a number}"; shift 2 ;;
    *) echo "usage: $0 --data DIR [--model NAME] [--from DIR] [--out DIR] [--part N]" >&2; exit 2 ;;
  esac
done
case "$model" in
  tension-minilm-l6 | tension-base) ;;
  *) echo "$0: no recipe for '$model'; --model takes tension-minilm-l6 or tension-base" >&2; exit 2 ;;
esac
if [ "$part" != 1 ] && [ -z "$out" ]; then
  echo "$0: a model of a part of the sentences is none to ship; say with --out where it is to go" >&2
  exit 2
fi
if [ -n "$from" ] && [ ! -f "$from/model.safetensors" ]; then
  echo "$0: --from wants a folder of $model with its model.safetensors, not '$from'" >&2
  exit 2
fi
from="${from:+$(realpath "$from")}"
out="${out:-$root/models/$model}"
if [ ! -f "$data/us_china_tension_silver.csv" ]; then
  echo "$0: no us_china_tension_silver.csv in '${data}'; give the folder of labelled sentences with --data DIR" >&2
  exit 2
fi
data="$(realpath "$data")" out="$(realpath -m "$out")"
cd "$root" # where cargo finds libtorch
scripts/setup.sh >&2
here="$root/scripts/train"
. "$here/environment.sh"

# The program cuts the corpora in sentences, marks the sides, and reads with the models as they ship.
cargo build --quiet --release
TENSIOMETER="$(cargo metadata --format-version 1 --no-deps |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/release/tensiometer"
export TENSIOMETER

# One folder of checkpoints for each state of the data and the recipe, so that a resumed run is the same run.
state="$(cat "$data"/us_china_tension_silver.csv "$root"/data/labelled/* "$root"/data/dyads/us-china.toml \
  "$here"/{augment,corpora,folder,heads,markers,mean,pools,recipe,sentences,states,swap,teach,train}.py "$here"/{recipes.toml,run.sh} \
  "$root/models/tension-base/model.safetensors" | sha256sum | cut -c1-12)"
work="$cache/train/$state"
mkdir -p "$work"

# Labels name sentences by their places in the corpora as our own splitter cuts them.
mkdir -p "$work/cut"
for corpus in nyt_us_china_2009_2021 peoples_daily_tariffs_2018_raw headlines_2022 us_china_chronicle; do
  "$TENSIOMETER" split "$(ls "$data/../corpora/$corpus.csv" "$root/data/$corpus.csv" 2>/dev/null)" -o "$work/cut/$corpus.csv"
done
mkdir -p "$work/texts"
"$python" "$here/corpora.py" --data "$data" --cut "$work/cut" --out "$work/texts/unlabelled.txt"
taught="$root/data/labelled/taught.safetensors"
"$python" "$here/augment.py" --data "$data" --cut "$work/cut" --texts "$work/texts" --relevant "$taught"

run="$work/$model"
if [ "$part" != 1 ]; then run="$run-part-$part"; fi
learn=("$python" "$here/train.py" --data "$data" --cut "$work/cut" --part "$part" --taught "$taught" --texts "$work/texts")
if [ -n "$from" ]; then
  run="$run-from-$(sha256sum < "$from/model.safetensors" | cut -c1-12)"
fi

# side_by_side FROM TO STAGE:SEED STAGE:SEED [MORE]: two trainings from one beginning, one thread each, which gets two cores through more
# sentences than one training of two threads; TO is the mean of both, and of MORE.
side_by_side() {
  local from="$1" to="$2" more=("${@:5}") one branches=() running=()
  for one in "$3" "$4"; do
    branches+=("$to-${one/:/-}")
    OMP_NUM_THREADS=1 "${learn[@]}" "${one%:*}" --base "$from/model" --work "$to-${one/:/-}" --states "$states" --seed "${one#*:}" &
    running+=($!)
  done
  trap 'kill "${running[@]}" 2>/dev/null || true' EXIT
  for one in "${running[@]}"; do wait "$one"; done
  trap - EXIT
  "$python" "$here/mean.py" "${branches[@]/%//model}" "${more[@]/%//model}" --data "$data" --work "$to"
}

if [ "$model" = tension-base ]; then
  if [ -z "$from" ]; then
    "${learn[@]}" base-first --base "$(mpnet)" --work "$run-first"
    from="$run-first/model"
  fi
  "${learn[@]}" base-upper --base "$from" --work "$run-upper"
  "${learn[@]}" base-last --base "$run-upper/model" --work "$run"
else
  if [ -z "$from" ]; then
    "${learn[@]}" minilm-first --base minilm --work "$run-first"
    from="$run-first/model"
  fi
  states="$work/states-part-$part.safetensors"
  if [ ! -f "$states" ]; then
    "$python" "$here/states.py" "$root/models/tension-base" --data "$data" --cut "$work/cut" --texts "$work/texts" --part "$part" \
      --out "$states.part"
    mv "$states.part" "$states"
  fi
  "${learn[@]}" minilm-states --base "$from" --work "$run-states" --states "$states"
  "${learn[@]}" minilm-last --base "$run-states/model" --work "$run-last" --states "$states"
  side_by_side "$run-last" "$run-middle" minilm-last:11 minilm-last:12 "$run-last"
  side_by_side "$run-middle" "$run" minilm-again:21 minilm-again-whole:22
fi

expected=() card=() picture=()
if [ "$out" = "$root/models/$model" ]; then
  expected=(--expected "$root/tests/data/$model.json") picture=(--picture "$root/docs/img/reliability-$model.svg")
fi
"$python" "$here/export.py" "$run/model" --data "$data" --out "$out" "${expected[@]}"
if [ -f "$out/README.md" ]; then card=(--card "$out/README.md"); fi
"$python" "$here/evaluate.py" "$out" --data "$data" --cut "$work/cut" --full "$run/model" "${card[@]}" "${picture[@]}"
"$python" "$here/baselines.py" --data "$data" --model "$out" "${card[@]}"
