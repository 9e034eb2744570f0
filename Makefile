# The commands of this repository. `make` alone lists them.
#
# Everything installs what is missing first and does nothing where nothing is missing. The Swift
# sources are compiled once: `build` and `test` share .build, because both link the toolchain's
# libraries dynamically (`--static-swift-stdlib` changes every compile command and would compile
# all of it a second time, for 2 ms of start-up) and because no test needs `@testable import`,
# which `swift test` would otherwise recompile every target for.

SURGEON := .build/release/surgeon
PYTHON := .venv/bin/python
# A test that is skipped is named at the end, with the reason.
PYTEST := $(PYTHON) -m pytest -q -rs -p no:cacheprovider
RELEASE := -c release --disable-testable-imports
SWIFT_SOURCES := Package.swift Sources Tests $(wildcard Benchmarks Examples)
DEMO := .build/demo
SUITE := .build-conformance

.DEFAULT_GOAL := help
.PHONY: help build test conformance examples check demo format lint bench performance system browser unit witnesses clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: system ## Build .build/release/surgeon
	swift build -c release --product surgeon

test: unit witnesses conformance ## Install, build, run every test

check: lint ## What to run between edits: format, incremental debug build, unit tests
	swift test --quiet

demo: build ## Rewrite the 3-D network of fixtures/, verify it, show what changed
	@mkdir -p $(DEMO)
	$(SURGEON) rewrite fixtures/unet3d_mni_op13.onnx -o $(DEMO)/unet3d_frozen.onnx --precision double
	$(SURGEON) verify fixtures/unet3d_mni_op13.onnx $(DEMO)/unet3d_frozen.onnx
	$(SURGEON) diff fixtures/unet3d_mni_op13.onnx $(DEMO)/unet3d_frozen.onnx || [ $$? -eq 1 ]

format: ## Format the Swift sources in place
	swift format --in-place --recursive $(SWIFT_SOURCES)

lint: ## Check the format
	swift format lint --strict --recursive $(SWIFT_SOURCES)

system: # The system libraries that are missing
	@tools/install-system-packages.sh

browser: # What the tests of the HTML page run in
	@tools/install-browser.sh

unit: system # The tests of every Swift target
	swift test $(RELEASE)

witnesses: system browser .venv/installed # The tests that ask onnx, ONNX Runtime and NumPy
	swift build -c release --product surgeon
	$(PYTEST) Tests/Witnesses

conformance: system $(SUITE)/cases.tsv $(SUITE)/others.tsv ## Run the standard's own test suite, write docs/operators.md
	swift build -c release --product SurgeonConformance
	.build/release/SurgeonConformance $(SUITE) > $(SUITE)/surgeon.tsv
	.build/release/SurgeonConformance --operators > $(SUITE)/registry.tsv
	$(PYTHON) Tests/Conformance/report.py $(addprefix $(SUITE)/,cases.tsv surgeon.tsv others.tsv registry.tsv) docs/operators.md

examples: system ## Build and test the packages of Examples/ (compiles surgeon anew for each)
	swift test --package-path Examples/CustomRule

# What the suite expects, and what other runtimes make of it, depends on the pinned packages alone.
$(SUITE)/cases.tsv: .venv/installed Tests/Conformance/suite.py
	@mkdir -p $(SUITE)
	$(PYTHON) Tests/Conformance/suite.py $(SUITE)

$(SUITE)/others.tsv: .venv/installed Tests/Conformance/suite.py Tests/Conformance/others.py
	@mkdir -p $(SUITE)
	$(PYTHON) Tests/Conformance/others.py $@

bench: build .venv/installed ## Measure start-up and whole processes against Python (a quiet machine, please)
	$(PYTHON) Benchmarks/startup.py
	$(PYTHON) Benchmarks/whole_process.py
	$(PYTHON) Benchmarks/rewrite_scale.py

performance: build .venv/installed ## Measure the runtime and rewrites, write docs/performance.md (25 minutes, a quiet machine)
	$(PYTHON) Benchmarks/runtime.py --write
	$(PYTHON) Benchmarks/calibration.py --write
	$(PYTHON) Benchmarks/rewrite_scale.py --write
	$(PYTHON) Benchmarks/float64.py --write

.venv/installed: Tests/Witnesses/requirements.txt tools/make-python-environment.sh
	@tools/make-python-environment.sh .venv $<

clean: ## Remove what was built and installed here
	rm -rf .build .build-conformance .venv
