#!/bin/bash
# SPDX-License-Identifier: MIT
#
# shopify-token.sh URL CLIENT_ID SECRET_FILE TOKEN_FILE [STORE]: asks the shop
# at URL (https://NAME.myshopify.com) for an access token of an app of the Dev
# Dashboard, and writes it to TOKEN_FILE; with the number of a STORE loyald
# takes it.  It lasts a day: from cron, two or three times a day.
set -euo pipefail

fail()
{
	echo "shopify-token: $*" >&2
	exit 1
}

[ $# = 4 ] || [ $# = 5 ] ||
	fail "usage: shopify-token.sh URL CLIENT_ID SECRET_FILE TOKEN_FILE [STORE]"
url=${1%/}/admin/oauth/access_token
[ -r "$3" ] || fail "$3, the file of the app's secret, cannot be read"

umask 077
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
# The secret is on no command line.
status=$(curl -sS --max-time 30 -o "$answer" -w '%{http_code}' \
    -d grant_type=client_credentials --data-urlencode "client_id=$2" \
    --data-urlencode client_secret@<(tr -d '\n' <"$3") "$url") ||
	fail "$url does not answer: is it the shop's address?"

field()
{
	sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$answer" | head -n 1
}

token=$(field access_token)
if [ "$status" != 200 ] || [ -z "$token" ]; then
	fail "$url answers $status ($(field error)): are client ID and secret" \
	    "those of the app, and is it installed in this shop, of the same" \
	    "organization?"
fi
printf '%s\n' "$token" >"$4.part"
mv "$4.part" "$4"
if [ $# = 5 ]; then
	loyald store set --store "$5" --api-token-file "$4" >/dev/null
fi
