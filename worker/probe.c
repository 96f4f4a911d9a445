/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "io/pg/pg.h"
#include "io/stream/stream.h"
#include "ledger/schema.h"
#include "ledger/stmts.h"
#include "probe.h"

enum {
	STATEMENT_MS = 2000,
	/* A value that is never used, because the probe reads no stream. */
	IDLE_MS = 1000,
};

int
probe_postgres(const char *database_url, const char *role, struct err *e)
{
	struct pg *pg = pg_new(
	    database_url, role, "loyald config check", sql_stmts, SQL__MAX);
	struct arena a;
	int r;

	pg_hasty(pg, STATEMENT_MS);
	arena_init(&a);
	r = schema_check(pg, e);
	arena_fini(&a);
	pg_free(pg);
	return r;
}

int
probe_redis(const char *redis_url, unsigned uses, struct err *e)
{
	struct redis_url url;
	struct stream *s;
	int r;

	if (redis_url_parse(redis_url, &url, e) == -1)
		return -1;
	s = stream_new(&url, 1, "config-check", IDLE_MS);
	r = stream_probe(s, uses, e);
	stream_free(s);
	explicit_bzero(&url, sizeof(url));
	return r;
}
