#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tidy.sh FLAGS...: clang-tidy (.clang-tidy: bugs, function size 70, nesting
# 3, six parameters) over the program, and gcc's analyzer over the pure
# floors.
set -euo pipefail

cd "$(dirname "$0")/../.."
command -v clang-tidy >/dev/null || {
	echo "tidy: install clang-tidy" >&2
	exit 69
}
bad=0
for file in common/*/*.c worker/*.c; do
	clang-tidy --quiet "$file" -- "$@" 2>/dev/null || bad=1
done
for file in common/base/*.c common/core/*.c; do
	gcc -fanalyzer -O1 -Werror "$@" -c -o /dev/null "$file" || bad=1
done
exit $bad
