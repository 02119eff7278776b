# What a developer does every day; `make help` lists it. Python >= 3.11, git and make are enough.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ON_DISPLAY := tools/on-display
export QT_API ?= pyqt6
unexport PYTHONDONTWRITEBYTECODE  # each test that starts a process would compile the package anew

.DEFAULT_GOAL := help
FUZZ_MINUTES ?= 60

.PHONY: help env dev full demo run check lint types examples quick test gui fuzz docs dist installs lowest models screenshots bench drill clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

env: $(VENV)/.user  ## build the environment: system libraries, then Python packages
dev: $(VENV)/.dev  ## ... with the tools and libraries of `make check`
full: $(VENV)/.test  ## ... with what `make test` needs too: a virtual display, PyQt5, LaTeX

$(VENV)/.user: pyproject.toml constraints.txt tools/install
	@tools/install $(PYTHON) $(VENV) user

$(VENV)/.dev: pyproject.toml constraints.txt tools/install
	@tools/install $(PYTHON) $(VENV) dev

$(VENV)/.test: $(VENV)/.dev
	@tools/install $(PYTHON) $(VENV) test

demo: env  ## the whole workflow on the sample night, then the window (without a display, a screenshot)
	@$(BIN)/napari-iris demo --out demo

run: env  ## open the window on the sample night
	@$(BIN)/python -m napari_iris.desk sample_data/night

CHECKS := lint types examples quick

check: dev  ## lint, types and quick tests, under a minute; needs no display
	@$(MAKE) --no-print-directory -j2 $(if $(filter output-sync,$(.FEATURES)),-O) $(CHECKS)

lint:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-cache && $(BIN)/deptry .

types:
	@$(BIN)/mypy

# of napari and Qt, which take longer to import than most tests
NO_PLUGINS := -p no:napari -p no:napari-plugin-engine -p no:npe2 -p no:pytest-qt

quick:  # one thread per process for linear algebra: more would only wait for each other
	@OMP_NUM_THREADS=1 $(BIN)/pytest -q $(NO_PLUGINS) -n auto --dist worksteal --hypothesis-profile quick \
		-m "not slow and not timed and not gui and not learning" --ignore tests/desk

examples:  # some predict, which the quick tests must not do in their processes
	@OMP_NUM_THREADS=1 $(BIN)/pytest -q $(NO_PLUGINS) tests/test_doctests.py

test: full lint types  ## everything: lint, types, the whole suite on PyQt6 and PyQt5, the wheel
	@tools/test $(BIN)

gui: full  ## the tests of the window alone, on PyQt6
	@QT_API=pyqt6 PYTEST_QT_API=pyqt6 $(ON_DISPLAY) $(BIN)/pytest -q -m gui

fuzz: dev  ## damaged files for every reader, over and over for FUZZ_MINUTES (60)
	@end=$$(( $$(date +%s) + 60 * $(FUZZ_MINUTES) )); while [ $$(date +%s) -lt $$end ]; do \
		OMP_NUM_THREADS=1 $(BIN)/pytest -q --hypothesis-profile fuzz --timeout 3600 tests/fuzz || exit 1; done

docs: dev  ## build the documentation into build/docs; a dead link or a warning is an error
	@$(BIN)/sphinx-build -W --keep-going -q docs build/docs
	@echo "Open build/docs/index.html"

dist: dev  ## build the wheel and the sdist into dist/, and check them
	@rm -rf dist
	@$(BIN)/python -m build --outdir dist .
	@tools/check-dist $(BIN) dist/*.whl dist/*.tar.gz

installs: dev  ## install the wheel with each extra for each Python found; half an hour
	@mkdir -p build
	@IRIS_INSTALL=1 $(BIN)/pytest -q -s --basetemp build/installs tests/test_installs.py

LOWEST := build/lowest
lowest: dev  ## the quick tests with the lowest versions that pyproject.toml allows
	@tools/lowest $(BIN) $(LOWEST)
	@PYTEST_ADDOPTS="-W default" $(MAKE) --no-print-directory BIN=$(LOWEST)/bin quick

models: env  ## train the shipped models again into build/models; hours, the time is printed
	@$(BIN)/python tools/models.py build/models

screenshots: full  ## update the screenshots in docs/
	@$(ON_DISPLAY) $(BIN)/python docs/take_screenshots.py

bench: full  ## every figure that this project claims, beside its goal; hours
	@$(BIN)/python benchmarks/all.py

drill: dev  ## 3,000 hostile or unlucky runs of every command, under half an hour
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.drill --runs 3000

clean:  ## remove everything the other targets created
	rm -rf $(VENV) build dist demo .mypy_cache .pytest_cache .ruff_cache .hypothesis
