# SPDX-License-Identifier: MIT
#
# comments: a comment, a paragraph inside a comment and a numbered item begin
# with a verb or the name of a thing, never with a pronoun or a word like one.
#
# usage: awk -f comments.awk $(git ls-files '*.[ch]' '*.def')

BEGIN {
	n = split("it its what who whom whose that this those these one ones " \
	    "which they them their nor he his him such so both else otherwise", \
	    word, " ")
	for (i = 1; i <= n; i++) vague[word[i]] = 1
}
FNR == 1 { waits = inside = 0 }

# Looks at the first word of a comment, a paragraph or an item.
function look(text,    first)
{
	first = tolower(text)
	sub(/[^a-z_].*/, "", first)
	if (first in vague) {
		printf "%s:%d: a comment or paragraph begins with \"%s\"\n",
		    FILENAME, FNR, first
		bad = 1
	}
}

{
	line = $0
	if (inside) {
		text = line
		sub(/^[ \t]*\*?[ \t]*/, "", text)
		if (text == "") {
			waits = 1
		} else if (sub(/^([0-9]+\.|-) +/, "", text) || waits) {
			look(text)
			waits = 0
		}
		if (line ~ /\*\//)
			inside = 0
		sub(/.*\*\//, "", line)
	}
	# A string may have the signs of a comment in it.
	gsub(/\\./, "", line)
	gsub(/"[^"]*"/, "\"\"", line)
	while (match(line, /\/\*+/)) {
		line = substr(line, RSTART + RLENGTH)
		sub(/^[ \t]*/, "", line)
		waits = line == ""
		if (!waits)
			look(line)
		inside = line !~ /\*\//
	}
}
END { exit bad }
