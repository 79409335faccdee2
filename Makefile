# Thin: each target is one or two plain commands. `make report` and `make test` are all you need.
PYTHON ?= python3
# What `make report` measures here before it publishes: any asv range, and the quick profile
# (tools/running/profiles.py) or, with BENCH, what matches that regex.
RANGE ?= latest
BENCH ?=
BIN = .venv/bin

.PHONY: report history browse test check format setup lock
report: setup
	@$(BIN)/python -m tools.measure $(if $(BENCH),-b "$(BENCH)",--first-look) "$(RANGE)" || \
	  { code=$$?; [ $$code = 3 ] || [ $$code = 4 ]; } # what could not be measured is named above
	$(BIN)/asv publish
	@echo "The report is in html/: make browse shows it."

# Measures what is missing of the whole history (RANGE=… of a part), and goes on where it was. Times
# of INTERLEAVE releases are taken in turns; those whose processes disagree once more.
INTERLEAVE ?= 4
history: RANGE = ALL
history: setup
	$(BIN)/python -m tools.measure --interleave $(INTERLEAVE) --settle "$(RANGE)"

browse: setup
	$(BIN)/asv preview

# Two at a time, a file of tests being one's: some share what they have measured. The longest begin.
test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/e2e tests

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The host's environment, exactly what requirements.txt pins; asv wants to know the machine once.
setup: .venv/installed
	@$(BIN)/python -m tools.machine

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("needs Python 3.11 or newer: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@rm -rf .venv.old; if [ -e .venv ] || [ -L .venv ]; then mv .venv .venv.old; fi
	@{ $(PYTHON) -m venv .venv && \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt && \
	  touch $@; } || \
	  { rm -rf .venv; if [ -e .venv.old ]; then mv .venv.old .venv; echo "error: .venv is what it was: see above" >&2; fi; exit 1; }
	@rm -rf .venv.old

# After a change of the dependencies in pyproject.toml.
lock: setup
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes --upgrade \
	  --python-version 3.11 --no-header --no-annotate --output-file requirements.txt
	$(BIN)/uv pip compile tools/environments/harness.in --no-deps --generate-hashes --no-header --no-annotate \
	  --python-version 3.7 --output-file tools/environments/harness.txt
