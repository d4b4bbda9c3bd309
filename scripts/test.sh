#!/usr/bin/env bash
# Sets everything up and runs the tests: first those that need no libtorch, then all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

printf '== set-up\n'
scripts/setup.sh

# cargo-nextest where it is installed, else cargo's own runner.
run() { if cargo nextest --version >/dev/null 2>&1; then cargo nextest run "$@"; else cargo test "$@"; fi; }

printf '\n== tests without libtorch\n'
run --locked --no-default-features
printf '\n== tests with the model (the first time takes long: the bindings of libtorch are compiled)\n'
run --locked --release --lib --test torch --test readme
printf '\n== examples in the documentation\n'
cargo test --locked --release --doc
