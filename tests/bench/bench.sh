#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bench.sh: measures what loyald costs on this machine, with a private
# PostgreSQL and a private Redis that sync to disk, and writes
# deploy/BENCHMARKS.md and deploy/benchmarks/.
#
#	bench.sh bench		measures loyald with three programs, and the
#		limits and peers of a harness, in interleaved rounds
#	bench.sh bench-more	measures kinds of deliveries, latency, memory
#		and bytes
#	bench.sh bench-growth	measures how the costs grow; runs bench_fold and
#		bench_steps first
#
#	BENCH_PEERS=FOLDER	names the harness, which has peers/peers.json,
#		limits/ and prototypes/rig/; it is copied to run/peers and built
#		there (npm)
#	BENCH_PEERS_ONLY=a,b	picks limits and peers
#	BENCH_SMOKE=1		tries everything once, as small as it can be,
#		and writes to build/bench instead
#	BENCH_ROUNDS BENCH_ORDERS BENCH_FSYNC=everysec,always ...
#		are knobs at the head of compare.mjs, more.mjs and growth.mjs
set -euo pipefail

cd "$(dirname "$0")/../.."
target=$1
export O=${O:-build/release}
page=deploy/BENCHMARKS.md folder=deploy/benchmarks
if [ -n "${BENCH_SMOKE-}" ]; then
	page=build/bench/BENCHMARKS.md folder=build/bench/benchmarks
elif [ "$target" = bench-growth ]; then
	"$O/bench_fold"
	"$O/bench_steps"
fi
# The latencies need the times of commits, and the rest is as on a server.
export SERVICES_PG='track_commit_timestamp=on shared_buffers=1GB
    max_wal_size=8GB checkpoint_timeout=15min'
ulimit -n "$(ulimit -Hn)"
LOYALD=$PWD/$O/loyald tests/support/services.sh run --durable --tcp \
    --no-migrate node --no-warnings tests/bench/bench.mjs "$target" "$page" \
    "$folder"
