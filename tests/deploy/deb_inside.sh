#!/bin/bash
# SPDX-License-Identifier: MIT
#
# deb_inside.sh: the part of deb_root.sh inside the machine that it made.
#
#	deb_inside.sh install	with a network, and before systemd runs
#	deb_inside.sh run VERSION	without one, on the booted machine, to
#					upgrade to VERSION
#
# A line "ok" or "not ok" for each thing that was looked at.
#
# shellcheck disable=SC2317 # what ok and await call
set -uo pipefail

WAIT_TRIES=600		# of 0.2 s
ROLES=(receive work push reconcile schedule serve)
version=${2-}
bad=0

# ok WHAT COMMAND...
ok()
{
	local what=$1 log
	shift

	if log=$("$@" 2>&1); then
		echo "ok $what"
	else
		echo "not ok $what: $log"
		bad=1
	fi
}

not()
{
	! "$@"
}

# Runs a command again and again until it succeeds.
await()
{
	local tries

	for ((tries = 0; tries < WAIT_TRIES; tries++)); do
		if "$@" >/dev/null 2>&1; then
			return
		fi
		sleep 0.2
	done
	"$@"
}

is()
{
	[ "$1" = "$2" ] || { echo "found: $1"; echo "wanted: $2"; return 1; }
}

says()
{
	grep -q -- "$1" "$2" || { cat "$2"; return 1; }
}

property()
{
	systemctl show -P "$2" "loyald@$1"
}

property_is()
{
	is "$(property "$1" "$2")" "$3"
}

active_are()
{
	is "$(systemctl list-units --plain --no-legend --state=active \
	    'loyald@*.service' | wc -l)" "$1"
}

pids()
{
	for role in "${ROLES[@]}"; do
		property "$role" MainPID
	done
}

from_debian()
{
	export DEBIAN_FRONTEND=noninteractive

	apt-get -qq update
	# Packages that only this test needs.
	apt-get -qq -y install --no-install-recommends curl openssl man-db \
	    lintian >/test/apt.log 2>&1 || { cat /test/apt.log; exit 1; }
	ok "lintian has nothing to say" lintian --allow-root --fail-on \
	    error,warning /test/before.deb
	ok "it can be installed by apt" apt-get -qq -y install \
	    --no-install-recommends /test/before.deb
	ok "PostgreSQL and Redis" eval "$(steps | sed -n '/^apt-get/p')"
}

# The commands of README.Debian, but for those that were typed already.
steps()
{
	sed -n 's/^    //p' /usr/share/doc/loyald/README.Debian
}

tool()
{
	runuser -u loyald -- loyald "$@" --env-file /etc/loyald/loyald.env
}

# A delivery to the receiver at a port, signed; $2 is the order's number.
deliver()
{
	local body=/test/order-$2.json signature

	sed "s/^{\"id\":13,/{\"id\":$2,/" /test/order.json >"$body"
	signature=$(openssl dgst -sha256 -hmac webhook-secret -binary \
	    <"$body" | base64)
	curl -sS --fail --max-time 30 -o /dev/null --data-binary "@$body" \
	    -H 'Content-Type: application/json' \
	    -H 'X-WC-Webhook-Source: https://shop.example/' \
	    -H 'X-WC-Webhook-Topic: order.updated' \
	    -H "X-WC-Webhook-ID: 2" -H "X-WC-Webhook-Delivery-ID: d$2" \
	    -H "X-WC-Webhook-Signature: $signature" \
	    "http://127.0.0.1:$1$path"
}

has_points()
{
	tool member show --store 1 --customer 2 | grep -qw "$1" ||
		{ tool member show --store 1 --customer 2; return 1; }
}

first_steps()
{
	steps >/test/steps
	ok "nothing runs before it is told to" not systemctl -q is-active \
	    'loyald@*'
	sed '/^apt-get/d; /store list/d' /test/steps >/test/first
	ok "the first steps of README.Debian" bash -e /test/first
	for role in "${ROLES[@]}"; do
		ok "$role is active" property_is "$role" ActiveState active
		ok "$role is ready" await property_is "$role" StatusText ready
		ok "$role starts with the machine" systemctl -q is-enabled \
		    "loyald@$role"
		ok "$role has no right of root's" grep -q '^CapBnd:.0*$' \
		    "/proc/$(property "$role" MainPID)/status"
	done
	ok "the last of the first steps" bash -e <(sed -n '/store list/p' \
	    /test/steps)
	ok "no unit is degraded" is "$(systemctl is-system-running)" running
	# The unit's limit, or that of a machine that allows fewer.
	ok "receive may open its files" test "$(awk '/^Max open files/ {
	    print $5 }' "/proc/$(property receive MainPID)/limits")" \
	    -ge "$(printf '%s\n' 32768 "$(ulimit -Hn)" | sort -n | head -n 1)"
	ok "metrics of work" curl -sS --fail -o /dev/null \
	    http://127.0.0.1:9101/metrics
	ok "as hardened as it is said to be" systemd-analyze security \
	    --no-pager --threshold=15 loyald@work.service
	ok "the log is the journal's" eval \
	    "journalctl -q -u loyald@receive | grep -q 'webhooks on'"
	ok "the manual" eval "man -P cat loyald >/dev/null"
}

# Deliveries of a shop become points.
deliveries()
{
	echo webhook-secret >/test/secret
	chown loyald /test/secret
	chmod 600 /test/secret
	ok "a store" eval "tool store add --platform woocommerce \
	    --domain shop.example --currency EUR --timezone Europe/Berlin \
	    --program /usr/share/loyald/programs/points.json \
	    --webhook-secret-file /test/secret --earn-from ever \
	    --json >/test/store"
	path=$(grep -o '"order.updated": *"[^"]*"' /test/store |
		cut -d '"' -f 4 | head -n 1)
	ok "receive takes a signed delivery" await deliver 8080 13
	ok "its points" await has_points 56
}

# A second worker and a second receiver, as deploy/RUNBOOK.md says.
seconds()
{
	cat >/etc/loyald/work-2.env <<-END
	ROLE=work
	LOYALD_METRICS_LISTEN=127.0.0.1:9111
	END
	cat >/etc/loyald/receive-2.env <<-END
	ROLE=receive
	LOYALD_LISTEN=127.0.0.1:8090
	LOYALD_SPOOL_DIR=/var/lib/loyald/spool-2
	END
	ok "a second spool" install -d -o loyald -g loyald -m 700 \
	    /var/lib/loyald/spool-2
	ok "a second worker and receiver" systemctl enable --now \
	    loyald@work-2 loyald@receive-2
	ok "a delivery to the second receiver" await deliver 8090 14
	ok "points of two orders" await has_points 112
}

restarted()
{
	[ "$(property "$1" NRestarts)" != "$2" ] &&
		[ "$(property "$1" ActiveState)" = active ]
}

# started_again UNIT STATUS: whether it was, after it had ended with STATUS.
started_again()
{
	[ "$(property "$1" NRestarts)" -gt 0 ] &&
		[ "$(property "$1" ExecMainStatus)" = "$2" ]
}

ended_with()
{
	is "$(property "$1" ActiveState) $(property "$1" ExecMainStatus) \
$(property "$1" NRestarts)" "failed $2 0"
}

# Each way to end, and whether systemd then starts the process again.
endings()
{
	local before

	before=$(property work NRestarts)
	kill -KILL "$(property work MainPID)"
	ok "a process that was killed is started again" await restarted work \
	    "$before"

	ok "a role that is none" not systemctl start loyald@wrok
	sleep 3
	ok "is not started again (2)" ended_with wrok 2
	cat >/etc/loyald/work-3.env <<-END
	ROLE=work
	LOYALD_KEY_FILE=/etc/loyald/nokey
	END
	ok "a setting that is wrong" not systemctl start loyald@work-3
	sleep 3
	ok "is not started again (78)" ended_with work-3 78
	rm /etc/loyald/work-3.env
	systemctl reset-failed 'loyald@*'

	ok "PostgreSQL is stopped" systemctl stop postgresql
	ok "what ends since that is away" not systemctl start loyald@verify
	ok "is started again (69)" await started_again verify 69
	systemctl stop loyald@verify
	systemctl restart --no-block loyald@schedule
	ok "who waits for PostgreSQL to start is tried again" await started_again \
	    schedule 0
	ok "push says that it waits" await eval \
	    "property push StatusText | grep -q '^not ready: '"
	ok "a delivery is taken meanwhile" deliver 8080 15
	ok "PostgreSQL is started" systemctl start postgresql
	ok "and is ready then" await property_is schedule ActiveState active
	ok "its points" await has_points 168

	ok "all are stopped at once" systemctl stop loyald.target
	for role in "${ROLES[@]}"; do
		ok "$role has ended" await property_is "$role" ActiveState inactive
		ok "$role has ended well" property_is "$role" Result success
	done
	ok "and started" systemctl start loyald.target
	ok "all of them" await active_are 7
}

started_at()
{
	property "$1" ActiveEnterTimestampMonotonic
}

ended_at()
{
	property "$1" InactiveEnterTimestampMonotonic
}

# When the database was changed last: systemd itself forgets a unit that ended.
migrated_at()
{
	journalctl -q -u loyald@migrate -o export -n 1 |
		sed -n 's/^__MONOTONIC_TIMESTAMP=//p'
}

install_after()
{
	dpkg --force-confold -i /test/after.deb >/test/upgrade 2>&1
}

# An upgrade whose database cannot be brought to the new version.
upgrade_in_vain()
{
	local before

	before=$(pids)
	systemctl mask loyald@migrate >/dev/null 2>&1
	install_after
	ok "an upgrade that may not migrate says it" says 'is masked' \
	    /test/upgrade
	ok "and everything goes on" is "$(pids)" "$before"
	systemctl unmask loyald@migrate >/dev/null 2>&1

	echo 'LOYALD_DATABASE_URL=postgresql:///nowhere' \
	    >/etc/loyald/migrate.env
	before=$(property receive MainPID)
	install_after
	ok "an upgrade that cannot migrate says what to do" \
	    says 'could not be brought to this version' /test/upgrade
	ok "receive goes on" is "$(property receive MainPID)" "$before"
	for role in schedule work work-2; do
		ok "$role stands still" property_is "$role" ActiveState inactive
	done
	rm /etc/loyald/migrate.env
	ok "what it says to do" bash -e <(sed -n 's/^    //p' /test/upgrade)
	ok "has everything run again" await active_are 7
}

upgrade()
{
	local before

	echo '# a sentence of the operator' >>/etc/loyald/loyald.env
	upgrade_in_vain
	before=$(pids)
	install_after
	ok "an upgrade" is "$?" 0
	ok "to its version" is "$(loyald version)" "loyald $version"
	for role in "${ROLES[@]}" work-2 receive-2; do
		ok "$role runs again" property_is "$role" ActiveState active
	done
	ok "by the new version's file" not eval \
	    "ls -l /proc/$(property work MainPID)/exe 2>/dev/null | grep deleted"
	ok "no process is the one before" is "$(comm -12 <(sort <<<"$before") \
	    <(pids | sort))" ''
	for role in schedule work work-2; do
		ok "$role had ended before the database was changed" test \
		    "$(ended_at "$role")" -lt "$(migrated_at)"
	done
	ok "work was first" test "$(started_at work)" -lt "$(started_at receive)"
	ok "one receiver after the other" test "$(started_at receive)" \
	    != "$(started_at receive-2)"
	ok "changed settings are kept" says 'sentence of the operator' \
	    /etc/loyald/loyald.env
	ok "points of before" has_points 168
	ok "a delivery to the new version" deliver 8080 16
	ok "its points" await has_points 224
}

# Deliveries that nobody has taken over are not deleted with the package.
end()
{
	systemctl stop loyald@work loyald@work-2 redis-server
	ok "a delivery that Redis does not take" deliver 8080 17
	ok "is in the spool" eval "ls /var/lib/loyald/spool/*.spool"
	ok "it is removed" dpkg -r loyald
	ok "nothing of it runs" not pgrep -x loyald
	ok "its settings are there" test -s /etc/loyald/loyald.env
	dpkg -P loyald >/test/purge 2>&1
	ok "it is purged" is "$?" 0
	ok "the key is kept, and it says so" says 'kept: /etc/loyald/key' \
	    /test/purge
	ok "the key and nothing else" is "$(ls /etc/loyald)" key
	ok "what is in the spool is kept, and it says so" \
	    says 'kept: /var/lib/loyald' /test/purge
	ok "of two spools the one that holds something" is \
	    "$(cd /var/lib/loyald && find . -type f | grep -v '\.spool$')" ''
	ok "no unit is left" is "$(find /etc/systemd /lib/systemd \
	    -name 'loyald*')" ''
	dpkg -i /test/after.deb >/test/again 2>&1
	ok "it is installed again" is "$?" 0
	systemctl start redis-server
	ok "and takes up what was left" systemctl start loyald@receive \
	    loyald@work
	ok "its points" await has_points 280
	systemctl stop loyald.target
	rm /etc/loyald/key
	ok "it is purged with an empty spool" dpkg -P loyald
	ok "nothing is left" is "$(find / -xdev -name '*loyald*' ! -path \
	    '/test/*' ! -path '/proc/*' ! -path '/var/log/*' ! -path \
	    '/var/cache/man/*' ! -path '/var/lib/dpkg/*' | sort)" ''
}

case $1 in
install) from_debian ;;
run)
	first_steps
	deliveries
	seconds
	endings
	upgrade
	end
	;;
esac
exit $bad
