#!/bin/bash
# SPDX-License-Identifier: MIT
#
# chaos.sh: a steady stream of deliveries while everything is killed at
# random (chaos.mjs), on a PostgreSQL and a Redis that sync to disk.
#
#	CHAOS_SECONDS=130	how long things are killed
#	CHAOS_DELIVERIES=20000	how many are sent in that time
#	CHAOS_SEED=...		which; printed, so that it can be had again
set -euo pipefail

cd "$(dirname "$0")/../.."
exec tests/support/services.sh run --durable \
    node --no-warnings tests/chaos/chaos.mjs
