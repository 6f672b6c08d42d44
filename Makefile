# What people and CI run alike. A Rust toolchain and a C compiler are all that it needs; Cargo.lock holds the rest.

CARGO ?= cargo

.PHONY: help demo test providers collector readers validators lint deny fuzz bench reloads release package

help:                ## show this
	@awk -F ':|##' '/^[a-z-]+:.*##/ { printf "make %-9s %s\n", $$1, $$3 }' $(MAKEFILE_LIST)

demo:                ## a sample app, the gate in front of it, and its records, in this terminal
	@$(CARGO) run --quiet --locked -- demo

test:                ## every test
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) test --quiet --locked --doc && $(CARGO) nextest run --locked --no-fail-fast; \
	else \
		$(CARGO) test --locked --no-fail-fast; \
	fi

providers:           ## a certified OpenID Provider, which tests call where it is there
	@mkdir -p target/oidc-provider
	@cp tests/support/oidc/package.json tests/support/oidc/package-lock.json target/oidc-provider/
	@npm ci --prefix target/oidc-provider --ignore-scripts --no-audit --no-fund --loglevel=error

validators:          ## what judges manifests for Kubernetes in tests, where it is there
	@python3 -m venv target/validators
	@target/validators/bin/pip install --quiet --disable-pip-version-check --requirement tests/inject/requirements.txt

collector:           ## a collector of OpenTelemetry, which tests send spans to where it is there
	@python3 -m venv target/collector
	@target/collector/bin/pip install --quiet --disable-pip-version-check rotel==0.0.1a15

readers:             ## readers of formats that tests hold what they wrote against: CEF, Sigma
	@test -x target/python/bin/python || python3 -m venv target/python
	@target/python/bin/python -c 'import pycef, sigma' 2>/dev/null || target/python/bin/pip install --quiet --disable-pip-version-check pycef==1.11 pysigma==1.5.1

lint:                ## formatting and lints; a warning is a fault
	@$(CARGO) fmt --check
	@$(CARGO) fmt --check --manifest-path fuzz/Cargo.toml
	@$(CARGO) clippy --locked --all-targets -- -D warnings

deny:                ## what the dependencies may be, and under which licences
	@$(CARGO) deny --locked check bans licenses sources

# Seconds for each reader, and which: all, if none is named.
FUZZ_SECONDS ?= 60
READERS ?=
# Unsafe code is none of ours: a sanitizer looks at that of others, at half the speed (`FUZZ_SANITIZER=address`).
FUZZ_SANITIZER ?= none
FUZZ_BUILD = --sanitizer $(FUZZ_SANITIZER) --codegen-units 16

fuzz:                ## hostile bytes for everything that reads bytes; needs a nightly toolchain and cargo-fuzz
	@python3 fuzz/seeds.py
	@$(CARGO) +nightly fuzz build $(FUZZ_BUILD)
	@for reader in $(or $(READERS),$$($(CARGO) +nightly fuzz list)); do \
		echo "== $$reader"; \
		case $$reader in policy | format | inject) longest=16384 ;; *) longest=4096 ;; esac; \
		$(CARGO) +nightly fuzz run $(FUZZ_BUILD) $$reader -- -max_total_time=$(FUZZ_SECONDS) -max_len=$$longest \
			-timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 || exit 1; \
	done

bench:               ## what the steps of the gate cost; bench/ compares with other gates
	@$(CARGO) bench --locked --bench steps --bench watch

reloads:             ## a thousand changes under load: no request fails, and what the slowest one takes
	@PORTCULLIS_RELOADS=1000 $(CARGO) test --locked --test gate reloads_by_an_operator -- --nocapture

release:             ## the binary, as it is shipped: target/release/portcullis
	@$(CARGO) build --release --locked

# The target is named so that build scripts and macros, which are no part of what is shipped, stay as they are.
TRIPLE ?= $(shell rustc -vV | sed -n 's/^host: //p')

package:             ## static binary, tarball, Debian package and image: target/package/
	@RUSTFLAGS="-C target-feature=+crt-static" $(CARGO) build --release --locked --target $(TRIPLE)
	@deploy/package/build.sh target/$(TRIPLE)/release/portcullis target/package
