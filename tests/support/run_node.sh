#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run_node.sh: runs the tests of the fakes, of the generator of orders and of
# the oracle, with the strict checks, for which setup.sh fetches the pinned npm
# packages, once.
set -euo pipefail

cd "$(dirname "$0")/../.."
tests/fakes/setup.sh
log=$(mktemp)
trap 'rm -f "$log"' EXIT
bad=0
for file in tests/*/*.test.mjs; do
	name=$(basename "$file" .test.mjs)
	status=0
	FAKE_STRICT=1 timeout -k 5 300 node --no-warnings --test-reporter=tap \
	    --test "$file" >"$log" 2>&1 || status=$?
	passed=$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$log" | tail -1)
	failed=$(sed -n 's/^# fail \([0-9]*\)$/\1/p' "$log" | tail -1)
	if [ "$status" = 0 ] && [ "${passed:-0}" -gt 0 ]; then
		echo "PASS node $name $passed"
		continue
	fi
	cat "$log"
	if [ "${failed:-0}" -lt 1 ]; then
		failed=1
	fi
	echo "FAIL node $name $failed"
	bad=1
done
exit $bad
