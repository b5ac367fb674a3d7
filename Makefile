# `make` renders the samples, runs each of them and builds the site; `make test` runs the gate.
# No target changes a tracked file, but for those that say so: format, samples, screenshot, lock,
# bench.
# REQUIRE names languages whose samples must run: `make check REQUIRE=csharp`.
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
export NO_MKDOCS_2_WARNING := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: all test check set-up toolchains browser mdx prove mutate proofs site serve
.PHONY: format lint lint-samples types imports tests edits drift samples screenshot lock bench clean

all: set-up toolchains
	$(BIN)/tabproof generate
	$(BIN)/tabproof prove --fresh
	$(MAKE) site

test: set-up toolchains browser mdx
	$(MAKE) check

# Two at a time: tests and runs wait now and then, for a timeout or a browser.
check: lint imports drift site
	$(MAKE) --jobs 2 tests proofs

proofs:
	$(MAKE) lint-samples
	$(MAKE) types
	$(MAKE) prove
	$(MAKE) mutate

set-up: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

toolchains: set-up
	$(BIN)/tabproof toolchains

browser:
	tests/install-browser

mdx: tests/pages/sites/node_modules/.package-lock.json

tests/pages/sites/node_modules/.package-lock.json: tests/pages/sites/package-lock.json
	npm ci --loglevel=error --no-fund --no-audit --prefix tests/pages/sites
	@touch $@

lint:
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet

lint-samples:
	$(BIN)/tabproof prove --lint

types:
	$(BIN)/mypy

imports:
	$(BIN)/lint-imports

drift:
	$(BIN)/tabproof check --diff

prove:
	$(BIN)/tabproof prove --fresh $(REQUIRE:%=--require %)

mutate:
	$(BIN)/tabproof prove --mutate

site:
	$(BIN)/mkdocs build --strict

# One process more than there are processors: some tests wait.
tests:
	$(BIN)/pytest --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal

# All wrong edits, which take long; the gate makes a few. ONLY chooses some by name.
edits:
	TABPROOF_ALL_EDITS=1 $(BIN)/pytest --numprocesses $$(getconf _NPROCESSORS_ONLN) \
	  --dist worksteal tests/wrong_edits $(ONLY:%=-k %)

serve:
	$(BIN)/mkdocs serve

# The following change tracked files.
bench: toolchains
	$(BIN)/python -m benchmarks

format:
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format --quiet

samples:
	for name in $$($(BIN)/tabproof schema); do \
	  $(BIN)/tabproof schema $$name > templates/schemas/$$name.json; \
	done
	$(BIN)/tabproof generate
	$(BIN)/tabproof prove --record

screenshot: site browser
	$(BIN)/python tests/site/screenshot.py

lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header --group dev \
	  --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.9 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	  --output-file templates/python/requirements.lock templates/python/requirements.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	  --output-file templates/csharp/requirements.lock templates/csharp/requirements.in
	npm install --package-lock-only --omit-lockfile-registry-resolved --prefix templates/node
	npm install --package-lock-only --omit-lockfile-registry-resolved --prefix benchmarks

clean:
	rm -rf .venv .tabproof site dist
