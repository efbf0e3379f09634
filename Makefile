# The front page for developers: `make` shows what can be done. Users need only README.md.
.DEFAULT_GOAL := help
.PHONY: help install run check test test-all mutants lint format bench tree lock upgrade wheel ci clean

help: ## Show this page
	@echo "hnforecast: a council's high needs block and DSG deficit, month by month"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort -s -k1,1 | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "Read first: README.md (using it), ARCHITECTURE.md (the ten rooms), docs/method.md (the method)."

install: ## Make .venv with the exact versions pinned in pyproject.toml
	uv sync

run: ## Project all scenarios of the default vintage; results go to outputs/
	uv run hnforecast run

check: ## Show every problem in assumptions/ and inputs/
	uv run hnforecast check

test: ## Run the everyday tests (under three minutes)
	uv run pytest

test-all: ## Run every test, slow ones too, with more property-test examples
	HYPOTHESIS_PROFILE=thorough uv run pytest -m "slow or not slow"

mutants: ## Put small faults into a copy of the code, list those that no test finds
	uv run python -m tests.mutants

lint: ## Check style, format, types and import layers
	uv run ruff check .
	uv run ruff format --check .
	uv run mypy --strict hnforecast
	uv run lint-imports

format: ## Put the code into the house format
	uv run ruff check --fix .
	uv run ruff format .

bench: ## Measure speed and memory against the stated limits
	uv run python -m benchmarks

tree: ## Bring docs/tree.md up to date
	uv run python -m tests.tree --write

lock: ## Rewrite uv.lock and requirements.lock from the pinned versions
	uv run python .ci/lock.py

upgrade: ## Move to the newest versions, pin them, rewrite the locks
	uv run python .ci/lock.py --upgrade

wheel: ## Build the installable file into dist/
	uv build --wheel

ci: ## Run what a submission must pass, on a fresh clone of the last commit
	.ci/run

clean: ## Remove caches and built files; runs in outputs/ stay
	rm -rf dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
