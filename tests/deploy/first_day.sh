#!/bin/bash
# SPDX-License-Identifier: MIT
#
# first_day.sh: README.md's "Run it", every block as it stands, one after the
# other in one shell, in a bare Debian 12 of its own: once by root, who has no
# sudo, and once by a user who has it.  Every process must be up then, and an
# order of each platform have become its points.
#
# Needs root, mmdebstrap and Debian's packages, and some minutes.  KEEP=1
# leaves the roots below /var/tmp.
#
# The ports of the blocks may be taken on this machine, so the blocks run in a
# network of their own.  The first block installs packages and has to be run
# before, with this machine's network; run again, it finds them installed.
set -euo pipefail

cd "$(dirname "$0")/../.."
SECONDS_MAX=1200
DEVICES=(null zero full random urandom tty)

fail()
{
	echo "first_day: $*" >&2
	exit 1
}

# shellcheck disable=SC2317 # called by the trap
finish()
{
	if [ -n "${KEEP-}" ]; then
		echo "first_day: kept in $dir" >&2
	else
		rm -rf "$dir"
	fi
}

[ "$(id -u)" = 0 ] || fail "this makes a root of its own, and so needs root: sudo"
tests/support/packages.sh root
dir=$(mktemp -d /var/tmp/loyald-first-day.XXXXXX)
trap finish EXIT
trap 'exit 130' INT TERM HUP

# in_root ROOT WHERE COMMAND: as a machine's own root, in namespaces that end
# with it; WHERE is "private" for a network of its own.
in_root()
{
	local root=$1 where=$2 net=()

	if [ "$where" = private ]; then
		net=(--net)
	fi
	# shellcheck disable=SC2016 # the inner shell's
	timeout -k 10 "$SECONDS_MAX" unshare --mount --pid --fork --kill-child \
	    "${net[@]}" bash -euc '
		root=$1 where=$2 command=$3
		shift 3
		if [ "$where" = private ]; then
			ip link set lo up
		fi
		mount -t proc proc "$root/proc"
		mount -t tmpfs -o mode=755 tmpfs "$root/dev"
		for device; do
			: >"$root/dev/$device"
			mount --bind "/dev/$device" "$root/dev/$device"
		done
		ln -s /proc/self/fd "$root/dev/fd"
		mkdir -m 1777 "$root/dev/shm"
		exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
		    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		    bash -euc "$command"
	' in_root "$root" "$where" "$3" "${DEVICES[@]}"
}

# Prints the lines that follow the blocks, in the same shell.
behind()
{
	cat <<'END'
echo "running: $(jobs -pr | wc -l)"
for role in receive work push reconcile schedule serve; do
    grep 'level=error' ~/.loyald/$role.log && exit 1
    echo "$role: $(grep -c . ~/.loyald/$role.log) lines of log"
done
END
}

# run_as WHO ROOT: WHO's clone is WHO's ~/src.
run_as()
{
	local who=$1 root=$2 home script
	home=$(in_root "$root" shared "getent passwd $who | cut -d: -f6")
	script=$root$home/blocks

	mkdir "$root$home/src"
	tests/lint/files.sh | tar -c -T - | tar -x -C "$root$home/src"
	{
		awk -f tests/support/readme_blocks.awk README.md
		behind
	} >"$script"
	awk -f tests/support/readme_blocks.awk -v first=yes README.md \
	    >"$root$home/first"
	in_root "$root" shared "chown -R $who: $home"
	for blocks in shared:first private:blocks; do
		echo "== $who: ${blocks#*:}"
		in_root "$root" "${blocks%:*}" "su -l $who -c \
		    'cd src && bash -euo pipefail ~/${blocks#*:} </dev/null' 2>&1" |
			tee "$dir/out" | { grep -v '^  [A-Z][A-Z]* ' || :; } ||
			fail "$who: a block of ${blocks#*:} ends badly"
	done
	grep -qx 'running: 5' "$dir/out" ||
		fail "$who: not every process is running"
	[ "$(grep -c '^available  *50$' "$dir/out")" -ge 2 ] ||
		fail "$who: the deliveries have not become their points"
}

echo "== a bare Debian"
mmdebstrap --variant=minbase bookworm "$dir/root" >"$dir/log" 2>&1 ||
	{ tail "$dir/log" >&2; fail "mmdebstrap failed"; }
echo "127.0.0.1 localhost $(hostname)" >"$dir/root/etc/hosts"
cp -a --reflink=auto "$dir/root" "$dir/user"

run_as root "$dir/root"
in_root "$dir/user" shared 'apt-get -qq update
    apt-get -qq -y install --no-install-recommends sudo >/dev/null 2>&1
    useradd -m -s /bin/bash ada
    echo "ada ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ada'
run_as ada "$dir/user"
echo "first_day: as root and as a user, in $SECONDS s"
