#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The demo: twice to its end, once stopped by Ctrl-C; no process is left.
set -euo pipefail

cd "$(dirname "$0")/../.."
base=$(mktemp -d /tmp/loyald-demo.XXXXXX)
chmod 755 "$base"
trap 'rm -rf "$base"' EXIT
export SERVICES_BASE=$base

left()
{
	# Lists what runs below this base: in a command line or a working folder.
	local pid

	for pid in /proc/[0-9]*; do
		if [ "${pid#/proc/}" != $$ ] && tr '\0' ' ' \
		    <"$pid/cmdline" 2>/dev/null | grep -qF "$base"; then
			echo "${pid#/proc/}: $(tr '\0' ' ' <"$pid/cmdline")"
		fi
	done
}

expect_nothing_left()
{
	local n rest

	for ((n = 0; n < 100; n++)); do
		rest=$(left)
		if [ -z "$rest" ] && [ -z "$(ls -A "$base")" ]; then
			echo "ok $1: no process and no file is left"
			return
		fi
		sleep 0.1
	done
	echo "not ok $1: left: $rest $(ls -A "$base")"
}

for time in first second; do
	if DEMO_STAY=0 make -s demo >"$base.log" 2>&1; then
		echo "ok the $time run"
	else
		echo "not ok the $time run"
		cat "$base.log"
	fi
	expect_nothing_left "after the $time run"
done

# Ctrl-C goes to the whole group of the terminal's foreground.
set -m
make -s demo >"$base.log" 2>&1 &
demo=$!
set +m
for ((n = 0; n < 900; n++)); do
	if grep -q '^Ctrl-C ends it' "$base.log"; then
		break
	fi
	sleep 0.1
done
if grep -q '^Ctrl-C ends it' "$base.log" && kill -0 "$demo" 2>/dev/null; then
	echo "ok it stays up"
else
	echo "not ok it stays up"
	cat "$base.log"
fi
kill -INT -- "-$demo"
wait "$demo" || :
expect_nothing_left "after Ctrl-C"

# And if it is killed outright.
set -m
make -s demo >"$base.log" 2>&1 &
demo=$!
set +m
for ((n = 0; n < 300; n++)); do
	if grep -q '^starting every process' "$base.log"; then
		break
	fi
	sleep 0.1
done
sleep 1
kill -KILL -- "-$demo"
wait "$demo" || :
for ((n = 0; n < 100; n++)); do
	rest=$(left)
	if [ -z "$rest" ]; then
		break
	fi
	sleep 0.1
done
if [ -z "$rest" ]; then
	echo "ok after SIGKILL: no process is left"
else
	echo "not ok after SIGKILL: $rest"
fi
rm -f "$base.log"
