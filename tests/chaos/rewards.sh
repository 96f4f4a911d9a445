#!/bin/bash
# SPDX-License-Identifier: MIT
#
# rewards.sh: redemptions whose rewards shops make, while every process is
# killed again and again and shops lose answers (rewards.mjs).
#
#	REWARDS_RUNS=1000	redemptions
#	REWARDS_SEED=...	which; printed, so that they can be had again
set -euo pipefail

cd "$(dirname "$0")/../.."
exec tests/support/services.sh run \
    node --no-warnings tests/chaos/rewards.mjs
