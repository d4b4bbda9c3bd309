#!/usr/bin/env python3
"""Checks that every crate of Cargo.lock has a licence under which the program may be shipped, and prints how many have which.
Advisories are another matter: they need the RustSec database (cargo audit), which .ci/run asks for where it can be had.
"""
import collections
import json
import re
import subprocess
import sys

# Permissive, or (MPL-2.0) copyleft for the crate's own files only.
GOOD = set("""0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 CDLA-Permissive-2.0 ISC MIT MIT-0 MPL-2.0 Unicode-3.0 Unlicense
Zlib""".split())


def good(expression):
    """Whether an SPDX expression (or its old form with a slash) can be met by good licences."""
    tokens = re.findall(r"\(|\)|[^\s()/]+|/", re.sub(r"\s+WITH\s+\S+", "", expression))
    words = {"(": "(", ")": ")", "/": "or", "OR": "or", "AND": "and"}
    return eval(" ".join(words.get(token, str(token in GOOD)) for token in tokens), {"__builtins__": {}})  # booleans only


def main():
    command = ["cargo", "metadata", "--format-version=1", "--locked"]
    packages = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)["packages"]
    bad = [p for p in packages if not p["license"] or not good(p["license"])]
    for package in bad:
        print(f"licences: error: {package['name']} {package['version']}: {package['license'] or 'no licence is named'}; use "
              "another crate, or add the licence to GOOD in scripts/licences.py", file=sys.stderr)
    kinds = collections.Counter(p["license"] for p in packages)
    print(f"licences: {len(packages)} crates, {len(kinds)} expressions, {len(bad)} refused")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
