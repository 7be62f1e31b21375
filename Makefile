# `make` lists the commands. POSIX shell and GNU make 3.81 are enough.

PORT ?= 8000
PYTHONS = python3.13 python3.12 python3.11 python3
BIN = .venv/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
LOCK = $(BIN)/uv pip compile --quiet $(UPGRADE) --generate-hashes --universal --python-version 3.11
RACES = $(wildcard */tests/test_*races.py)

# True when .venv holds what this file asks for: a copy of the file is left there after
# installing. No Python is started to find out, since that is most of a second start.
installed = [ "$$(cat $(1))" = "$$(cat .venv/$(notdir $(1)) 2>/dev/null)" ]
# Prints the paragraphs of dev.txt that are, or are not (!), about mysqlclient.
mysqlclient = awk '/^[a-z]/ {about = /^mysqlclient==/} $(1)about && !/^ *\#/' requirements/dev.txt

.NOTPARALLEL:
.PHONY: help run test check rehearse bundle deploy destroy format lock screenshots soak \
	venv base dev packages

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

run: export DEBUG = 1
run: export PORT := $(PORT)
run: base ## start Tasklist with demo data on 127.0.0.1:8000 (PORT=8001 changes the port)
	@$(BIN)/python manage.py demo
	@exec $(BIN)/python manage.py run 127.0.0.1:$(PORT)

test: packages dev ## run every check and test, on SQLite and MariaDB, in a browser, and rehearse
	@$(BIN)/python tests/run.py

check: dev ## run the quick half: lint, format, types, migrations, deploy check, SQLite
	@$(BIN)/python tests/run.py --quick

rehearse: packages dev ## play the deployment to Elastic Beanstalk on this machine
	@$(BIN)/python -m deploy.rehearse

bundle: base ## make the source bundle of the last commit, in var/release
	@$(BIN)/python -m deploy.bundle

deploy: base ## put the last commit on AWS: make deploy OPTIONS="--dry-run"
	@$(BIN)/python -m deploy.deploy $(OPTIONS)

destroy: base ## take the site off AWS, after asking
	@$(BIN)/python -m deploy.destroy $(OPTIONS)

format: dev ## put code and templates into their format
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .
	find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} + || true

lock: dev ## pin the requirements with hashes (UPGRADE=--upgrade: newest versions)
	$(LOCK) requirements/base.in -o requirements/base.txt
	$(LOCK) -c requirements/base.txt requirements/dev.in -o requirements/dev.txt
	{ sed '/^mysqlclient==/,$$d' requirements.txt; $(call mysqlclient); } > requirements.txt.new
	mv requirements.txt.new requirements.txt

screenshots: dev ## take the pictures of the guide
	$(BIN)/python tests/screenshots.py

soak: packages dev ## race for 200 rounds, stop deployments at any call, kill 20 workers, ask the API 200 times
	@RACE_ROUNDS=200 $(BIN)/python tests/mariadb.py -- $(BIN)/python -m pytest $(RACES)
	@STOP_AT_READS=1 $(BIN)/python -m pytest tests/deployment/test_deploy.py
	@KILLS=20 KILLED_MAILS=500 $(BIN)/python tests/mariadb.py -- $(BIN)/python -m pytest ledger/tests/test_worker.py
	@API_EXAMPLES=200 $(BIN)/python tests/mariadb.py -- $(BIN)/python -m pytest tests/test_openapi.py
	@$(BIN)/python tests/mariadb.py -- $(BIN)/python -m pytest -s tests/guessing.py

packages:
	@tests/system_packages.sh

# An environment without pip is one whose making was interrupted; one whose python does
# not start was made with a Python that is gone.
venv:
	@[ -x $(BIN)/python ] && [ -x $(BIN)/pip ] && exit; \
	for python in $(PYTHONS); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
			echo "Making the virtual environment .venv with $$python ..."; \
			exec "$$python" -m venv --clear .venv; \
		fi; \
		without_venv="$$python"; \
	done; \
	if [ "$$without_venv" ]; then \
		echo "$$without_venv lacks its venv module. On Debian: apt-get install python3-venv"; \
	else \
		echo "Tasklist needs Python 3.11 or newer, and none of these is: $(PYTHONS)." \
			"If yours has another name: make run PYTHONS=/path/to/python"; \
	fi >&2; \
	exit 1

base: venv
	@$(call installed,requirements/base.txt) || { \
		echo "Installing requirements/base.txt into .venv ..."; \
		$(PIP) -r requirements/base.txt && cp requirements/base.txt .venv/; }

# mysqlclient has to be compiled. Where that fails, all that does without MariaDB still runs.
dev: base
	@$(call installed,requirements/dev.txt) || { \
		echo "Installing requirements/dev.txt into .venv ..."; \
		if $(PIP) -r requirements/dev.txt; then cp requirements/dev.txt .venv/; else \
			echo "Trying again without mysqlclient, which needs C headers ..."; \
			$(call mysqlclient,!) > .venv/without-mysqlclient.txt; \
			$(PIP) -r .venv/without-mysqlclient.txt; \
		fi; }
