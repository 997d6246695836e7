# Each target makes its own environment in .venv on first use, and brings it up to date after constraints.txt or
# pyproject.toml changed: with uv where it is on the PATH, with venv and pip where it is not.
# PYTHON names another interpreter, ARGS passes on more arguments: `make test ARGS="-k rulings"`.

RFC ?= examples/approve-rate-limits.md
export RFC PYTHON

BIN := .venv/bin
STAMP := .venv/installed-from

# An environment that lost its interpreter or was moved with its checkout is brought up to date too.
ifneq ($(shell [ -x $(BIN)/python ] && cat $(STAMP) 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif

.PHONY: help review test lint corpus bench lock clean

help:
	@echo "make review [RFC=path]  review a proposal ($(RFC)); ends with 0 whatever the verdict"
	@echo "make test               run the tests"
	@echo "make lint               ruff, mypy --strict, and which way the imports point"
	@echo "make corpus             review the corpus of real proposals and score the votes, where it is present"
	@echo "make bench              measure time and memory"
	@echo "make lock               resolve constraints.txt again"
	@echo "make clean              remove the environment and everything that was built"

review: $(STAMP)
	@$(BIN)/council review --exit-zero $(ARGS) -- "$$RFC"

test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

corpus: $(STAMP)
	$(BIN)/python tests/benchmarks/corpus.py $(ARGS)

bench: $(STAMP)
	@status=0; \
	$(BIN)/python tests/benchmarks/bench.py $(ARGS) || status=$$?; \
	$(BIN)/python -m tests.benchmarks.models || status=$$?; \
	exit $$status

# Third-party packages come from the lock alone, each checked against its hash; the project is then added without
# dependencies, and built by the locked hatchling rather than by one fetched for the occasion.
$(STAMP): constraints.txt pyproject.toml
	@echo "Bringing .venv up to date with constraints.txt ..." >&2
	@if command -v uv >/dev/null 2>&1; then \
	  set -e; \
	  [ -x $(BIN)/python ] || uv venv --quiet --clear --python "$${PYTHON:->=3.11}" .venv; \
	  uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r constraints.txt; \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  if [ -n "$$PYTHON" ]; then set -- "$$PYTHON"; else set -- python3 python3.14 python3.13 python3.12 python3.11; fi; \
	  found=; \
	  for python; do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { found=$$python; break; }; \
	  done; \
	  [ -n "$$found" ] || { echo "council needs Python 3.11 or later, found none as: $$* (install uv, or name one: PYTHON=/path/to/python)" >&2; exit 1; }; \
	  set -e; \
	  if [ -x $(BIN)/python ]; then "$$found" -m venv .venv; else "$$found" -m venv --clear .venv; fi; \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r constraints.txt; \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@pwd -P > $(STAMP)

# One lock for Linux and macOS and for every Python that pyproject.toml allows; it holds no address.
lock:
	@command -v uv >/dev/null 2>&1 || { echo "make lock needs uv" >&2; exit 1; }
	@echo "# Made by 'make lock' from pyproject.toml: the dependencies and the dev group, for Linux and macOS, Python 3.11 and later." > constraints.tmp
	@uv pip compile pyproject.toml --group dev --universal --generate-hashes --upgrade --quiet \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links >> constraints.tmp
	@mv constraints.tmp constraints.txt

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find council tests -name __pycache__ -type d -prune -exec rm -rf {} +
