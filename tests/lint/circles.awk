# SPDX-License-Identifier: MIT
#
# circles: no file of a floor uses itself by way of other files of the floor.
# A file uses another file if it needs a function or an object that the other
# file defines.
#
# usage: nm -A -P OBJECTS | awk -f circles.awk tests/lint/circles.txt -
#
# A line of circles.txt is "user used reason": the file `user` may use the file
# `used` although that closes a circle.

FILENAME == ARGV[1] {
	if ($0 !~ /^#/ && NF > 0) argued[$1, $2] = line[++nargued] = $1 " " $2
	next
}
{
	f = $1
	sub(/:$/, "", f); sub(/^(.*\/)?obj\//, "", f); sub(/\.o$/, ".c", f)
	if ($3 == "U") {
		needs[++nneeds] = f
		symbol[nneeds] = $2
	} else if ($3 ~ /[A-Z]/)
		home[$2] = f
	if (!(f in seen)) {
		seen[f] = 1
		files[++nfiles] = f
	}
}

function floor(f)
{
	sub(/^common\//, "", f); sub(/\/.*/, "", f)
	return f
}

# Gives the shortest way from one file to another as text; "" if there is none.
function way(from, to,    queue, n, i, j, k, f, g, before, text)
{
	queue[n = 1] = from
	for (i = 1; i <= n; i++) {
		f = queue[i]
		for (j = 1; j <= nuses[f]; j++) {
			g = uses[f, j]
			if (g == to) {
				text = by[f, g] " " g
				for (; f != from; f = before[f])
					text = by[before[f], f] " " f " " text
				return from " " text
			}
			if (!(g in before) && g != from) {
				before[g] = f
				queue[++n] = g
			}
		}
	}
	return ""
}

END {
	for (i = 1; i <= nneeds; i++) {
		f = needs[i]; g = home[symbol[i]]
		if (g == "" || g == f || floor(f) != floor(g) || (f, g) in by)
			continue
		by[f, g] = "(" symbol[i] ")"
		if (!((f, g) in argued))
			uses[f, ++nuses[f]] = g
	}
	for (i = 1; i <= nfiles; i++) {
		if (files[i] in told)
			continue
		found = way(files[i], files[i])
		if (found == "")
			continue
		print "circle: " found
		bad = 1
		n = split(found, part, " ")
		for (j = 1; j <= n; j++)
			told[part[j]] = 1
	}
	for (i = 1; i <= nargued; i++) {
		split(line[i], part, " ")
		if (!((part[1], part[2]) in by) || way(part[2], part[1]) == "") {
			print "tests/lint/circles.txt: no circle needs " line[i]
			bad = 1
		}
	}
	if (nfiles == 0) {
		print "circles.awk: no objects"
		bad = 1
	}
	exit bad
}
