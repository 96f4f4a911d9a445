#!/bin/bash
# SPDX-License-Identifier: MIT
#
# test_all.sh: runs all tests: both compilers with -Werror, lints, unit tests,
# fuzz corpora, the same tests under ASan and UBSan, the fakes, integration
# tests, whole processes, a short chaos.  Installs missing packages first.
#
# A part that fails keeps no other part from running, but for the parts that
# need it.  At the end a table has the time of each part, and a list has every
# failure.  The last line is "N passed, N failed".
set -euo pipefail

cd "$(dirname "$0")/../.."
CHAOS_SHORT_SECONDS=25
CHAOS_SHORT_DELIVERIES=3000
REWARDS_SHORT_RUNS=${REWARDS_SHORT_RUNS:-60}
SILENT_SECONDS=60	# after so long without a line a part says that it runs
export SERVICES_BASE=${SERVICES_BASE:-$PWD/run}
make=("${MAKE:-make}" --no-print-directory -s -j"$(nproc)" WERROR=1)
gcc=("${make[@]}" CC=gcc)
sanitized=("${make[@]}" BUILD=asan CC=clang)
dir=$(mktemp -d)	# NAME.log of each part, NAME.ok of a part that passed
lane=
began=$SECONDS

# ---- parts -----------------------------------------------------------------

# Copies a part's output, and says now and then that a silent part still runs.
show()
{
	local name=$1 start=$SECONDS line status

	while :; do
		line=
		status=0
		IFS= read -r -t "$SILENT_SECONDS" line || status=$?
		if [ "$status" = 0 ]; then
			printf '%s\n' "$line"
		elif [ "$status" -gt 128 ]; then
			printf '%s   %s has run for %d s\n' "$line" "$name" \
			    $((SECONDS - start))
		else
			printf '%s' "$line"
			return
		fi
	done
}

# count PASS|FAIL LOG...: sums the numbers in lines that begin with the word.
count()
{
	awk -v word="$1" '$1 == word { n += $4 } END { print n + 0 }' \
	    "${@:2}" </dev/null
}

# Counts a part without counts of its own, such as a build, as one test.
conclude()
{
	local name=$1 status=$2 log=$3

	if [ "$status" != 0 ] && [ "$(count FAIL "$log")" = 0 ]; then
		echo "FAIL part $name 1 (exit status $status)"
	elif [ "$status" = 0 ] && [ "$(count PASS "$log")" = 0 ]; then
		echo "PASS part $name 1"
	fi
}

# part NAME NEEDED WHAT COMMAND...: runs a part; WHAT is a sentence for the
# person who waits, and NEEDED the part that must pass before, or -.
part()
{
	local name=$1 needed=$2 what=$3 start=$SECONDS status=0
	local log=$dir/$name.log
	shift 3

	echo "== $name: $what"
	if [ "$needed" != - ] && [ ! -e "$dir/$needed.ok" ]; then
		echo "FAIL part $name 1 (not run, since $needed failed)" |
			tee "$log"
		status=1
	else
		"$@" 2>&1 | tee "$log" | show "$name" || status=$?
		conclude "$name" "$status" "$log" | tee -a "$log"
	fi
	if [ "$status" = 0 ]; then
		: >"$dir/$name.ok"
	fi
	echo "$name $((SECONDS - start)) $(count PASS "$log")" \
	    "$(count FAIL "$log")" >>"$dir/table"
	echo "   $((SECONDS - start)) s"
}

# Runs a part beside another one, and shows its output when the part is done.
part_aside()
{
	part "$@" >"$dir/aside" 2>&1
	cat "$dir/aside"
}

# ---- the commands of parts ---------------------------------------------------

fetch()
{
	local setup

	for setup in tests/*/setup.sh; do
		"$setup"
	done
}

lints()
{
	local lint bad=0

	for lint in $("${gcc[@]}" lint-names); do
		if "${gcc[@]}" "lint-$lint"; then
			echo "PASS lint $lint 1"
		else
			echo "FAIL lint $lint 1"
			bad=1
		fi
	done
	return $bad
}

# ---- the end -----------------------------------------------------------------

# Prints the table and the failures when the script exits, also by an interrupt.
# shellcheck disable=SC2317
finish()
{
	local status=$? passed failed

	trap - EXIT
	if [ -n "$lane" ]; then
		kill -TERM -- "-$lane" 2>/dev/null || :
	fi
	if [ -e "$dir/table" ]; then
		echo
		sed '1i part seconds passed failed' "$dir/table" |
			awk '{ printf "%-22s %8s %7s %7s\n", $1, $2, $3, $4 }'
	fi
	passed=$(count PASS "$dir"/*.log)
	failed=$(count FAIL "$dir"/*.log)
	if [ "$failed" != 0 ]; then
		echo
		echo "what failed:"
		sed -n 's/^FAIL /  /p' "$dir"/*.log
	elif [ "$status" != 0 ]; then
		failed=1
	fi
	rm -rf "$dir"
	echo "$((SECONDS - began)) s"
	echo "$passed passed, $failed failed"
	if [ "$failed" != 0 ] && [ "$status" = 0 ]; then
		status=1
	fi
	exit "$status"
}
trap finish EXIT

tests/support/packages.sh test
part registries - "fetches the npm packages that tests need, once" fetch
part gcc-build - "compiles everything with gcc, warnings are errors" \
    "${gcc[@]}" all test-programs
part lints - "checks the rules that scripts can check" lints
part unit gcc-build "the floors that need nothing, and the programs' tests" \
    "${gcc[@]}" check-unit check-corpora check-programs
part platform - "a platform that is made up, wherever platforms are listed" \
    "${gcc[@]}" check-platform
part clang-build - "compiles loyald with clang, warnings are errors" \
    "${make[@]}" CC=clang all
part sanitized-build - "compiles everything with ASan and UBSan" \
    "${sanitized[@]}" all test-programs
part unit-sanitized sanitized-build "the same as unit, under the sanitizers" \
    "${sanitized[@]}" check-unit check-corpora check-programs
part fakes registries "the test doubles of both platforms" \
    "${gcc[@]}" check-node

# The integration tests wait most of the time, so both runs of them run at once.
# The run aside has a process group of its own, which can be ended as a whole.
set -m
part_aside integration-sanitized sanitized-build \
    "the same as integration, under the sanitizers" \
    "${sanitized[@]}" check-integration &
lane=$!
set +m
part integration gcc-build "the floors that need PostgreSQL and Redis" \
    "${gcc[@]}" check-integration
wait "$lane" || :
lane=

part processes gcc-build "whole processes, each scenario with own services" \
    "${gcc[@]}" check-e2e
part processes-sanitized sanitized-build \
    "four scenarios of whole processes under the sanitizers" \
    env PROGRAMS=hybrid.json "${sanitized[@]}" E2E="10 13 20 40" check-e2e
part package gcc-build "what is in the Debian package" "${gcc[@]}" check-deb
part short-chaos gcc-build \
    "kills everything at random for $CHAOS_SHORT_SECONDS s" \
    env CHAOS_SECONDS="$CHAOS_SHORT_SECONDS" \
    CHAOS_DELIVERIES="$CHAOS_SHORT_DELIVERIES" tests/chaos/chaos.sh
part short-rewards gcc-build \
    "kills everything while shops make $REWARDS_SHORT_RUNS rewards" \
    env REWARDS_RUNS="$REWARDS_SHORT_RUNS" tests/chaos/rewards.sh
