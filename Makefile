.PHONY: help demo test test-pages test-all coverage bench bench-images bench-gpu bench-painter check clean

PYTHON ?= python3
BIN := .venv/bin
OUT ?= demo
JOBS ?= 2
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: .venv/ready ## the whole chain in rehearsal on the portraits of examples/: no key, no network, no GPU
	$(BIN)/python main.py --run-all --images examples/portraits/*.png --tweets 10 --rehearse --out $(OUT)
	@echo
	@echo "Everything is in $(OUT)/: personas in personas/, calendars in calendars/,"
	@echo "posts in output_standalone/, pictures in output_images/."
	@echo "To look at it, open $(OUT)/output_gallery/index.html."

test: .venv/ready-dev tests/readers/node_modules/.ready ## all tests but the slow ones
	$(PYTEST) -m "not slow"

test-pages: .venv/ready-dev ## the gallery and the review in Chromium (apt-get install chromium)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/gallery/test_browser.py tests/pipeline/test_review_browser.py

test-all: .venv/ready-dev .venv/ready-ray tests/readers/node_modules/.ready ## all tests
	$(PYTEST)

coverage: .venv/ready-dev tests/readers/node_modules/.ready ## lines and branches that `make test` reaches, at least 90 %, child processes included
	$(PYTEST) -m "not slow" --cov --cov-report=term-missing

bench: .venv/ready-dev ## every figure of PERFORMANCE.md about calls, in about half an hour; nothing else should run
	$(BIN)/python -m benchmarks.calls
	$(BIN)/python -m benchmarks.startup

bench-images: .venv/ready-dev ## every figure of PERFORMANCE.md about pictures but the GPU's, in about ten minutes; nothing else should run
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.pictures

bench-gpu: .venv/ready-dev ## pictures a second on one GPU, ours beside the plain loop; needs 40 GB in PLACE=...
	$(BIN)/python -m benchmarks.gpu_pictures --place $(PLACE)

bench-painter: .venv/ready ## how often the small painter paints what the prompt says, in about ten minutes
	$(BIN)/python -m examples.painter.check

check: .venv/ready-dev ## lint, types, and the rules of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/python -m pytest tests/test_architecture.py

clean: ## remove what the tools left behind; what was made stays
	rm -rf .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.venv/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/ready: .venv/python requirements.txt requirements-text.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv/ready-ray: .venv/ready requirements-ray.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-ray.txt
	@touch $@

# Programs of others that must be able to read what we write. Without npm their tests are skipped, but never in CI.
tests/readers/node_modules/.ready: tests/readers/package-lock.json
	@if command -v npm >/dev/null || [ -n "$$CI" ]; then npm ci --prefix tests/readers --ignore-scripts --silent && touch $@; \
	else echo "npm is not here: tests of what other programs read will be skipped."; fi
