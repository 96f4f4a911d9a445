#!/bin/bash
# SPDX-License-Identifier: MIT
#
# run.sh [NN...]: runs the scenarios beside this file, or only the scenarios
# whose names begin with an argument, in the order of their numbers: scenarios
# of basic parts come first.  Each scenario has its own PostgreSQL and Redis.
# The output of a scenario is shown only if the scenario failed.
set -euo pipefail

cd "$(dirname "$0")/../.."
SCENARIO_SECONDS=600
# Where Shopify's published schemas are (tests/fakes/setup.sh), all that is sent to
# the Shopify fake is held to them.
if [ -d tests/fakes/node_modules/.admin-schema ]; then
	export FAKE_STRICT=1
fi
[ $# -gt 0 ] || set -- ''
bad=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

run_one()
{
	local file=$1 name status=0 passed failed began=$SECONDS
	local command=(timeout -k 20 "$SCENARIO_SECONDS")

	name=$(basename "$file")
	name=${name%.*}
	# A scenario that kills PostgreSQL or Redis needs durable services.
	case $file in
	*.sh) command+=("$file") ;;
	*) command+=(tests/support/services.sh run)
		if grep -q '^// services: durable' "$file"; then
			command+=(--durable)
		fi
		command+=(node --no-warnings "$file") ;;
	esac
	"${command[@]}" >"$log" 2>&1 || status=$?
	passed=$(grep -c '^ok ' "$log" || :)
	failed=$(grep -c '^not ok ' "$log" || :)
	if [ "$status" = 0 ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]; then
		echo "PASS e2e $name $passed ($((SECONDS - began)) s)"
		return
	fi
	cat "$log"
	if [ "$failed" = 0 ]; then
		failed=1
	fi
	echo "FAIL e2e $name $failed (exit status $status)"
	bad=1
}

for file in tests/e2e/[0-9][0-9]-*; do
	for begin; do
		case $(basename "$file") in
		"$begin"*)
			run_one "$file"
			break
			;;
		esac
	done
done
exit $bad
