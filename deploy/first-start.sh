#!/bin/bash
# SPDX-License-Identifier: MIT
#
# first-start.sh [DOMAIN]: makes what docker-compose.yml needs beside it: .env,
# with a password for each login, secrets/loyald.key, the master key, and
# backups/, for backups of the database.  DOMAIN is the name under which the
# shop reaches this machine.
#
# Existing files stay as they are, so this may be run again, and should be after
# an upgrade, to add what is new.  The key is for uid 10001, the user of
# loyald's image, and the backups for 999, that of PostgreSQL's image, so run
# this as root; where containers have users of their own (rootless Docker),
# KEY_OWNER and BACKUP_OWNER are the numbers of those users outside of them.
set -euo pipefail

cd "$(dirname "$0")/.."
passwords=(
	POSTGRES_PASSWORD
	POSTGRES_RECEIVE_PASSWORD
	POSTGRES_WORK_PASSWORD
	POSTGRES_PUSH_PASSWORD
	POSTGRES_RECONCILE_PASSWORD
	POSTGRES_SCHEDULE_PASSWORD
	POSTGRES_SERVE_PASSWORD
	POSTGRES_OPERATOR_PASSWORD
	POSTGRES_BACKUP_PASSWORD
	REDIS_PASSWORD
	REDIS_RECEIVE_PASSWORD
	REDIS_WORK_PASSWORD
	REDIS_RECONCILE_PASSWORD
	REDIS_OPERATOR_PASSWORD
)
key=secrets/loyald.key
key_owner=${KEY_OWNER:-10001}
backup_owner=${BACKUP_OWNER:-999}
umask 077

say()
{
	echo "first-start: $*"
}

# Prints 64 hexadecimal digits.
random()
{
	od -A n -t x1 -N 32 /dev/urandom | tr -d ' \n'
}

# env_get NAME: its value in .env, read as docker compose does, which takes the
# last one, with or without "export", blanks and quotes.
env_get()
{
	sed -nE "s/^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*[=:][[:space:]]*//p" \
	    .env | tail -n 1 |
		sed -E "s/^(['\"])(.*)\\1.*/\\2/; t; s/(^|[[:space:]])#.*//"
}

# env_add NAME VALUE: unless .env has a NAME that is not empty.
env_add()
{
	if [ -z "$(env_get "$1")" ]; then
		echo "$1=$2" >>.env
		say "$1 is new in .env"
	fi
}

if [ ! -e docker-compose.yml ]; then
	say "there is no docker-compose.yml in $PWD: run it where it came" >&2
	exit 2
fi
if [ "$(id -u)" != 0 ] && [ "$(id -u)" != "$key_owner" ]; then
	say "the key is for user $key_owner: run this as root" >&2
	exit 1
fi

if [ ! -e .env ]; then
	: >.env
	# The owner of the clone runs docker compose, which reads .env.
	chown --reference=docker-compose.yml .env
fi
# Earlier versions had .env made by hand, mostly for everybody to read.
chmod o-rwx .env
if [ -n "$(tail -c 1 .env)" ]; then
	echo >>.env
fi
for name in "${passwords[@]}"; do
	env_add "$name" "$(random)"
done
if [ $# -gt 0 ]; then
	env_add LOYALD_DOMAIN "$1"
fi
domain=$(env_get LOYALD_DOMAIN)
if [ -z "$domain" ]; then
	say "no domain yet: say it as deploy/first-start.sh loyalty.example" >&2
	exit 2
elif [ $# -gt 0 ] && [ "$domain" != "$1" ]; then
	say ".env has another LOYALD_DOMAIN, $domain: change it there" >&2
	exit 2
fi

mkdir -p secrets
chown "$key_owner" secrets
if [ ! -e "$key" ]; then
	(set -o noclobber; random_key=$(random); echo "$random_key" >"$key")
	say "$key is new: keep a copy of it apart from the database's," \
	    "for without it the stores' secrets are lost"
fi
chown "$key_owner" "$key"
chmod 600 "$key"
mkdir -p backups
chown "$backup_owner" backups
# The users of the images read these files.
chmod a+r deploy/Caddyfile deploy/backup.sh deploy/logins.sql deploy/redis.sh
say "all there for $domain"
