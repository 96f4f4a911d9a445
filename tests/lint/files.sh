#!/bin/bash
# SPDX-License-Identifier: MIT
#
# files.sh [PATTERN...]: lists the files of the project, one per line.  Patterns
# are git's (":(glob)..." or "*.sh").  Without a git folder, find lists the files
# that are there.
set -euo pipefail

cd "$(dirname "$0")/../.."
if [ -e .git ]; then
	git ls-files -- "$@" | while IFS= read -r file; do
		if [ -e "$file" ]; then
			echo "$file"
		fi
	done
else
	[ $# -gt 0 ] || set -- '*'
	for pattern; do
		find . \( -name .git -o -name build -o -name run \
		    -o -name node_modules \) -prune -o -type f \
		    -path "./${pattern#\*}" -print -o -type f \
		    -path "./$pattern" -print -o -type f -name "$pattern" -print
	done | sed 's|^\./||' | sort -u
fi
