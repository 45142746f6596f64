# Each target makes the environment that it needs, in .venv and .cache; nothing else is touched.
# Another Python: make test PYTHON=python3.12; more processors: make test WORKERS=8 (three keep two busy)

PYTHON ?= python3
WORKERS ?= 3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test check conformance malformed clicks bench interleave tutorials soak clean

help:  ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

demo: .venv/demo.stamp  ## a notebook reads another kernel's data over MCP, in about a minute
	@$(BIN)/mcp-notebook demo

test: .venv/test.stamp  ## all tests, and the notebooks output by output
	$(BIN)/python -m pytest -m 'not alone' --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -m alone
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && set -x && \
	HOME=$$home $(BIN)/python -m pytest --nbval --nbval-sanitize-with tests/notebooks/sanitize.cfg \
		--numprocesses $(WORKERS) --dist loadfile notebooks

check: .venv/check.stamp  ## lint, format, types, import directions
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache  # the cache has said that a contract is broken which was not

conformance: .venv/test.stamp  ## the official MCP conformance suite, every specification version
	$(BIN)/python -m pytest -rP tests/conformance

malformed: .venv/test.stamp  ## a hundred thousand malformed requests, some minutes
	MALFORMED=100000 $(BIN)/python -m pytest -rP --timeout 3600 tests/flows/test_bad_input.py

clicks: .venv/test.stamp  ## 200 clicks on each line of ipykernel while cells run, none lost
	MCP_NOTEBOOK_CLICK_ROUNDS=200 $(BIN)/python -m pytest tests/mcp_notebook/approval/test_tap.py

bench: .venv/test.stamp  ## what reading costs the host and the cell; fails where a bar is missed; writes bench.json
	PYTHONPATH=tests $(BIN)/python -m benchmarks $(PARTS)

interleave: .venv/test.stamp  ## two hosts and a person change one notebook, in 1000 random orders of each kind
	PYTHONPATH=tests $(BIN)/python -m support.interleavings 1000
	INTERLEAVINGS=1000 $(BIN)/python -m pytest tests/browser/test_shared_notebook.py

tutorials: .venv/test.stamp  ## the notebooks thrice on ipykernel 6.31 and on the newest, and their hidden answers
	PYTHONPATH=tests $(BIN)/python tests/notebooks/thrice.py

soak: .venv/test.stamp  ## 20 minutes of hosts and faults: nothing lost, doubled, leaked or unworded
	PYTHONPATH=tests $(BIN)/python -m support.soak 1200

clean:  ## remove what these targets made
	rm -rf .venv .cache bench.json

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "mcp-notebook needs Python 3.11 or newer, and $(PYTHON) is not: say for example make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/demo.stamp: pyproject.toml | .venv/bin/python
	$(PIP) --editable '.[demo]'
	@touch $@

.venv/test.stamp: pyproject.toml | .venv/bin/python
	$(PIP) --editable '.[test]'
	@touch $@ .venv/demo.stamp

.venv/check.stamp: pyproject.toml | .venv/bin/python
	$(PIP) --editable '.[lint]'
	@touch $@
