#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs what reads docker-compose.yml for the tests: a YAML parser, a JSON
# schema of the Compose specification (in dclint's package, of which nothing
# else is used) and what holds a file to it.  Does nothing the second time.
# Everything lands in node_modules/.
set -eu

cd "$(dirname "$0")"
# A copy of the lock file, made when the install was complete.
installed=node_modules/.installed-lock
if ! cmp -s package-lock.json "$installed"; then
	echo "deploy: npm ci" >&2
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	cp package-lock.json "$installed"
fi
