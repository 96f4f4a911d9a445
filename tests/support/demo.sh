#!/bin/bash
# SPDX-License-Identifier: MIT
#
# demo.sh: from a fresh Debian 12 and this folder to loyald at work: installs
# what is missing, builds, starts a private PostgreSQL and Redis, and hands
# over to demo.mjs.  DEMO_STAY=0 exits at the end, else Ctrl-C does.
set -euo pipefail

cd "$(dirname "$0")/../.."
tests/support/packages.sh demo
echo "demo: building" >&2
"${MAKE:-make}" -s --no-print-directory -j"$(nproc)" all
exec tests/support/services.sh run --durable \
    node --no-warnings tests/support/demo.mjs
