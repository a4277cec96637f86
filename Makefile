# Partnerbook. `make run` is all that a fresh Debian machine with a Rust toolchain needs.

SHELL := /bin/bash
# rustup puts cargo here, but only login shells have it in PATH.
export PATH := $(HOME)/.cargo/bin:$(PATH)

TARGET := $(or $(CARGO_TARGET_DIR),target)
PARTNERBOOK := $(TARGET)/release/partnerbook

.PHONY: help run build demo test bench screenshots

help: ## what there is to make
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 22

run: build ## build Partnerbook and start it: http://127.0.0.1:8080
	@exec scripts/with-settings $(PARTNERBOOK) serve

build:
	@scripts/with-settings scripts/packages run
	cargo build --release --locked

demo: build ## fill an empty system with a real shop's data
	@exec scripts/with-settings $(PARTNERBOOK) demo

test: ## everything that can be checked: format, lints, tests
	@scripts/packages test
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked

bench: ## measure, beside what the same machine can do
	@scripts/packages test
	cargo bench --locked

screenshots: build ## pictures of every page, in screenshots/
	@scripts/packages test
	@scripts/screenshots $(PARTNERBOOK)
