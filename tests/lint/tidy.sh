#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tidy.sh [--changed] FLAGS...: runs clang-tidy over the program (.clang-tidy:
# bugs, function size 70, nesting 3, six parameters), as many files at once as
# there are processors, and gcc's analyzer over base and core.  --changed runs
# only clang-tidy, over files that differ from the commit before the last one.
set -euo pipefail

cd "$(dirname "$0")/../.."
command -v clang-tidy >/dev/null || {
	echo "tidy: install clang-tidy" >&2
	exit 69
}
bad=0

# Runs a command for each file on stdin; the command has {} for the file.
each()
{
	xargs -r -d '\n' -P "$(nproc)" -I{} "$@"
}

if [ "${1-}" = --changed ]; then
	shift
	[ -e .git ] || exit 0
	before=$(git rev-parse -q --verify HEAD~1) || before=HEAD
	git diff --name-only --diff-filter=d "$before" -- 'common/*.c' \
	    'worker/*.c' |
		each clang-tidy --quiet {} -- "$@" 2>/dev/null || bad=1
	exit $bad
fi
printf '%s\n' common/*/*.c common/*/*/*.c worker/*.c |
	each clang-tidy --quiet {} -- "$@" 2>/dev/null || bad=1
printf '%s\n' common/{base,core}/*.c common/{base,core}/*/*.c |
	each gcc -fanalyzer -O1 -Werror "$@" -c -o /dev/null {} || bad=1
exit $bad
