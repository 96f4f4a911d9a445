/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/status.h"

static const char *const drafts[] = { "auto-draft", "checkout-draft", "draft",
	"new" };
static const char *const undone[] = { "cancelled", "failed", "refunded",
	"trash", "voided" };

static bool
is_one_of(const char *status, const char *const words[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(status, words[i]) == 0)
			return true;
	return false;
}

bool
statuses_have(const struct statuses *s, const char *status)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(status, s->list[i]) == 0)
			return true;
	return false;
}

bool
status_is_draft(const char *status)
{
	return is_one_of(status, drafts, NITEMS(drafts));
}

bool
status_is_undone(const char *status)
{
	return is_one_of(status, undone, NITEMS(undone));
}
