# make test-scale   ingestion on a real Ray of two CPUs on this machine (its wheels: 100 MB); KILLS=20 for more kills

.PHONY: test-scale

test-scale: $(VENV)/.scale
	KILLS=$(or $(KILLS),2) OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/scale -q -ra

$(VENV)/.scale: make/scale.mk $(VENV)/.dev
	$(BIN)/pip install --quiet --no-compile -c constraints.txt -e ".[scale]"
	@touch $@
