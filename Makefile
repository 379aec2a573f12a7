# What one does here, by name. `make help` lists it.
VENV ?= $(or $(TRACKTOK_VENV),.venv)
PY := $(VENV)/bin/python
COMPILE := $(VENV)/bin/pip-compile --quiet --strip-extras --allow-unsafe --no-header --annotation-style=line \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help start test lint format types contracts requirements upgrade migration seed screenshots secrets up down hooks clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

start: ## Start everything on this machine (scripts/start)
	scripts/start

test: ## Check style, types and contracts, and run all tests (scripts/test)
	scripts/test

lint: ## Look for mistakes and for style, mending what can be mended
	$(PY) -m ruff check --fix .

format: ## Write the code in the one format
	$(PY) -m ruff format .

types: ## Check the types
	$(PY) -m mypy

contracts: ## Check who imports whom
	PYTHONPATH=. $(VENV)/bin/lint-imports

requirements: ## Pin what requirements.in and requirements-dev.in ask for, changing as little as possible
	$(COMPILE) --output-file requirements.txt requirements.in
	$(COMPILE) --output-file requirements-dev.txt requirements-dev.in

upgrade: ## Pin the newest releases of everything
	$(COMPILE) --upgrade --output-file requirements.txt requirements.in
	$(COMPILE) --upgrade --output-file requirements-dev.txt requirements-dev.in

migration: ## Write a migration from the models: make migration m="what it does" (needs DATABASE_OWNER_URL)
	$(PY) -m flask --app wsgi db revision --autogenerate -m "$(m)"

seed: ## Make the demo companies in the database of DATABASE_URL
	$(PY) scripts/seed.py

screenshots: ## Take a picture of every page
	$(PY) scripts/screenshots

secrets: ## Make the secrets for docker compose
	$(PY) scripts/make_secrets.py

up: secrets ## Build and run everything in containers, at http://localhost:8000
	docker compose up --build --detach --wait

down: ## Stop the containers; their data stays
	docker compose down

hooks: ## Run the checks before each commit
	$(VENV)/bin/pre-commit install

clean: ## Remove what tools left; data in instance/ stays
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov .coverage
	find . -name __pycache__ -not -path './.venv/*' -not -path './node_modules/*' -prune -exec rm -rf {} +
