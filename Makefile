# The only door: `make help` lists what is behind it. Needs python3 (3.11 or newer) and make.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BOOKRUNNER := .venv/bin/bookrunner
PYTHON_IN := .venv/bin/python
UV = $$(command -v uv || echo .tools/bin/uv)
PYTEST := $(PYTHON_IN) -m pytest
ARGS ?=

.PHONY: help install install-dev run demo worker api listen migrate test check docs lock \
	judge chaos bench browser screenshots fuzz clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' Makefile

install: ## install into .venv what running needs
	@sh bootstrap.sh
install-dev: ## install what tests and checks need, too
	@GROUP=dev sh bootstrap.sh

run: install ## start everything: database, worker, listener, API and pages
	@exec $(BOOKRUNNER) up $(ARGS)
demo: install ## run SERIES in the sandbox to its end, print what came of it
	@exec $(BOOKRUNNER) demo $(ARGS)
worker: install ## start one more worker on DATABASE_URL
	@exec $(BOOKRUNNER) worker $(ARGS)
api: install ## start only the API and the pages
	@exec $(BOOKRUNNER) api $(ARGS)
listen: install ## start only the listener on Audiobookshelf
	@exec $(BOOKRUNNER) listen $(ARGS)
migrate: install ## bring the database to the schema of this code
	@exec $(BOOKRUNNER) migrate $(ARGS)

test: install-dev ## run all tests but the long editions below
	@$(PYTEST) -q -n 3 --dist loadfile -m "not chaos and not bench and not browser and not fuzz" $(ARGS)
check: install-dev ## formatter, linter, strict types, import contracts, docs current
	@.venv/bin/ruff format --check --quiet . || { .venv/bin/ruff format --diff . ; exit 1; }
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy --no-error-summary
	@said=$$(.venv/bin/lint-imports --no-cache 2>&1) || { echo "$$said"; exit 1; }
	@$(PYTHON_IN) docs/generate.py --check
	@echo "check: format, lint, types, import contracts and docs are in order"
docs: install-dev ## rewrite the generated tables in docs/
	@$(PYTHON_IN) docs/generate.py
lock: install ## renew uv.lock, and the locks for pip, from pyproject.toml
	@$(UV) lock
	@$(UV) export -q --frozen --no-emit-project --no-header --no-dev -o requirements.lock
	@$(UV) export -q --frozen --no-emit-project --no-header --only-group dev -o requirements-dev.lock

judge: install-dev ## measure the judgement against ground truth, print the figures
	@$(PYTEST) -q -s tests/judge $(ARGS)
chaos: install-dev ## the long suites of kills and restarts
	@$(PYTEST) -q -s -m chaos $(ARGS)
bench: install-dev ## the long measurements
	@$(PYTEST) -q -s -m bench $(ARGS)
browser: install-dev ## walk the pages in a real browser
	@$(PYTEST) -q -m browser $(ARGS)
screenshots: install-dev ## take pictures of every page, for docs/PAGES.md
	@$(PYTHON_IN) -m tests.browser.screenshots
fuzz: install-dev ## thousands of generated requests against the API
	@$(PYTEST) -q -m fuzz $(ARGS)

clean: ## remove what was installed and cached (never the data)
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
