# Nightdesk. `make run` shows it, `make test` checks it, `make bench` measures it.
#
# What a machine needs stands in scripts/packages.txt and rust-toolchain.toml; scripts/ready.sh
# installs what is missing. The target folder lies outside the checkout, the same for everybody.

cache := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
export CARGO_TARGET_DIR := $(cache)/nightdesk/target

release := cargo build --release --locked

.PHONY: help run test bench nights fmt ready binaries

help:
	@echo "make run    the station, the hall and the device twins; without a display the first night is played"
	@echo "make test   format, lints, all tests, documents"
	@echo "make bench  figures beside their limits, also in out/bench.json"
	@echo "make nights N=1000  nights of people and faults, each from a seed; SEED=S for the first, REAL=1 on the real store, TRACE=1 tells all"
	@echo "make fmt    formats the Rust code"

ready:
	@scripts/ready.sh

# Each binary with its own -p, so that features of one do not reach another.
binaries: ready
	$(release) -p kiosk-app --bin kiosk
	$(release) -p hall-server --bin hall
	$(release) -p device-sim --bin devsim
	$(release) -p nightdesk-e2e --bin nightdesk-run

run: binaries
	@exec $(CARGO_TARGET_DIR)/release/nightdesk-run

test:
	@scripts/test.sh

bench: binaries
	$(release) -p nightdesk-e2e --bin nightdesk-bare
	$(release) -p bench --bin bench
	$(release) -p simulation --features planted --bin planted
	@exec $(CARGO_TARGET_DIR)/release/bench --out out/bench.json

N ?= 1000
SEED ?= $(shell date +%s)

nights: ready
	$(release) -p simulation --bin simulation
	@exec $(CARGO_TARGET_DIR)/release/simulation --nights $(N) --seed $(SEED) $(if $(REAL),--real) $(if $(TRACE),--trace)

fmt: ready
	cargo fmt --all
