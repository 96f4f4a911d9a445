#!/bin/bash
# SPDX-License-Identifier: MIT
#
# options.sh: holds the documents to the tables in the code.
#
#  1. Every setting of common/base/config/config.def is in README.md's table with
#     its default, and in the manual page; neither names another setting.
#  2. docker-compose.yml and the files of systemd's units set only settings that
#     exist.
#  3. Every command of worker/main.c is in the manual page and in README.md;
#     the manual page describes no other.
#  4. Every figure that deploy/RUNBOOK.md or worker/README.md names is in
#     common/base/metrics.def.
set -euo pipefail

cd "$(dirname "$0")/../.."
bad=0
say()
{
	echo "options: $*"
	bad=1
}

# Gives "NAME default" of every setting; a text without a default has "".
settings=$(awk '
	/^(TEXT|NUMBER)\(/ {
		n = split($0, part, /, */)
		name = part[2]; preset = part[3]
		gsub(/"/, "", name); gsub(/"/, "", preset)
		if (preset == "NULL") preset = ""
		print name, preset
	}' common/base/config/config.def)
names=$(cut -d' ' -f1 <<<"$settings")
[ -n "$names" ] || say "no settings found in common/base/config/config.def"

while read -r name preset; do
	row=$(grep -F "| \`$name\` |" README.md || :)
	if [ -z "$row" ]; then
		say "README.md: no row for $name"
	elif [ -n "$preset" ] && ! grep -qF "| \`$preset\` |" <<<"$row"; then
		say "README.md: the default of $name is $preset"
	fi
	grep -qF ".It Ev $name" worker/loyald.8 ||
		say "worker/loyald.8: no .It Ev $name"
done <<<"$settings"

# The names that docker-compose.yml alone uses, of which loyald does not warn.
other=$(sed -n '/others\[\] = {/,/};/p' common/base/config/unknown.c |
	grep -oE 'LOYALD_[A-Z_]+' | paste -sd'|')
[ -n "$other" ] || say "no names found in common/base/config/unknown.c"
for file in README.md worker/loyald.8 docker-compose.yml deploy/RUNBOOK.md \
    deploy/Dockerfile worker/README.md deploy/README.md \
    deploy/debian/README.Debian deploy/systemd/*.*; do
	[ -f "$file" ] || continue
	while read -r name; do
		grep -qx "$name" <<<"$names" ||
			say "$file: there is no setting $name"
	done < <(grep -oE 'LOYALD_[A-Z_]*[A-Z]' "$file" | sort -u |
		grep -vxE "$other" || :)
done

commands=$(sed -n 's/^[[:space:]]*{ "\([a-z]*\)", cmd_[a-z]*,.*/\1/p' worker/main.c)
[ -n "$commands" ] || say "no commands found in worker/main.c"
for command in $commands; do
	grep -qE "^\.It (Xo )?Cm $command( |\$)" worker/loyald.8 ||
		say "worker/loyald.8: no .It Cm $command"
	grep -qF "\`loyald $command" README.md worker/README.md ||
		say "README.md, worker/README.md: no \`loyald $command\`"
done
while read -r command; do
	case $command in
	help | version) continue ;;
	esac
	grep -qx "$command" <<<"$commands" ||
		say "worker/loyald.8: there is no command $command"
done < <(sed -n 's/^\.It \(Xo \)\{0,1\}Cm \([a-z]*\).*/\2/p' worker/loyald.8)

for file in deploy/RUNBOOK.md worker/README.md README.md; do
	[ -e "$file" ] || continue
	while read -r figure; do
		grep -qF "\"$figure" common/base/metrics.def ||
			say "$file: there is no figure $figure"
	done < <(grep -oE 'loyald_[a-z_]+_(total|bytes|records|connections|in_flight|stores)' \
		"$file" | sort -u)
done
exit $bad
