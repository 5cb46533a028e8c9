# difPy from a checkout: every verb does its own set-up, in .venv, and needs only make and a Python of 3.11 or newer.

.DEFAULT_GOAL := help
.PHONY: help demo test check fix bench docs build clean

PYTEST_WORKERS ?= 2
RUN := .venv/bin/python
SETUP := .venv/.synced
unexport PYTHONDONTWRITEBYTECODE  # images of Python set it; then every process would compile every module anew

# A virtual environment does not survive being moved: an editable install points at the old place.
$(shell [ "$$(cat $(SETUP) 2>/dev/null)" = "$(CURDIR)" ] || rm -f $(SETUP))

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(SETUP) ## draw pictures, hide copies among them, find them all; DIR=FOLDER looks into one of yours
	@$(RUN) tools/demo.py $(if $(DIR),'$(DIR)')

test: $(SETUP) ## run the tests
	@$(RUN) -m pytest -q -n $(PYTEST_WORKERS)

check: $(SETUP) ## lint, types, layers, documentation, tests: what must hold before a commit
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(RUN) -m pytest -q tests/test_layers.py
	@$(MAKE) --no-print-directory docs test

fix: $(SETUP) ## put right what ruff can put right
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

bench: $(SETUP) ## measure, against difPy 4.2.1 and against the floor (takes a while)
	@$(RUN) bench/run.py

docs: $(SETUP) ## build the documentation into docs/_build/html
	$(RUN) -m sphinx -q -W --keep-going -b html docs docs/_build/html

build: $(SETUP) ## build the wheel and the source archive into dist/
	.venv/bin/uv build --quiet --system-certs --out-dir dist

clean: ## remove what the other verbs made, .venv included
	rm -rf .venv build dist demo docs/_build bench/.peer* bench/.data .hypothesis .pytest_cache .mypy_cache .ruff_cache

$(SETUP): pyproject.toml uv.lock tools/setup.sh tools/compile.py $(shell find src -name '*.[ch]')
	@PYTHON='$(PYTHON)' sh tools/setup.sh
	@echo '$(CURDIR)' > $@
