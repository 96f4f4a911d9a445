#!/bin/bash
# SPDX-License-Identifier: MIT
#
# peer.sh: loyald as one of the peers of a harness (service.json).
#
#	peer.sh prepare RUN PG_PORT REDIS_PORT	stores s001 to s016 of both
#						platforms, unless they are there
#	peer.sh receive RUN PORT
#	peer.sh work RUN
#
# The harness sends to fixed paths, /webhooks/PLATFORM/STORE, so the stores'
# tokens are set to that in the database; the look-up is the same.
set -euo pipefail

what=$1 run=$2
shift 2
LOYALD=${LOYALD:-$(cd "$(dirname "$0")/../.." && pwd)/build/loyald}
home=$run/loyald
mkdir -p "$home"

sql()
{
	psql -XqAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$pg_port" -U postgres \
	    -d "$1" -c "$2"
}

add_store()
{
	printf 'whsec_%s_4f0c8a1be27d4d4f9b0a' "$2" >"$home/secret"
	"$LOYALD" store add --platform "$1" --domain "$3" --currency EUR \
	    --timezone Europe/Berlin --earn-from ever --webhook-secret-file "$home/secret" \
	    --program "$(dirname "$0")/../../deploy/programs/points.json" \
	    --json | sed -n 's/.*"store_id":\([0-9]*\).*/\1/p'
}

prepare()
{
	local pg_port=$1 redis_port=$2 database=bench n name id

	# Where the harness has made its own tables, ours go elsewhere.
	if [ -n "$(sql bench "SELECT to_regclass('credit_event')")" ]; then
		database=loyald_bench
		[ -n "$(sql bench "SELECT 1 FROM pg_database
			WHERE datname = '$database'")" ] ||
			sql bench "CREATE DATABASE $database"
	fi
	[ -e "$home/key" ] || "$LOYALD" key new "$home/key" >&2
	cat >"$home/env" <<-END
		export LOYALD_DATABASE_URL=postgresql://postgres@127.0.0.1:$pg_port/$database
		export LOYALD_REDIS_URL=redis://127.0.0.1:$redis_port/0
		export LOYALD_KEY_FILE=$home/key LOYALD_SPOOL_DIR=$home/spool
	END
	# shellcheck disable=SC1091
	. "$home/env"
	"$LOYALD" migrate >&2
	if [ "$(sql "$database" "SELECT count(*) FROM store")" = 32 ]; then
		return
	fi
	for ((n = 1; n <= 16; n++)); do
		name=$(printf 's%03d' "$n")
		id=$(add_store shopify "$name" "$name.myshopify.example")
		sql "$database" "UPDATE store SET webhook_token =
			'shopify/$name' WHERE store_id = $id"
		id=$(add_store woocommerce "$name" "$name.example")
		sql "$database" "UPDATE store SET webhook_token =
			'woocommerce/$name' WHERE store_id = $id"
	done
}

case $what in
prepare) prepare "$@" ;;
receive)
	# shellcheck disable=SC1091
	. "$home/env"
	rm -rf "$home/spool"
	install -d -m 700 "$home/spool"
	LOYALD_LISTEN=127.0.0.1:$1 exec "$LOYALD" receive
	;;
work)
	# shellcheck disable=SC1091
	. "$home/env"
	exec "$LOYALD" work
	;;
esac
