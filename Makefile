# A newcomer's two commands are `make run` and `make test`; each sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
# The suite starts some hundred processes: none is to compile what another has.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint check fix bench bench-big bench-storm faults openapi lock clean
.DEFAULT_GOAL := run

# The stamp remembers which lock the environment was made from.
.venv/.base: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.base requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

run: .venv/.base
	$(BIN)/participate up --demo

test: .venv/.dev
	$(BIN)/python -m tests.run

# What no test does.
lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint
	$(BIN)/lint-imports
	$(BIN)/participate openapi --check
	$(BIN)/participate diagrams --check
	$(BIN)/python -m pytest -q tests/house/test_migrations_make_the_models.py

fix: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.dev
	$(BIN)/python -m bench

# Fills PostgreSQL with a million submissions first, which takes some minutes and 12 GB of disk.
bench-big: .venv/.dev
	$(BIN)/python -m bench --big

# The live service at ten times its capacity, and a district's storm of ten minutes; 21 GB of disk for its photos.
bench-storm: .venv/.dev
	$(BIN)/python -m bench.storm

# A live service under every fault we know of, and each defence taken away once; about half an hour.
faults: .venv/.dev
	$(BIN)/python -m tests.faults --all

# What is generated from the code: the contract, and the pictures of the journey.
openapi: .venv/.base
	$(BIN)/participate openapi > openapi.yaml
	$(BIN)/participate diagrams --write

# The lock files hold names, versions and hashes, never an address; and not what is wanted nowhere (see [tool.uv]).
NOWHERE := opencv-python opencv-python-headless scikit-image imageio imageio-ffmpeg omegaconf pyclipper colorlog \
	lazy-loader networkx scipy tifffile
lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		$(NOWHERE:%=--no-emit-package %) --extra heic --extra redaction pyproject.toml build-requirements.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache
