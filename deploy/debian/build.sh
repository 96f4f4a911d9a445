#!/bin/bash
# SPDX-License-Identifier: MIT
#
# build.sh VERSION: build/loyald_VERSION_ARCH.deb. Installs what is missing for
# it.
#
# A Debian package's files belong into debian/ at the top of the source: they
# are put there in a copy of it, which is made of links and shares what was
# built.
set -euo pipefail

cd "$(dirname "$0")/../.."
tests/support/packages.sh build deb
version=$1
date=$(git log -1 --format=%cD 2>/dev/null || date -R)
top=build/deb/loyald
log=build/deb/log

rm -rf build/deb
mkdir -p "$top"
cp Makefile README.md LICENSE "$top"
for folder in common worker migrations deploy tests build; do
	ln -s "$PWD/$folder" "$top/$folder"
done
cp -r deploy/debian "$top/debian"
cat >"$top/debian/changelog" <<END
loyald ($version) bookworm; urgency=medium

  * README.md and RUNBOOK.md tell what this version does.

 -- $(sed -n 's/^Maintainer: //p' deploy/debian/control)  $date
END

echo "package: building it; $log has what was said" >&2
# -d: what it needs is there by now, and it needs no C++, which Debian's
# build-essential would bring.
if ! (cd "$top" && env -u MAKEFLAGS -u MAKELEVEL \
    DEB_BUILD_OPTIONS="parallel=$(nproc)" \
    dpkg-buildpackage -b -d -nc -us -uc) >"$log" 2>&1; then
	cat "$log" >&2
	exit 1
fi
mv build/deb/loyald_*.deb build/
ls "$PWD"/build/loyald_"${version}"_*.deb
