# What a newcomer needs: `make run`, `make test`. The rest serves these two.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= var/out
CANDIDATES ?= 12
SCHEDULES ?= 500
WORKERS ?= 2
RUNS ?= 1000000
FUZZ := build/fuzz

.PHONY: run demo test test-schedules lint system-deps install install-dev lock clean test-moodle plugin test-plugin fuzz pictures

run: install          ## the whole main job on this machine, then the panel on http://127.0.0.1:8000
	$(BIN)/kyzmat demo --out $(OUT) --candidates $(CANDIDATES) --serve

demo: install         ## the whole main job, then exit
	$(BIN)/kyzmat demo --out $(OUT) --candidates $(CANDIDATES)

test: install-dev system-deps   ## the whole suite; nothing is skipped
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

pictures: install-dev system-deps   ## every page as docs/pictures.md shows it: ru and ky, 1366 and 360 px wide
	rm -rf docs/pictures/ru docs/pictures/ky
	KYZMAT_TEST_PICTURES=docs/pictures $(BIN)/python -m pytest tests/web/story
	$(BIN)/python -m tests.web.story.album docs

test-schedules: install-dev  ## 500 random schedules of synchronising, dying, losing replies, editing, regrading (10 to 60 minutes)
	KYZMAT_SCHEDULES=$(SCHEDULES) $(BIN)/python -m pytest -q tests/connector/test_schedules.py

test-moodle: install-dev  ## the contract suite against a real Moodle: MOODLE_URL=… MOODLE_TOKEN=…
	$(BIN)/python -m pytest tests/connector/contract --moodle-url "$(MOODLE_URL)" --moodle-token "$(MOODLE_TOKEN)" \
	  --moodle-hand "$(MOODLE_HAND)"

plugin:               ## dist/local_kyzmat.zip, to be installed by Moodle's own page for plugins
	.ci/plugin-check
	rm -rf build/plugin dist/local_kyzmat.zip && mkdir -p build/plugin dist
	cp -R connector/moodle/plugin/local_kyzmat build/plugin/kyzmat
	$(PYTHON) -m zipfile -c dist/local_kyzmat.zip build/plugin/kyzmat

test-plugin:          ## the plugin's own tests inside a Moodle prepared for PHPUnit: MOODLE_DIR=…
	@test -f "$(MOODLE_DIR)/version.php" || { echo "MOODLE_DIR=… names the tree of a Moodle prepared for PHPUnit (docs/plugin.md)"; exit 2; }
	rm -rf "$(MOODLE_DIR)/local/kyzmat" && cp -R connector/moodle/plugin/local_kyzmat "$(MOODLE_DIR)/local/kyzmat"
	cd "$(MOODLE_DIR)" && php admin/tool/phpunit/cli/util.php --diag >/dev/null || { \
	  php admin/tool/phpunit/cli/util.php --drop && php -d max_input_vars=5000 admin/tool/phpunit/cli/util.php --install; }
	cd "$(MOODLE_DIR)" && php admin/tool/phpunit/cli/util.php --buildconfig
	cd "$(MOODLE_DIR)" && php vendor/bin/phpunit --testsuite local_kyzmat_testsuite

fuzz: $(FUZZ)/.stamp  ## RUNS executions each of the GIFT and the Moodle XML reader (atheris; CPython 3.11 to 3.13 on Linux)
	$(FUZZ)/bin/python -m tests.fuzz.run gift -runs=$(RUNS) -max_len=300 -timeout=20 -rss_limit_mb=1500 -artifact_prefix=$(FUZZ)/ $(FUZZ)/corpus/gift
	$(FUZZ)/bin/python -m tests.fuzz.run xml -runs=$(RUNS) -max_len=1500 -timeout=20 -rss_limit_mb=1500 -artifact_prefix=$(FUZZ)/ $(FUZZ)/corpus/xml

$(FUZZ)/.stamp: requirements-fuzz.lock
	$(PYTHON) -m venv $(FUZZ)
	$(FUZZ)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	@touch $@

lint: install-dev     ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

system-deps:          ## Debian packages the tests need (Chromium, LibreOffice, fonts, PostgreSQL 15, PHP)
	@sh .ci/system-deps

install: $(VENV)/.run-stamp
install-dev: $(VENV)/.dev-stamp

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev-stamp: requirements-dev.lock $(VENV)/.run-stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

lock:                 ## refresh both lock files (needs `uv`)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml requirements-build.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev pyproject.toml requirements-build.in -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) var build dist
