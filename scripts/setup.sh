#!/usr/bin/env bash
# Finds or makes libtorch 2.4.0, verifies it, and points cargo at it, so that plain `cargo build|run|test` works.
# Order: $LIBTORCH, the cache, the archive torch-sys itself would download, the Python package index.
# Nothing is written outside the XDG cache and .cargo/config.toml (which git ignores). Run it again at any time.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2.4.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tensiometer
home=$cache/libtorch-$version
sums=$PWD/scripts/libtorch.sha256
upstream=https://download.pytorch.org/libtorch/cpu/libtorch-cxx11-abi-shared-with-deps-$version%2Bcpu.zip

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: error: %s\n' "$*" >&2; exit 1; }

command -v cargo >/dev/null || die "cargo is not on the PATH; install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer (rustup), then run this again"
command -v c++ >/dev/null || die "no C++ compiler (c++) on the PATH; install gcc or clang (Debian: apt-get install g++), then run this again"

# The version a libtorch folder states of itself, or nothing.
stated() { if [ -f "$1/build-version" ]; then cut -d+ -f1 <"$1/build-version"; else sed -n "s/^__version__ = '\([0-9.]*\).*/\1/p" "$1/../version.py" 2>/dev/null || true; fi; }

# Our own folder is good when every library is the one its sums file names.
verified() { [ -f "$1/SHA256SUMS" ] && (cd "$1" && sha256sum --quiet --strict -c SHA256SUMS) >/dev/null 2>&1; }

from_upstream() {
    command -v curl >/dev/null && command -v unzip >/dev/null || { say "no curl and unzip: not asking for the upstream archive"; return 1; }
    say "asking for the archive torch-sys would download (200 MB)"
    local work; work=$(mktemp -d "$cache/upstream.XXXXXX")
    if ! curl -fsSL --connect-timeout 10 --retry 2 -o "$work/libtorch.zip" "$upstream" 2>/dev/null; then
        rm -rf "$work"; say "it is not reachable from here"; return 1
    fi
    unzip -q "$work/libtorch.zip" -d "$work"
    # The archive's publisher gives no sum to compare with: what arrived over TLS is pinned from here on.
    (cd "$work/libtorch" && find lib -name '*.so*' -type f -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
    printf '1\n' >"$work/libtorch/CXX11_ABI"
    rm -rf "$home"; mv "$work/libtorch" "$home"; rm -rf "$work"
}

from_package_index() {
    [ "$(uname -sm)" = "Linux x86_64" ] || die "libtorch can be made from the Python package index on Linux x86_64 only; set LIBTORCH to a libtorch $version folder and run this again"
    command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || die "python3 with pip is needed to make libtorch from the Python package index (Debian: apt-get install python3-pip), or set LIBTORCH to a libtorch $version folder"
    say "making libtorch from the Python package index (800 MB to download, 0.5 GB kept)"
    local work; work=$(mktemp -d "$cache/wheels.XXXXXX")
    python3 -m pip download --quiet --no-deps --require-hashes --only-binary=:all: --python-version 3.11 \
        --platform manylinux1_x86_64 -r scripts/libtorch.requirements.txt -d "$work" \
        || { rm -rf "$work"; die "the wheels could not be fetched or their SHA-256 is wrong (scripts/libtorch.requirements.txt)"; }
    say "unpacking"
    python3 - "$work" <<'PY'
import pathlib, shutil, sys, zipfile
work = pathlib.Path(sys.argv[1])
keep = ("libtorch_cpu.so", "libc10.so", "libcudart.so.12", "libcupti.so.12")
lib = work / "libtorch" / "lib"
lib.mkdir(parents=True)
for wheel in work.glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            base = name.rsplit("/", 1)[-1]
            if "/lib/" in name and (base in keep or base.startswith("libgomp-")):
                target = lib / base
            elif name.startswith("torch/include/") and base:
                target = work / "libtorch" / name.removeprefix("torch/")
            else:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
PY
    # torch-sys links `-ltorch`; in the wheels everything of the CPU build lives in libtorch_cpu.
    printf 'INPUT(libtorch_cpu.so)\n' >"$work/libtorch/lib/libtorch.so"
    printf '%s\n' "$version" >"$work/libtorch/build-version"
    printf '0\n' >"$work/libtorch/CXX11_ABI"
    cp "$sums" "$work/libtorch/SHA256SUMS"
    verified "$work/libtorch" || { rm -rf "$work"; die "the unpacked libraries do not match scripts/libtorch.sha256"; }
    rm -rf "$home"; mv "$work/libtorch" "$home"; rm -rf "$work"
}

mkdir -p "$cache"
if [ -n "${LIBTORCH:-}" ]; then
    [ -d "$LIBTORCH/lib" ] || die "LIBTORCH=$LIBTORCH has no lib folder; unset it or point it at libtorch $version"
    found=$(stated "$LIBTORCH")
    [ "$found" = "$version" ] || die "LIBTORCH=$LIBTORCH says version '${found:-unknown}', $version is needed; unset it to let this script find one"
    [ ! -f "$LIBTORCH/SHA256SUMS" ] || verified "$LIBTORCH" || die "the libraries in LIBTORCH=$LIBTORCH do not match its SHA256SUMS"
    home=$LIBTORCH
    say "libtorch $version from LIBTORCH: $home"
elif verified "$home"; then
    say "libtorch $version in the cache, SHA-256 verified: $home"
else
    [ ! -e "$home" ] || say "the cached libtorch does not match its SHA-256 and is made again"
    from_upstream || from_package_index
    verified "$home" || die "the libraries in $home do not match its SHA256SUMS; remove the folder and run this again"
    say "libtorch $version made, SHA-256 verified: $home"
fi
if [ -f "$home/CXX11_ABI" ]; then abi=$(cat "$home/CXX11_ABI"); else abi=${LIBTORCH_CXX11_ABI:-1}; fi

# One build folder for all checkouts, keyed by what invalidates it.
rustc_version=$(rustc --version | cut -d' ' -f2)
target=${CARGO_TARGET_DIR:-$cache/target-rust$rustc_version-libtorch$version}
mkdir -p .cargo
config=$(printf '# Written by scripts/setup.sh for this machine; git ignores it.\n[build]\ntarget-dir = "%s"\n\n[env]\nLIBTORCH = "%s"\nLIBTORCH_CXX11_ABI = "%s"\n' "$target" "$home" "$abi")
if [ ! -f .cargo/config.toml ] || [ "$(cat .cargo/config.toml)" != "$config" ]; then
    printf '%s\n' "$config" >.cargo/config.toml
    say "wrote .cargo/config.toml"
fi
say "ready: build folder $target"
