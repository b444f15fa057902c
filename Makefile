# make run, make test: each does its own set-up, once. What is installed is locked in locks/; make lock renews the locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := .tools/lock
SBOM := .tools/sbom
WHEEL := .tools/wheel
BENCH := .bench/petsage
PEERS := .bench/peers
INSTALL := -m pip install --quiet --disable-pip-version-check --no-input
LOCKED := $(INSTALL) --require-hashes --requirement locks/build.txt
OURS := $(INSTALL) --no-deps --no-build-isolation
ARGS ?=
JOBS ?= auto

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL: # two targets at once would install into one environment at once
.PHONY: help run test test-all coverage test-newest test-oldest truth check servers lock dist up down example sbom audit bench wrk clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: $(VENV)/run.stamp ## set up, and run the server on port 8080
	@exec $(BIN)/petsage serve $(ARGS)

test: $(VENV)/test.stamp ## set up, and run all tests but the slow ones (ARGS="-k drain" for some, JOBS=0 in one process)
	@$(BIN)/python -m pytest -n $(JOBS) -m "not slow" -rfEs $(ARGS)

test-all: $(VENV)/test.stamp ## run all tests, the slow ones too, the fuzzers and the long tables with their whole budget
	@PETSAGE_FUZZ=full $(BIN)/python -m pytest -n $(JOBS) $(ARGS)

coverage: $(VENV)/test.stamp ## run the unit tests, and fail where less is covered than the floor in pyproject.toml
	@$(BIN)/python -m pytest -n $(JOBS) -m "not slow and not integration" --cov --cov-report=term:skip-covered $(ARGS)

check: $(VENV)/check.stamp ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

truth: $(VENV)/test.stamp ## measure what each kind of check reports in each outage, and write docs/explanation/truth.md (as root)
	@$(BIN)/python -m tests.integration.truth $(ARGS)

# The packages start their servers; the tests start their own.
servers: ## install the servers and programs of the integration tests (Debian, Ubuntu; SUDO=sudo)
	@$(SUDO) apt-get update -qq
	@$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium curl haproxy \
		iproute2 mariadb-server nftables nginx openssl postgresql redis-server util-linux >/dev/null
	@for name in haproxy mariadb nginx postgresql redis-server; do $(SUDO) service $$name stop >/dev/null 2>&1 || true; done

# These two depend on the day, and nothing else does: they show whether the ranges in pyproject.toml hold.
test-newest: .newest/stamp ## run the unit tests with the newest versions that pyproject.toml allows
	@.newest/bin/python -m pytest -n $(JOBS) -m "not slow and not integration" $(ARGS)

test-oldest: .oldest/stamp ## run the unit tests with the oldest versions that pyproject.toml allows
	@.oldest/bin/python -m pytest -n $(JOBS) -m "not slow and not integration" $(ARGS)

UV := UV_PYTHON_DOWNLOADS=never $(LOCK)/bin/uv
.newest/stamp: RESOLUTION := highest
.oldest/stamp: RESOLUTION := lowest-direct
.newest/stamp .oldest/stamp: .%/stamp: pyproject.toml FORCE | $(LOCK)/stamp
	@echo "installing petsage[test] into .$*, resolution: $(RESOLUTION)"
	@$(UV) venv --quiet --clear --python $(PYTHON) .$*
	@$(UV) pip install --quiet --python .$*/bin/python --resolution $(RESOLUTION) --editable '.[test]'
FORCE:

# locks/check.txt is the whole; what shares an environment with it is a part of it, so that no version is fought over.
COMPILE = $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"
PART = $(COMPILE) --constraints locks/check.txt
IMAGE_EXTRAS := speed docs postgres

lock: $(LOCK)/stamp ## renew all locks: the newest versions that are allowed
	@$(COMPILE) pyproject.toml --extra check --group build --output-file locks/check.txt
	@$(PART) pyproject.toml --extra test --output-file locks/test.txt
	@$(PART) pyproject.toml --extra speed --extra docs --extra builder --extra cli --output-file locks/run.txt
	@$(PART) --group build --output-file locks/build.txt
	@$(PART) pyproject.toml --output-file locks/image.txt
	@for extra in $(IMAGE_EXTRAS); do $(PART) pyproject.toml --extra $$extra --output-file locks/image-$$extra.txt || exit 1; done
	@$(COMPILE) bench/requirements.txt --output-file locks/bench.txt
	@$(COMPILE) --group sbom --output-file locks/sbom.txt
	@$(COMPILE) --group lock --output-file locks/lock.txt

# What the wheel and the extras of the image install, listed by CycloneDX: see docs/supply-chain.md
IMAGE_LOCKS := --requirement locks/image.txt $(foreach extra,$(IMAGE_EXTRAS),--requirement locks/image-$(extra).txt)

dist: $(VENV)/test.stamp $(SBOM)/stamp ## build the sdist and the wheel, and list what they install (SBOM)
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist
	@$(PYTHON) -m venv --clear $(WHEEL)
	@$(WHEEL)/bin/python $(INSTALL) --require-hashes $(IMAGE_LOCKS)
	@$(WHEEL)/bin/python $(OURS) dist/*.whl
	@$(WHEEL)/bin/python -m pip --quiet uninstall --yes pip setuptools 2>/dev/null
	@$(SBOM)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file dist/petsage.cdx.json $(WHEEL)/bin/python
	@ls dist

# start_interval needs an engine that speaks API 1.44 (25.0) or later
API := docker version --format '{{.Server.APIVersion}}' 2>/dev/null
V2 = $(shell $(API) | awk -F. '$$1 > 1 || $$2 >= 44 { print "-f docker-compose.v2.yml" }')
COMPOSE = docker compose -f docker-compose.yml $(V2)
RELEASE = $(shell git describe --always --dirty 2>/dev/null || echo unreleased)
HAS_DOCKER = command -v docker >/dev/null || { echo "Docker is not there: see docs.docker.com/engine/install"; exit 1; }

up: ## build the image, start it, and return when it is healthy (PETSAGE_PORT=9000)
	@$(HAS_DOCKER)
	@PETSAGE_RELEASE=$(RELEASE) $(COMPOSE) up --build --wait || { $(COMPOSE) logs --tail 20; exit 1; }

down: ## stop and remove the container of make up
	@$(COMPOSE) down

EXAMPLE = docker compose --project-name petsage-example --file examples/stack/docker-compose.yml
EXAMPLE_TESTS = $(BIN)/python -m pytest -c examples/stack/pytest.ini examples/stack/tests

example: $(VENV)/test.stamp ## start the example stack, run its tests when it is ready, and take it down
	@$(HAS_DOCKER)
	@trap '$(EXAMPLE) down --volumes' EXIT; $(EXAMPLE) up --build --detach && $(EXAMPLE_TESTS)

# Made in a container of the image, so that it lists what is in there.
SBOM_IMAGE = docker build --quiet --file scripts/sbom.Dockerfile --build-arg IMAGE=petsage:$(RELEASE)

sbom: ## build the image, and list the Python packages in it (SBOM)
	@$(HAS_DOCKER)
	@PETSAGE_RELEASE=$(RELEASE) $(COMPOSE) build
	@mkdir -p dist
	@docker run --rm "$$($(SBOM_IMAGE) --build-arg PIP_INDEX_URL .)" > dist/petsage-image.cdx.json
	@ls dist

audit: $(VENV)/check.stamp ## ask the vulnerability database about what is locked (needs the internet)
	$(BIN)/pip-audit --require-hashes --requirement locks/check.txt

bench: wrk $(BENCH)/stamp $(PEERS)/stamp ## measure PetSage beside its peers (QUICK=1: in two minutes)
	@$(PEERS)/bin/python -m bench $(if $(QUICK),--quick) $(ARGS)

wrk:
	@command -v wrk >/dev/null || { echo "wrk makes the load and is not there: install it (on Debian and Ubuntu: apt-get install wrk)"; exit 1; }

clean: ## remove the environments and everything made
	rm -rf $(VENV) .tools .bench .newest .oldest build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

# An environment has the file `whole`, but not while something is installed into it: one whose set-up was killed has it no more.
# Such a one is made anew, and so is one whose Python has gone, or when another PYTHON is asked for. If an installation fails by
# itself, for want of a network for instance, what was there before is as good as it was.
INTO = @mv $(@D)/whole $(@D)/unfinished && { $(1); failed=$$?; [ $$failed -gt 128 ] || mv $(@D)/unfinished $(@D)/whole; \
	[ $$failed = 0 ] && touch $@; }

# Named one by one: what a pattern alone asks for, as its Python, is removed by make when all is done.
STAMPS := $(foreach purpose,run test check,$(VENV)/$(purpose).stamp)
$(STAMPS): $(VENV)/%.stamp: locks/%.txt locks/build.txt pyproject.toml scripts/petsage-probe $(VENV)/whole
	@echo "installing petsage, and what locks/$*.txt names, into $(VENV)"
	$(call INTO,$(BIN)/python $(LOCKED) --requirement $< && $(BIN)/python $(OURS) --editable .)

$(LOCK)/stamp $(SBOM)/stamp: .tools/%/stamp: locks/%.txt .tools/%/whole
	$(call INTO,$(@D)/bin/python $(INSTALL) --require-hashes --requirement $<)

# not editable, so that it starts as its users have it, and again whenever it has changed
$(BENCH)/stamp: locks/image.txt $(shell find petsage scripts -type f ! -name '*.pyc') $(BENCH)/whole
	@echo "installing petsage[speed,docs] into $(BENCH)"
	$(call INTO,$(@D)/bin/python $(LOCKED) -r locks/image.txt -r locks/image-speed.txt -r locks/image-docs.txt && \
		$(@D)/bin/python $(OURS) .)

$(PEERS)/stamp: locks/bench.txt $(PEERS)/whole
	@echo "installing the peers into $(PEERS)"
	$(call INTO,$(@D)/bin/python $(INSTALL) --require-hashes --requirement $<)

ENVIRONMENTS := $(VENV) $(LOCK) $(SBOM) $(BENCH) $(PEERS)
ANOTHER := $(if $(filter-out file,$(origin PYTHON)),$(shell [ "$$(cat $(VENV)/whole 2>/dev/null)" = "$(PYTHON)" ] || echo FORCE))
$(VENV)/whole: $(ANOTHER)
$(ENVIRONMENTS:%=%/whole): %/whole: %/bin/python
	@$(PYTHON) -c pass 2>/dev/null || { echo "Python 3.11 or later is needed and '$(PYTHON)' is not there: install it, or name it with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed and '$(PYTHON)' is older: name another with make PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "this Python has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv --clear $*
	@echo "$(PYTHON)" > $@
$(ENVIRONMENTS:%=%/bin/python): ;
