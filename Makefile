# Ballast. `make demo` and `make test` do all set-up they need; `make help` lists the rest.

SHELL := bash
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$name; break; }; done)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
WITHOUT_APE := -p no:ape_test
CORES := $(shell getconf _NPROCESSORS_ONLN)
# Tests wait, those with chains and processes most of the time, so that more go side by side than there are cores.
TESTERS := -n $(shell echo $$(($(CORES) + 1)))
WAITING_TESTERS := -n $(shell echo $$((2 * $(CORES) + 1))) --dist loadfile
export APE_DATA_FOLDER := $(CURDIR)/.cache/ape
export SOLCX_BINARY_PATH := $(CURDIR)/.cache/solcx
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Tests start hundreds of processes, each of which would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
# Forge keeps a folder under HOME; here it keeps it in the clone.
FORGE := HOME=$(CURDIR)/.cache/home $(BIN)/forge

.DEFAULT_GOAL := help
.PHONY: help setup setup-lint demo network test test-unit test-beside test-long test-solidity test-contracts test-integration test-fork test-bench test-gas \
	lint lint-python lint-solidity bench docs deep coverage mutation gas clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install and compile what is not there yet
	@test -n "$(PYTHON)" || { echo 'set-up failed: Python 3.11 or newer is needed, and not on PATH' >&2; exit 1; }
	@"$(PYTHON)" -m scripts.setup.prepare

setup-lint: setup
	@"$(PYTHON)" -m scripts.setup.prepare --analysis

demo: setup ## a vault on a local chain goes out of balance and is brought back; ends with a report
	@$(BIN)/python -m scripts.demo

network: setup ## start the local chains and keep them until Ctrl-C
	@$(BIN)/python -m scripts.network up

test: setup ## every test
	@$(PYTEST) $(WITHOUT_APE) -q $(TESTERS) tests/unit
	@$(MAKE) --no-print-directory -j 2 -O test-solidity test-beside
	@$(MAKE) --no-print-directory test-gas
	@BALLAST_BENCH=short $(PYTEST) $(WITHOUT_APE) -q $(WAITING_TESTERS) tests/integration tests/bench

# Beside forge, which compiles on one core.
test-beside: test-contracts test-fork

test-unit: setup ## fast tests, without chains and sockets
	@$(PYTEST) $(WITHOUT_APE) -q -n $(CORES) -m 'not long' tests/unit

test-long: setup ## whole runs and transfers, models, properties and kills, without chains
	@$(PYTEST) $(WITHOUT_APE) -q $(TESTERS) -m long tests/unit

test-solidity: setup ## forge: unit, fuzz and invariant tests
	@$(FORGE) test --out .cache/forge-tests/out --cache-path .cache/forge-tests/cache

test-gas: setup ## whole transactions against the snapshot of their gas
	@$(BIN)/python -m scripts.analysis.gas --check

test-contracts: setup ## deploy scripts and contracts through ape, on anvil
	@$(PYTEST) -q tests/contracts

test-integration: setup ## keeper and command line against the local network
	@$(PYTEST) $(WITHOUT_APE) -q $(WAITING_TESTERS) tests/integration

test-fork: setup ## the vault on a fork: local upstream, or BALLAST_FORK_RPC_URL
	@$(PYTEST) -q tests/fork

lint: setup-lint ## formatting, types, import rules, unused code, Slither
	@$(MAKE) --no-print-directory -j 2 -O lint-python lint-solidity

lint-python: setup-lint
	@$(BIN)/ruff format --check keepers scripts tests
	@$(BIN)/ruff check keepers scripts tests
	@$(BIN)/lint-imports
	@.venv-analysis/bin/vulture --config scripts/analysis/vulture.toml
	@node_modules/.bin/pyright

lint-solidity: setup-lint
	@$(FORGE) fmt --check
	@bash scripts/setup/slither.sh

test-bench: setup ## each benchmark over small inputs: checks what comes out, measures nothing
	@BALLAST_BENCH=short $(PYTEST) $(WITHOUT_APE) -q $(TESTERS) tests/bench

bench: setup ## gas and planner benchmarks; writes the pages of docs/benchmarks
	@$(PYTEST) $(WITHOUT_APE) -q tests/bench

docs: setup ## build the documentation as a site, in .cache/site
	@"$(PYTHON)" -m scripts.setup.prepare --docs
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict
	@echo 'the documentation is in .cache/site/index.html'

deep: setup ## long profiles of the property tests, a kill at every single point, the long soak
	@BALLAST_HYPOTHESIS_PROFILE=deep $(PYTEST) $(WITHOUT_APE) -q $(TESTERS) --dist loadfile \
		-m 'hypothesis or deep' tests/unit tests/integration
	@FOUNDRY_PROFILE=deep $(FORGE) test --out .cache/forge-tests/out --cache-path .cache/forge-tests/cache
	@$(BIN)/python -m scripts.guards
	@$(BIN)/python -m scripts.analysis.coverage

coverage: setup ## branches of the contracts that no test takes
	@$(BIN)/python -m scripts.analysis.coverage

mutation: setup-lint ## change contracts and keepers in small ways; do the tests notice?
	@$(BIN)/python -m scripts.analysis.mutation
	@$(BIN)/python -m scripts.analysis.python.mutation --sample 100

gas: setup ## measure whole transactions, and write the snapshot and its table
	@$(BIN)/python -m scripts.analysis.gas

clean: ## remove everything that set-up and runs made
	rm -rf .venv .venv-analysis .venv-docs node_modules .cache .build out reports deployments/local
