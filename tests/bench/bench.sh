#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bench.sh: what loyald costs on this machine: deciding alone (bench_fold), a
# step of that in long histories (bench_steps), and the whole (bench.mjs) on a
# PostgreSQL and a Redis of its own that sync to disk.
#
#	BENCH_ROUNDS=3 BENCH_SECONDS=5 BENCH_ORDERS=6000
#	BENCH_PEERS=FOLDER	the folder of a harness that measures limits
#		and peers by peers/run_peers.py; it is copied to run/peers, set
#		up there (python3, npm, wrk), and run with loyald beside them
#		(peer.sh).  BENCH_PEERS_ONLY=a,b,...  which peers
set -euo pipefail

cd "$(dirname "$0")/../.."
"${O:-build/release}/bench_fold"
"${O:-build/release}/bench_steps"
O=${O:-build/release} tests/support/services.sh run --durable \
    node --no-warnings tests/bench/bench.mjs
if [ -z "${BENCH_PEERS-}" ]; then
	exit 0
fi

rounds=${BENCH_ROUNDS:-3} seconds=${BENCH_SECONDS:-5}
only=${BENCH_PEERS_ONLY:-loyald,limit-epoll,node-fastify-stream,node-express-bullmq}
for tool in python3 npm wrk; do
	command -v "$tool" >/dev/null || {
		echo "bench: the peers need $tool" >&2
		exit 69
	}
done
base=$PWD/run/peers
mkdir -p "$base"
cp -r --no-preserve=mode "$BENCH_PEERS/." "$base/"
find "$base" -name '*.py' -exec chmod 755 {} +
if [ ! -d "$base/peers/node/node_modules" ]; then
	(cd "$base/peers/node" &&
		npm install --ignore-scripts --no-audit --no-fund --silent)
fi
python3 "$base/load/payloads.py" >/dev/null
make -s -C "$base/load" && make -s -C "$base/limits"
sed "s|@HERE@|$PWD/tests/bench|" tests/bench/service.json >"$base/loyald.json"

# PostgreSQL's user must be able to go to the data.
BENCH_RUN=$(mktemp -d /tmp/loyald-bench.XXXXXX)
chmod 755 "$BENCH_RUN"
trap 'rm -rf "$BENCH_RUN"' EXIT
export BENCH_RUN BENCH_RESULTS=$base/results
LOYALD=$PWD/build/loyald
export LOYALD
mkdir -p "$BENCH_RESULTS"
for fsync in everysec always; do
	peers=$only
	if [ "$fsync" = always ]; then
		peers=$only,limit-epoll-r16
	fi
	echo "== receive, appendfsync $fsync"
	"$base/peers/run_peers.py" receive --rounds "$rounds" \
	    --secs "$seconds" --fsync "$fsync" --extra "$base/loyald.json" \
	    --peers "$peers"
	echo "== end to end, appendfsync $fsync"
	"$base/peers/run_peers.py" e2e --rounds "$rounds" --n 10000 \
	    --fsync "$fsync" --extra "$base/loyald.json" --peers "$peers"
done
