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

/* Finds the index of the sentence among the lines logged last.  If the sentence
 * is new, finds the index where it goes. */
static size_t
told_find(const struct trouble *t, const struct err *e)
{
	size_t i = 0;

	while (i < TROUBLE_TOLD_MAX - 1 && t->told[i].at != 0 &&
	       strcmp(t->told[i].what.msg, e->msg) != 0)
		i++;
	return i;
}

static void
told_put(struct trouble *t, size_t i, const struct err *e, int64_t now)
{
	memmove(&t->told[1], &t->told[0], i * sizeof(t->told[0]));
	t->told[0] = (struct trouble_told){ now, *e };
}

/* Whether to log the failure now.  A CONFIG error is logged even if a RETRY
 * error has just been logged. */
static bool
is_time(const struct trouble *t, size_t i, const struct err *e, int64_t now)
{
	const struct trouble_told *last = &t->told[0], *same = &t->told[i];

	if (last->at == 0)
		return true;
	if (strcmp(same->what.msg, e->msg) == 0)
		return now - same->at >= TROUBLE_AGAIN_MS * INT64_C(1000);
	return now - last->at >= TROUBLE_OTHER_MS * INT64_C(1000) ||
	       (e->fault != FAULT_RETRY && last->what.fault == FAULT_RETRY);
}

void
trouble_is(struct trouble *t, const struct err *e, const char *meanwhile)
{
	char more[MEANWHILE_MAX] = "";
	int64_t now = clock_mono();
	size_t i = told_find(t, e);

	if (!t->is_on)
		t->since = now;
	t->is_on = true;
	t->now = *e;
	if (!is_time(t, i, e, now))
		return;
	told_put(t, i, e, now);
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
