# SPDX-License-Identifier: MIT
#
# env.awk: /etc/loyald/loyald.env from common/base/config/config.def: every setting
# with its sentence and its default, as a comment but for those that have none
# and must be set.

function say(text,    line, n, i, word)
{
	n = split(text, word, " ")
	line = "#"
	for (i = 1; i <= n; i++) {
		if (length(line) + 1 + length(word[i]) > 78) {
			print line
			line = "#"
		}
		line = line " " word[i]
	}
	print line
}

BEGIN {
	set["LOYALD_DATABASE_URL"] = "postgresql:///loyald"
	hint["LOYALD_DATABASE_URL"] = "Set to the database loyald on this machine, where its user loyald needs no password."
	set["LOYALD_REDIS_URL"] = "redis://127.0.0.1:6379/0"
	set["LOYALD_KEY_FILE"] = "/etc/loyald/key"
	say("Settings of all of loyald's processes, one on a line, for loyald@.service and for --env-file of the tools. What one process has for itself stands in a file of its name beside this one: work.env is loyald@work's, and comes before this. A change counts after `systemctl restart loyald.target`.")
}

/^(TEXT|NUMBER)\(/ {
	split($0, part, /, */)
	name = part[2]; value = part[3]
	gsub(/"/, "", name); gsub(/"/, "", value)
	help = $0
	sub(/"\)$/, "", help); sub(/.*, "/, "", help)
	print ""
	say(help (name in hint ? " " hint[name] : ""))
	if (name in set)
		print name "=" set[name]
	else
		print "#" name "=" (value == "NULL" ? "" : value)
	delete set[name]
}

END {
	for (name in set) {
		print "env.awk: there is no setting " name >"/dev/stderr"
		exit 1
	}
}
