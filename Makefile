# drover: what can be done here. Meson and Ninja build; this is the door to them.
#
#   make setup     installs the Debian packages that building and testing need
#   make demo      real work by background jobs: sha256sum over the files of this system
#   make check     every test; ends with the line "N passed, N failed"
#   make test      those of one build; T='words of a title' runs the tests that have them
#   make soak      what takes long: a hundred interrupted batches, ten minutes of fuzzers
#   make mutants   breaks the code in small ways, and lists what no test notices
#   make bench     the figures of README.md, measured here and now
#   make install   prefix=/usr/local, DESTDIR honoured
#   make hooks     has each commit of this clone checked
#   make build, make format, make lint, make clean
#
# setup, demo and check install the packages that are missing; the others say which are, and how to
# get them.

prefix = /usr/local
BUILD  = build

export T

.PHONY: all setup build demo check test soak mutants bench install hooks format lint clean

all: build

setup:
	@scripts/install-packages build check

build:
	@scripts/install-packages --missing build
	@scripts/configure $(BUILD)
	@ninja -C $(BUILD)

demo:
	@scripts/install-packages build
	@$(MAKE) --no-print-directory build
	@scripts/demo $(BUILD)

check:
	@scripts/install-packages build check
	@scripts/check

test:
	@scripts/install-packages --missing build check
	@scripts/configure $(BUILD) -Dtests=enabled
	@ninja -C $(BUILD) --quiet
	@scripts/test $(BUILD) "$$T"

soak:
	@scripts/install-packages --missing build check
	@SEEDS=25 FUZZ_SECONDS=600 scripts/check

mutants:
	@scripts/install-packages --missing build check
	@scripts/mutants

bench: build
	@scripts/install-packages --missing bench
	@bench/run $(BUILD)
	@bench/fleet $(BUILD)

install: build
	@scripts/configure $(BUILD) -Dprefix=$(abspath $(prefix))
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD)

hooks:
	@scripts/install-hooks

format:
	@scripts/install-packages --missing build check
	@scripts/sources | xargs clang-format -i

lint:
	@scripts/install-packages --missing build check
	@scripts/lint

clean:
	@rm -rf build build-asan build-fuzz
