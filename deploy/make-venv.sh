#!/bin/sh
# make-venv.sh LOCK VENV [WHEELS]: a virtual environment of what the lock names and nothing else, each file by
# its hash. A wheel in the folder WHEELS takes the place of the lock's package of that name.
set -eu
lock=$1 venv=$2 wheels=${3:-/nowhere}
python3 -m venv --without-pip "$venv"
pip() { python3 -m pip --python "$venv/bin/python" "$@"; }
pip install --quiet --no-deps --require-hashes --only-binary :all: -r "$lock"
for wheel in "$wheels"/*.whl; do
  [ -e "$wheel" ] || continue
  pip install --quiet --no-deps --no-index --force-reinstall "$wheel"
done
pip check
