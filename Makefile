# SPDX-License-Identifier: MIT
#
# This one Makefile builds everything in one pass, without a Makefile in any
# folder.
#
#   make              builds build/loyald
#   make check        the tests before a commit: no services, seconds
#   make test         all tests; starts the services that they need
#   make demo         loyald at work on this machine, from nothing
#   make help         all targets
#
# Builds are sets of flags, each with its own directory under build/:
# BUILD=release (the default), dev, asan, cover, fuzz, platform.  Most targets
# work under any build: make BUILD=asan CC=clang check.

BUILD	?= release
CC	?= cc
O	:= build/$(BUILD)$(if $(filter-out gcc cc,$(notdir $(CC))),-$(notdir $(CC)))
PKGS	:= libpq hiredis jansson libcurl libevent libcrypto
# `make demo` and `make test` also begin on machines without pkg-config.
PKG_CONFIG := $(if $(shell command -v pkg-config),pkg-config,true)
CSTD	:= -std=gnu17

# The warnings find conversions that lose bits (-Wconversion), a name that hides
# another name (-Wshadow), a function without a declaration
# (-Wmissing-prototypes), floats near money (-Wfloat-equal -Wdouble-promotion),
# a value of an enum without a case (-Wswitch-enum), and stack of unknown size
# (-Wvla).
WARN	:= \
	-Wall -Wextra			\
	-Wshadow			\
	-Wstrict-prototypes		\
	-Wmissing-prototypes		\
	-Wredundant-decls		\
	-Wpointer-arith			\
	-Wcast-qual			\
	-Wwrite-strings			\
	-Wconversion			\
	-Wfloat-equal -Wdouble-promotion \
	-Wformat=2			\
	-Wswitch-enum			\
	-Wundef				\
	-Wvla
WARN_gcc := -Wduplicated-cond -Wduplicated-branches -Wlogical-op \
	-Wformat-overflow=2 -Wformat-signedness -Warith-conversion
WARN_clang := -Wmissing-variable-declarations -Wcomma -Wassign-enum \
	-Wunreachable-code-aggressive -Wno-c2x-extensions
IS_GCC	:= $(if $(findstring clang,$(notdir $(CC))),,yes)
WARN	+= $(if $(IS_GCC),$(WARN_gcc),$(WARN_clang)) $(if $(WERROR),-Werror)

# The flag for control-flow protection differs by architecture.
HARDEN_x86_64	:= -fcf-protection
HARDEN_aarch64	:= -mbranch-protection=standard
HARDEN	:= -fstack-protector-strong -fstack-clash-protection \
	$(if $(IS_GCC),-ftrivial-auto-var-init=zero) -fPIE $(HARDEN_$(shell uname -m))
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack

CFLAGS_dev	:= -Og -g3
CFLAGS_release	:= -O2 -g -D_FORTIFY_SOURCE=3 $(HARDEN)
LDFLAGS_release	:= $(HARDEN_LD)
SANITIZE	:= address,undefined
CFLAGS_asan	:= -O1 -g3 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) \
	-fno-sanitize-recover=all
LDFLAGS_asan	:= -fsanitize=$(SANITIZE)
CFLAGS_platform	:= -O0 -g -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDFLAGS_platform := $(LDFLAGS_asan)
CFLAGS_cover	:= -O0 -g3 --coverage
LDFLAGS_cover	:= --coverage
CFLAGS_fuzz	:= -O1 -g3 -fsanitize=fuzzer-no-link,$(SANITIZE) \
	-fno-sanitize-recover=all
LDFLAGS_fuzz	:= -fsanitize=$(SANITIZE)

VERSION	:= 0.1.0

override CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I$(O)/gen -Icommon \
	$(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PKGS)))
override CFLAGS	+= $(CSTD) $(WARN) $(CFLAGS_$(BUILD))
override LDFLAGS += $(LDFLAGS_$(BUILD))
LDLIBS	:= $(shell $(PKG_CONFIG) --libs $(PKGS))
# The pure floors need no library of a service.  Linking their unit tests without
# these libraries is the proof.
LDLIBS_PURE := $(shell $(PKG_CONFIG) --libs jansson libcrypto)

# Lists the files of folders and of the folders inside them, which are one deep.
below	 = $(foreach dir,$(1),$(wildcard $(dir)/*.$(2) $(dir)/*/*.$(2)))
COMMON	:= $(call below,$(wildcard common/*),c)
PURE	:= $(call below,common/base common/core common/wire,c)
WORKER	:= $(wildcard worker/*.c)
SUPPORT	:= $(wildcard tests/support/*.c)
MODEL	:= $(wildcard tests/model/*.c)
UNIT	:= $(patsubst tests/unit/%.c,$(O)/%,$(wildcard tests/unit/test_*.c))
INTEG	:= $(patsubst tests/integration/%.c,$(O)/%,$(wildcard tests/integration/test_*.c))
FUZZ	:= $(patsubst tests/fuzz/%.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH	:= $(patsubst tests/bench/%.c,$(O)/%,$(wildcard tests/bench/bench_*.c))
# The templates, and one program file for each part of the language.
PROGRAM_FILES := $(filter-out %.schema.json,$(wildcard deploy/programs/*.json)) \
	$(wildcard tests/programs/*.json)
HEADERS	:= $(call below,$(wildcard common/*),h) $(wildcard worker/*.h tests/*/*.h)
SOURCES	:= $(COMMON) $(wildcard worker/*.c tests/*/*.c) $(HEADERS)
SHELL_SCRIPTS := $(wildcard .ci/run tests/*/*.sh deploy/*.sh deploy/debian/*.sh \
	deploy/debian/loyald.p*)

obj	 = $(patsubst %.c,$(O)/obj/%.o,$(1))
# V=1 shows the commands.
Q	:= $(if $(V),,@)
say	 = @$(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),:,printf "  %-3s %s\n" "$(1)" "$(2)")

.PHONY: all
all: $(O)/loyald
ifeq ($O,build/release)
# Everything outside the build knows loyald by this name.
all: build/loyald
build/loyald: $(O)/loyald
	@cp -f $< $@.part && mv -f $@.part $@
endif

$(O)/loyald: $(call obj,$(WORKER) $(COMMON))
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(UNIT): $(O)/%: $(O)/obj/tests/unit/%.o $(call obj,$(PURE))
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS_PURE)

$(INTEG): $(O)/%: $(O)/obj/tests/integration/%.o $(call obj,$(COMMON) $(SUPPORT))
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

# test_store_watch also needs these parts of receive.
$(O)/test_store_watch: $(call obj,worker/store_feed.c worker/store_watch.c)

# The tests of fold() also need the model, which makes random programs and
# histories.
$(filter $(O)/test_fold%,$(UNIT)) $(O)/fuzz_fold: $(call obj,$(MODEL))
$(O)/test_reward_life: $(call obj,tests/model/dice.c)

# Fuzz targets have libFuzzer's main() under BUILD=fuzz, else a main() that
# replays files.
FUZZ_MAIN := $(if $(filter fuzz,$(BUILD)),-fsanitize=fuzzer,$(O)/obj/tests/fuzz/replay.o)
$(FUZZ): $(O)/%: $(O)/obj/tests/fuzz/%.o $(call obj,$(COMMON)) $(filter %.o,$(FUZZ_MAIN))
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(filter -%,$(FUZZ_MAIN)) -o $@ $^ $(LDLIBS)

$(BENCH): $(O)/%: $(O)/obj/tests/bench/%.o $(call obj,$(COMMON))
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# BUILD=platform adds a made-up platform, so that code which lists the platforms
# one by one does not build, or fails a test.
ifeq ($(BUILD),platform)
PLATFORM_DEF := $(O)/gen/base/platform.def
$(PLATFORM_DEF): common/base/platform.def
	@mkdir -p $(@D)
	$(Q)awk '{ print } /^PLATFORM/ { n++ } END { \
	    print "PLATFORM(" n + 1 ", MADE_UP, made_up, true, true, true)" }' \
	    $< >$@.part && mv $@.part $@
endif

$(O)/obj/%.o: %.c $(O)/gen/stmts.gen.h $(O)/gen/migrations.gen.h $(PLATFORM_DEF)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Sources that use VERSION are compiled again when VERSION changes.
$(call obj,$(shell grep -lw VERSION $(COMMON) $(WORKER))): $(O)/gen/version
.PHONY: FORCE
$(O)/gen/version: FORCE
	@mkdir -p $(@D)
	@echo $(VERSION) | cmp -s - $@ || echo $(VERSION) >$@

$(O)/gen/stmts.gen.h: common/ledger/sql2c.awk $(sort $(wildcard common/ledger/sql/*.sql))
	@mkdir -p $(@D)
	$(Q)awk -f $^ > $@.part && mv $@.part $@

$(O)/gen/migrations.gen.h: migrations/migrations2c.awk $(sort $(wildcard migrations/*.sql))
	@mkdir -p $(@D)
	$(Q)awk -f $^ > $@.part && mv $@.part $@

# ---- checks before a commit: no services, seconds ---------------------------

LINTS	:= floors circles pure tenant citus text comments options folders headers \
	format shell man help yaml monitoring mutants planted tidy
.PHONY: check lint $(addprefix lint-,$(LINTS)) check-unit check-corpora \
	check-programs check-platform
check: lint check-unit check-corpora check-programs
lint: $(addprefix lint-,$(LINTS))
# tests/support/test_all.sh uses these two targets.
.PHONY: lint-names test-programs
lint-names:
	@echo $(LINTS)
test-programs: $(UNIT) $(INTEG) $(FUZZ)

# Lints print only their findings.
lint-floors:
	@awk -f tests/lint/floors.awk common/FLOORS $$(tests/lint/files.sh '*.[ch]')
lint-pure: $(call obj,$(filter common/core/%,$(PURE)))
	@nm -P $^ | awk -f tests/lint/pure.awk
# Finds files of a floor that use one another in a circle.
lint-circles: $(call obj,$(COMMON) $(WORKER))
	@nm -A -P $^ | awk -f tests/lint/circles.awk tests/lint/circles.txt -
lint-comments:
	@awk -f tests/lint/comments.awk $$(tests/lint/files.sh '*.[ch]' '*.def')
lint-tenant:
	@awk -f tests/lint/tenant.awk migrations/*.sql
lint-citus:
	@awk -f tests/lint/citus.awk tests/lint/citus.txt common/ledger/sql/*.sql
lint-text lint-options lint-folders lint-man lint-planted: lint-%:
	@tests/lint/$*.sh
lint-help: $(O)/loyald
	@node --no-warnings tests/lint/help.mjs $<
lint-headers: $(addprefix $(O)/headers/,$(addsuffix .ok,$(HEADERS)))
$(O)/headers/%.ok: % $(O)/gen/stmts.gen.h $(O)/gen/migrations.gen.h
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) -fsyntax-only -Werror -include $< -x c /dev/null
	@touch $@
lint-format:
	@clang-format --dry-run -Werror $(SOURCES)
lint-tidy: $(O)/gen/stmts.gen.h $(O)/gen/migrations.gen.h
	@tests/lint/tidy.sh --changed $(CPPFLAGS) $(CSTD)
lint-shell:
	@shellcheck -x $(SHELL_SCRIPTS)
lint-yaml:
	@tests/lint/yaml.sh docker-compose.yml
lint-monitoring:
	@node --no-warnings tests/monitoring/check.mjs
lint-mutants:
	@node --no-warnings tests/mutation/mutants.mjs --lines \
	    tests/mutation/mutants.txt

check-unit: $(UNIT)
	@tests/support/run_tests.sh unit $(UNIT)
check-platform:
	@$(MAKE) --no-print-directory BUILD=platform made-up
# Checks that the made-up platform does not link without its struct shop, that
# the other files which know platforms compile, and runs the platform's test.
.PHONY: made-up
MADE_UP	:= $(call obj,$(wildcard tests/platform/*.c) $(PURE))
made-up: $(O)/test_made_up $(call obj,$(shell grep -lw platform \
    worker/*.c common/ledger/*.c common/ledger/*/*.c))
	@$(CC) $(LDFLAGS) -o $(O)/without $(filter-out %/made_up.o,$(MADE_UP)) \
	    -lcmocka $(LDLIBS_PURE) 2>&1 | grep -q 'undefined .*shop_made_up'
	@tests/support/run_tests.sh unit $<
$(O)/test_made_up: $(MADE_UP)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS_PURE)
check-corpora: $(FUZZ)
	@tests/support/run_tests.sh corpus $(FUZZ)
check-programs: $(O)/loyald $(O)/readme.json
	@tests/support/run_programs.sh $(O)/loyald $(PROGRAM_FILES) $(O)/readme.json
# Takes the program that README.md shows out of README.md.
$(O)/readme.json: README.md
	$(Q)awk '/^## Write a program/ { on = 1 } /^```/ && inside { exit } \
	    inside; on && /^```json/ { inside = 1 }' $< > $@

# ---- with services ---------------------------------------------------------

.PHONY: check-integration check-e2e check-node test demo programs chaos bench \
	bench-more bench-growth
check-integration: $(INTEG) $(O)/loyald
	@LOYALD=$(CURDIR)/$(O)/loyald tests/support/services.sh run \
	    tests/support/run_tests.sh integration $(INTEG)
# E2E=03 picks the scenarios whose names begin with 03.
check-e2e: $(O)/loyald $(O)/bench_load
	@LOYALD=$(CURDIR)/$(O)/loyald tests/e2e/run.sh $(E2E)
check-node:
	@tests/support/run_node.sh

test:
	@tests/support/test_all.sh
# Has a real Prometheus evaluate every expression of the Grafana board.
board: all
	@LOYALD=$(CURDIR)/$(O)/loyald tests/support/services.sh run --durable \
	    node --no-warnings tests/monitoring/board.mjs
demo:
	@tests/support/demo.sh
# Runs all tests of all program files through all processes, with a clock that
# the tests set.  Takes minutes; check-e2e runs a few tests at random.
programs: $(O)/loyald
	@LOYALD=$(CURDIR)/$(O)/loyald PROGRAM_TESTS=all tests/e2e/run.sh 40
# Reads CHAOS_SECONDS=150 CHAOS_DELIVERIES=20000 CHAOS_SEED=... LOYALD=...
chaos: all
	@tests/chaos/chaos.sh
	@tests/chaos/rewards.sh
# Writes deploy/BENCHMARKS.md.  BENCH_PEERS names the folder of the harness that
# has limits and peers; BENCH_SMOKE=1 tries everything in a minute.
bench bench-more bench-growth: all $(BENCH) $(O)/readme.json
	@O=$(O) tests/bench/bench.sh $@

# ---- tools -----------------------------------------------------------------

.PHONY: first-day fuzz fuzzers mutants cover tidy format install install-systemd \
	deb check-deb deb-root image-roots clean help
# Runs README.md's "Run it" in a bare Debian.  Needs root, takes minutes.
first-day:
	@tests/deploy/first_day.sh
FUZZ_SECONDS ?= 60
fuzz:
	@$(MAKE) --no-print-directory BUILD=fuzz CC=clang fuzzers
	@tests/fuzz/fuzz.sh build/fuzz-clang $(FUZZ_SECONDS)
fuzzers: $(FUZZ)

# Checks that the tests notice a wrong line of the core.  Takes minutes;
# MUTANTS=fold_tier picks the mutants whose file or line has the word.
mutants:
	@node tests/mutation/mutants.mjs tests/mutation/mutants.txt $(MUTANTS)

cover:
	@$(MAKE) --no-print-directory BUILD=cover CC=gcc check-unit check-corpora \
	    check-integration
	@$(MAKE) --no-print-directory BUILD=cover CC=gcc \
	    E2E="01 02 03 10 12 14 15 16 20 21 22 23" check-e2e
	@tests/support/cover.sh build/cover

tidy: $(O)/gen/stmts.gen.h $(O)/gen/migrations.gen.h
	@tests/lint/tidy.sh $(CPPFLAGS) $(CSTD)

format:
	clang-format -i $(SOURCES)

PREFIX	?= /usr/local
install: all
	install -D -m 755 build/loyald $(DESTDIR)$(PREFIX)/bin/loyald
	install -D -m 644 worker/loyald.8 $(DESTDIR)$(PREFIX)/share/man/man8/loyald.8
	install -d $(DESTDIR)$(PREFIX)/share/loyald/programs
	install -m 755 $(addprefix deploy/,backup.sh redis.sh) \
	    $(DESTDIR)$(PREFIX)/share/loyald
	install -m 644 $(addprefix deploy/,Caddyfile logins.sql) \
	    $(DESTDIR)$(PREFIX)/share/loyald
	install -m 644 $(wildcard deploy/programs/*.json) \
	    $(DESTDIR)$(PREFIX)/share/loyald/programs
	install -d $(DESTDIR)$(PREFIX)/share/loyald/monitoring
	install -m 644 $(addprefix deploy/monitoring/,prometheus.yml alerts.yml \
	    grafana.json) $(DESTDIR)$(PREFIX)/share/loyald/monitoring

# Installs the systemd units, and their user, folder and settings, for PREFIX.
# Files of settings that exist already stay as they are.
UNITDIR	?= $(PREFIX)/lib/systemd/system
install-systemd: $(O)/gen/loyald.env $(wildcard deploy/systemd/*.env)
	install -d $(DESTDIR)$(UNITDIR)/loyald@migrate.service.d
	install -m 644 deploy/systemd/loyald.target $(DESTDIR)$(UNITDIR)
	install -m 644 deploy/systemd/loyald@migrate.service.d/oneshot.conf \
	    $(DESTDIR)$(UNITDIR)/loyald@migrate.service.d
	sed 's|/usr/bin/|$(PREFIX)/bin/|' deploy/systemd/loyald@.service \
	    >$(DESTDIR)$(UNITDIR)/loyald@.service
	install -D -m 644 deploy/systemd/sysusers.conf \
	    $(DESTDIR)$(PREFIX)/lib/sysusers.d/loyald.conf
	install -D -m 644 deploy/systemd/tmpfiles.conf \
	    $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/loyald.conf
	install -d -m 750 $(DESTDIR)/etc/loyald
	for file in $^; do \
	    [ -e $(DESTDIR)/etc/loyald/$${file##*/} ] || \
	    install -m 640 $$file $(DESTDIR)/etc/loyald || exit; done
$(O)/gen/loyald.env: deploy/systemd/env.awk common/base/config/config.def
	@mkdir -p $(@D)
	$(Q)awk -f $^ >$@.part && mv $@.part $@

# VERSION=0.1.0+1 builds a package of another version than the one above.
deb:
	@deploy/debian/build.sh $(VERSION)
check-deb:
	@tests/deploy/deb.sh
# Installs, upgrades and removes the package in a bare Debian booted by systemd.
# Needs root, takes minutes.
deb-root:
	@tests/deploy/deb_root.sh
# Builds the image in bare roots without docker, and runs every process of
# docker-compose.yml in the image.  Needs root, takes minutes.
image-roots:
	@tests/deploy/image_roots.sh

clean:
	rm -rf build run

help:
	@echo 'make                   build/loyald'
	@echo 'make check             lints, unit tests, fuzz corpora, the tests inside programs;'
	@echo '                       no services, seconds'
	@echo 'make check-integration against a private PostgreSQL and Redis'
	@echo 'make check-e2e         whole processes, numbered scenarios; E2E=NN picks'
	@echo 'make check-platform    a platform that is made up, wherever platforms are listed'
	@echo 'make check-node        the tests of the fakes and the generators'
	@echo 'make test              all of it, both compilers, sanitizers, a short chaos;'
	@echo '                       installs what is missing'
	@echo 'make demo              the whole of it on this machine; DEMO_STAY=0 exits'
	@echo 'make programs          every test of every program file through all processes; minutes'
	@echo 'make chaos             kills everything at random; CHAOS_SECONDS CHAOS_DELIVERIES CHAOS_SEED REWARDS_RUNS REWARDS_SEED'
	@echo 'make board             what the board for Grafana shows of a day with traffic'
	@echo 'make fuzz              every fuzz target for FUZZ_SECONDS=60'
	@echo 'make mutants           whether the tests notice a wrong line of the core; minutes'
	@echo 'make first-day         all blocks of README.md'"'"'s "Run it" in a bare Debian; root, minutes'
	@echo 'make bench             what it costs on this machine, beside others (BENCH_PEERS);'
	@echo '                       bench-more: latency, memory, bytes; bench-growth: hours'
	@echo 'make deb               build/loyald_VERSION_ARCH.deb; make check-deb looks at it;'
	@echo '                       make deb-root installs, upgrades and removes it; root, minutes'
	@echo 'make image-roots       the image in bare roots, every process of docker-compose.yml'
	@echo '                       in it; root, minutes'
	@echo 'make cover tidy format install install-systemd clean'
	@echo
	@echo 'BUILD=release|dev|asan|cover|fuzz  CC=gcc|clang  WERROR=1'

.SECONDARY:
-include $(wildcard $(O)/obj/*/*.d $(O)/obj/*/*/*.d $(O)/obj/*/*/*/*.d)
