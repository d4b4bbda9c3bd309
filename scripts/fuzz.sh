#!/usr/bin/env bash
# Fuzzes what reads files that others wrote: scripts/fuzz.sh [SECONDS of each target] [TARGET…]. Needs cargo-fuzz
# (cargo install cargo-fuzz); no nightly toolchain and no libtorch. Starts from what earlier runs found (tests/fuzz/corpus.tar.xz, inputs
# below 5 kB), from tests/fuzz/seeds and the project's own files, keeps what it finds in tests/fuzz/corpus, and stops at the first fault,
# with the input in tests/fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-600}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(reader splitter dyad manifest calibration)
command -v cargo-fuzz >/dev/null || { echo "fuzz: error: there is no cargo-fuzz; cargo install cargo-fuzz" >&2; exit 1; }

[ -d tests/fuzz/corpus ] || tar -xJf tests/fuzz/corpus.tar.xz -C tests/fuzz

seed() { # TARGET FILE…
    local target=$1 file
    shift
    mkdir -p "tests/fuzz/corpus/$target"
    for file; do head -c 20000 "$file" >"tests/fuzz/corpus/$target/$(basename "$file")"; done
}
for target in "${targets[@]}"; do
    case $target in
        reader) seed reader data/us_china_chronicle.csv ;;
        splitter) seed splitter data/example_article.txt tests/data/news_traps.tsv ;;
        dyad) seed dyad data/dyads/*.toml ;;
        manifest) seed manifest models/*/model.toml ;;
        calibration) ;;
    esac
    mkdir -p "tests/fuzz/corpus/$target"
    [ ! -d "tests/fuzz/seeds/$target" ] || cp -r "tests/fuzz/seeds/$target/." "tests/fuzz/corpus/$target"
    printf '== %s, %s s\n' "$target" "$seconds"
    cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none --release "$target" -- \
        -max_total_time="$seconds" -max_len=20000 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 2>&1 |
        { grep -E '^(#[0-9]+\s+(INITED|DONE)|stat::|==|thread|Done|assertion|artifact|SUMMARY)|panicked|Test unit' || true; }
done
