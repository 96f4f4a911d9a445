#!/bin/bash
# SPDX-License-Identifier: MIT
#
# planted.sh: tests lints by faults that each lint must find: an include that
# goes up, a foreign internal.h, a circle between files, a comment whose first
# word is "it", statements in forms that Citus cannot distribute, a read through
# NULL.
set -euo pipefail

cd "$(dirname "$0")/../.."
lint=$PWD/tests/lint
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0

# finds LINE COMMAND...: checks that the command fails and prints only LINE.
finds()
{
	local line=$1 said
	shift

	if said=$("$@") || [ "$said" != "$line" ]; then
		echo "planted: not found: $line"
		echo "planted: but said: ${said:-nothing}"
		bad=1
	fi
}

circles()
{
	(cd "$dir" && nm -A -P obj/common/core/*.o) |
		awk -f "$lint/circles.awk" "$dir/argued" -
}

mkdir -p "$dir"/common/core/fold "$dir"/obj/common/core "$dir"/tests/unit
cp common/FLOORS "$dir"/common
cd "$dir"
echo '#include "io/pg/pg.h"' >common/core/up.c
echo '#include "core/fold/internal.h"' | tee common/core/around.c \
    tests/unit/test_around.c >common/core/fold/own.c
finds 'common/core/up.c:1: core may not include io/pg/pg.h' \
    awk -f "$lint/floors.awk" common/FLOORS common/core/up.c
for file in common/core/around.c tests/unit/test_around.c; do
	finds "$file:1: only core/fold may include core/fold/internal.h" \
	    awk -f "$lint/floors.awk" common/FLOORS "$file" \
	    common/core/fold/own.c
done

# Makes three files in a circle, and a fourth file that uses one of the three.
for arrow in 'a b' 'b c' 'c a' 'd a'; do
	read -r from to <<<"$arrow"
	echo "int $from(void); int $to(void); int $from(void) { return $to(); }" |
		"${CC:-cc}" -x c -c -o "obj/common/core/$from.o" -
done
: >argued
circle='common/core/a.c (b) common/core/b.c (c) common/core/c.c (a) common/core/a.c'
finds "circle: $circle" circles
echo 'common/core/c.c common/core/a.c as the test wants it' >argued
if ! circles; then
	echo "planted: an argued circle is found"
	bad=1
fi
echo 'common/core/d.c common/core/a.c which closes none' >>argued
finds 'tests/lint/circles.txt: no circle needs common/core/d.c common/core/a.c' \
    circles

# The lint finds first words of comments, paragraphs and items, but no "it" in a
# string, and no "it" behind the first word.
printf '%s\n' '/* What it is. */' 'char *s = "/* it */"; /* name it */' '/*' \
    ' * Those.' ' * it goes on.' ' *' ' * They.' ' *  1. Its.' ' */' >comment.c
finds "$(printf 'comment.c:%d: a comment or paragraph begins with "%s"\n' \
    1 what 4 those 7 they 8 its)" \
    awk -f "$lint/comments.awk" comment.c

# The lint finds each form, but none of a single tenant, and no reason that no
# statement needs.
citus=(awk -f "$lint/citus.awk" argued)
echo 'lost of a batch' >argued
echo 'SELECT 1 FROM a FOR UPDATE;' | tee held.sql >locked.sql
echo "SELECT 1 FROM a WHERE tenant_id = \$1 FOR UPDATE;" >one.sql
echo 'SELECT 1 FROM a, LATERAL (SELECT 1 LIMIT 1) AS b;' >lateral.sql
echo 'INSERT INTO a ON CONFLICT DO UPDATE SET at = now();' >upsert.sql
echo 'UPDATE a SET at = CASE WHEN b THEN now() END, c = now();' >case.sql
echo 'UPDATE a SET at = now() + b.wait;' >wait.sql
finds 'tests/lint/citus.txt: lost needs no reason' "${citus[@]}" one.sql
echo 'held of a batch' >argued
for found in 'locked: locks rows of more than one tenant' \
    'lateral: has a subquery with LIMIT for each row' \
    'upsert: asks for the time in DO UPDATE: have it in VALUES, as excluded.x' \
    'case: asks for the time in CASE or COALESCE: have it as a parameter' \
    'wait: adds a column to the time: have the instant as a parameter'; do
	finds "${found%%:*}.sql:${found#*:}" "${citus[@]}" held.sql one.sql \
	    "${found%%:*}.sql"
done

# A file that the last commit did not have reads through NULL.
if command -v git >/dev/null; then
	# shellcheck disable=SC2046 # a word each
	unset $(git rev-parse --local-env-vars)
	mkdir tests/lint
	cp "$lint/tidy.sh" tests/lint
	cp "$lint/../../.clang-tidy" .
	git init -q
	git -c user.name=x -c user.email=x commit -q --allow-empty -m none
	echo 'int f(void); int f(void) { int *none = 0; return *none; }' \
	    >common/core/null.c
	git add common/core/null.c
	if tests/lint/tidy.sh --changed -std=gnu17 >tidied ||
		! grep -q 'null\.c:1:.*NullDereference' tidied; then
		echo "planted: tidy.sh finds no read through NULL"
		bad=1
	fi
fi
exit $bad
