#!/bin/bash
# SPDX-License-Identifier: MIT
#
# demo.sh: shows loyald at work, on a fresh Debian 12, too: installs missing
# packages, builds, starts a private PostgreSQL and Redis, and runs demo.mjs.
# With DEMO_STAY=0 the demo exits at the end, else on Ctrl-C.
set -euo pipefail

cd "$(dirname "$0")/../.."
tests/support/packages.sh demo
echo "demo: building" >&2
"${MAKE:-make}" -s --no-print-directory -j"$(nproc)" all
exec tests/support/services.sh run --durable \
    node --no-warnings tests/support/demo.mjs
