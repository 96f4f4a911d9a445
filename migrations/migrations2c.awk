# migrations2c: embed migrations/*.sql, in the order of their numbers, so
# that the binary that needs a schema is the one that can make it.
#
# usage: awk -f migrations2c.awk *.sql > migrations.gen.h

function esc(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return s }

function finish() {
	if (stem != "")
		printf "\t    \"\" },\n"
}

BEGIN {
	printf "/* Made by migrations2c.awk from migrations/; edit those. */\n\n"
	printf "static const struct migration migrations[] = {\n"
}
FNR == 1 {
	finish()
	stem = FILENAME; sub(/.*\//, "", stem); sub(/\.sql$/, "", stem)
	n++
	if (substr(stem, 1, 5) != sprintf("%04d_", n)) {
		printf "%s: the %d. migration must begin with %04d_\n", FILENAME, n, n > "/dev/stderr"
		bad = 1
		exit 1
	}
	printf "\t{ .number = %d,\n\t    .name = \"%s\",\n\t    .text =\n", n, stem
}
{ printf "\t    \"%s\\n\"\n", esc($0) }
END {
	if (bad) exit 1
	finish()
	printf "};\n"
}
