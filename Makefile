# make run, make test: each does its own set-up, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := -m pip install --quiet --disable-pip-version-check --no-input
PIP := $(BIN)/python $(INSTALL)
BENCH := .bench
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check up down example audit bench wrk clean

help: ## say what there is
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: $(VENV)/run.stamp ## set up, and run the server on port 8080
	@exec $(BIN)/petsage serve $(ARGS)

test: $(VENV)/test.stamp ## set up, and run all tests that can run here (ARGS="-k drain" for some)
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/check.stamp ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# start_interval needs an engine that speaks API 1.44 (25.0) or later
API := docker version --format '{{.Server.APIVersion}}' 2>/dev/null
V2 = $(shell $(API) | awk -F. '$$1 > 1 || $$2 >= 44 { print "-f docker-compose.v2.yml" }')
COMPOSE = docker compose -f docker-compose.yml $(V2)
RELEASE = $(shell git describe --always --dirty 2>/dev/null || echo unreleased)

up: ## build the image, start it, and return when it is healthy (PETSAGE_PORT=9000)
	@command -v docker >/dev/null || { echo "Docker is not there: see docs.docker.com/engine/install"; exit 1; }
	@PETSAGE_RELEASE=$(RELEASE) $(COMPOSE) up --build --wait || { $(COMPOSE) logs --tail 20; exit 1; }

down: ## stop and remove the container of make up
	@$(COMPOSE) down

EXAMPLE = docker compose --project-name petsage-example --file examples/stack/docker-compose.yml
EXAMPLE_TESTS = $(BIN)/python -m pytest -c examples/stack/pytest.ini examples/stack/tests

example: $(VENV)/test.stamp ## start the example stack, run its tests when it is ready, and take it down
	@command -v docker >/dev/null || { echo "Docker is not there: see docs.docker.com/engine/install"; exit 1; }
	@trap '$(EXAMPLE) down --volumes' EXIT; $(EXAMPLE) up --build --detach && $(EXAMPLE_TESTS)

audit: $(VENV)/check.stamp ## ask the vulnerability database about what is installed (needs the internet)
	$(BIN)/pip-audit --skip-editable

bench: wrk $(BENCH)/petsage.stamp $(BENCH)/peers.stamp ## measure PetSage beside its peers (QUICK=1: in two minutes)
	@$(BENCH)/peers/bin/python -m bench $(if $(QUICK),--quick) $(ARGS)

wrk:
	@command -v wrk >/dev/null || { echo "wrk makes the load and is not there: install it (on Debian and Ubuntu: apt-get install wrk)"; exit 1; }

clean: ## remove the environments and everything made
	rm -rf $(VENV) $(BENCH) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/run.stamp: EXTRAS := speed,docs,builder,cli
$(VENV)/test.stamp: EXTRAS := test
$(VENV)/check.stamp: EXTRAS := check
$(VENV)/%.stamp: pyproject.toml scripts/petsage-probe | $(BIN)/python
	@echo "installing petsage[$(EXTRAS)] into $(VENV)"
	@$(PIP) -e '.[$(EXTRAS)]'
	@touch $@

# not editable, so that it starts as its users have it, and again whenever it has changed
$(BENCH)/petsage.stamp: pyproject.toml $(shell find petsage scripts -type f ! -name '*.pyc') | $(BENCH)/petsage/bin/python
	@echo "installing petsage[speed,docs] into $(BENCH)/petsage"
	@$(BENCH)/petsage/bin/python $(INSTALL) '.[speed,docs]'
	@touch $@

$(BENCH)/peers.stamp: bench/requirements.txt | $(BENCH)/peers/bin/python
	@echo "installing the peers into $(BENCH)/peers"
	@$(BENCH)/peers/bin/python $(INSTALL) -r $<
	@touch $@

$(BIN)/python $(BENCH)/petsage/bin/python $(BENCH)/peers/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or later is needed and '$(PYTHON)' is not there: install it, or name it with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed and '$(PYTHON)' is older: name another with make PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "this Python has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv $(@:/bin/python=)
