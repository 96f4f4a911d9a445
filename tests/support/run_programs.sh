#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run_programs.sh LOYALD FILE...: runs the tests inside program files, each file
# by itself, for stores in UTC and in a zone with summer time.  Prints only the
# differences from the expectations.  A file without tests, or with a warning,
# has failed.
set -euo pipefail

loyald=$1
shift
bad=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for file; do
	name=$(basename "$file" .json)
	passed=0
	failed=0
	for zone in UTC America/New_York; do
		status=0
		"$loyald" program test --timezone "$zone" "$file" >"$log" 2>&1 ||
			status=$?
		n=$(sed -n 's/^\([0-9]*\) tests passed, .*/\1/p' "$log")
		passed=$((passed + ${n:-0}))
		if [ "$status" != 0 ] || [ "${n:-0}" -lt 1 ] ||
			grep -q ': warning: ' "$log"; then
			echo "$file, in $zone:"
			grep -v '^ok ' "$log" || :
			failed=$((failed + 1))
		fi
	done
	if [ "$failed" = 0 ]; then
		echo "PASS program $name $passed"
	else
		echo "FAIL program $name $failed"
		bad=1
	fi
done
exit $bad
