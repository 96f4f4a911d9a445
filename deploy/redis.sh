#!/bin/sh
# SPDX-License-Identifier: MIT
#
# redis.sh ARGUMENTS...: writes the users of Redis, each with what it may do
# and no more, and becomes redis-server.  docker-compose.yml starts Redis by
# it, so that a version of loyald that needs a further right brings it along.
# Passwords come in the environment and are kept as hashes.
set -eu

users=$(mktemp)

# Printed by the shell itself, so that it is on no command line.
hash_of()
{
	printf %s "$1" | sha256sum | cut -d ' ' -f 1
}

receive=$(hash_of "$REDIS_RECEIVE_PASSWORD")
work=$(hash_of "$REDIS_WORK_PASSWORD")
reconcile=$(hash_of "$REDIS_RECONCILE_PASSWORD")
operator=$(hash_of "$REDIS_OPERATOR_PASSWORD")
all=$(hash_of "$REDISCLI_AUTH")
cat >"$users" <<END
user default on #$all ~* &* +@all
user loyald_receive on #$receive ~loyald:* +auth +select +ping +info +get +set +xadd
user loyald_work on #$work ~loyald:* +auth +select +ping +info +get +set +xadd +config|get +xgroup|create +xreadgroup +xack +xdel +xclaim +xautoclaim +xpending +xlen +xrange
user loyald_reconcile on #$reconcile ~loyald:* +auth +select +ping +info +config|get +xadd
user loyald_operator on #$operator ~loyald:* +auth +select +ping +info +config|get +xadd
END
unset REDIS_RECEIVE_PASSWORD REDIS_WORK_PASSWORD REDIS_RECONCILE_PASSWORD \
    REDIS_OPERATOR_PASSWORD REDISCLI_AUTH
exec redis-server --aclfile "$users" "$@"
