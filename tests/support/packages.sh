#!/bin/bash
# SPDX-License-Identifier: MIT
#
# packages.sh PURPOSE...: makes sure that the Debian packages for each PURPOSE
# are installed: build, run (README.md, "Run it"), deb, demo, test (which
# includes the four before it), root (to make a bare Debian and to boot it).
# Names the missing packages, and installs them, as root or by sudo.  Does
# nothing, quickly, if no package is missing.
#
#	packages.sh --list PURPOSE...	only names the packages, one per line
set -euo pipefail

# A row is a purpose, a package, and a command that makes the package needless.
packages=(
	build	gcc			gcc
	build	libc6-dev		-
	build	pkg-config		pkg-config
	build	libpq-dev		-
	build	libhiredis-dev		-
	build	libjansson-dev		-
	build	libcurl4-openssl-dev	-
	build	libevent-dev		-
	build	libssl-dev		-
	deb	dpkg-dev		dpkg-buildpackage
	deb	debhelper		dh
	both	tzdata			-
	both	postgresql-15		-
	both	redis-server		redis-server
	run	make			make
	run	curl			curl
	run	openssl			openssl
	run	ca-certificates		-
	demo	nodejs			node
	demo	procps			ps
	test	npm			npm
	test	libcmocka-dev		-
	test	binutils		nm
	test	clang			clang
	test	libclang-rt-14-dev	-
	test	clang-format		clang-format
	test	clang-tidy		clang-tidy
	test	shellcheck		shellcheck
	test	mandoc			mandoc
	test	caddy			caddy
	test	prometheus		promtool
	test	systemd			systemd-analyze
	root	mmdebstrap		mmdebstrap
	root	iproute2		ip
	root	systemd-container	systemd-nspawn
	root	docker-compose		docker-compose
)

wanted()
{
	case "$1 $2" in
	"build build" | "deb deb" | "root root") return 0 ;;
	"run build" | "run both" | "run run") return 0 ;;
	"demo build" | "demo both" | "demo demo") return 0 ;;
	"test root") return 1 ;;
	"test "*) return 0 ;;
	esac
	return 1
}

is_there()
{
	local package=$1 command=$2

	if [ "$command" != - ] && command -v "$command" >/dev/null; then
		return 0
	fi
	[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null)" \
	    = "ii " ]
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "packages: neither root nor sudo: as root, run: $*" >&2
		exit 69
	fi
}

# Installing the packages of PostgreSQL or Redis would also start services of
# the machine; a policy forbids that while apt runs.
install_quietly()
{
	# shellcheck disable=SC2016 # $@ and the rest are the inner shell's
	as_root env DEBIAN_FRONTEND=noninteractive bash -euc '
		policy=/usr/sbin/policy-rc.d
		if [ ! -e "$policy" ]; then
			trap "rm -f $policy" EXIT
			printf "#!/bin/sh\nexit 101\n" >"$policy"
			chmod 755 "$policy"
		fi
		log=$(mktemp)
		if ! { apt-get -qq update &&
		    apt-get -qq -y install --no-install-recommends "$@"
		} >"$log" 2>&1; then
			cat "$log" >&2
			exit 69
		fi
		rm -f "$log"
	' packages "$@"
}

list=
if [ "${1-}" = --list ]; then
	list=1
	shift
fi
missing=()
for ((i = 0; i < ${#packages[@]}; i += 3)); do
	for what; do
		wanted "$what" "${packages[i]}" || continue
		if [ -n "$list" ]; then
			echo "${packages[i + 1]}"
		elif ! is_there "${packages[i + 1]}" "${packages[i + 2]}"; then
			missing+=("${packages[i + 1]}")
		fi
		break
	done
done
if [ ${#missing[@]} -gt 0 ]; then
	if ! command -v apt-get >/dev/null; then
		echo "packages: this is no Debian; install what is called" \
		    "${missing[*]} there" >&2
		exit 69
	fi
	echo "packages: installing ${missing[*]}" >&2
	install_quietly "${missing[@]}"
	echo "packages: installed" >&2
fi
