# Two commands on a fresh machine: `make demo` and `make test`. Nothing beforehand but Python 3.11, make and pip.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
# One thread a process: several torch processes that spin for each other's cores are twenty times slower.
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test fast check format lint types contracts lock base clean

help:  ## this page
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The lock files decide: the venv is made anew only when they change, so the second time needs no network.
$(VENV)/.run: requirements.lock
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info[:2] != (3, 11))" || { echo "Eider needs Python 3.11: set PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run  ## a customer's whole journey, then a chat page for your own photos (ARGS="--once --photos DIR --out DIR --lang en --json --channel wechat")
	@$(BIN)/python -m bot demo $(ARGS)

test: $(VENV)/.dev  ## every test: fast ones in parallel, then slow, browser and PostgreSQL ones
	$(BIN)/python -m pytest -m "not slow and not browser and not postgres" -n 2 $(ARGS)
	$(BIN)/python -m pytest -m "slow or browser or postgres" $(ARGS)

fast: $(VENV)/.dev  ## the fast suite alone (under a minute)
	$(BIN)/python -m pytest -m "not slow and not browser and not postgres" -n 2 $(ARGS)

check: format lint types contracts test  ## everything that a change must pass

format: $(VENV)/.dev  ## ruff's formatter, as a check (FIX=1 writes)
	$(BIN)/ruff format $(if $(FIX),,--check) .

lint: $(VENV)/.dev  ## ruff's rules
	$(BIN)/ruff check $(if $(FIX),--fix,) .

types: $(VENV)/.dev  ## mypy, strict
	$(BIN)/mypy

contracts: $(VENV)/.dev  ## who may import whom
	$(BIN)/lint-imports

lock:  ## write the lock files anew from pyproject.toml (needs the network)
	deploy/lock.sh

base: $(VENV)/.dev  ## train the embedded base anew (hours; see docs/mini-base.md)
	$(BIN)/python -m pipeline.mini --help

clean:  ## remove what was made here (not the venv)
	rm -rf var demo-out .cache .mypy_cache .ruff_cache .import_linter_cache
