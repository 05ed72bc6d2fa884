#!/usr/bin/env bash
# Write the lock files from pyproject.toml: `deploy/lock.sh`, or `deploy/lock.sh images` for the second kind alone.
# 1. requirements.lock (to run) and requirements-dev.lock (to test), for development: a fresh venv, torch first
#    (a plain resolver would pull gigabytes of CUDA), then pip's own answer, frozen.
# 2. deploy/locks/*.lock for the images, with hashes, at the same versions: by uv, which resolves for the image's
#    platform from what an index says of a package, and downloads none.
# torch without CUDA is at PyTorch's own index; WHEELS names a folder that has its wheel instead.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
python3.11 -m venv "$venv"
names() { # what pyproject.toml names in those of its lists
  "$venv/bin/python" - "$@" <<'PY'
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
lists = {"shared": project["dependencies"], **project["optional-dependencies"]}
print("\n".join(one for name in sys.argv[1:] for one in lists[name]))
PY
}
freeze() { "$venv/bin/pip" freeze | sed 's/+cpu$//' | sort -f; }
development() {
  "$venv/bin/pip" install --quiet torch==2.13.0
  names shared chat engine gpu >"$venv/run.txt"
  "$venv/bin/pip" install --quiet -r "$venv/run.txt"
  freeze >requirements.lock
  names dev >"$venv/dev.txt"
  "$venv/bin/pip" install --quiet -r "$venv/dev.txt"
  comm -13 <(sort requirements.lock) <(freeze | sort) | sort -f >requirements-dev.lock
  "$venv/bin/pip" check
}
image() { # the lock of standard input's requirements; more of uv's options
  "$venv/bin/uv" --quiet pip compile - --generate-hashes --no-annotate --no-emit-index-url \
    --python-version 3.11.7 --python-platform x86_64-manylinux_2_28 --constraint requirements.lock \
    --custom-compile-command "deploy/lock.sh images" --output-file "deploy/locks/$1.lock" "${@:2}" >/dev/null
}
[ "${1:-}" = images ] || development
"$venv/bin/pip" install --quiet uv==0.13.9
export SSL_CERT_FILE="${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}"
cpu=(--index https://download.pytorch.org/whl/cpu --index-strategy unsafe-best-match)
[ -z "${WHEELS:-}" ] || cpu=(--find-links "$WHEELS")
names shared chat | image chat
names shared engine gpu | image studio
names shared engine | sed 's/^torch==.*/&+cpu/' | image check "${cpu[@]}"
names sbom | image sbom
