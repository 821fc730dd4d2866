# `make help` lists what there is. Every target does its own set-up; a second run starts at once.
PYTHON ?= python3
RUN := .venv/bin/python -m
ENVIRONMENT := $(PYTHON) scripts/environment.py

# One list for every platform and Python from 3.11 on, with hashes, and with no address of any registry in it.
LOCK_OPTIONS ?=
COMPILE := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links $(LOCK_OPTIONS)

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast check faults oracle forge soak bench lock surface system debian-test venv-module app dev peers clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: app ## Watch people being counted in a rendered clip
	@.venv/bin/consentry demo --out out/demo

test: debian-test dev ## Run every test
	@scripts/run-tests

test-fast: dev ## Run the tests that take no more than seconds and break nothing
	@$(RUN) pytest -m 'not slow and not faults and not browser'

check: dev ## Lint, format, types, import contracts, public surface
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	.venv/bin/lint-imports
	$(RUN) pytest -q tests/contracts/test_public_surface.py

faults: dev ## Kill processes of a running site at random: KILLS=200 for a long storm, SEED=n for another one
	@$(RUN) pytest -m faults $(if $(KILLS),tests/faults tests/access/controller)

oracle: dev ## Compare the judge of visit attribution with its oracle on 100,000 random histories (HISTORIES=n for another number)
	@$(RUN) tests.attribution.rules.oracle $(or $(HISTORIES),100000)

forge: dev ## Show 100,000 forged, replayed, expired and misplaced passes at the doors (TRIES=n for another number)
	@$(RUN) tests.access.proofs.campaign $(or $(TRIES),100000)

soak: app ## Watch a camera worker's memory for two hours
	@$(RUN) bench soak

bench: app peers ## Measure Consentry beside its peers
	@$(RUN) bench

lock: venv-module ## Write requirements/*.txt anew from requirements/*.in and pyproject.toml (LOCK_OPTIONS=--upgrade for newer versions)
	@$(ENVIRONMENT) .venv-lock lock
	$(COMPILE) pyproject.toml requirements/build.in requirements/evaluate.in requirements/recognition.in --override requirements/overrides.in -o requirements/app.txt
	$(COMPILE) requirements/dev.in -c requirements/app.txt -o requirements/dev.txt
	$(COMPILE) requirements/peers.in -c requirements/app.txt -c requirements/dev.txt -o requirements/peers.txt
	$(COMPILE) requirements/lock.in -o requirements/lock.txt

surface: dev ## Write the snapshot of public names and the table of settings anew, after a change that is meant
	@$(RUN) tests.contracts.public_surface
	@$(RUN) tests.platform.settings.reference

system: ## Install what Debian must provide (requirements/debian.txt); needs root when something is missing
	@scripts/system-packages run test

debian-test:
	@scripts/system-packages test

# Debian ships Python's venv module apart; any other Python has it already.
venv-module:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || scripts/system-packages run

app: venv-module
	@$(ENVIRONMENT) .venv app --package

dev: venv-module
	@$(ENVIRONMENT) .venv app dev --package

peers: venv-module ## Install the competitors of the benchmarks into .venv-peers
	@$(ENVIRONMENT) .venv-peers peers

clean: ## Remove the environments and every cache
	rm -rf .venv .venv-lock .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build src/*.egg-info
