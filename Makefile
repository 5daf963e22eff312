# Every target sets up what it needs: its own environment under .venv/, from the package index.
PYTHON ?= python3
BUILD ?= build

.PHONY: help demo test test-long test-wild bench lint types lit clean
help:            ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

demo: .venv/run/.ready  ## convert both trained example networks to HLS C++, checked at every stage (no TensorFlow)
	@for net in digits_cnn digits_mlp; do \
	  .venv/run/bin/qdialect convert examples/$$net/model.h5 -o $(BUILD)/$$net --data examples/$$net/inputs.npy \
	    --expected examples/$$net/logits.npy --labels examples/$$net/labels.npy || exit 1; \
	done

test: lint types  ## linters, type checker, all tests (sets up TensorFlow and QKeras)
	.venv/test/bin/python -m pytest -q -n 2

test-long: .venv/test/.ready  ## 500 random networks from Keras to compiled C++ instead of 25
	QDIALECT_DRAWS=500 .venv/test/bin/python -m pytest -q -n 2 tests/py/test_keras_networks.py

bench: .venv/run/.ready  ## C simulation and simulator of a binary network against ordinary multiplication
	.venv/run/bin/python benchmarks/binary_mlp.py

test-wild: .venv/test/.ready  ## networks from the wild: QDIALECT_MODELS=<folder with recorded outputs>
	.venv/test/bin/python -m pytest -q -n 2 tests/py/wild

lint: .venv/test/.ready  ## ruff
	.venv/test/bin/ruff check -q
	.venv/test/bin/ruff format -q --check

types: .venv/test/.ready  ## pyright, strict
	.venv/test/bin/pyright --pythonpath .venv/test/bin/python

lit: .venv/test/.ready  ## the IR tests alone
	.venv/test/bin/lit -v tests/lit

.venv/run/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/run
	.venv/run/bin/pip install -q -e .
	@touch $@

.venv/test/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/test
	.venv/test/bin/pip install -q -e '.[test]'
	@touch $@

clean:           ## remove environments and built projects
	rm -rf .venv $(BUILD)
