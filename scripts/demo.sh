#!/usr/bin/env bash
# Sets everything up and runs the main job on the bundled corpus: index, picture, every sentence's reading.
set -euo pipefail
cd "$(dirname "$0")/.."

printf '== set-up\n'
scripts/setup.sh
printf '\n== build (the first time takes long: the bindings of libtorch are compiled)\n'
cargo build --release --locked

out=out/demo
printf '\n== tensiometer run data/us_china_chronicle.csv -o %s\n' "$out"
cargo run --quiet --release --locked -- run data/us_china_chronicle.csv -o "$out" --force \
    --series tension,tone --title 'US–China tension in the bundled chronicle, 2017–2025' \
    --event '2018-07-06=first tariffs' --event '2020-01-15=phase one' --event '2020-07-21=consulates' \
    --event '2022-08-02=Pelosi in Taipei' --event '2023-02-04=balloon' --event '2023-11-15=Woodside summit' \
    --event '2025-04-09=tariffs above 100 %' --event '2025-10-30=Busan'

printf '\n== the index, its highest and lowest months\n'
{ head -n 1 "$out/index.csv"; tail -n +2 "$out/index.csv" | sort -t, -k3,3gr | sed -n '1,5p;$p'; } |
    awk -F, -v names=date,tension,tension_low,tension_high,tone,n_articles,n_relevant '
        NR == 1 { n = split(names, name, ","); for (i = 1; i <= NF; i++) at[$i] = i }
        { for (i = 1; i <= n; i++) printf "%s%s", $at[name[i]], i < n ? "," : "\n" }'
printf '\nindex    %s\npicture  %s and .png\nreadings %s\nall of it, with hashes: %s\n' \
    "$PWD/$out/index.csv" "$PWD/$out/index.svg" "$PWD/$out/sentences.csv" "$PWD/$out/run.json"
