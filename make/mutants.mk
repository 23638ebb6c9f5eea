# make mutants   how many small faults in search, ingestion, answers and routing no test sees (mutmut): a sample of SAMPLE
#                mutants of MODULES, drawn with SEED

MODULES ?= retrievers.search retrievers.ingestion agent.answering agent.routers
SAMPLE  ?= 150
SEED    ?= 0

.PHONY: mutants

mutants: $(VENV)/.mutants
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/mutants.py $(MODULES) --sample $(SAMPLE) --seed $(SEED)

$(VENV)/.mutants: make/mutants.mk $(VENV)/.dev
	$(BIN)/pip install --quiet --no-compile -c constraints.txt -e ".[mutants]"
	@touch $@
