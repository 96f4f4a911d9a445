/* SPDX-License-Identifier: MIT */
#include "ledger/durability.h"
#include "ledger/stmts.h"

int
durability_load(struct pg *pg, struct durability *out, struct err *e)
{
	struct pg_rows rows;

	if (pg_ask(pg, SQL_DURABILITY_GET, NULL, &rows, e) == -1)
		return -1;
	*out = (struct durability){
		.has_fsync = pg_get_bool(&rows, 0, 0),
		.waits = pg_get_str(&rows, 0, 1).len > 0,
		.standbys = pg_get_bigint(&rows, 0, 2),
		.asynchronous = pg_get_bigint(&rows, 0, 3),
	};
	pg_done(&rows);
	return 0;
}

unsigned
durability_lacks(const struct durability *d)
{
	unsigned lacks = 0;

	if (!d->has_fsync)
		lacks |= DURABILITY_LACKS_FSYNC;
	if (d->asynchronous > 0 || (d->standbys > 0 && !d->waits))
		lacks |= DURABILITY_LACKS_SYNC;
	return lacks;
}

bool
durability_is_stuck(const struct durability *d)
{
	return d->waits && d->standbys == 0;
}
