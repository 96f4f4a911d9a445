# SPDX-License-Identifier: MIT
#
# citus: finds forms of statements that Citus cannot distribute by tenant_id
# (seen with Citus 13), so that no new statement has one: rows of several tenants
# locked, a subquery with LIMIT for each row, and the time asked for where it
# would be another one on each node.
#
# usage: awk -f citus.awk citus.txt common/ledger/sql/*.sql
#
# citus.txt lists the statements that have such a form all the same, each with the
# reason, and none that has not.

function refuse(what)
{
	if (stem in argued) {
		used[stem]
		return
	}
	printf "%s: %s\n", file, what
	bad = 1
}

# Whether a CASE or COALESCE asks for the time.
function is_timed(text,	part)
{
	if (text ~ /COALESCE\([^()]*NOW\(\)/)
		return 1
	while (match(text, / CASE /)) {
		text = substr(text, RSTART + RLENGTH)
		part = text
		sub(/ END.*/, "", part)
		if (part ~ /NOW\(\)/)
			return 1
	}
	return 0
}

function check()
{
	gsub(/ +/, " ", text)
	if (text !~ /TENANT_ID = \$/) {
		if (text ~ / FOR (NO KEY )?UPDATE| FOR (KEY )?SHARE/)
			refuse("locks rows of more than one tenant")
		if (text ~ /LATERAL \(.* LIMIT/)
			refuse("has a subquery with LIMIT for each row")
	}
	if (text ~ /DO UPDATE SET .*NOW\(\)/)
		refuse("asks for the time in DO UPDATE: have it in VALUES, as excluded.x")
	else if (text ~ /UPDATE .* SET / && is_timed(text))
		refuse("asks for the time in CASE or COALESCE: have it as a parameter")
	if (text ~ /UPDATE .* SET .*NOW\(\) [-+] [A-Z_]+\./)
		refuse("adds a column to the time: have the instant as a parameter")
}

FNR == NR { if ($0 !~ /^#/ && NF > 1) argued[$1]; next }
FNR == 1 {
	if (file != "")
		check()
	file = FILENAME
	stem = file
	sub(/.*\//, "", stem)
	sub(/\.sql$/, "", stem)
	text = ""
}
!/^--/ { gsub(/[ \t]+/, " "); text = text " " toupper($0) }

END {
	check()
	for (s in argued)
		if (!(s in used)) {
			printf "tests/lint/citus.txt: %s needs no reason\n", s
			bad = 1
		}
	exit bad
}
