# Sidan's one way to do each thing, for people and for CI alike. `make` lists the targets.

PYTHON ?= python3
BIN := .venv/bin
COMPOSE ?= docker compose
# A file at a time for each process, in the order of collection; all share one Kafka and one PostgreSQL.
# At most four, for each may start a browser and a fleet of roles besides.
APART := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
FAST := not kafka and not postgres and not browser and not journey and not schedules

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-kafka test test-fast faults storm check audit fix bench serve up down clean lock

help: ## 列出所有目标 · list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.complete ## 建好 .venv（只在锁文件变了时重建）· build .venv, only when the lock has changed

# uv comes first and alone, by its own hash in the lock: it installs the rest in a sixth of pip's time.
.venv/.complete: requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/# via/p' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## 一分钟看完四单（单进程，SQLite）· the four orders in a minute, one process, SQLite
	$(BIN)/sidan demo

demo-kafka: setup ## 同样的演示，经真正的 Kafka · the same over a real Kafka
	$(BIN)/python -m tests.support.demo_kafka

test: setup ## 全部测试：Kafka、PostgreSQL、浏览器都是真的 · every test, on a real Kafka, PostgreSQL and browser
	$(BIN)/python -m tests.support.lanes
	$(BIN)/pytest $(APART)

test-fast: setup ## 不需要任何服务的测试，30 秒内 · the tests that need no service, within 30 s
	$(BIN)/pytest -n auto -m "$(FAST)"

faults: setup ## 一万个故障日程（模拟器）· ten thousand schedules of faults, in the simulator
	SIDAN_FAULT_SCHEDULES=10000 $(BIN)/pytest -n auto tests/faults/test_simulator.py tests/faults/test_guards.py

check: setup ## 格式、规范、类型、依赖方向 · format, lint, types, who may import whom
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/lint-imports

audit: setup ## 锁定的版本有没有已知漏洞（问 OSV）· ask OSV of known vulnerabilities in what is locked
	$(BIN)/python -m tests.support.audit

fix: setup ## 自动改好格式和规范 · put format and lint right where a tool can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

storm: setup ## 真进程、真故障，写 docs/reliability.md · a hundred real faults under load
	$(BIN)/python -m tests.faults.storm --write

bench: setup ## 性能测量 · measure speed
	$(BIN)/python -m benchmarks

serve: setup ## 在 http://127.0.0.1:8000 运行（单进程）· run it there, one process
	@test -n "$$SIDAN_STORE" || test -f sidan.db || $(BIN)/sidan init --town guangming
	$(BIN)/sidan serve

up: .env ## 用 Docker 起 Kafka、PostgreSQL 和全部角色 · Kafka, PostgreSQL and every role in Docker
	$(COMPOSE) up --build --detach --wait

down: ## 停掉 make up 起的一切，数据留着 · stop what `make up` started, keep its data
	$(COMPOSE) down

.env: # a web that is reachable from outside its container needs a token; Docker Compose reads it here
	@$(PYTHON) -c "import secrets; print('SIDAN_TOKEN=' + secrets.token_urlsafe(32))" > $@
	@echo "令牌已写入 .env · a token for the web was written to .env"

clean: ## 删去 .venv 和一切生成的文件 · remove .venv and all that was generated
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --extra build

lock: setup ## 按 pyproject.toml 重写锁文件 · write the lock files anew from pyproject.toml
	$(COMPILE) --extra dev pyproject.toml --upgrade --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock pyproject.toml --output-file requirements-app.lock
