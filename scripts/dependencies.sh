#!/usr/bin/env bash
# Prints how many crates each build has.
set -euo pipefail
cd "$(dirname "$0")/.."
count() { cargo tree --locked -e normal --prefix none "$@" | sed 's/ (\*)$//' | sort -u | grep -cv '^tensiometer '; }
printf 'without the transformer: %s crates\n' "$(count --no-default-features)"
printf 'with the transformer:    %s crates\n' "$(count)"
