#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run_programs.sh LOYALD FILE...: the tests inside program files, each file
# by itself; what differs is shown only if something does.  A file without
# tests has failed.
set -euo pipefail

loyald=$1
shift
bad=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for file; do
	name=$(basename "$file" .json)
	status=0
	"$loyald" program test "$file" >"$log" 2>&1 || status=$?
	passed=$(sed -n 's/^\([0-9]*\) tests passed, .*/\1/p' "$log")
	failed=$(sed -n 's/^[0-9]* tests passed, \([0-9]*\) failed$/\1/p' "$log")
	if [ "$status" = 0 ] && [ "${passed:-0}" -gt 0 ]; then
		echo "PASS program $name $passed"
		continue
	fi
	grep -v '^ok ' "$log" || :
	if [ "${failed:-0}" -lt 1 ]; then
		failed=1
	fi
	echo "FAIL program $name $failed"
	bad=1
done
exit $bad
