# Two commands do everything: `make run` and `make test`. All targets are safe to repeat.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
comma := ,
EXTRAS := $(if $(SLIM),,easyocr)
TEST_EXTRAS := $(if $(SLIM),test$(comma)s3,easyocr$(comma)test$(comma)s3)
WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
STATIC := api/web/static/vendor
BOARD_FONTS := build/board/fonts/node_modules

.PHONY: help install install-test install-machine install-tesseract assets run test check fix score board accept samples calibrate fusion \
        crash bench bench-reader bench-start bench-reports bench-watchlist bench-near bench-connections bench-inscriptions bench-pages \
        bench-webhooks hands screenshots constraints clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is needed: apt install python3.11 python3.11-venv, or make PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed$(SLIM): $(BIN)/python pyproject.toml constraints.txt
	$(PIP) --editable '.$(if $(EXTRAS),[$(EXTRAS)])'
	@touch $@

$(VENV)/.tested$(SLIM): $(BIN)/python pyproject.toml constraints.txt
	$(PIP) --editable '.[$(TEST_EXTRAS)]'
	@touch $@ $(VENV)/.installed$(SLIM)

install: $(VENV)/.installed$(SLIM)  ## .venv with the wallwatch command (SLIM=1: without easyocr)

install-test: $(VENV)/.tested$(SLIM)

install-machine:  # what the tests need of Debian; as anybody but root they say what is missing
	@missing=""; command -v chromium >/dev/null || missing="chromium"; \
	[ -x /usr/lib/postgresql/15/bin/initdb ] || missing="$$missing postgresql-15"; \
	[ -z "$$missing" ] || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing; \
	else echo "The tests need: apt install $$missing"; fi

assets: $(STATIC)/.copied  ## browser code for the pages, from npm

node_modules/.package-lock.json: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed for the pages: install Node 20"; exit 1; }
	npm ci --silent --no-audit --no-fund --ignore-scripts

$(STATIC)/.copied: node_modules/.package-lock.json
	@mkdir -p $(STATIC)/swagger $(STATIC)/htmx $(STATIC)/leaflet/images $(STATIC)/chart
	cp node_modules/swagger-ui-dist/swagger-ui-bundle.js node_modules/swagger-ui-dist/swagger-ui.css \
	   node_modules/swagger-ui-dist/LICENSE $(STATIC)/swagger/
	cp node_modules/htmx.org/dist/htmx.min.js node_modules/htmx.org/LICENSE $(STATIC)/htmx/
	cp node_modules/leaflet/dist/leaflet.js node_modules/leaflet/dist/leaflet.css node_modules/leaflet/LICENSE $(STATIC)/leaflet/
	cp node_modules/leaflet/dist/images/*.png $(STATIC)/leaflet/images/
	cp node_modules/chart.js/dist/chart.umd.min.js node_modules/chart.js/LICENSE.md $(STATIC)/chart/
	@touch $@

run: install assets  ## install and start, with sample photos already read
	WALLWATCH_STAGE=$${WALLWATCH_STAGE:-development} $(BIN)/wallwatch serve

check: install-test  ## style, types, who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: install-test  ## mend style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: install-machine install-test assets check  ## everything that must hold (WORKERS=2: test processes, 1.3 GB each)
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "not slow" --numprocesses $(WORKERS) --dist worksteal --durations 15

score: install-test  ## our reader beside RapidOCR on the samples, in the terminal
	$(BIN)/python -m vision.lab.evaluate --samples samples

samples: install-test  ## draw the committed samples again (FONTS=folder; samples/README.md names the fonts)
	$(BIN)/python -m vision.lab.synth --out samples --count 80 $(if $(FONTS),--fonts $(FONTS))

calibrate: install-test  ## measure confidences and confusions on drawn val photos (minutes; FONTS=folder PHOTOS=300)
	$(BIN)/python -m vision.lab.calibrate --photos $(or $(PHOTOS),300) $(if $(FONTS),--fonts $(FONTS))

fusion: install-test  ## what fusing several photos of a wall gains, on drawn series (minutes; FONTS=folder)
	$(BIN)/python -m vision.lab.fusion --series $(or $(SERIES),40) --photos 5 $(if $(FONTS),--fonts $(FONTS))

hands: install-test  ## how well a stencil or a hand is known again, on drawn lines (minutes; FONTS=folder)
	$(BIN)/python -m vision.lab.hands $(if $(FONTS),--fonts $(FONTS))

crash: install-test  ## kill -9 at random moments, many rounds
	$(BIN)/pytest -s -m slow tests/api

$(BOARD_FONTS)/.package-lock.json: vision/lab/board/fonts/package.json vision/lab/board/fonts/package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed for the fonts of the test photos: install Node 20"; exit 1; }
	@mkdir -p $(dir $(BOARD_FONTS)) && cp $^ $(dir $(BOARD_FONTS))
	cd $(dir $(BOARD_FONTS)) && npm ci --silent --no-audit --no-fund --ignore-scripts

install-tesseract:  # one of the board's contestants; as anybody but root, the board says that it is missing
	@command -v tesseract >/dev/null || if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	  tesseract-ocr tesseract-ocr-rus tesseract-ocr-eng tesseract-ocr-kaz; \
	else echo "Without Tesseract on the board; for it: apt install tesseract-ocr tesseract-ocr-rus tesseract-ocr-eng tesseract-ocr-kaz"; fi

board: install-test install-tesseract $(BOARD_FONTS)/.package-lock.json  ## docs/board.md: every way of reading on 240 test photos (BOARD=12: fewer; REAL="FOLDER …")
	$(BIN)/python -m vision.lab.board --fonts $(BOARD_FONTS) $(if $(BOARD),--photos $(BOARD)) $(if $(REAL),--real $(REAL))

accept: install-test  ## write down which samples are read exactly
	$(BIN)/python -m vision.lab.evaluate --samples samples --accept

bench: bench-reader bench-start bench-reports bench-watchlist bench-near bench-connections bench-inscriptions bench-pages bench-webhooks  ## every figure of docs/benchmarks.md

bench-reader: install-test  ## our reader beside RapidOCR, large photos beside small ones
	$(BIN)/python -m vision.lab.latency samples/wall-02*.jpg

bench-start: install-test assets  ## first and second start, and the memory of the worker
	$(BIN)/python -m benchmarks.start

bench-reports: install-test  ## reports a second with 2 MB photos
	$(BIN)/python -m benchmarks.reports
	$(BIN)/python -m benchmarks.reports --worker

bench-watchlist: install-test  ## how fast the watchlist answers over a million sightings
	$(BIN)/python -m benchmarks.watchlist

bench-near: install-test  ## how fast near matches are found among 100,000 addresses
	$(BIN)/python -m benchmarks.near

bench-connections: install-test  ## how fast time lines, maps, the graph and statistics answer over a million sightings
	$(BIN)/python -m benchmarks.connections

bench-pages: install-test assets  ## how fast pages answer over 100,000 addresses, and how much script they take
	$(BIN)/python -m benchmarks.pages

bench-webhooks: install-test  ## 100 calls of messengers a second for a minute: acknowledged in time, none lost
	$(BIN)/python -m benchmarks.webhooks

bench-inscriptions: install-test  ## a new photo among 20,000, inscriptions beside a million sightings
	$(BIN)/python -m benchmarks.inscriptions

clean:  ## forget everything that can be made again (never your data in var/)
	rm -rf $(VENV) node_modules $(STATIC) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

screenshots: install-machine install-test assets  ## pictures of all pages for the guides (docs/pictures/pages)
	$(BIN)/python -m tests.api.pages.screenshots

constraints:  ## write down the versions that are installed now
	{ echo "# Exact versions that were tested together; floors are in pyproject.toml. Made by: make constraints"; \
	  $(BIN)/python -m pip list --format=freeze --disable-pip-version-check \
	  | grep -viE '^(pip|setuptools|wheel|wallwatch)==' | sed -E 's/\+(cpu|cu[0-9]+)$$//'; } > constraints.txt
