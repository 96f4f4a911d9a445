/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "io/clock.h"
#include "io/trouble.h"

enum {
	MEANWHILE_MAX = 128,
};

bool
trouble_ends(const struct trouble *t, const struct err *e)
{
	return e->fault != FAULT_RETRY &&
	       !(e->fault == FAULT_CONFIG && t->was_well);
}

/* That somebody must mend something is said at once. */
static bool
is_time(const struct trouble *t, const struct err *e, int64_t now)
{
	bool is_same = strcmp(t->told.msg, e->msg) == 0;
	int64_t ms = is_same ? TROUBLE_AGAIN_MS : TROUBLE_OTHER_MS;

	return t->told_at == 0 || now - t->told_at >= ms * 1000 ||
	       (e->fault != FAULT_RETRY && t->told.fault == FAULT_RETRY);
}

void
trouble_is(struct trouble *t, const struct err *e, const char *meanwhile)
{
	char more[MEANWHILE_MAX] = "";
	int64_t now = clock_mono();

	if (!t->is_on)
		t->since = now;
	t->is_on = true;
	t->now = *e;
	if (!is_time(t, e, now))
		return;
	t->told = *e;
	t->told_at = now;
	t->is_told = true;
	if (meanwhile != NULL)
		(void)snprintf(more, sizeof(more), " (%s)", meanwhile);
	if (e->fault == FAULT_RETRY)
		log_warn("%s%s", e->msg, more);
	else
		log_error("%s%s", e->msg, more);
}

void
trouble_over(struct trouble *t, const char *what)
{
	if (t->is_told)
		log_info("%s again, after %lld s", what,
		    (long long)((clock_mono() - t->since) / 1000000));
	t->was_well = true;
	t->is_on = t->is_told = false;
}

const char *
trouble_why(const struct trouble *t)
{
	return t->is_on ? t->now.msg : t->was_well ? NULL : "starting";
}
