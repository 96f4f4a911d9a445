#!/bin/bash
# SPDX-License-Identifier: MIT
#
# folders.sh: checks the list of files at the end of each folder's README: every
# file is in the list, and every line of the list has its file.
#
# A line of the list is "- `name` description".  A name stands for name.c,
# name.h and name.def together; a name with a slash at its end is a folder,
# whose files then need no lines.
set -euo pipefail

cd "$(dirname "$0")/../.."
bad=0

# check FOLDER PATTERN...: compares the README of the folder with the files that
# match.
check()
{
	local folder=$1 readme=$1/README.md listed there name
	shift

	if [ ! -e "$readme" ]; then
		echo "folders: $readme is missing"
		bad=1
		return
	fi
	# shellcheck disable=SC2016 # backquotes are meant
	listed=$(sed -n 's/^- `\([^`]*\)`.*/\1/p' "$readme" | sort)
	if [ -n "$(uniq -d <<<"$listed")" ]; then
		echo "folders: $readme lists twice: $(uniq -d <<<"$listed" | xargs)"
		bad=1
	fi
	there=$(tests/lint/files.sh "$@" | sed "s|^$folder/||" |
		grep -vx 'README.md' | sed -E 's/\.(c|h|def)$//' | sort -u)
	while read -r name; do
		case $name in
		*/)
			if ! grep -q "^$name" <<<"$there"; then
				echo "folders: $readme: there is no $name"
				bad=1
			fi
			there=$(grep -v "^$name" <<<"$there" || :)
			;;
		*)
			if ! grep -qxF "$name" <<<"$there"; then
				echo "folders: $readme: there is no $name"
				bad=1
			fi
			;;
		esac
	done <<<"$listed"
	while read -r name; do
		if [ -n "$name" ] && ! grep -qxF "$name" <<<"$listed"; then
			echo "folders: $readme: no line for $name"
			bad=1
		fi
	done <<<"$there"
}

check worker 'worker/*'
check common 'common/*'
check migrations 'migrations/*'
check tests 'tests/*'
check deploy 'deploy/*'
scenarios=$(sed -n '/^## The scenarios/,/^## Files/p' tests/README.md)
while read -r number; do
	if ! grep -qE "(^- |^  |; )$number " <<<"$scenarios"; then
		echo "folders: tests/README.md: no word on scenario $number"
		bad=1
	fi
done < <(tests/lint/files.sh 'tests/e2e/*' |
    sed -n 's,^tests/e2e/\([0-9]*\)-.*,\1,p' | sort -u)
exit $bad
