#!/bin/bash
# SPDX-License-Identifier: MIT
#
# fuzz.sh FOLDER SECONDS: every fuzz target in the folder for that long, on
# its corpus.  What is new goes to run/fuzz/TARGET, to be looked at and
# added to the corpus by hand; so does a crash, and the exit status is 1.
set -euo pipefail

cd "$(dirname "$0")/../.."
bad=0
for target in "$1"/fuzz_*; do
	[ -x "$target" ] || continue
	name=$(basename "$target")
	new=run/fuzz/${name#fuzz_}
	mkdir -p "$new"
	echo "== $name, $2 s"
	if ! "$target" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 \
	    -print_final_stats=1 -artifact_prefix="$new/" \
	    "$new" "tests/fuzz/corpus/${name#fuzz_}" >"$new.log" 2>&1; then
		tail -n 60 "$new.log"
		echo "FAIL fuzz $name 1"
		bad=1
		continue
	fi
	grep -E '^stat::(number_of_executed_units|average_exec_per_sec)' \
	    "$new.log" | xargs
done
exit $bad
