# One Makefile, one pass, no recursion.
#
#   make              build build/loyald
#   make check        what must pass before a commit; no services, seconds
#   make test         everything; starts what it needs
#   make demo         the whole of it on this machine, from nothing
#   make help         all targets
#
# Builds are sets of flags, each with its own directory under build/:
# BUILD=release (the default), dev, asan, cover, fuzz.  Any target works
# under any build: make BUILD=asan CC=clang check.

BUILD	?= release
O	:= build/$(BUILD)
ifneq ($(filter-out gcc cc,$(notdir $(CC))),)
O	:= build/$(BUILD)-$(notdir $(CC))
endif

CC	?= cc
PKGS	:= libpq hiredis jansson libcurl libevent libcrypto
CSTD	:= -std=gnu17

# What each catches: conversions that lose bits (-Wconversion), a name that
# hides another (-Wshadow), a function nobody declared (-Wmissing-prototypes),
# floats near money (-Wfloat-equal -Wdouble-promotion), an event type without
# a case (-Wswitch-enum), stack of unknown size (-Wvla).
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
	-Wunreachable-code-aggressive
IS_GCC	:= $(if $(findstring clang,$(shell $(CC) --version)),,yes)
WARN	+= $(if $(IS_GCC),$(WARN_gcc),$(WARN_clang)) $(if $(WERROR),-Werror)

# Control-flow protection is spelled per architecture.
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
CFLAGS_cover	:= -O0 -g3 --coverage
LDFLAGS_cover	:= --coverage
CFLAGS_fuzz	:= -O1 -g3 -fsanitize=fuzzer-no-link,$(SANITIZE) \
	-fno-sanitize-recover=all
LDFLAGS_fuzz	:= -fsanitize=$(SANITIZE)

VERSION	:= 0.1.0

override CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Icommon -I$(O)/gen \
	$(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS)))
override CFLAGS	+= $(CSTD) $(WARN) $(CFLAGS_$(BUILD))
override LDFLAGS += $(LDFLAGS_$(BUILD))
LDLIBS	:= $(shell pkg-config --libs $(PKGS))
# The pure floors need no service's library; that they link without is a test.
LDLIBS_PURE := $(shell pkg-config --libs jansson libcrypto)

COMMON	:= $(wildcard common/*/*.c)
PURE	:= $(wildcard common/base/*.c common/core/*.c common/wire/*.c)
WORKER	:= $(wildcard worker/*.c)
SUPPORT	:= $(wildcard tests/support/*.c)
UNIT	:= $(patsubst tests/unit/%.c,$(O)/%,$(wildcard tests/unit/test_*.c))
INTEG	:= $(patsubst tests/integration/%.c,$(O)/%,$(wildcard tests/integration/test_*.c))
FUZZ	:= $(patsubst tests/fuzz/%.c,$(O)/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH	:= $(patsubst tests/bench/%.c,$(O)/%,$(wildcard tests/bench/bench_*.c))
SOURCES	:= $(wildcard common/*/*.[ch] worker/*.[ch] tests/*/*.[ch])
SHELL_SCRIPTS := $(wildcard .ci/run tests/*/*.sh)

obj	 = $(patsubst %.c,$(O)/obj/%.o,$(1))

.PHONY: all
all: build/loyald

# The one name everything outside the build knows.
build/loyald: $(O)/loyald
	@cp -f $< $@.part && mv -f $@.part $@

$(O)/loyald: $(call obj,$(WORKER) $(COMMON))
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(UNIT): $(O)/%: $(O)/obj/tests/unit/%.o $(call obj,$(PURE))
	$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS_PURE)

$(INTEG): $(O)/%: $(O)/obj/tests/integration/%.o $(call obj,$(COMMON) $(SUPPORT))
	$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

# Under BUILD=fuzz with libFuzzer's main; else with a main that replays files.
FUZZ_MAIN := $(if $(filter fuzz,$(BUILD)),-fsanitize=fuzzer,$(O)/obj/tests/fuzz/replay.o)
$(FUZZ): $(O)/%: $(O)/obj/tests/fuzz/%.o $(call obj,$(COMMON)) $(filter %.o,$(FUZZ_MAIN))
	$(CC) $(LDFLAGS) $(filter -%,$(FUZZ_MAIN)) -o $@ $^ $(LDLIBS)

$(BENCH): $(O)/%: $(O)/obj/tests/bench/%.o $(call obj,$(COMMON))
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(O)/obj/%.o: %.c $(O)/gen/stmts.gen.h $(O)/gen/migrations.gen.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/gen/stmts.gen.h: common/ledger/sql2c.awk $(sort $(wildcard common/ledger/sql/*.sql))
	@mkdir -p $(@D)
	awk -f $^ > $@.part && mv $@.part $@

$(O)/gen/migrations.gen.h: migrations/migrations2c.awk $(sort $(wildcard migrations/*.sql))
	@mkdir -p $(@D)
	awk -f $^ > $@.part && mv $@.part $@

.SECONDARY:
-include $(wildcard $(O)/obj/*/*.d $(O)/obj/*/*/*.d)
