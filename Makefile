# Everything from a bare checkout; needs Python 3.11 or newer and make.
#
#   make run [PORT=8000]     all of Alio in this terminal
#   make test [ARGS=...]     the tests; ARGS go to pytest
#   make lint                every check that is not a test
#   make bench               measurements, each beside a baseline
#   make soak [ARGS=...]     two minutes of calls while every part is killed, then the books are checked
#   make fmt                 put code and templates into shape
#   make messages            collect what is to be translated into locale/
#   make lock                pin requirements/*.in anew (needs uv)
#   make twilio-sdk          what consoles need for calls from Twilio's numbers (needs npm)
#   make clean               remove what make has made; data in var/ stays

PORT ?= 8000
HOST ?= 127.0.0.1
ARGS ?=
CORES := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# Most of the time they wait.
WORKERS ?= $(shell [ $(CORES) -gt 1 ] && echo 3 || echo 2)

SHELL := /bin/sh
BIN := .venv/bin
PYTHON := $(BIN)/python
SOURCES := answering clients calls inquiries billing bench tests manage.py
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

.PHONY: run test lint bench soak fmt messages lock twilio-sdk clean setup
.DELETE_ON_ERROR:

run: .venv/.base.stamp $(CATALOGUES)
	@exec $(PYTHON) manage.py up --host $(HOST) --port $(PORT)

test: .venv/.dev.stamp $(CATALOGUES)
	@exec $(PYTHON) -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

bench: .venv/.dev.stamp $(CATALOGUES)
	@exec $(PYTHON) -m bench $(ARGS)

soak: .venv/.dev.stamp $(CATALOGUES)
	@exec $(PYTHON) -m bench.soak $(ARGS)

setup: .venv/.dev.stamp $(CATALOGUES)

# -- checks ----------------------------------------------------------------------------------
# All run, whatever the ones before came to; the end names those which failed. mypy takes as long as all others
# together: it runs beside them, and is heard last.

PRODUCTION := DEBUG=off PUBLIC_URL=https://alio.example LIVE_URL=https://alio.example/live/ \
	ALLOWED_HOSTS=alio.example EMAIL_URL=smtp://mail.alio.example REDIS_URL=redis://redis.alio.example/0 \
	DATABASE_URL=postgresql://alio@database.alio.example/alio
NO_DATABASE := DATABASE_URL=postgresql://127.0.0.1:1/none DATABASE_POOL_SIZE=0 PYTHONWARNINGS=ignore::RuntimeWarning

lint: .venv/.dev.stamp $(CATALOGUES)
	@failed=; \
	step() { name=$$1; shift; printf '\n== %s\n' "$$name"; "$$@" || failed="$$failed\n   $$name"; }; \
	quietly() { said=$$("$$@" 2>&1) || { printf '%s\n' "$$said"; return 1; }; }; \
	types=$$(mktemp); $(PYTHON) -m mypy >"$$types" 2>&1 & mypy=$$!; \
	types() { wait $$mypy; status=$$?; cat "$$types"; rm -f "$$types"; return $$status; }; \
	step 'ruff check' $(PYTHON) -m ruff check .; \
	step 'ruff format' $(PYTHON) -m ruff format --check .; \
	step 'layers' $(BIN)/lint-imports --no-logo; \
	step 'templates' $(PYTHON) -m djlint templates --check --lint --quiet; \
	step 'translations complete' $(PYTHON) -m tests.check_translations; \
	step 'Dockerfile' $(BIN)/hadolint Dockerfile; \
	step 'docker-compose.yml' $(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml; \
	step 'Caddyfile' quietly $(BIN)/caddy fmt Caddyfile; \
	step 'Caddyfile valid' quietly env PUBLIC_URL=https://alio.example \
		$(BIN)/caddy validate --adapter caddyfile --config Caddyfile; \
	secret=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))'); \
	step 'check --deploy' env $(PRODUCTION) "SECRET_KEY=$$secret" \
		$(PYTHON) manage.py check --deploy --fail-level WARNING; \
	step 'migrations complete' env $(NO_DATABASE) $(PYTHON) manage.py makemigrations --check --dry-run; \
	step 'mypy --strict' types; \
	if [ -n "$$failed" ]; then printf "\nFailed:$$failed\n"; exit 1; fi; \
	printf '\nlint: nothing to complain about\n'

fmt: .venv/.dev.stamp
	$(PYTHON) -m ruff check --fix-only .
	$(PYTHON) -m ruff format .
	$(PYTHON) -m djlint templates --reformat --quiet || true
	$(BIN)/caddy fmt --overwrite Caddyfile

# -- translations ----------------------------------------------------------------------------

messages: .venv/.dev.stamp
	$(PYTHON) -m tests.check_translations --update

%.mo: %.po | .venv/.base.stamp
	@$(PYTHON) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@

# -- the virtual environment -----------------------------------------------------------------

FIND_PYTHON = for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; exit; fi; done; \
	echo 'Alio needs Python 3.11 or newer.' >&2; exit 1

.venv/bin/python:
	@python=$$($(FIND_PYTHON)) || exit 1; \
	if command -v uv >/dev/null; then uv venv --quiet --allow-existing --python "$$python" .venv; \
	else $$python -m venv .venv || { echo 'Python lacks venv (Debian: apt-get install python3-venv).' >&2; exit 1; }; fi

INSTALL = if command -v uv >/dev/null; then uv pip install --quiet --python $(PYTHON) --require-hashes $(1); \
	else { $(PYTHON) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m ensurepip >/dev/null; } && \
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes $(1); fi

.venv/.base.stamp: requirements/base.txt requirements/local.txt | .venv/bin/python
	@echo 'Installing what Alio runs on'
	@$(call INSTALL,-r requirements/base.txt -r requirements/local.txt)
	@touch $@

.venv/.dev.stamp: requirements/base.txt requirements/local.txt requirements/dev.txt | .venv/bin/python
	@echo 'Installing what Alio runs on and is tested with'
	@$(call INSTALL,-r requirements/base.txt -r requirements/local.txt -r requirements/dev.txt)
	@touch .venv/.base.stamp $@

LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

lock:
	@command -v uv >/dev/null || { echo 'make lock needs uv'; exit 1; }
	$(LOCK) requirements/base.in --output-file requirements/base.txt
	$(LOCK) requirements/local.in --output-file requirements/local.txt
	$(LOCK) requirements/dev.in --output-file requirements/dev.txt

# -- Twilio's Voice SDK ------------------------------------------------------------------------
# Served from where npm puts it (STATICFILES_DIRS); in production collect the static files after it.

VOICE_SDK := node_modules/@twilio/voice-sdk/dist/twilio.min.js

twilio-sdk: $(VOICE_SDK)

$(VOICE_SDK): package.json package-lock.json .npmrc
	@command -v npm >/dev/null || { echo 'make twilio-sdk needs npm (Debian: apt-get install npm)'; exit 1; }
	@npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

clean:
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis static-collected test-results
	rm -f locale/*/LC_MESSAGES/*.mo
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
