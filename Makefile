# The commands of this repository. `make demo` and `make test` set up what they need by themselves.

IN := tools/with-python -m tools.within
# Variables that a caller may set: PYTHON, WORKERS and ARGS for test, KEEP and PORT for demo, DIR for install.
WORKERS ?= 2
SOURCES := provider constructs emulator tools tests examples

.DEFAULT_GOAL := help
.PHONY: help setup venv demo test test-cdktn test-languages test-kills soak fuzz lock lint fmt generate build install bench fresh clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 24

setup: ## make .venv, node_modules, and Node and Terraform where they are missing
	@tools/with-python -m tools.setup

venv: ## make .venv alone
	@tools/with-python -m tools.setup python

demo: setup ## deploy, update in place and destroy two notebooks on an emulator (KEEP=1, PORT=8080)
	@$(IN) --keep TF_LOG python -m tools.demo $(if $(KEEP),--keep) $(if $(PORT),--port $(PORT))

test: setup ## run the tests (ARGS="-k name", WORKERS=2)
	@$(IN) --guarded pytest -n $(WORKERS) --dist loadfile --durations=20 $(ARGS)

test-cdktn: ## run the constructs' tests on cdktn and Node 22, in an environment of its own, and deploy with its CLI
	@tools/with-python -m tools.setup cdktn
	@$(IN) --cdktn --guarded pytest -n $(WORKERS) --dist loadfile tests/constructs tests/languages/check_cdktn_deploy.py $(ARGS)

test-languages: setup ## hold cdktf's bindings, TypeScript and strict type checkers against the constructs
	@$(IN) --guarded pytest tests/languages/check_bindings.py tests/languages/check_wheel_types.py tests/languages/check_extras.py $(ARGS)

lint: venv ## ruff, mypy, and vulture for dead code
	@$(IN) ruff check $(SOURCES) && $(IN) ruff format --check $(SOURCES) && $(IN) mypy provider constructs emulator tools && $(IN) vulture

fmt: venv ## format and mend what ruff can mend
	@$(IN) ruff format $(SOURCES) && $(IN) ruff check --fix $(SOURCES)

generate: venv ## write docs/ and the L1 constructs anew from the schema
	@$(IN) python -m tools.emulator_guide && $(IN) terraform-provider-modelarts generate

build: venv ## make the wheel and the source archive in dist/
	@$(IN) python -m hatchling build

install: venv ## put the provider where Terraform finds it (DIR=folder)
	@$(IN) terraform-provider-modelarts install $(if $(DIR),--dir $(DIR))

bench: setup ## measure the budgets (ARGS="--only plan --runs 5")
	@$(IN) --guarded python -m tools.bench $(ARGS)

test-kills: setup ## SIGKILL the provider, Terraform or both around every call (make test takes some of the kills)
	@HARD_KILLS=all $(IN) --keep HARD_KILLS --guarded pytest -n $(WORKERS) tests/acceptance/test_hard_kills.py $(ARGS)

soak: setup ## many random lives of Terraform and the provider, with faults and kills (a long run)
	@$(IN) --guarded python -m tools.soak $(ARGS)

fuzz: venv ## send the emulator what its OpenAPI document allows and forbids (ARGS="--cases 500 --only UpdateNotebook")
	@$(IN) --guarded python -m tools.fuzz $(ARGS)

COMPILE := uv pip compile --universal --generate-hashes --no-header --no-annotate -q
lock: venv ## renew the locks of Python packages after a change in pyproject.toml (uses .uv's uv where PATH has none)
	@PATH="$$PATH:$$PWD/.uv/bin"; $(COMPILE) pyproject.toml --group test --group fuzz --group lint --extra cdktf --extra emulator -o requirements.lock \
	    && $(COMPILE) pyproject.toml --group test --extra cdktn --extra emulator -o requirements-cdktn.lock \
	    && $(COMPILE) --group setup -o requirements-uv.lock

fresh: ## prove that the two commands work on a machine without Terraform, without Node, without both
	@tools/with-python -m tools.fresh $(ARGS)

clean: ## remove everything that make has made
	@rm -rf .venv .uv node_modules tools/cdktn/node_modules .demo dist build cdktf.out .pytest_cache .mypy_cache .ruff_cache .hypothesis
