# Five verbs run everything, in CI too:   make install style types test serve
# and two commands are all a newcomer needs:   make demo     make test

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATE ?= var
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: help demo install models pages shop serve test test-python test-pages test-reliability \
        test-sabotage test-browsers browsers style types bench lock browser tracer proxy clean

help: ## what each verb does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

demo: install pages models shop ## from nothing to a running demo shop on one port
	$(BIN)/shopkeeper serve

install: $(VENV)/.installed ## the virtual environment with the locked dependencies

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Shopkeeper needs Python 3.11: make PYTHON=python3.11 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked Python packages; after the downloads, unpacking them is silent for a minute or two."
	$(BIN)/python -m pip install --quiet --progress-bar on -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

pages: web_widget/dist/widget.js ## the widget and the pages

web_widget/node_modules/.installed: web_widget/package-lock.json
	cd web_widget && npm ci --no-audit --no-fund
	@touch $@

web_widget/dist/widget.js: web_widget/node_modules/.installed $(shell find web_widget/src web_widget/pages -type f 2>/dev/null)
	cd web_widget && npm run build
	@touch $@

models: install ## fetch and convert the weights (cached, checked, resumable)
	$(BIN)/shopkeeper models fetch

shop: models ## train the demo shop's intents and publish its knowledge base, once
	$(BIN)/shopkeeper prepare

serve: ## serve what is there
	$(BIN)/shopkeeper serve

tracer: # for the order of system calls (row 4); without it that test says that it was skipped
	@command -v strace >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq strace; } || \
	  echo "No strace found: the test of the order of system calls will be skipped"

proxy: # the proxies that deploy/ is tried behind; without them those tests say that they were skipped
	@{ command -v nginx && command -v caddy && command -v openssl; } >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nginx-light caddy openssl; } || \
	  echo "No nginx or caddy found: the tests of deploy/ behind them will be skipped"

browser: ## a Chromium for the browser tests, where the system package manager can give one
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk; } || \
	  { echo "No Chromium found: install one with your package manager (Debian: apt-get install chromium)"; exit 1; }

test: install pages models browser tracer proxy ## every test: pages, Python, browser
	$(MAKE) test-pages
	$(MAKE) test-python

test-pages: web_widget/node_modules/.installed
	cd web_widget && npm test

test-python:
	$(BIN)/python -m pytest -q --durations=15

test-reliability: install models ## the long reliability runs, by hand or at night
	$(BIN)/python -m pytest -q -m long tests/reliability

browsers: # Firefox and WebKit, for test-browsers; without one of them its walks say that they were skipped
	@test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends firefox-esr \
	    webkit2gtk-driver gir1.2-webkit2-4.1 python3-gi xvfb locales fonts-noto-cjk || \
	  echo "Firefox or WebKit may be missing: the walks in what is missing will be skipped"

test-browsers: install pages models browsers ## a day at the shop in Firefox and in WebKit
	$(BIN)/python -m pytest -q -m browsers tests/browsers

test-sabotage: install pages models ## break the product on purpose; each breakage must be noticed
	$(BIN)/python -m tests.reliability.sabotage

style: install web_widget/node_modules/.installed ## formatting and lint, and a mirror of long functions
	$(BIN)/ruff format --check . && $(BIN)/ruff check .
	cd web_widget && npm run style

types: install web_widget/node_modules/.installed ## mypy --strict and tsc strict
	$(BIN)/mypy
	cd web_widget && npm run types

bench: install models shop ## speed, beside a plain sentence-transformers server
	$(BIN)/shopkeeper bench

lock: ## resolve the dependencies anew (through pip, so that a local CPU wheel of torch is found)
	$(BIN)/pip-compile -q --upgrade --extra dev --strip-extras --no-header --no-emit-index-url \
	  --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock pyproject.toml
	sed -i 's/^torch==\([0-9.]*\)+cpu/torch==\1/' requirements.lock

clean: ## everything that was made, but not the cached weights
	rm -rf $(VENV) $(STATE) web_widget/dist web_widget/node_modules .mypy_cache .ruff_cache .pytest_cache
