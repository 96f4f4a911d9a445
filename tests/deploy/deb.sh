#!/bin/bash
# SPDX-License-Identifier: MIT
#
# deb.sh: the Debian package, as far as it can be looked at without installing
# it: what is in it, whose and with which rights, what it depends on, and the
# units, by systemd's own tools. `make deb-root` installs it.
set -euo pipefail

cd "$(dirname "$0")/../.."
# systemd's measure, of 100: nothing is exposed but network, files that are
# anybody's, and system calls that ask for resources.
EXPOSED_MAX=14
UNITS=/lib/systemd/system
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

# ok WHAT COMMAND...
ok()
{
	local what=$1 log
	shift

	if log=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		echo "not ok $what: $log"
		failed=$((failed + 1))
	fi
}

# The lines of the first are those of the second.
same()
{
	diff <(sort <<<"$1") <(sort <<<"$2")
}

field()
{
	dpkg-deb -f "$deb" "$1"
}

# "rights owner path" of what is no folder, of those whose path matches.
listed()
{
	dpkg-deb -c "$deb" | awk -v pattern="$1" \
	    '!/^d/ && $6 ~ pattern { print $1, $2, substr($6, 2) }'
}

verify()
{
	local said

	said=$(systemd-analyze verify --man=no --root="$dir/root" "$@" 2>&1)
	[ -z "$said" ] || { echo "$said"; return 1; }
}

deb=$(make -s deb 2>"$dir/log") || { cat "$dir/log"; exit 1; }
dpkg-deb -x "$deb" "$dir/root"
dpkg-deb -e "$deb" "$dir/control"

version=$(sed -n 's/^VERSION[[:blank:]]*:= //p' Makefile)
ok version same "$(field Version)" "$version"
ok "the program's own version" same "$("$dir/root/usr/bin/loyald" version)" \
    "loyald $version"

# Every library that the program asks for, and nothing else of ours.
ok "libraries" same "$(field Depends | tr , '\n' |
    grep -oE '\blib(curl|event|hiredis|jansson|pq|ssl|c6)' | sort -u)" \
    "$(printf 'lib%s\n' c6 curl event hiredis jansson pq ssl)"
for word in tzdata ca-certificates systemd; do
	ok "it depends on $word" grep -qw "$word" <<<"$(field Depends)"
done
ok "what it is built with" same "$(tests/support/packages.sh --list build |
    grep -vxE 'gcc|libc6-dev')" \
    "$(awk '/^Build-Depends:/ { on = 1; next } /^[^ ]/ { on = 0 }
	on && !/debhelper/ { sub(/,$/, ""); print $1 }' deploy/debian/control)"

ok "settings are not everybody's" same "$(listed '^./etc/')" \
    "$(printf -- '-rw-r----- root/root /etc/loyald/%s.env\n' loyald push \
    reconcile schedule work)"
ok "and survive an upgrade" same "$(cat "$dir/control/conffiles")" \
    "$(printf '/etc/loyald/%s.env\n' loyald push reconcile schedule work)"
ok "all settings are told" same "$(grep -oE 'LOYALD_[A-Z_]+=' \
    "$dir/root/etc/loyald/loyald.env")" \
    "$(grep -oE '"LOYALD_[A-Z_]+"' common/base/config/config.def | tr -d '"' |
    sed 's/$/=/')"
ok "the rest is root's, and everybody may read it" same \
    "$(listed '^./(usr|lib)/' | cut -d ' ' -f 1,2 | sort -u)" \
    "$(printf '%s root/root\n' -rw-r--r-- -rwxr-xr-x)"
ok "one program" same "$(listed '^./usr/bin/')" \
    '-rwxr-xr-x root/root /usr/bin/loyald'
for path in share/man/man8/loyald.8.gz share/doc/loyald/copyright \
    share/doc/loyald/README.Debian share/loyald/programs/points.json \
    lib/sysusers.d/loyald.conf lib/tmpfiles.d/loyald.conf; do
	ok "$path" test -s "$dir/root/usr/$path"
done
# first-start.sh is for docker-compose.yml, which is not in the package.
while read -r path; do
	ok "$path, which RUNBOOK.md names" test -s \
	    "$dir/root/usr/share/loyald/${path#deploy/}"
done < <(grep -oE '\bdeploy/[A-Za-z0-9./_-]+' deploy/RUNBOOK.md | sort -u |
    grep -v first-start)
for script in "$dir"/control/p*; do
	ok "$(basename "$script")" sh -n "$script"
done

# The units: what they start is there, and systemd has nothing to say.
# shellcheck disable=SC2016 # systemd's word
ok "the unit starts the program" grep -qx 'ExecStart=/usr/bin/loyald $ROLE' \
    "$dir/root$UNITS/loyald@.service"
cp /lib/systemd/system/{basic,sysinit,shutdown,multi-user,network-online}.target \
    "$dir/root$UNITS"
for role in receive work push reconcile schedule serve migrate; do
	ok "loyald@$role, verified" verify "loyald@$role.service"
	ok "loyald@$role, hardened" systemd-analyze security --offline=yes \
	    --no-pager --root="$dir/root" --threshold="$EXPOSED_MAX" \
	    "loyald@$role.service"
done
ok "loyald.target, verified" verify loyald.target
# The statuses after which a process is not to be started again.
ok "exit statuses" same "$(sed -n 's/^RestartPreventExitStatus=//p' \
    "$dir/root$UNITS/loyald@.service")" "$(for status in USAGE FATAL CONFIG; do
	sed -n "s/.*EXIT_$status = \([0-9]*\),.*/\1/p" common/base/log.h
done | xargs)"

[ "$passed" = 0 ] || echo "PASS package deb $passed"
[ "$failed" = 0 ] || { echo "FAIL package deb $failed"; exit 1; }
