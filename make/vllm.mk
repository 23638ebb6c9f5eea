# make test-vllm   the tests that talk to a real vLLM server (its own environment: 3.4 GB, several minutes the first time)

VLLM := .venv-vllm

.PHONY: test-vllm

test-vllm: $(VENV)/.dev $(VLLM)/.installed
	TRIPTYCH_VLLM_PYTHON=$(VLLM)/bin/python $(BIN)/python -m pytest tests/vllm -q -ra

$(VLLM)/.installed: constraints-vllm.txt
	test -x $(VLLM)/bin/python || $(PYTHON) -m venv $(VLLM)
	$(VLLM)/bin/pip install --quiet --no-deps --no-compile -r constraints-vllm.txt
	@touch $@
