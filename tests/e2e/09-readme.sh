#!/bin/bash
# SPDX-License-Identifier: MIT
#
# README.md's "Run it" as it stands, block after block in one shell, but for
# the blocks that it marks as root's: they install packages and start
# PostgreSQL and Redis as services, for which tests/deploy/first_day.sh has a
# machine.  Here both are private, so that their addresses, and ports that are
# free, are put behind the block of the settings; and no shop that is in the
# README is called.
set -euo pipefail

cd "$(dirname "$0")/../.."
if [ $# = 0 ]; then
	exec tests/support/services.sh run --no-migrate "$0" inside
fi

TRIES=3			# somebody may take a port before loyald does
SECONDS_MAX=180
loyald=${LOYALD:-$PWD/build/loyald}
database=$LOYALD_DATABASE_URL
redis=$LOYALD_REDIS_URL
for name in "${!LOYALD_@}"; do
	unset "$name"
done
# Calls to shops go to a proxy that is not there, so none leaves this machine.
export https_proxy=http://127.0.0.1:1

say()
{
	if [ "$1" = 0 ]; then
		echo "ok $2"
	else
		echo "not ok $2"
		cat "$home/out" "$home"/.loyald/*.log
	fi
}

free_port()
{
	node -e 'const s = require("net").createServer();
	s.listen(0, "127.0.0.1", () => {
		console.log(s.address().port);
		s.close();
	});'
}

script()
{
	echo "password=none"
	awk -f tests/support/readme_blocks.awk -v root=no README.md
	# shellcheck disable=SC2016 # $! and jobs are that shell's
	echo 'jobs -pr | wc -l >~/.loyald/running'
}

# Settings of the nth try, which has a database and ports of its own.
settings()
{
	local receive serve

	receive=$(free_port)
	serve=$(free_port)
	echo "export LOYALD_DATABASE_URL='$database dbname=readme$1'"
	echo "export LOYALD_REDIS_URL='$redis'"
	echo "export LOYALD_LISTEN=127.0.0.1:$receive"
	echo "export LOYALD_PUBLIC_URL=http://127.0.0.1:$receive"
	echo "export LOYALD_SERVE_LISTEN=127.0.0.1:$serve"
}

run_blocks()
{
	local status=0 group

	home=$SERVICES_DIR/home$1
	mkdir -p "$home/bin"
	ln -s "$loyald" "$home/bin/loyald"
	psql -Xq -d "$database" -c "CREATE DATABASE readme$1"
	settings "$1" >"$home/settings"
	script | sed "/^\. ~\/\.loyald\/env\$/r $home/settings" >"$home/script"

	set -m			# its processes are one group
	HOME=$home PATH=$home/bin:$PG_BIN:$PATH \
	    timeout "$SECONDS_MAX" bash -euo pipefail "$home/script" \
	    >"$home/out" 2>&1 </dev/null &
	group=$!
	set +m
	wait "$group" || status=$?
	running=$(cat "$home/.loyald/running" 2>/dev/null || :)
	kill -- "-$group" 2>/dev/null || :
	return "$status"
}

status=0
for ((try = 1; try <= TRIES; try++)); do
	status=0
	run_blocks "$try" || status=$?
	grep -q 'Address already in use' "$home"/.loyald/*.log || break
done
say "$status" "every block of README.md ends well"
[ "$running" = 6 ] && status=0 || status=1
say "$status" "six processes run: $running"
for file in env key woocommerce.secret woocommerce.token shopify.secret \
    shopify.token; do
	mode=$(stat -c %a "$home/.loyald/$file")
	[ "$mode" = 600 ] && status=0 || status=1
	say "$status" "$file is its owner's alone: $mode"
done
[ "$(grep -c '^available  *50$' "$home/out")" -ge 2 ] && status=0 || status=1
say "$status" "a delivery of each platform has become its 50 points"
for topic in order.deleted order.restored orders/delete products/delete; do
	grep -Eq "^$topic +[a-z_]+ +http://127.0.0.1:[0-9]+/webhooks/[-_0-9A-Za-z]+\$" \
	    "$home/out" && status=0 || status=1
	say "$status" "the address of $topic is printed"
done
[ "$(grep -c '^wrong ' "$home/out")" = 2 ] && status=0 || status=1
say "$status" "and what is wrong with an address that is no shop's"
! grep -q 'cs_CONSUMER_SECRET\|shpat_ACCESS_TOKEN\|WEBHOOK_SIGNING' \
    "$home/out" "$home"/.loyald/*.log && status=0 || status=1
say "$status" "no secret is in what was said"
! grep -l 'level=error' "$home"/.loyald/*.log && status=0 || status=1
say "$status" "no process has logged an error"
