PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install run test check nightly assurance bench docs clean \
	lint format-check types arrows templates migrations contrast docs-check

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## Make the environment in .venv and build the front end
	@$(PYTHON) tools/bootstrap.py
	@$(BIN)/python frontend/build.py

run: install ## Start Quarterdeck and print its address; Ctrl-C stops it
	@exec $(BIN)/quarterdeck up

test: install ## Run all tests but the nightly ones
	@$(BIN)/python -m pytest -n auto --dist loadgroup -m "not nightly" src tests

check: install ## Check style, types, arrows, templates, migrations, contrast and generated pages
	@$(MAKE) --no-print-directory --keep-going \
		lint format-check types arrows templates migrations contrast docs-check

nightly: install ## Run the tests that take minutes, and renew their figures in docs/reference/assurance.md
	@$(BIN)/python tools/assurance.py nightly

assurance: install ## Run the proofs and write what they reach to docs/reference/assurance.md
	@$(BIN)/python tools/assurance.py

bench: install ## Measure, each figure beside its peer
	@for each in web load ledger; do echo "== $$each"; $(BIN)/python benchmarks/$$each.py || exit 1; done

docs: install ## Renew the pages made from the code
	@$(BIN)/python -m quarterdeck.site.reference docs/reference

clean: ## Remove what was built; the data folder stays
	@rm -rf .venv node_modules build dist src/*.egg-info src/quarterdeck/core/static/quarterdeck \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

lint:
	@$(BIN)/ruff check

format-check:
	@$(BIN)/ruff format --check

types:
	@$(BIN)/mypy

arrows:
	@$(BIN)/lint-imports

templates:
	@$(BIN)/djlint --lint --quiet src

migrations:
	@$(BIN)/quarterdeck manage makemigrations --check --dry-run

contrast:
	@$(BIN)/python tools/contrast.py

# The page of the assurance comes from a run of the tests, not from the code.
docs-check:
	@made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT && $(BIN)/python -m quarterdeck.site.reference "$$made" \
		&& { diff -r -x "assurance.*" docs/reference "$$made" || { echo "docs/reference is older than the code; make docs renews it."; exit 1; }; }
