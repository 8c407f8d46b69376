# Jietong 街通: every command that a person types in this folder. `make` alone lists them.
# A Python 3.11 is looked for; name one yourself with `make up PYTHON=/path/to/python3.11`.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help up chat test check lint format eval bench pins clean install install-dev

# Any Python from 3.8 on can run the installer; the installer then finds a Python 3.11 for the product.
STARTER = $(shell for each in "$(PYTHON)" python3.11 python3 python "$$HOME"/.pyenv/versions/3.*/bin/python; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null && echo "$$each" && break; done)
INSTALL = @starter="$(STARTER)"; test -n "$$starter" || { \
	echo "No Python was found. Jietong needs Python 3.11 (Debian 12: sudo apt install python3.11 python3.11-venv)." >&2; exit 1; }; \
	"$$starter" -m tools.install
JIETONG = .venv/bin/jietong
PY = .venv/bin/python

help:
	@echo "Jietong 街通"
	@echo
	@echo "  make up      set everything up and run the product on this machine; Ctrl-C stops it"
	@echo "  make chat    the same, and talk to it in this terminal"
	@echo
	@echo "  make check   check the street's data in knowledge/: every mistake with file and line"
	@echo "  make eval    measure understanding on every set in tests/eval; on one file: make eval KIND=intents"
	@echo "               FILE=rows.jsonl (or requests, dialogues)"
	@echo "  make test    everything that must hold: style, types, import rules, tests"
	@echo "  make lint    style, types and import rules alone"
	@echo "  make format  put the code in the house's style"
	@echo "  make bench   measure Rasa as it comes beside Rasa as it runs here"
	@echo "  make pins    write requirements/ anew from what is installed"
	@echo "  make clean   remove what can be made again: environments, models, index; never the database"

up: install
	@exec $(JIETONG) serve

chat: install
	@exec $(JIETONG) chat

check: install
	@exec $(JIETONG) check

# A database of its own: the tests never touch the street's.
test: install-dev lint
	@JIETONG_DATABASE=sqlite:///var/test/prepared.db $(JIETONG) prepare
	@$(PY) -m pytest $(ARGS)

lint: install-dev
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check --quiet || { echo "Not in the house's style; make format mends it." >&2; exit 1; }
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo 2>/dev/null || .venv/bin/lint-imports

format: install-dev
	@$(PY) -m ruff check --fix --quiet
	@$(PY) -m ruff format

eval: install
	@test -z "$(KIND)$(FILE)" -o -n "$(KIND)" -a -n "$(FILE)" || { \
		echo "Say what and on which file: make eval KIND=intents FILE=rows.jsonl (or requests, dialogues)" >&2; exit 2; }
	@$(JIETONG) eval $(or $(KIND),all) $(FILE) $(ARGS)

bench: install
	@$(JIETONG) prepare
	@$(PY) -m nlu.bench "$$(ls -t var/models/rasa-*.tar.gz | head -n 1)"

pins: install-dev
	@$(PY) -m tools.pins

clean:
	@rm -rf .venv nlu/.venv var/models var/index var/test var/log .mypy_cache .ruff_cache .pytest_cache *.egg-info
	@echo "Removed the environments, models, index and caches. The database in var/ is still there."

install:
	$(INSTALL) --rasa

install-dev:
	$(INSTALL) --rasa --dev
