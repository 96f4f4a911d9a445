# SPDX-License-Identifier: MIT
#
# tenant: every key of every table leads with tenant_id, so that the schema
# can be distributed by tenant unchanged.
#
# usage: awk -f tenant.awk migrations/*.sql
#
# Checks PRIMARY KEY, UNIQUE and FOREIGN KEY of CREATE TABLE and ALTER TABLE,
# CREATE UNIQUE INDEX, and REFERENCES of a column.  Only two tables are free:
# the list of migrations, and the table of the installation's number.

function bad_key(what)
{
	printf "%s:%d: %s%s does not lead with tenant_id\n", FILENAME, FNR, \
	    table == "" ? "" : table ": ", what
	bad = 1
}

BEGIN { free["migration"]; free["installation"] }
FNR == 1 { table = ""; text = "" }

{
	line = $0
	sub(/--.*/, "", line)
	gsub(/[ \t]+/, " ", line)
	upper = toupper(line)
}

upper ~ /CREATE TABLE/ {
	table = line
	sub(/.*[Tt][Aa][Bb][Ll][Ee] (IF NOT EXISTS )?/, "", table)
	sub(/[ (].*/, "", table)
	tables[table] = FILENAME ":" FNR
}
upper ~ /ALTER TABLE/ {
	table = line
	sub(/.*[Tt][Aa][Bb][Ll][Ee] (ONLY )?/, "", table)
	sub(/[ (].*/, "", table)
}

table in free { if (upper ~ /;/) table = ""; next }

# Checks the keys of table constraints, which are lists in brackets.
upper ~ /(PRIMARY KEY|UNIQUE|FOREIGN KEY)( NULLS NOT DISTINCT)? ?\(/ {
	keys = upper
	while (match(keys, /(PRIMARY KEY|UNIQUE|FOREIGN KEY)( NULLS NOT DISTINCT)? ?\([^)]*\)?/)) {
		key = substr(keys, RSTART, RLENGTH)
		keys = substr(keys, RSTART + RLENGTH)
		nkeys++
		if (key !~ /\( ?TENANT_ID ?[,)]/)
			bad_key(tolower(key))
		if (key ~ /^PRIMARY/)
			has_primary[table] = 1
	}
}
# Checks the columns that a foreign key refers to, if they are listed.
upper ~ /REFERENCES [A-Z_.]+ ?\(/ {
	key = upper
	sub(/.*REFERENCES/, "references", key)
	nkeys++
	if (key !~ /\( ?TENANT_ID ?[,)]/)
		bad_key(tolower(key))
}
# Checks column constraints: only the column tenant_id may have a key alone.
upper !~ /(PRIMARY KEY|FOREIGN KEY|UNIQUE) ?\(/ && \
    upper ~ /( PRIMARY KEY| UNIQUE[ ,;]| UNIQUE$| REFERENCES )/ && \
    upper !~ /UNIQUE INDEX/ && upper !~ /^ ?\)/ {
	nkeys++
	if (upper ~ /PRIMARY KEY/)
		has_primary[table] = 1
	if (upper !~ /^ ?TENANT_ID / && upper !~ /ADD COLUMN TENANT_ID /)
		bad_key("a key of the column \"" line "\"")
}
# Checks a unique index, collecting its lines up to the closing bracket.
upper ~ /CREATE UNIQUE INDEX/ { text = upper; table = "" }
text != "" {
	if (upper !~ /CREATE UNIQUE INDEX/)
		text = text " " upper
	if (text ~ /\(.*\)/) {
		nkeys++
		if (text !~ /\( ?TENANT_ID ?[,)]/)
			bad_key("a unique index")
		text = ""
	}
}
upper ~ /;/ { table = "" }

END {
	for (t in tables)
		if (!(t in free) && !(t in has_primary)) {
			printf "%s: %s has no primary key\n", tables[t], t
			bad = 1
		}
	if (nkeys == 0) {
		print "tenant.awk: no keys found: does it read the right files?"
		bad = 1
	}
	exit bad
}
