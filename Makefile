# Every habit of the house. `make` alone lists them; each installs what it needs on Debian, as root or with sudo.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run build test check bench bench-peers bench-reference corpus soak fuzz

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build what changed and start Depictio with the demo data in ./data
	@scripts/run.sh

build: ## Leave the program in dist/depictio
	@scripts/build.sh dist

test: ## Run every test: Rust, page, layers, claims, licences, browser story
	@scripts/test.sh

check: ## Check format, lints, layers, claims, licences and the page's types
	@scripts/check.sh

bench: ## Measure code beside plain Python, decisions, sealing, start, memory, dashboards, and 12 million rows (as bench-reference)
	@scripts/measure.sh
	@scripts/measure-reference.sh

bench-peers: ## Measure requests beside the same work in FastAPI and PyJWT
	@scripts/measure-peers.sh

bench-reference: ## Measure 12 million rows through HTTP beside DuckDB and Polars (SCALE=0.01 for less)
	@scripts/measure-reference.sh

corpus: ## Run attacks and ordinary scripts behind each wall of Code Mode, and print the table
	@scripts/corpus.sh

soak: ## Refresh 10,000 times while it is killed; kill it 1,000 times amid uploads; fill its disk; run 10,000 scripts (REFRESHES=, KILLS=, SOAK_RUNS=)
	@scripts/soak.sh

fuzz: ## Try what reads hostile bytes with random cases, ten minutes each (FUZZ_SECONDS=60 for less)
	@scripts/fuzz.sh
