#!/bin/bash
# SPDX-License-Identifier: MIT
#
# yaml.sh FILE: checks that the file is YAML without tabs and odd indents, and,
# if docker is installed, that docker accepts the file.  The contents are tested
# by tests/e2e/49-compose.mjs, which has a parser.
set -euo pipefail

cd "$(dirname "$0")/../.."
bad=0
if grep -nP '\t' "$1"; then
	echo "yaml: $1: a tab, above"
	bad=1
fi
if grep -nP '^(  )* (?! )(?!#)' "$1"; then
	echo "yaml: $1: an odd indent, above"
	bad=1
fi
if command -v docker >/dev/null && docker compose version >/dev/null 2>&1; then
	docker compose -f "$1" config --no-interpolate --quiet || bad=1
fi
exit $bad
