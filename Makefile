# Everything a fresh clone needs: Python 3.11 or newer, gcc and make.
#   make demo    install, then take the bundled sample through check, export and report
#   make test    install, run the tests
#   make lint    formatting, style, types, import contracts
#   make bench   measure speed: checks and agreement against the stock way, and the window
#   make screenshots   pictures of every page, to be looked at, in build/screenshots

PYTHON ?= python3
VENV := .venv
# One more than there are cores, for many tests wait for other processes; four at the most, for each loads the encoder.
WORKERS := $(shell $(PYTHON) -c "import os; print(min(4, os.cpu_count() + 1))")
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export QT_QPA_PLATFORM ?= offscreen
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test lint bench screenshots install clean

install: $(STAMP)

$(STAMP): pyproject.toml packaging/constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint packaging/constraints.txt --editable '.[test,lint]'
	touch $@

demo: $(STAMP)
	rm -rf build/demo
	$(BIN)/curator demo --out build/demo

test: $(STAMP)
	$(BIN)/pytest -q -n $(WORKERS) --dist loadscope

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python tests/benchmarks/bench_check.py
	$(BIN)/python tests/benchmarks/bench_window.py
	$(BIN)/python tests/benchmarks/bench_agreement.py
	$(BIN)/python tests/benchmarks/bench_compare.py

screenshots: $(STAMP)
	rm -rf build/screenshots
	$(BIN)/python tests/ui/screenshots.py build/screenshots

clean:
	rm -rf build dist $(VENV)
