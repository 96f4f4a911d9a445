#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs what the strict checks need: the pinned packages, and of
# Shopify's dev-mcp package the files with the published Admin schemas, one for
# each version of the API that loyald may be set to.  Does nothing the second
# time.  Everything lands in node_modules/.
set -eu

cd "$(dirname "$0")"
modules=node_modules
schemas=$modules/.admin-schema
versions='2026-07 2026-10'
pack=@shopify/dev-mcp@1.16.0
tgz=shopify-dev-mcp-1.16.0.tgz
tgz_sha256=4663c79229028e98f825a09d5f04ec6c3736331b740ce50260f9ffac10709474

# A copy of the lock file, made when the install was complete.
installed=$modules/.installed-lock
if ! cmp -s package-lock.json "$installed"; then
	echo "fakes: npm ci" >&2
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	cp package-lock.json "$installed"
fi

wanted=
for v in $versions; do
	if [ ! -s "$schemas/admin_$v.json.gz" ]; then
		wanted="$wanted admin_$v.json.gz"
	fi
done
if [ -n "$wanted" ]; then
	echo "fakes: unpacking the Admin schemas of $pack" >&2
	mkdir -p "$schemas"
	work=$(mktemp -d "$schemas/tmp.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	(cd "$work" && npm pack --ignore-scripts --silent "$pack" >/dev/null)
	echo "$tgz_sha256  $work/$tgz" | sha256sum -c --quiet -
	for file in $wanted; do
		tar -xzf "$work/$tgz" -C "$work" "package/dist/data/$file"
		mv "$work/package/dist/data/$file" "$schemas/$file"
	done
fi
