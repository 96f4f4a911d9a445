#!/bin/bash
# SPDX-License-Identifier: MIT
#
# man.sh: checks that the manual page is good mdoc.
set -euo pipefail

cd "$(dirname "$0")/../.."
if command -v mandoc >/dev/null; then
	mandoc -T lint -W warning worker/loyald.8
else
	# man finds fewer faults than mandoc, but some.
	out=$(LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 \
	    -Z worker/loyald.8 2>&1 >/dev/null)
	if [ -n "$out" ]; then
		echo "$out"
		exit 1
	fi
fi
