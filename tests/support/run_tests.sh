#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run_tests.sh KIND PROGRAM...: runs test programs one after the other, and
# prints a line for each: passed or failed.  The output of a program is shown
# only if the program failed.  The exit status is 1 if a program failed.
#
#	unit, integration	programs of cmocka
#	corpus			programs fuzz_X, which replay tests/fuzz/corpus/X
set -euo pipefail

cd "$(dirname "$0")/../.."
TEST_SECONDS=300	# a test that hangs has failed
kind=$1
shift
bad=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for program; do
	name=$(basename "$program")
	args=()
	if [ "$kind" = corpus ]; then
		args=("tests/fuzz/corpus/${name#fuzz_}")
	fi
	status=0
	timeout -k 5 "$TEST_SECONDS" "$program" "${args[@]}" \
	    >"$log" 2>&1 || status=$?
	if [ "$kind" = corpus ]; then
		passed=$(sed -n 's/^replayed \([0-9]*\).*/\1/p' "$log")
	else
		passed=$(grep -c '^\[       OK \]' "$log" || :)
	fi
	passed=${passed:-0}
	if [ "$status" = 0 ] && [ "$passed" -gt 0 ]; then
		echo "PASS $kind $name $passed"
		continue
	fi
	cat "$log"
	if [ "$status" = 0 ]; then
		echo "$name tested nothing"
	else
		echo "$name ended with status $status"
	fi
	failed=$(grep -c '^\[  FAILED  \] [a-z_0-9]*$' "$log" || :)
	if [ "$failed" -lt 1 ]; then
		failed=1
	fi
	echo "FAIL $kind $name $failed"
	bad=1
done
exit $bad
