/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/decide.h"
#include "core/fact.h"

int
fact_compare(const struct fact *a, const struct fact *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->store_id != b->store_id)
		return a->store_id < b->store_id ? -1 : 1;
	if (strcmp(a->id, b->id) != 0 || !fact_is_use(a))
		return strcmp(a->id, b->id);
	return strcmp(a->of, b->of);
}

bool
fact_is_use(const struct fact *f)
{
	return f->kind == FACT_USE || f->kind == FACT_UNUSE;
}

const char *
fact_field(const struct fact *f, const char *name)
{
	for (size_t i = 0; i < f->nfields; i++)
		if (strcmp(f->fields[i].name, name) == 0)
			return f->fields[i].value;
	return NULL;
}

const struct trait_event *
trait_event(const char *type)
{
	static const struct trait_event known[] = {
		{ CUSTOMER_TAGS, "tag", .all = true },
		{ CUSTOMER_TAGS_ADDED, "tag", .gone = false },
		{ CUSTOMER_TAGS_REMOVED, "tag", .gone = true },
		{ CUSTOMER_ROLE, "role", .all = true },
		{ CUSTOMER_COMPANY, "company", .gone = false },
		{ CUSTOMER_COMPANY_LEFT, "company", .gone = true },
	};

	for (size_t i = 0; i < NITEMS(known); i++)
		if (strcmp(known[i].type, type) == 0)
			return &known[i];
	return NULL;
}

bool
fact_is_before(const struct fact *f)
{
	return f->kind == FACT_ORDER && order_is_before(f->order, f->since);
}

int64_t
fact_happens_at(const struct fact *f, int64_t now)
{
	return fact_is_before(f) && f->since <= now ? f->since : f->at;
}

enum happened
order_happened(const struct fact *f, const char **reason)
{
	enum reason why = order_may_earn(
	    f->program, f->program->currency, f->since, f->order);

	*reason = reason_text(why);
	if (why == REASON_EARNED || why == REASON_BEFORE)
		return HAPPENED;
	if ((why == REASON_UNDONE || why == REASON_DELETED) &&
	    f->order->was_paid && !f->order->test)
		return UNDONE_LATER;
	return NEVER_HAPPENED;
}
