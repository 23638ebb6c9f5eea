# make serve   the chat page over the sample corpus        make test   every test
# make lint    ruff, mypy, import contract                 make clean  forget everything installed or made

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SAMPLE ?= examples/corpus
SERVE  ?=

# Where Python may keep no compiled modules, as in many images, every process compiles torch and transformers anew: twelve
# seconds instead of five. Ours keep them.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: serve test lint constraints chromium clean

serve: $(VENV)/.app
	$(BIN)/triptych serve --corpus-from $(SAMPLE) --corpus sample $(SERVE)

test: $(VENV)/.dev chromium
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "not vllm and not model and not scale" --numprocesses auto --dist loadfile \
		--no-loadscope-reorder

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every version in one place: pip needs over ten minutes to find a set that fits, and one to install it.
# GPU libraries stay out, so that torch may bring the ones it wants, or none. What is there keeps its version; with UPGRADE=1
# the newest are taken.
constraints: $(BIN)/python
	$(BIN)/pip install --quiet uv
	cp constraints.txt constraints.new
	$(BIN)/uv pip compile pyproject.toml --quiet --python-version 3.11 --no-header --no-annotate $(if $(UPGRADE),--upgrade) \
		--extra dev --extra scale --extra whisper --extra whisper-base --extra mutants --output-file constraints.new
	grep -v -E '^(nvidia|cuda|triton)' constraints.new > constraints.txt
	rm constraints.new

# --no-compile: Python compiles what is used when it is used; compiling all of it doubles the install.
$(VENV)/.app: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Triptych (about a minute) ..."
	$(BIN)/pip install --quiet --no-compile -c constraints.txt -e ".[charts,speech,diagrams,export,heic]"
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Triptych and its development tools (about two minutes) ..."
	$(BIN)/pip install --quiet --no-compile -c constraints.txt -e ".[dev]"
	@touch $@ $(VENV)/.app

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade "pip>=26"

chromium:
	@if command -v chromium >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	else echo "No Chromium: browser tests will be skipped. To run them: sudo apt-get install chromium"; fi

clean:
	rm -rf $(VENV) .venv-vllm mutants build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

-include make/vllm.mk make/model.mk make/scale.mk make/mutants.mk
