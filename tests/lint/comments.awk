# SPDX-License-Identifier: MIT
#
# comments: a comment begins with a verb or the name of a thing, never with a
# pronoun or a word like one.
#
# usage: awk -f comments.awk $(git ls-files '*.[ch]' '*.def')

BEGIN {
	n = split("it its what who whom whose that this those these one ones " \
	    "which they them their nor he his him", word, " ")
	for (i = 1; i <= n; i++) vague[word[i]] = 1
}
FNR == 1 { waits = 0 }

# Looks at the first word of a comment.
function look(text,    first)
{
	first = tolower(text)
	sub(/[^a-z].*/, "", first)
	if (first in vague) {
		printf "%s:%d: a comment begins with \"%s\"\n", FILENAME, FNR, first
		bad = 1
	}
}

{
	line = $0
	if (waits) {
		text = line
		sub(/^[ \t]*\*?[ \t]*/, "", text)
		if (text != "") {
			look(text)
			waits = 0
		}
	}
	# A string may have the signs of a comment in it.
	gsub(/\\./, "", line)
	gsub(/"[^"]*"/, "\"\"", line)
	while (match(line, /\/\*+/)) {
		line = substr(line, RSTART + RLENGTH)
		sub(/^[ \t]*/, "", line)
		if (line == "")
			waits = 1
		else
			look(line)
	}
}
END { exit bad }
