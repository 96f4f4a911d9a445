#!/bin/bash
# SPDX-License-Identifier: MIT
#
# services.sh: runs a command with a private PostgreSQL and a private Redis,
# which live below one folder, on Unix sockets and a free port, and touch
# nothing else on the machine.
#
#	services.sh run [--durable] [--tcp] [--no-migrate] CMD...
#		starts both services, runs CMD, ends both services; the exit
#		status is CMD's.
#		Without --durable nothing is synced to disk, for tests.
#		With --tcp PostgreSQL also listens on 127.0.0.1, at $PGPORT.
#		$SERVICES_PG has more settings for it, as NAME=VALUE.
#
# CMD finds in its environment
#	LOYALD_DATABASE_URL TEST_PG	PostgreSQL, as its superuser
#	LOYALD_REDIS_URL TEST_REDIS_URL	Redis
#	SERVICES_DIR			the folder, with
#		pg.pid redis.pid	the process of each service
#		pg.down redis.down	while this file exists, the service is not
#					started again after it has ended
#		pg.log redis.log
#	SERVICES_REDIS_PORT		the port of Redis on 127.0.0.1
#
# Each service has a keeper that starts the service again when it has died.
# Keepers and services end with this script, however the script ends, and the
# script ends with its parent.  The folder is below $SERVICES_BASE, else below
# run/ beside the Makefile, else (if PostgreSQL's user may not enter that)
# below /tmp.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
loyald=${LOYALD:-$root/build/loyald}
pg_bin=${PG_BIN:-$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null |
	sort -V | tail -1)}

# The path of a socket has at most 107 bytes, with /redis.sock or
# /.s.PGSQL.5432 at its end.
SOCKET_DIR_MAX=85
START_TRIES=200		# one try in 50 ms
END_TRIES=100

fail()
{
	echo "services: $*" >&2
	exit 69
}

# Gives the user that runs the services, because PostgreSQL refuses to run as
# root.
service_user()
{
	local name

	if [ "$(id -u)" != 0 ]; then
		return
	fi
	for name in postgres nobody; do
		if id "$name" >/dev/null 2>&1; then
			echo "$name"
			return
		fi
	done
	fail "running as root, and there is neither a user postgres nor nobody"
}

# Sets as_service to the words before a command that run the command as the
# service's user.  A change of user clears the death signal, so the setpriv that
# sets the signal comes after these words.
set_as_service()
{
	as_service=(env HOME="$dir")
	if [ -n "$user" ]; then
		as_service=(setpriv --reuid "$user" --regid "$(id -g "$user")"
		    --clear-groups "${as_service[@]}")
	fi
}

make_dir()
{
	local base

	for base in "${SERVICES_BASE:-$root/run}" /tmp; do
		if [ ${#base} -gt $((SOCKET_DIR_MAX - 16)) ]; then
			continue
		fi
		if ! mkdir -p "$base" 2>/dev/null ||
		    ! dir=$(mktemp -d "$base/services.XXXXXX" 2>/dev/null); then
			continue
		fi
		if [ -n "$user" ]; then
			chown "$user" "$dir"
		fi
		chmod 755 "$dir"
		set_as_service
		if (cd / && "${as_service[@]}" test -w "$dir"); then
			return
		fi
		rmdir "$dir"
	done
	fail "no folder that ${user:-$(id -un)} may use"
}

free_port()
{
	local port tries

	for ((tries = 0; tries < 100; tries++)); do
		port=$((20000 + RANDOM % 12000))
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			echo "$port"
			return
		fi
	done
	fail "no free port on 127.0.0.1"
}

# ---- the keepers -----------------------------------------------------------

pg_settings()
{
	local on=off

	if [ -n "$durable" ]; then
		on=on
	fi
	# Autovacuum stays on, because it runs in production, too.
	# shellcheck disable=SC2086 # words
	printf -- '-c\n%s\n' "unix_socket_directories=$dir" "port=$PGPORT" \
	    "listen_addresses=${tcp:+127.0.0.1}" \
	    unix_socket_permissions=0700 max_connections=200 "fsync=$on" \
	    "synchronous_commit=$on" "full_page_writes=$on" \
	    logging_collector=off "log_line_prefix=%m [%p] " \
	    max_wal_size=512MB shared_buffers=128MB timezone=UTC ${SERVICES_PG-}
}

redis_settings()
{
	printf '%s\n' --bind 127.0.0.1 --port "$port" \
	    --unixsocket "$dir/redis.sock" --unixsocketperm 700 \
	    --dir "$dir/redis" --save "" --maxmemory-policy noeviction \
	    --daemonize no
	if [ -n "$durable" ]; then
		printf '%s\n' --appendonly yes --appendfsync always \
		    --no-appendfsync-on-rewrite no
	else
		printf '%s\n' --appendonly no
	fi
}

# Runs a service until this keeper is told to end (TERM) or killed; writes
# NAME.pid.  A PostgreSQL whose postmaster was killed refuses to start while a
# child of the postmaster lives, so the start is tried again and again.
keep()
{
	local name=$1 ending=$2 pid='' args
	shift 2

	# CONT, because a test may have frozen the service (support/world.mjs).
	# shellcheck disable=SC2064 # the signal is known now
	trap "stopping=1; [ -z \"\$pid\" ] || kill -$ending \"\$pid\" 2>/dev/null || :
	    [ -z \"\$pid\" ] || kill -CONT \"\$pid\" 2>/dev/null || :" TERM
	trap '' INT HUP
	exec 2>>"$dir/keepers.log"
	stopping=
	mapfile -t args < <("${name}_settings")
	set_as_service
	cd "$dir"
	while [ -z "$stopping" ]; do
		if [ -e "$dir/$name.down" ]; then
			sleep 0.05
			continue
		fi
		"${as_service[@]}" setpriv --pdeathsig "$ending" \
		    "$@" "${args[@]}" >>"$dir/$name.log" 2>&1 &
		pid=$!
		echo "$pid" >"$dir/$name.pid.part"
		mv "$dir/$name.pid.part" "$dir/$name.pid"
		while kill -0 "$pid" 2>/dev/null; do
			wait "$pid" 2>/dev/null || :
		done
		rm -f "$dir/$name.pid"
		pid=
		sleep 0.1
	done
}

keep_pg()
{
	keep pg QUIT "$pg_bin/postgres" -D "$dir/pg"
}

keep_redis()
{
	keep redis KILL redis-server
}

# ---- starting and ending -----------------------------------------------------

await()
{
	local name=$1 tries
	shift

	for ((tries = 0; tries < START_TRIES; tries++)); do
		if "$@" >/dev/null 2>&1; then
			return
		fi
		sleep 0.05
	done
	tail -n 20 "$dir/$name.log" >&2 || :
	fail "$name does not start; its log is above"
}

start_all()
{
	local name

	[ -n "$pg_bin" ] || fail "PostgreSQL is not installed"
	command -v redis-server >/dev/null || fail "Redis is not installed"
	"${as_service[@]}" mkdir "$dir/pg" "$dir/redis"
	(cd "$dir" && "${as_service[@]}" "$pg_bin/initdb" --no-sync -A trust \
	    -U postgres -E UTF8 --locale=C.UTF-8 -D "$dir/pg") \
	    >"$dir/initdb.log" 2>&1 ||
		{ cat "$dir/initdb.log" >&2; fail "initdb failed"; }
	for name in pg redis; do
		env dir="$dir" user="$user" port="$port" durable="$durable" \
		    tcp="$tcp" \
		    setsid setpriv --pdeathsig KILL \
		    bash "${BASH_SOURCE[0]}" "_keep_$name" &
		keepers+=($!)
	done
	await pg "$pg_bin/pg_isready" -q -h "$dir"
	await redis redis-cli -s "$dir/redis.sock" ping
	"$pg_bin/createdb" -h "$dir" -U postgres loyald
	export SERVICES_DIR=$dir SERVICES_REDIS_PORT=$port
	export LOYALD_DATABASE_URL="host=$dir user=postgres dbname=loyald"
	export LOYALD_REDIS_URL="unix://$dir/redis.sock"
	export TEST_PG=$LOYALD_DATABASE_URL TEST_REDIS_URL=$LOYALD_REDIS_URL
	export PG_BIN=$pg_bin
}

# Ends the command and the services when the script exits.
# shellcheck disable=SC2317
end_all()
{
	local status=$? tries

	trap - EXIT
	trap '' INT TERM HUP
	if [ -n "$child" ]; then
		kill -KILL -- "-$child" 2>/dev/null || :
	fi
	if [ ${#keepers[@]} -gt 0 ]; then
		kill -TERM "${keepers[@]}" 2>/dev/null || :
		for ((tries = 0; tries < END_TRIES; tries++)); do
			kill -0 "${keepers[@]}" 2>/dev/null || break
			sleep 0.05
		done
		# The services die with their keepers.
		kill -KILL "${keepers[@]}" 2>/dev/null || :
		wait "${keepers[@]}" 2>/dev/null || :
	fi
	if [ -n "${SERVICES_KEEP-}" ]; then
		echo "services: kept in $dir" >&2
	elif [ -n "$dir" ]; then
		rm -rf "$dir"
	fi
	exit "$status"
}

# Runs the command in its own process group, so that a signal reaches all of the
# command's processes, and with the signals as they are in this script: a plain
# `&` would ignore INT and QUIT.
run_child()
{
	local status=0

	set -m
	setpriv --pdeathsig TERM "$@" &
	child=$!
	set +m
	trap 'kill -INT -- "-$child" 2>/dev/null || :' INT
	trap 'kill -TERM -- "-$child" 2>/dev/null || :' TERM HUP
	while :; do
		status=0
		wait "$child" || status=$?
		kill -0 "$child" 2>/dev/null || break
	done
	return "$status"
}

run_all()
{
	local migrate=1

	while :; do
		case "${1-}" in
		--durable) durable=1 ;;
		--tcp) tcp=1 ;;
		--no-migrate) migrate= ;;
		*) break ;;
		esac
		shift
	done
	[ $# -gt 0 ] || fail "run what?"
	user=$(service_user)
	trap end_all EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	make_dir
	port=$(free_port)
	export PGPORT=5432
	if [ -n "$tcp" ]; then
		PGPORT=$(free_port)
	fi
	start_all
	if [ -n "$migrate" ]; then
		"$loyald" migrate >"$dir/migrate.log" 2>&1 ||
			{ cat "$dir/migrate.log" >&2; fail "migrate failed"; }
	fi
	run_child "$@"
}

child=
keepers=()
: "${dir=}" "${user=}" "${port=}" "${durable=}" "${tcp=}"
case "${1-}" in
run)
	shift
	if [ "${SERVICES_LED-}" != $$ ]; then
		SERVICES_LED=$$ exec setpriv --pdeathsig TERM \
		    bash "${BASH_SOURCE[0]}" run "$@"
	fi
	run_all "$@"
	;;
_keep_pg) keep_pg ;;
_keep_redis) keep_redis ;;
*)
	sed -n '3,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
	exit 2
	;;
esac
