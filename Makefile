# drover: what can be done here. Meson and Ninja build; this is the door to them.
#
#   make demo      real work by background jobs: sha256sum over the files of this system
#   make check     every test; ends with the line "N passed, N failed"
#   make test      those of one build; T='words of a title' runs the tests that have them
#   make soak      what takes long: a hundred interrupted batches, ten minutes of fuzzers
#   make mutants   breaks the code in small ways, and lists what no test notices
#   make bench     the figures of README.md, measured here and now
#   make install   prefix=/usr/local, DESTDIR honoured
#   make build, make format, make lint, make clean
#
# Each target installs the Debian packages that it needs and that are missing.

prefix = /usr/local
BUILD  = build

export T

.PHONY: all build demo check test soak mutants bench install format lint clean

all: build

build:
	@scripts/install-packages build
	@scripts/configure $(BUILD)
	@ninja -C $(BUILD)

demo: build
	@scripts/demo $(BUILD)

check:
	@scripts/install-packages build check
	@scripts/check

test:
	@scripts/install-packages build check
	@scripts/configure $(BUILD) -Dtests=enabled
	@ninja -C $(BUILD) --quiet
	@scripts/test $(BUILD) "$$T"

soak:
	@scripts/install-packages build check
	@SEEDS=25 FUZZ_SECONDS=600 scripts/check

mutants:
	@scripts/install-packages build check
	@scripts/mutants

bench: build
	@scripts/install-packages bench
	@bench/run $(BUILD)
	@bench/fleet $(BUILD)

install: build
	@scripts/configure $(BUILD) -Dprefix=$(abspath $(prefix))
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD)

format:
	@scripts/install-packages build check
	@scripts/sources | xargs clang-format -i

lint:
	@scripts/install-packages build check
	@scripts/lint

clean:
	@rm -rf build build-asan build-fuzz
