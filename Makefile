# Every target sets up what it needs: its own environment under .venv/, from the package index.
PYTHON ?= python3
BUILD ?= build

.PHONY: help check-pythons check-wheel convert-time docs-site docs-blocks hls4ml-scripts shared-popcounts both-views calibrate synth-check test-qonnx hgq2-table test-hgq2 test-pquantml test-v3 demo flips fuzz-ir fuzz mutants test test-long coverage-page docs-pages probes bn-sweep test-wild queues names widths bench bench-simulator bench-compare bench-growth bench-start bench-verify bench-hls4ml bench-csim rtl-table pnr-table bench-hardware bench-generation test-circt default-schedules certificates enclosures equal-netlists changed-constants kills prove digests lint types lit clean hgq2-widths
help:            ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

demo: .venv/run/.ready  ## convert both trained example networks to HLS C++, checked at every stage (no TensorFlow)
	@for net in digits_cnn digits_mlp; do \
	  .venv/run/bin/qdialect convert examples/$$net/model.h5 -o $(BUILD)/$$net --data examples/$$net/inputs.npy \
	    --expected examples/$$net/logits.npy --labels examples/$$net/labels.npy || exit 1; \
	done

# Two test processes share the cores: threads of their own would only wait for each other.
test test-long hls4ml-scripts test-qonnx test-v3 test-hgq2 test-pquantml probes flips fuzz-ir fuzz mutants test-wild queues names widths coverage-page: export OPENBLAS_NUM_THREADS = 1

test: lint types  ## linters, type checker, all tests (sets up TensorFlow and QKeras)
	.venv/test/bin/python -m pytest -q -n 2 --dist worksteal

test-long: .venv/test/.ready .venv/qonnx/.ready  ## 2,000 random networks instead of 50, 500 layers without multipliers, 500 QONNX graphs, RTL on streams, whole sweeps
	QDIALECT_DRAWS=2000 .venv/test/bin/python -m pytest -q -n 2 tests/py/end_to_end/test_keras_networks.py
	QDIALECT_DRAWS=500 .venv/test/bin/python -m pytest -q -n 2 tests/py/end_to_end/test_multiplier_free_networks.py tests/py/frontends/layers/test_batch_norm_layers.py
	QDIALECT_DRAWS=500 .venv/test/bin/python -m pytest -q tests/py/frontends/qonnx/test_drawn_graphs.py
	QDIALECT_DRAWS=100 .venv/test/bin/python -m pytest -q -n 2 tests/py/lowering/test_drawn_streams.py
	QDIALECT_DRAWS=500 .venv/qonnx/bin/python -m pytest -q tests/py/end_to_end/test_qonnx_execution.py
	QDIALECT_LONG=1 .venv/test/bin/python -m pytest -q tests/py/backends/rtl/test_rtl_streams.py tests/py/backends/rtl/test_rtl_mutations.py \
	  tests/py/backends/test_stand_in_headers.py tests/py/passes/test_double_rounding.py tests/py/passes/test_packed_products.py \
	  tests/py/frontends/quantizers/test_weight_quantization.py

bench: .venv/run/.ready bench-hls4ml  ## C simulation and simulator of binary networks: popcounts, products, layouts, hls4ml
	.venv/run/bin/python benchmarks/binary_mlp.py
	.venv/run/bin/python benchmarks/binary_cnn.py

bench-simulator: .venv/test/.ready  ## Keras, interpreter, bare float32 products, simulator, C++: samples per CPU second, in turns
	OPENBLAS_NUM_THREADS=1 .venv/test/bin/python -W ignore benchmarks/simulator.py

bench-compare: .venv/test/.ready  ## the same against benchmarks/RESULTS.md; fails below three quarters of a recorded ratio
	OPENBLAS_NUM_THREADS=1 .venv/test/bin/python -W ignore benchmarks/simulator.py --against benchmarks/RESULTS.md

bench-growth: .venv/test/.ready  ## CPU seconds and memory of each phase from a file to its project, 10^4 to 10^7 parameters
	TF_CPP_MIN_LOG_LEVEL=3 TF_USE_LEGACY_KERAS=1 OPENBLAS_NUM_THREADS=1 .venv/test/bin/python benchmarks/speed/growth.py

bench-start: .venv/run/.ready  ## CPU seconds until qdialect is imported and qopt answers, beside those of Python
	PYTHONPATH=benchmarks .venv/run/bin/python benchmarks/speed/start_up.py

bench-verify: .venv/run/.ready  ## CPU seconds of verification beside those of the work that it checks: examples, QDIALECT_MODELS (NETWORKS="a b")
	PYTHONPATH=benchmarks OPENBLAS_NUM_THREADS=1 .venv/run/bin/python benchmarks/speed/verification.py examples/digits_mlp examples/digits_cnn \
	  $(if $(QDIALECT_MODELS),$(sort $(dir $(wildcard $(NETWORKS:%=$(QDIALECT_MODELS)/%/inputs*.npy)))))

# NETWORKS: which folders of QDIALECT_MODELS, all by default; IO_TYPE: the architecture of both tools.
NETWORKS ?= *
IO_TYPE ?= io_parallel
bench-hls4ml: .venv/run/.ready .venv/hls4ml/.ready  ## examples, a binary MLP and QDIALECT_MODELS (NETWORKS="a b") against hls4ml 1.3.0
	.venv/hls4ml/bin/python benchmarks/make_binary_mlp.py $(BUILD)/binary_mlp_keras
	.venv/run/bin/python benchmarks/against_hls4ml.py --io-type $(IO_TYPE) .venv/hls4ml/bin/python \
	  $(BUILD)/binary_mlp_keras examples/digits_mlp examples/digits_cnn \
	  $(if $(QDIALECT_MODELS),$(sort $(dir $(wildcard $(NETWORKS:%=$(QDIALECT_MODELS)/%/inputs*.npy)))))

# hls4ml writes the dense layer of the last network as one pipeline in io_parallel, with no result within 900 s.
bench-csim: .venv/run/.ready .venv/test/.ready .venv/hls4ml/.ready  ## the networks of bench-simulator, C simulation against hls4ml's
	TF_USE_LEGACY_KERAS=1 PYTHONPATH=benchmarks .venv/test/bin/python -W ignore benchmarks/speed/simulated_networks.py $(BUILD)/simulated
	.venv/run/bin/python benchmarks/against_hls4ml.py .venv/hls4ml/bin/python $(BUILD)/simulated/jet_tagger $(BUILD)/simulated/binary_mlp
	.venv/run/bin/python benchmarks/against_hls4ml.py --io-type io_stream --timeout 2400 .venv/hls4ml/bin/python $(BUILD)/simulated/cnn

rtl-table: .venv/run/.ready  ## examples and QDIALECT_MODELS up to 50,000 products as RTL, in verilator (IO_TYPE=io_stream); rows stay in build/
	.venv/run/bin/python benchmarks/rtl_table.py --levels 5 --io-type $(IO_TYPE) examples/digits_mlp examples/digits_cnn \
	  $(if $(QDIALECT_MODELS),$(sort $(dir $(wildcard $(NETWORKS:%=$(QDIALECT_MODELS)/%/inputs*.npy)))))

pnr-table: .venv/rtl/.ready  ## the frequency that nextpnr reaches on an ECP5 with and without registers (NETWORKS="a b" of QDIALECT_MODELS)
	PATH="$(CURDIR)/.venv/rtl/bin:$$PATH" .venv/rtl/bin/python benchmarks/place_and_route.py \
	  $(sort $(dir $(wildcard $(NETWORKS:%=$(QDIALECT_MODELS)/%/inputs*.npy))))

bench-hardware: .venv/rtl/.ready  ## LUT and levels of single layers in yosys: this compiler, a plain tree, da4ml, alkaid (TOOLS=qdialect,da4ml)
	OPENBLAS_NUM_THREADS=1 .venv/rtl/bin/python benchmarks/hardware.py $(if $(TOOLS),--tools $(TOOLS))

bench-generation: .venv/rtl/.ready  ## CPU seconds of their Verilog beside da4ml's
	PYTHONPATH=benchmarks OPENBLAS_NUM_THREADS=1 .venv/rtl/bin/python benchmarks/speed/generation.py

synth-check: .venv/rtl/.ready  ## the text's synthesis view by clang, as Verilog: equality, LUT in yosys beside exact trees
	.venv/rtl/bin/python benchmarks/synth_check.py
	.venv/rtl/bin/python benchmarks/synth_check.py --auto examples/digits_mlp/model.h5

shared-popcounts: .venv/rtl/.ready  ## a binary layer of 128x128 with thresholds: its text after share-popcounts beside da4ml's graph, in yosys
	.venv/rtl/bin/python benchmarks/shared_popcounts.py

both-views: .venv/test/.ready  ## digits_mlp, digits_cnn, a jet tagger as one pipeline at R = 1 and 4: Keras = g++ = clang's synthesis view
	@QDIALECT_LONG=1 .venv/test/bin/python -m pytest -q -s -W ignore tests/py/end_to_end/test_one_pipeline.py

calibrate: .venv/rtl/.ready  ## the cost model beside yosys over layers of every kind: each ratio, their mean
	.venv/rtl/bin/python benchmarks/calibrate.py

test-circt: .venv/rtl/.ready  ## CIRCT parses the IR of netlists; the Verilog that it prints passes our test bench (QDIALECT_MODELS)
	.venv/rtl/bin/python -m pytest -q tests/py/backends/rtl/test_circt.py

probes: .venv/test/.ready  ## one construct at a time: 142 probes against QKeras, to compiled C++, with the tally
	.venv/test/bin/python -m pytest -q -n 2 tests/py/end_to_end/test_probes.py
	.venv/test/bin/python -m pytest -q -s tests/py/end_to_end/test_probes.py -k tally

test-v3: .venv/qkeras-v3/.ready  ## live models and files of the package qkeras-v3 (Keras 3), in an environment that has it
	KERAS_BACKEND=tensorflow .venv/qkeras-v3/bin/python -m pytest -q tests/py/frontends/reading/test_live_qkeras_v3.py

test-hgq2: .venv/hgq2/.ready  ## 300 drawn networks of HGQ2 against its predict, in an environment that has it
	KERAS_BACKEND=numpy QDIALECT_DRAWS=300 .venv/hgq2/bin/python -m pytest -q tests/py/frontends/hgq2/test_drawn_networks.py

test-pquantml: .venv/pquantml/.ready  ## networks of PQuantML against its predict, in an environment that has it
	KERAS_BACKEND=tensorflow .venv/pquantml/bin/python -m pytest -q tests/py/frontends/pquantml/test_drawn_pquantml.py

hgq2-table: .venv/hgq2/.ready  ## MODELS="a.keras b.keras" of HGQ2: LUT and levels in yosys, beside da4ml and alkaid (TOOLS=qdialect,da4ml)
	KERAS_BACKEND=numpy .venv/hgq2/bin/python benchmarks/hgq2_hardware.py $(if $(TOOLS),--tools $(TOOLS)) $(MODELS)

test-qonnx: .venv/qonnx/.ready  ## graphs that are written here, and drawn ones, under qonnx' own execution; QDIALECT_MODELS too
	.venv/qonnx/bin/python -m pytest -q tests/py/end_to_end/test_qonnx_execution.py tests/py/end_to_end/wild/test_wild_exports.py

hgq2-widths: .venv/run/.ready  ## MODELS of HGQ2: bits of accumulators from the format of each element, and from hulls
	.venv/run/bin/python benchmarks/hgq2_widths.py $(MODELS)

bn-sweep: .venv/test/.ready  ## 16,000 random batch normalizations before quantized_relu(8,2): every code, against Keras
	QDIALECT_CHANNELS=16000 .venv/test/bin/python -m pytest -q tests/py/passes/test_batch_norm_golden.py

test-wild: .venv/test/.ready  ## networks from the wild: QDIALECT_MODELS=<folder with recorded outputs>
	.venv/test/bin/python -m pytest -q -n 2 tests/py/end_to_end/wild

queues: .venv/test/.ready  ## io_stream at drawn latencies: 100 networks with joins, examples, QDIALECT_MODELS
	QDIALECT_DRAWS=100 .venv/test/bin/python -m pytest -q -n 2 tests/py/estimates/test_queues.py tests/py/end_to_end/wild/test_wild_queues.py

# SEED: of the first file, the time by default; COUNT: files of each kind.
SEED ?= $(shell date +%s)
COUNT ?= 2000
SUPPORT := tests/py/support:tests/py/support/networks:tests/py/support/probes
flips: .venv/test/.ready  ## COUNT=2000 model files of each kind with flipped bytes from SEED on: one line, 20 s, 4 GB
	PYTHONPATH=$(SUPPORT) .venv/test/bin/python tests/py/support/fuzzing/fuzz_files.py --seed $(SEED) --count $(COUNT)

names: .venv/test/.ready  ## every identifier, macro and header that a project sees, as a layer and as a model
	QDIALECT_NAMES=1 .venv/test/bin/python -m pytest -q -n 2 tests/py/backends/test_identifiers.py

fuzz-ir: .venv/test/.ready  ## 3,000 mutated IR texts and 500 random pipelines from SEED on: equal, or one line; 20 s, 4 GB
	PYTHONPATH=$(SUPPORT) nice .venv/test/bin/python tests/py/support/fuzzing/fuzz_ir.py --seed $(SEED)

# SECONDS: of both processes, divided among the kinds; 600 by default. ENGINE=atheris: bytes, guided by what they reach.
ENGINE ?= test
fuzz: .venv/$(ENGINE)/.ready  ## SECONDS=600 of Keras models, QONNX graphs, IR texts, pipelines, configurations, files from SEED on (ENGINE=atheris)
	PYTHONPATH=$(SUPPORT):tests/py/support/graphs:tests/py/support/fuzzing:benchmarks/mutation .venv/$(ENGINE)/bin/python -W ignore \
	  tests/py/support/fuzzing/$(if $(filter atheris,$(ENGINE)),guided,fuzz).py --seed $(SEED) --seconds $(or $(SECONDS),600)

# MUTANTS: how many; SEED of their sample is fixed.
MUTANTS ?= 600
mutants: .venv/test/.ready  ## MUTANTS=600 changed functions against the tests that reach them, in forks; survivors with their judgements
	.venv/test/bin/python -W ignore benchmarks/mutation/mutants.py --count $(MUTANTS)

widths: .venv/test/.ready  ## accumulator widths of the examples and QDIALECT_MODELS: types, QTools, hls4ml's auto, proven
	.venv/test/bin/qdialect widths examples/digits_mlp/model.h5 examples/digits_cnn/model.h5
	.venv/test/bin/python -m pytest -q -n 2 tests/py/reports/test_widths.py tests/py/end_to_end/wild/test_widths.py

coverage-page: .venv/test/.ready  ## docs/coverage.md from the tests that compare with Keras
	QDIALECT_COVERAGE_PAGE=docs/coverage.md .venv/test/bin/python -m pytest -q -n 2 -m covers

docs-pages: .venv/test/.ready  ## docs/passes.md, docs/dialect.md and the schemas of results, from docstrings, lit tests and classes
	.venv/test/bin/python docs/reference_pages.py
	.venv/test/bin/python docs/schemas.py

check-wheel: .venv/test/.ready  ## sdist, its wheel, a clean environment with it, and qdialect convert there
	.venv/test/bin/python tests/py/support/pythons/check_wheel.py .venv/wheel

docs-site: .venv/docs/.ready  ## the pages as a site in build/docs, by mkdocs with its warnings as errors
	NO_MKDOCS_2_WARNING=1 .venv/docs/bin/python docs/site_pages.py $(BUILD)/docs

docs-blocks: .venv/test/.ready  ## every code block of the pages: what runs it, and its commands and Python run here
	.venv/test/bin/python docs/blocks.py $(BUILD)/blocks

default-schedules: .venv/test/.ready  ## a binary MLP and QKeras' CNN in both architectures: budget, most in a cycle, R, latency, interval
	@.venv/test/bin/python -m pytest -q -s -W ignore tests/py/end_to_end/test_default_schedules.py

# SECONDS: what abc has for a layer, 60 by default.
equal-netlists: .venv/run/.ready  ## layers of both examples for all inputs: sums by polynomials and a basis, netlists against plain trees by abc
	PYTHONPATH=benchmarks OPENBLAS_NUM_THREADS=1 .venv/run/bin/python benchmarks/equality/netlists.py --seconds $(or $(SECONDS),60) examples/digits_mlp examples/digits_cnn

# TEXT: constants of written projects, per network, that are changed for `make csim`, a compilation each.
TEXT ?= 0
changed-constants: .venv/run/.ready  ## single constants of examples and QDIALECT_MODELS changed by one: how many the vectors notice (TEXT=60)
	.venv/run/bin/python benchmarks/equality/changed_constants.py --text $(TEXT) examples/digits_mlp examples/digits_cnn \
	  $(if $(QDIALECT_MODELS),$(sort $(dir $(wildcard $(NETWORKS:%=$(QDIALECT_MODELS)/%/inputs*.npy)))))

kills: .venv/test/.ready  ## 200 runs of write_hls and 20 of convert, killed at random moments: old or new project, whole
	.venv/test/bin/python tests/py/support/interrupted.py

prove: .venv/test/.ready  ## the lemma of every rewrite, by z3, and docs/proofs.md
	.venv/test/bin/python docs/proofs_page.py

convert-time: .venv/run/.ready  ## seconds of qdialect convert by step, its first line, and the ratio to make csim
	.venv/run/bin/python tests/py/support/convert_time.py $(BUILD)/convert_time

certificates: .venv/run/.ready  ## examples and QDIALECT_MODELS proved against their lowerings for all inputs; ten sabotaged ones refuted
	.venv/run/bin/python benchmarks/equality/certificates.py --sabotage 10 examples/digits_mlp examples/digits_cnn \
	  $(if $(QDIALECT_MODELS),$(sort $(dir $(wildcard $(NETWORKS:%=$(QDIALECT_MODELS)/%/inputs*.npy)))))

enclosures: .venv/run/.ready  ## examples and QDIALECT_MODELS: widths of Keras' enclosures in steps of outputs, undecided layers, mutants
	OPENBLAS_NUM_THREADS=1 .venv/run/bin/python -W ignore benchmarks/equality/enclosures.py examples/digits_mlp examples/digits_cnn \
	  $(if $(QDIALECT_MODELS),$(sort $(dir $(wildcard $(NETWORKS:%=$(QDIALECT_MODELS)/%/inputs*.npy)))))

digests: .venv/run/.ready  ## a digest of every project written for the examples and QDIALECT_MODELS, in both architectures
	@.venv/run/bin/python benchmarks/project_digests.py examples/*/ $(if $(QDIALECT_MODELS),$(wildcard $(QDIALECT_MODELS)/*/))

hls4ml-scripts: .venv/test/.ready  ## all of examples/hls4ml: scripts as for hls4ml, with qdialect imported in its place
	QDIALECT_SCRIPTS=1 .venv/test/bin/python -m pytest -q -W ignore tests/py/compiler/test_hls4ml_tutorial.py

check-pythons: .venv/uv/.ready  ## the README's ten lines on Python 3.11 to 3.14, as far as uv finds or gets them
	.venv/uv/bin/python tests/py/support/pythons/check_pythons.py .venv/pythons

lint: .venv/test/.ready  ## ruff
	.venv/test/bin/ruff check -q
	.venv/test/bin/ruff format -q --check

types: .venv/test/.ready  ## pyright, strict
	.venv/test/bin/pyright --pythonpath .venv/test/bin/python

lit: .venv/lit/.ready  ## the IR tests alone, without TensorFlow
	.venv/lit/bin/lit -q tests/lit

.venv/run/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/run
	.venv/run/bin/pip install -q -e .
	@touch $@

.venv/test/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/test
	.venv/test/bin/pip install -q -e '.[test]'
	@touch $@

.venv/atheris/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/atheris
	.venv/atheris/bin/pip install -q "atheris==3.*" -e .
	@touch $@

.venv/rtl/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/rtl
	.venv/rtl/bin/pip install -q -e '.[rtl]'
	@touch $@

.venv/hgq2/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/hgq2
	.venv/hgq2/bin/pip install -q "hgq2==0.2.0" jax "alkaid==0.8.*" "da4ml==0.6.*" "hypothesis>=6.100" "pytest>=8" -e .
	@touch $@

.venv/pquantml/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/pquantml
	.venv/pquantml/bin/pip install -q "pquant-ml==0.1.0" "hgq2==0.2.0" "tensorflow<2.22" "hypothesis>=6.100" "pytest>=8" -e .
	@touch $@

# The package is called qkeras as well: it shares no environment with QKeras 0.9.0.
.venv/qkeras-v3/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/qkeras-v3
	.venv/qkeras-v3/bin/pip install -q "qkeras-v3==1.2.1" tensorflow "hypothesis>=6.100" "pytest>=8" -e .
	@touch $@

.venv/qonnx/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/qonnx
	.venv/qonnx/bin/pip install -q "qonnx==1.0.0" "hypothesis>=6.100" "pytest>=8" -e .
	@touch $@

.venv/docs/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/docs
	.venv/docs/bin/pip install -q "mkdocs-material==9.*"
	@touch $@

.venv/lit/.ready: pyproject.toml
	$(PYTHON) -m venv .venv/lit
	.venv/lit/bin/pip install -q -e '.[lit]'
	@touch $@

.venv/uv/.ready:
	$(PYTHON) -m venv .venv/uv
	.venv/uv/bin/pip install -q uv
	@touch $@

.venv/hls4ml/.ready:
	$(PYTHON) -m venv .venv/hls4ml
	.venv/hls4ml/bin/pip install -q "tensorflow==2.15.*" "qkeras==0.9.0" "hls4ml==1.3.0" "pyparsing>=3" "numpy<2"
	@touch $@

clean:           ## remove environments and built projects
	rm -rf .venv $(BUILD)
