# sql2c: embed sql/*.sql, one statement per file.
#
# The file's stem is the statement's one name: post_entry.sql is SQL_POST_ENTRY
# in C, "post_entry" in PREPARE, in our logs and in pg_stat_activity.  The
# "-- in:" and "-- out:" lines name the parameters and the columns; the
# integration tests hold them against what PostgreSQL itself says.
#
# The table itself is compiled once, where STMTS_TABLE is defined.
#
# usage: awk -f sql2c.awk sql/*.sql > stmts.gen.h

function esc(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return s }

function flush_stmt() {
	if (stem == "")
		return
	if (nin != max) {
		printf "%s: %d names after \"in:\", %d parameters\n", stem, nin, max > "/dev/stderr"
		bad = 1
	}
	names = names sprintf("\tSQL_%s,\n", toupper(stem))
	rows = rows sprintf("\t[SQL_%s] = {\n\t\t.name = \"%s\",\n\t\t.nin = %d,\n\t\t.out = \"%s\",\n\t\t.text =\n%s\t},\n", \
	    toupper(stem), stem, max, out, text)
}

FNR == 1 {
	flush_stmt()
	stem = FILENAME; sub(/.*\//, "", stem); sub(/\.sql$/, "", stem)
	text = out = ""; max = nin = 0
}
/^-- in:/  { sub(/^-- in:[ \t]*/, "");  nin = split($0, _, /[ \t]+/); if ($0 == "") nin = 0; next }
/^-- out:/ { sub(/^-- out:[ \t]*/, ""); out = $0; next }
/^--/      { next }
{
	line = $0
	sub(/;[ \t]*$/, "", line)
	text = text sprintf("\t\t    \"%s\\n\"\n", esc(line))
	while (match(line, /\$[0-9]+/)) {
		n = substr(line, RSTART + 1, RLENGTH - 1) + 0
		if (n > max) max = n
		line = substr(line, RSTART + RLENGTH)
	}
}
END {
	flush_stmt()
	if (bad) exit 1
	printf "/* Made by sql2c.awk from sql/; edit those. */\n\n"
	printf "enum sql {\n%s\tSQL__MAX\n};\n\n", names
	printf "#ifdef STMTS_TABLE\n"
	printf "const struct sql_stmt sql_stmts[SQL__MAX] = {\n%s};\n", rows
	printf "#endif\n"
}
