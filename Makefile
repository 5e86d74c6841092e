# The commands of the project; `make` alone lists them. Each sets up what it needs: a virtual
# environment in .venv and, for the tests, tools through apt-get and npm.

# Works with GNU make 3.81, which macOS ships. Another Python: make test PYTHON=python3.12
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TYPES := build/types/accountplan

.PHONY: help demo test bench pictures

help:
	@echo 'make demo   build the workbooks of the shipped sample into demo/'
	@echo 'make test   all tests, with ruff and mypy; installs the tools they need'
	@echo 'make bench  speed, side by side with the plain ways'
	@echo 'make pictures  the pictures of the README, from a fresh demo'

demo: .venv/.installed
	$(BIN)/accountplan demo --out demo

# Each process keeps to one half, so that what a file of tests shares is built once.
test: .venv/.tools $(TYPES)/.linked
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=build/types $(BIN)/mypy -p accountplan.udfs -p accountplan.workbook_templates \
		-p accountplan.addin -p tests.support
	$(BIN)/python -m pytest -n 2 --dist worksteal --basetemp build/tests

bench: .venv/.bench
	for script in tests/benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

# The screens that the README shows, cut where a window would end.
PICTURE := $(BIN)/python -m tests.support.pictures 'demo/books/Rep North 2.xlsx' build/pictures \
	--mode screen --width 1400

pictures: .venv/.tools demo
	$(PICTURE) --sheet 'My week' --range A1:J33
	$(PICTURE) --sheet Quadrant --range A1:N34
	$(PICTURE) --sheet Path --range A1:L58
	$(PICTURE) --sheet 'Plan - Candlewick Logistics' --range A1:I46
	mkdir -p docs/pictures
	cp 'build/pictures/My week.png' docs/pictures/my-week.png
	cp build/pictures/Quadrant.png docs/pictures/quadrant.png
	cp build/pictures/Path.png docs/pictures/path.png
	cp 'build/pictures/Plan - Candlewick Logistics.png' docs/pictures/plan.png

# A stamp stands for each step that is done; a changed list of requirements does it again.
.venv/.made:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed; none is on the path.' \
		'Debian, Ubuntu: sudo apt-get install python3 python3-venv. macOS: brew install python3.' \
		'Or name one: make PYTHON=/path/to/python3.11' >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or \
		sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '$(PYTHON) cannot make virtual environments.' \
		'Install that part with: sudo apt-get install python3-venv' >&2; exit 2; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.made pyproject.toml
	$(PIP) --editable .
	@touch $@

.venv/.tested: .venv/.installed
	$(PIP) --editable '.[test]'
	@touch $@

.venv/.tools: .venv/.tested tests/support/install.py tests/support/needs.py \
		tests/support/package.json
	$(BIN)/python -m tests.support.install
	@touch $@

.venv/.bench: .venv/.installed
	$(PIP) --editable '.[bench]'
	@touch $@

# Type checkers do not follow an editable install: this is the package as it would be installed.
$(TYPES)/.linked:
	mkdir -p $(TYPES)
	for room in udfs addin workbook_templates; do ln -sfn ../../../$$room $(TYPES)/$$room; done
	@touch $@
