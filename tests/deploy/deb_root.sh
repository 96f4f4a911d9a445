#!/bin/bash
# SPDX-License-Identifier: MIT
#
# deb_root.sh: the Debian package from its build to its end, in a bare Debian
# of its own that systemd has booted: installed by apt, set up by the lines of
# its README.Debian, given deliveries, upgraded, removed, purged. All that is
# in deb_inside.sh, beside this file, which makes the root, boots it in a
# container without a network, and ends it.
#
# Needs root, mmdebstrap and systemd-nspawn, and some minutes. KEEP=1 leaves
# the root.
set -euo pipefail

cd "$(dirname "$0")/../.."
BOOT_TRIES=300		# of 0.2 s
base=${TMPDIR:-/var/tmp}
machine=

fail()
{
	echo "deb_root: $*" >&2
	exit 1
}

# shellcheck disable=SC2317 # called by the trap
finish()
{
	local status=$?

	trap - EXIT
	if [ -n "$machine" ] && kill -TERM "$machine" 2>/dev/null; then
		timeout 30 tail --pid="$machine" -f /dev/null ||
			kill -KILL "$machine" 2>/dev/null || :
	fi
	if [ -n "${KEEP-}" ]; then
		echo "deb_root: kept in $dir" >&2
	else
		rm -rf "$dir"
	fi
	exit "$status"
}

[ "$(id -u)" = 0 ] || fail "this boots a machine, and so needs root: sudo"
tests/support/packages.sh root
dir=$(mktemp -d "$base/loyald-deb.XXXXXX")
root=$dir/root
trap finish EXIT
trap 'exit 130' INT TERM HUP

# build VERSION FILE: the package of this tree, called VERSION.
build()
{
	make -s deb VERSION="$1" >"$dir/build.log" 2>&1 ||
		{ cat "$dir/build.log" >&2; fail "the package is not built"; }
	mv "build/loyald_$1_"*.deb "$2"
}

echo "== build: the package, in two versions"
version=$(sed -n 's/^VERSION[[:blank:]]*:= //p' Makefile)
build "$version" "$dir/before.deb"
build "$version+1" "$dir/after.deb"
# The second version changes a sentence in a file of settings, which somebody
# has changed for himself, too.
dpkg-deb -R "$dir/after.deb" "$dir/after"
sed -i 's/^# Settings of all/# The settings of all/' \
    "$dir/after/etc/loyald/loyald.env"
(cd "$dir/after" && find etc lib usr -type f -exec md5sum {} + >DEBIAN/md5sums)
dpkg-deb --root-owner-group -b "$dir/after" "$dir/after.deb" >/dev/null

echo "== a bare Debian: mmdebstrap makes it, apt installs the package there"
mmdebstrap --variant=minbase --include=systemd,systemd-sysv,dbus bookworm \
    "$root" >"$dir/mmdebstrap.log" 2>&1 ||
	{ tail "$dir/mmdebstrap.log" >&2; fail "mmdebstrap failed"; }
mkdir "$root/test"
cp "$dir"/*.deb tests/deploy/deb_inside.sh "$root/test"
cp tests/data/woocommerce/04-order-updated-completed-01-order.updated.body \
    "$root/test/order.json"
# Debian's packages are installed while there is a network. No service starts,
# since systemd does not run there yet.
systemd-nspawn -q -D "$root" --pipe --register=no --keep-unit \
    /test/deb_inside.sh install </dev/null 2>"$dir/install.log" ||
	{ cat "$dir/install.log" >&2; fail "it cannot be installed"; }

echo "== boot: systemd starts it, and the package is lived with"
systemd-nspawn -q -D "$root" --boot --private-network --register=no \
    --keep-unit --console=pipe </dev/null >"$dir/boot.log" 2>&1 &
machine=$!
for ((tries = 0; ; tries++)); do
	leader=$(pgrep -P "$machine" || :)
	if [ -n "$leader" ] && nsenter -at "$leader" systemctl \
	    is-system-running 2>/dev/null | grep -qE 'running|degraded'; then
		break
	fi
	[ $tries -lt $BOOT_TRIES ] || { cat "$dir/boot.log" >&2; fail "no boot"; }
	sleep 0.2
done
nsenter -at "$leader" env -i PATH="$PATH" HOME=/root LC_ALL=C.UTF-8 \
    /test/deb_inside.sh run "$version+1" </dev/null
