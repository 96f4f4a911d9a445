#!/bin/bash
# SPDX-License-Identifier: MIT
#
# cover.sh FOLDER: prints the line and branch coverage of the last run of a
# BUILD=cover, by file; fails if any line of the core is not covered.
set -euo pipefail

cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
find "$1/obj/common" "$1/obj/worker" -name '*.gcda' 2>/dev/null |
	while read -r data; do
		gcov -b -n -o "$(dirname "$data")" "$data" 2>/dev/null
	done | awk '
	/^File / { file = $0; gsub(/^File .|.$/, "", file); next }
	/^Lines executed/ && file ~ /^(common|worker)\/.*\.c$/ {
		split($0, p, /[:%]| of /)
		lines[file] = p[2]; total[file] = p[length(p)]
	}
	/^Branches executed/ && file in lines {
		split($0, p, /[:%]/); branches[file] = p[2]
	}
	/^$/ { file = "" }
	END {
		for (f in lines)
			printf "%-40s %7.2f %% of %4d lines %s\n", f, lines[f], total[f], \
			    branches[f] == "" ? "" : branches[f] " % of branches"
	}' | sort >"$out/table"
cat "$out/table"
if awk '/^common\/core\// && $2 < 100 { print "cover: " $1 " is not covered"; bad = 1 }
	END { exit !bad }' "$out/table"; then
	exit 1
fi
