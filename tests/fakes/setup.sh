#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs what the strict checks need: the pinned packages, and of
# Shopify's dev-mcp package the one file with the published Admin schema.
# Does nothing the second time.  Everything lands in node_modules/.
set -eu

cd "$(dirname "$0")"
modules=node_modules
schema=$modules/.admin-schema/admin_2026-10.json.gz
pack=@shopify/dev-mcp@1.16.0
tgz=shopify-dev-mcp-1.16.0.tgz
tgz_sha256=4663c79229028e98f825a09d5f04ec6c3736331b740ce50260f9ffac10709474
member=package/dist/data/admin_2026-10.json.gz

# A copy of the lock file, made when the install was complete.
installed=$modules/.installed-lock
if ! cmp -s package-lock.json "$installed"; then
	echo "fakes: npm ci" >&2
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	cp package-lock.json "$installed"
fi

if [ ! -s "$schema" ]; then
	echo "fakes: unpacking the Admin schema of $pack" >&2
	mkdir -p "$modules/.admin-schema"
	work=$(mktemp -d "$modules/.admin-schema/tmp.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && npm pack --ignore-scripts --silent "$pack" >/dev/null)
	echo "$tgz_sha256  $work/$tgz" | sha256sum -c --quiet -
	tar -xzf "$work/$tgz" -C "$work" "$member"
	mv "$work/$member" "$schema"
fi
