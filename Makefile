# What a person types. Everything goes into .venv; nothing of the machine is changed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test coverage lint bench soak pictures container-test clean

help:
	@echo "make demo      collect once from the sandbox and show the result"
	@echo "make test      run all tests"
	@echo "make coverage  the same, and which lines and branches they take"
	@echo "make lint      style, types, layers, alert rules, image"
	@echo "make bench     measure; prints what benchmarks/README.md keeps"
	@echo "make soak      a year of the daemon in 45 minutes, with all that goes wrong; SEED=2 DAYS=30"
	@echo "make pictures  take the pictures of docs/department.ru.md anew"
	@echo "make container-test  what must hold of the image, each tried on a Docker engine; CHECK=disk-full"
	@echo "make clean     remove what the others made"

# The stamp is made anew when the dependencies change.
.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { echo "This Python cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: .venv/installed
	@$(BIN)/python scripts/demo.py

# Three at a time on two cores: a third of the time is spent waiting for processes that start.
test: .venv/installed
	@scripts/needs.sh
	$(BIN)/python -m pytest -n 3 $(PYTEST_ARGS)

# Apart from .ci/run, since it makes the tests a third slower.
coverage: .venv/installed
	@scripts/needs.sh
	$(BIN)/python -m pytest -n 3 --cov --cov-report=term --cov-fail-under=90

# promtool and amtool are Prometheus's and Alertmanager's own: rules, their tests, who hears of what.
lint: .venv/installed
	@scripts/needs.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile scripts/container_test/standins/*/Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	promtool check config config/prometheus/prometheus.yml
	promtool test rules config/prometheus/tests/*.yml
	amtool check-config config/alertmanager/alertmanager.yml
	amtool config routes test --config.file=config/alertmanager/alertmanager.yml \
	  --verify.receivers=mail-and-webhook service=collector severity=critical

bench: .venv/installed
	$(BIN)/python benchmarks/run.py

# A C compiler is needed for the clock.
soak: .venv/installed
	@$(BIN)/python -m scripts.soak $(if $(SEED),--seed $(SEED)) $(if $(DAYS),--days $(DAYS)) $(if $(SPEED),--speed $(SPEED)) $(if $(INTERVAL_HOURS),--interval-hours $(INTERVAL_HOURS))

# Where a page changes, so that the guide shows what people see.
pictures: .venv/installed
	@scripts/needs.sh
	@$(BIN)/python -m scripts.pictures

# Needs Docker with its plugins buildx and compose.
container-test: .venv/installed
	@$(BIN)/python -m scripts.container_test $(CHECK)

clean:
	rm -rf .venv demo soak .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
