#!/bin/bash
# SPDX-License-Identifier: MIT
#
# text.sh: checks the text of every file.
#
#  1. Code begins with its licence: SPDX-License-Identifier in its first
#     lines.
#  2. No path of one machine, no "to do", no trailing blanks, a newline at
#     the end.
#  3. Types of libpq, hiredis, jansson, curl and evhttp are only in files of io/
#     and wire/.
#  4. A C file of the program has at most 700 lines (it should have 500).
set -euo pipefail

cd "$(dirname "$0")/../.."
LINES_MAX=700
bad=0
say()
{
	echo "text: $*"
	bad=1
}

files=$(tests/lint/files.sh | grep -vE '^tests/(data|fuzz/corpus)/')
code=$(grep -E '(\.(c|h|sh|mjs)|^migrations/.*\.sql|^tests/.*\.awk|^Makefile|^\.ci/run)$' <<<"$files")

for file in $code; do
	head -n 5 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
		say "$file: no SPDX line"
done
for file in $files; do
	case $file in
	*.json | *.pem) continue ;;
	esac
	if grep -nE '[[:blank:]]$' "$file" | head -n 3 | grep .; then
		say "$file: blanks at the end of a line"
	fi
	if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then
		say "$file: no newline at its end"
	fi
done
# shellcheck disable=SC2086 # a list
if grep -nE '(^|[^[:alnum:]_.$}{-])/(home|work|Users)/[[:alnum:]]|/tmp/te''am' \
    $files; then
	say "the path of one machine, above"
fi
# The words are cut in two so that the lint does not find them in this file.
# shellcheck disable=SC2086
if grep -nwE "TO""DO|FIX""ME" $code; then
	say "something to be done, above: make it an issue"
fi

foreign='PGresult|PGconn|redisReply|redisContext|redisReader|json_t|CURLM?|evhttp(_[a-z]+)?'
while read -r file; do
	case $file in
	common/io/* | common/wire/*) continue ;;
	esac
	if grep -nwE "($foreign)" "$file" | grep -vE '^[0-9]+:[[:blank:]]*(\*|/\*)'; then
		say "$file: a foreign type, above"
	fi
done < <(grep -E '^(common|worker)/.*\.[ch]$' <<<"$files")
while read -r file; do
	if [ "$(wc -l <"$file")" -gt "$LINES_MAX" ]; then
		say "$file: more than $LINES_MAX lines"
	fi
done < <(grep -E '^(common|worker)/.*\.[ch]$' <<<"$files")
exit $bad
