#!/bin/bash
# SPDX-License-Identifier: MIT
#
# backup.sh save [--keep N] FOLDER
#	writes FOLDER/DATABASE-TIME.dump, the whole database as it is at one
#	moment, while every process goes on working; reads it back; then
#	deletes the oldest, so that N stay (default 14)
# backup.sh restore [--copy] FILE|FOLDER
#	that backup, or the newest there, into an empty database, all or
#	nothing; then loyald migrate, loyald verify and loyald key check say
#	how it is.  --copy: the original goes on living, so the copy gets an
#	installation number of its own
#
# The database is LOYALD_DATABASE_URL's, as for loyald.  Its login: to save,
# one that reads all tables (GRANT pg_read_all_data TO ...); to restore, one
# that may make tables and roles there.  A password never gets onto a command
# line: it is in the URL, in PGPASSFILE or in a service file.  LOYALD names
# the binary.  RUNBOOK.md, "Backup", tells when to do what, and what is lost
# between two backups.
#
# Exit status: 0 done; 1 restored, but not in order; 2 wrong usage; 69
# something needed is away, try again; 78 a setting or a file is wrong.
set -euo pipefail

KEEP=14
STOPPED=0 NO=1 USAGE=2 WORLD=69 CONFIG=78
loyald=${LOYALD:-loyald}
umask 077

say()
{
	echo "backup: $*"
}

fail()
{
	local status=$1
	shift

	echo "backup: $*" >&2
	exit "$status"
}

usage()
{
	fail "$USAGE" "$1. Usage: backup.sh save [--keep N] FOLDER, or" \
	    "backup.sh restore [--copy] FILE, or the FOLDER of it"
}

# ---- the database ------------------------------------------------------------

# Takes the password out of the URL, since whoever may list processes sees
# their arguments, and gives it to libpq through the environment.
database_set()
{
	local in_url='^(postgres(ql)?://[^:@/?]*):([^@/?]*)@(.*)$'
	local in_words='^(.*[[:space:]])?password=([^[:space:]'\''\\]+)(.*)$'

	url=${LOYALD_DATABASE_URL-}
	[ -n "$url" ] || fail "$CONFIG" "LOYALD_DATABASE_URL is not set: it" \
	    "says which database"
	if [[ $url =~ $in_url ]]; then
		url=${BASH_REMATCH[1]}@${BASH_REMATCH[4]}
		PGPASSWORD=${BASH_REMATCH[3]//\\/\\\\}
		PGPASSWORD=$(printf %b "${PGPASSWORD//%/\\x}")
		export PGPASSWORD
	elif [[ $url =~ $in_words ]]; then
		url=${BASH_REMATCH[1]}${BASH_REMATCH[3]}
		export PGPASSWORD=${BASH_REMATCH[2]}
	fi
	[[ ! $url =~ password[[:space:]]*= ]] || fail "$CONFIG" "the password in" \
	    "LOYALD_DATABASE_URL is written in a way that would show it in" \
	    "the list of processes: put it into a file that PGPASSFILE names"
}

ask()
{
	psql -XqAt -v ON_ERROR_STOP=1 -d "$url" -c "$1" ||
		fail "$WORLD" "the database does not answer; psql says why," \
		    "above: is LOYALD_DATABASE_URL right, is PostgreSQL up?"
}

need()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || fail "$CONFIG" "$tool is not" \
		    "here: install PostgreSQL's client" \
		    "(Debian: postgresql-client), of the server's version or newer"
	done
}

# Reads all of it, every table's rows included.
archive_check()
{
	pg_restore -f /dev/null "$1" &&
		pg_restore --list "$1" |
		grep ' TABLE DATA public installation ' >/dev/null
}

# ---- save --------------------------------------------------------------------

folder_check()
{
	local key

	[ -d "$1" ] || fail "$CONFIG" "there is no folder $1: nothing was" \
	    "saved. If the name is right, make it (mkdir -m 700 $1)"
	[ -w "$1" ] || fail "$CONFIG" "$(id -un) may not write to $1: nothing" \
	    "was saved. Let the folder be that user's"
	key=$(find -L "$1" -type f -size -2 -exec grep -qxE '[0-9a-fA-F]{64}' {} \; \
	    -print -quit)
	[ -z "$key" ] || fail "$CONFIG" "$key looks like a master key: nothing" \
	    "was saved beside it, since whoever gets the folder would read" \
	    "every secret in the backups. Keep the key at another place"
}

save()
{
	local keep=$KEEP folder name file old n

	while [ $# -gt 0 ]; do
		case $1 in
		--keep)
			[[ ${2-} =~ ^[1-9][0-9]*$ ]] ||
				usage "--keep wants a number from 1"
			keep=$2
			shift
			;;
		-*) usage "there is no option $1" ;;
		*) break ;;
		esac
		shift
	done
	[ $# = 1 ] || usage "save wants one folder"
	folder=${1%/}
	need psql pg_dump pg_restore
	database_set
	folder_check "$folder"
	exec 9<"$folder"
	flock -n 9 || fail "$WORLD" "another backup is being saved to $folder"
	name=$(ask 'SELECT current_database()')
	name=$folder/${name//[^A-Za-z0-9_]/_}
	file=$name-$(date -u +%Y%m%dT%H%M%SZ).dump
	part=$file.part
	trap 'rm -f "$part"' EXIT
	rm -f "$name"-*.dump.part
	pg_dump -Fc --lock-wait-timeout=60s -f "$part" -d "$url" ||
		fail "$WORLD" "pg_dump failed, above it says why: nothing was" \
		    "saved, the backups before stay. A login that may not read" \
		    "a table needs: GRANT pg_read_all_data TO ..."
	archive_check "$part" || fail "$WORLD" "what was written cannot be read" \
	    "back, or is not loyald's database: nothing was saved, the backups" \
	    "before stay. Is the disk of $folder full?"
	sync "$part"
	mv "$part" "$file"
	sync "$folder"
	mapfile -t old < <(printf '%s\n' "$name"-[0-9]*T[0-9]*Z.dump | sort -r)
	n=${#old[@]}
	old=("${old[@]:keep}")
	[ ${#old[@]} = 0 ] || rm -f "${old[@]}"
	say "$file: $(stat -c %s "$file") bytes, read back; $((n - ${#old[@]}))" \
	    "backups are kept, ${#old[@]} deleted"
}

# ---- restore -----------------------------------------------------------------

# By the time in their names: copying a backup changes that of the file.
newest_in()
{
	find "$1" -maxdepth 1 -type f -name '*-[0-9]*T[0-9]*Z.dump' |
		awk -F- '{ print $NF, $0 }' | sort | tail -n 1 | cut -d' ' -f2-
}

# Rights are given to roles, which belong to the cluster and are in no dump.
roles_make()
{
	local role missing

	while read -r role; do
		missing=$(ask "SELECT to_regrole('${role//\'/\'\'}') IS NULL")
		if [ "$missing" = t ]; then
			ask "CREATE ROLE $role NOLOGIN"
			say "made the role $role, which the backup gives rights to;" \
			    "logins are not in it: RUNBOOK.md, \"One login per process\""
		fi
	done < <(pg_restore --schema-only -f - "$1" |
		sed -nE 's/^GRANT .* TO (.+);$/\1/p' |
		sed 's/ WITH GRANT OPTION$//' | grep -vx PUBLIC | sort -u)
}

# The copy's messages are told from the original's by it.
installation_new()
{
	ask "UPDATE installation SET installation_id =
	    ('x' || substr(encode(sha256(gen_random_uuid()::text::bytea),
		'hex'), 1, 15))::bit(60)::bigint"
	say "the copy has an installation number of its own: it takes no" \
	    "delivery of its original"
}

# told COMMAND...: what it says, and whether it is content.
told()
{
	local status=0

	"$loyald" "$@" || status=$?
	if [ "$status" != 0 ]; then
		say "loyald $* ended with $status: what it found is above"
		bad=$NO
	fi
}

how_it_is()
{
	if ! command -v "$loyald" >/dev/null; then
		say "loyald is not here: run loyald migrate, loyald verify and" \
		    "loyald key check where it is, before any process is started"
		return
	fi
	told migrate
	told verify
	if [ -n "${LOYALD_KEY_FILE-}" ]; then
		told key check
	else
		say "LOYALD_KEY_FILE is not set: run loyald key check with it," \
		    "which says whether the key opens what is sealed here"
	fi
}

restore()
{
	local copy='' file tables

	while [ $# -gt 0 ]; do
		case $1 in
		--copy) copy=1 ;;
		-*) usage "there is no option $1" ;;
		*) break ;;
		esac
		shift
	done
	[ $# = 1 ] || usage "restore wants one file, or one folder"
	need psql pg_restore
	database_set
	file=$1
	if [ -d "$file" ]; then
		file=$(newest_in "$1")
		[ -n "$file" ] || fail "$CONFIG" "there is no backup in $1"
	fi
	[ -r "$file" ] || fail "$CONFIG" "$file is not there, or $(id -un) may" \
	    "not read it"
	archive_check "$file" || fail "$CONFIG" "$file is not a whole backup of" \
	    "loyald's: nothing was restored. Take the one before it"
	tables=$(ask "SELECT count(*) FROM pg_class
	    WHERE relnamespace = 'public'::regnamespace")
	[ "$tables" = 0 ] || fail "$CONFIG" "the database has tables already:" \
	    "nothing was restored. Make an empty one (createdb) and let" \
	    "LOYALD_DATABASE_URL name it"
	roles_make "$file"
	pg_restore --no-owner --single-transaction --exit-on-error -d "$url" \
	    "$file" ||
		fail "$WORLD" "pg_restore failed, above it says why: the" \
		    "database is as empty as before"
	if [ -n "$copy" ]; then
		installation_new
	fi
	ask 'ANALYZE'
	bad=$STOPPED
	how_it_is
	if [ "$bad" != "$STOPPED" ]; then
		fail "$bad" "$file is restored, but not in order: do not start any" \
		    "process before that is understood"
	fi
	say "$file is restored. What has come since it was saved is not in it:" \
	    "RUNBOOK.md, \"Backup\", says how to have it again"
}

verb=${1-}
shift || :
case $verb in
save) save "$@" ;;
restore) restore "$@" ;;
-h | --help) sed -n '3,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" ;;
'') usage "what is to be done?" ;;
*) usage "there is no verb $verb" ;;
esac
