# Two commands for a new checkout: `make demo` and `make test`. They install into .venv and touch nothing else.
# ARGS is handed on: make test ARGS="tests/contracts -k money"; PYTHON=python3.12 names another Python.
PYTHON ?= python3
ARGS ?=
# Processes that share the tests: one has tests/chain, the others the rest (tests/conftest.py). In one process: make test SHARED=
SHARED ?= -n logical --maxprocesses 4 --no-loadscope-reorder
FAULTS ?= 200
REQUESTS ?= 10000
SEED ?= 1

# One installation at a time in a checkout: `make demo` and `make test` may run side by side.
# The lock goes with the process that holds it, however that one ends.
LOCKED = $(PYTHON) -c 'import fcntl, os, sys; f = os.open(".venv.lock", os.O_CREAT | os.O_RDWR); \
	fcntl.flock(f, fcntl.LOCK_EX); os.set_inheritable(f, True); os.execvp(sys.argv[1], sys.argv[1:])'
PIP = .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt

# What .venv was built from. Another Python, place or content of the two files means: build it again.
define WANTED
$$($(PYTHON) -V; pwd; cat pyproject.toml constraints.txt | cksum)
endef

define BUILD_RUN
wanted="$(WANTED)"; \
if [ "$$(cat .venv/built-run 2>/dev/null)" != "$$wanted" ]; then \
	echo "Installing into .venv (once) / 正在安装到 .venv（仅一次）"; \
	$(PYTHON) -m venv --clear .venv; $(PIP) -e ".[services,embedded]"; echo "$$wanted" > .venv/built-run; \
fi
endef

# `yibao[dev]` finds yibao installed and adds only what is missing, so a running demo keeps its files.
define BUILD_TEST
[ -e .venv/built-test ] || { \
	echo "Installing the test tools into .venv (once) / 正在安装测试工具（仅一次）"; \
	$(PIP) "yibao[dev]"; touch .venv/built-test; \
}
endef
export BUILD_RUN BUILD_TEST

.PHONY: help demo test chaos bench docs venv clean python run-venv
.DEFAULT_GOAL := help

help:
	@echo "make demo    start Kafka, Valkey and the workers, settle the demo claims, stop / 演示：启动、结算、退出"
	@echo "make test    all tests, those on a real Kafka and Redis too / 全部测试"
	@echo "make chaos   the real stack under faults: FAULTS=200 REQUESTS=10000 SEED=1 / 故障演练"
	@echo "make bench   claims/s beside a chain that only passes bytes and an idiomatic one: CLAIMS=20000 JSON=FILE / 基准测试"
	@echo "make docs    the documents and the contract as pages in docs/site / 文档与契约网页"
	@echo "make venv    only install, with the test tools / 仅安装"
	@echo "make clean   remove .venv, .yibao and caches / 清理"

demo: run-venv
	@.venv/bin/yibao demo $(ARGS)

test: venv
	@.venv/bin/python -m pytest -q $(SHARED) $(ARGS)

chaos: venv
	@.venv/bin/python -m tests.chaos --faults $(FAULTS) --requests $(REQUESTS) --seed $(SEED) $(ARGS)

bench: venv
	@.venv/bin/python -m tests.bench.road $(if $(CLAIMS),--claims $(CLAIMS)) $(if $(JSON),--json $(JSON)) $(ARGS)

docs: run-venv
	@$(PIP) "yibao[docs]"
	@.venv/bin/python docs/build.py

venv: python
	@$(LOCKED) sh -ec "$$BUILD_RUN; $$BUILD_TEST"

run-venv: python
	@$(LOCKED) sh -ec "$$BUILD_RUN"

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "yibao needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1 || true)." >&2; \
		echo "Name another one: make demo PYTHON=python3.12" >&2; \
		echo "需要 Python 3.11 或更新版本，可用 PYTHON=python3.12 指定。" >&2; \
		exit 1; \
	}

clean:
	rm -rf .venv .venv.lock .yibao dist docs/site .pytest_cache .ruff_cache .hypothesis
	find contracts policies services tests -name __pycache__ -type d -prune -exec rm -rf {} +
