#!/usr/bin/env bash
# Write requirements.lock (to run) and requirements-dev.lock (to test) from pyproject.toml:
# a fresh venv, torch first (a plain resolver would pull gigabytes of CUDA), then pip's own answer, frozen.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
python3.11 -m venv "$venv"
names() { "$venv/bin/python" - "$1" <<'PY'
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
print("\n".join(project["dependencies"] if sys.argv[1] == "run" else project["optional-dependencies"]["dev"]))
PY
}
freeze() { "$venv/bin/pip" freeze | sed 's/+cpu$//' | sort -f; }
"$venv/bin/pip" install --quiet torch==2.13.0
names run >"$venv/run.txt"
"$venv/bin/pip" install --quiet -r "$venv/run.txt"
freeze >requirements.lock
names dev >"$venv/dev.txt"
"$venv/bin/pip" install --quiet -r "$venv/dev.txt"
comm -13 <(sort requirements.lock) <(freeze | sort) | sort -f >requirements-dev.lock
"$venv/bin/pip" check
