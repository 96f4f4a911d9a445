#!/bin/bash
# SPDX-License-Identifier: MIT
#
# test_all.sh: everything there is: both compilers with -Werror, lints, unit
# tests, corpora, the same under ASan and UBSan, the fakes, integration,
# whole processes, a short chaos.  Installs what is missing.  What others
# stand on comes first, and its failure ends the run.  The last line is
# "N passed, N failed".
set -euo pipefail

cd "$(dirname "$0")/../.."
CHAOS_SHORT_SECONDS=25
CHAOS_SHORT_DELIVERIES=3000
export SERVICES_BASE=${SERVICES_BASE:-$PWD/run}
make=("${MAKE:-make}" --no-print-directory -j"$(nproc)")
log=$(mktemp)
began=$SECONDS

# shellcheck disable=SC2317 # called by the trap
finish()
{
	local status=$? passed failed

	passed=$(awk '/^PASS / { n += $4 } END { print n + 0 }' "$log")
	failed=$(awk '/^FAIL / { n += $4 } END { print n + 0 }' "$log")
	if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
		failed=1
	fi
	echo "$((SECONDS - began)) s"
	echo "$passed passed, $failed failed"
	rm -f "$log"
	exit "$status"
}
trap finish EXIT

# step NAME COMMAND...: a failure ends the run.
step()
{
	local name=$1 start=$SECONDS status=0
	shift

	echo "== $name"
	"$@" 2>&1 | tee -a "$log" || status=$?
	if [ "$status" != 0 ]; then
		echo "== $name failed"
		exit 1
	fi
	echo "   $((SECONDS - start)) s"
}

built()
{
	"$@" && echo "PASS build ${*: -1} 1"
}

lints()
{
	local lint bad=0

	for lint in floors pure tenant text options folders headers format \
	    shell man yaml; do
		if "${make[@]}" -s "lint-$lint"; then
			echo "PASS lint $lint 1"
		else
			echo "FAIL lint $lint 1"
			bad=1
		fi
	done
	return $bad
}

short_chaos()
{
	CHAOS_SECONDS=$CHAOS_SHORT_SECONDS \
	    CHAOS_DELIVERIES=$CHAOS_SHORT_DELIVERIES tests/chaos/chaos.sh
}

tests/support/packages.sh test
step "gcc -Werror" built "${make[@]}" -s WERROR=1 CC=gcc all
step lints lints
step "unit tests and corpora" "${make[@]}" -s WERROR=1 CC=gcc \
    check-unit check-corpora check-programs
step "clang -Werror" built "${make[@]}" -s WERROR=1 CC=clang all
step "unit tests and corpora, sanitizers" "${make[@]}" -s WERROR=1 \
    BUILD=asan CC=clang all check-unit check-corpora check-programs
step fakes "${make[@]}" -s check-node
step integration "${make[@]}" -s WERROR=1 CC=gcc check-integration
step "integration, sanitizers" "${make[@]}" -s WERROR=1 BUILD=asan CC=clang \
    check-integration
step "whole processes" "${make[@]}" -s WERROR=1 CC=gcc check-e2e
step "whole processes, sanitizers" env PROGRAMS=hybrid.json "${make[@]}" -s \
    BUILD=asan CC=clang E2E="10 13 20 40" check-e2e
step "short chaos" short_chaos
