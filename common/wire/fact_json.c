/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "wire/fact_json.h"

enum {
	REASON_MAX = 1000 /* bytes of the reason of an adjustment */
};

#define TEXT(name) RECORD_OF_TEXT(struct fact, name, FACT_TEXT_MAX)

/* The word for each kind of fact, by enum fact_kind.  Facts with an order are
 * written by wire/order_json.h, and uses of rewards are not written. */
static const char *const kinds[] = { "", "order", "event", "redeem", "capture",
	"release", "adjust", NULL };

static const struct record_field field_fields[] = {
	RECORD_OF_TEXT(struct field, name, FACT_TEXT_MAX),
	RECORD_OF_TEXT(struct field, value, FACT_TEXT_MAX),
	{ .key = NULL },
};

const struct record_field fact_fields[] = {
	RECORD(struct fact, kind, .kind = RECORD_WORD, .words = kinds),
	RECORD_OF_AT(struct fact, at),
	TEXT(id),
	TEXT(type),
	TEXT(channel),
	TEXT(brand),
	RECORD_OF_MONEY(struct fact, amount),
	RECORD(struct fact, finer, .kind = RECORD_INT),
	RECORD_OF_NUMBER(struct fact, count, 0, INT64_MAX),
	RECORD_OF_LIST(struct fact, fields, TAGS_MAX, field_fields),
	TEXT(tied_to),
	TEXT(wallet),
	TEXT(reward),
	RECORD_OF_NUMBER(struct fact, units, -INT64_MAX, INT64_MAX),
	RECORD_OF_TRUTH(struct fact, amount_told),
	RECORD_OF_TRUTH(struct fact, reserve),
	TEXT(charity),
	TEXT(of),
	RECORD_OF_TEXT(struct fact, reason, REASON_MAX),
	RECORD_OF_TRUTH(struct fact, issue),
	RECORD_OF_TRUTH(struct fact, cart),
	{ .key = NULL },
};

struct str
fact_render(struct arena *a, const struct fact *f)
{
	assert(f->kind != FACT_ORDER && !fact_is_use(f));
	return record_render(a, fact_fields, f, FACT_JSON_MAX);
}

bool
fact_is_whole(const struct fact *f)
{
	if (f->kind == 0 || f->kind == FACT_ORDER || fact_is_use(f) ||
	    f->at == 0 || f->finer < 0 || f->finer > FINER_MAX ||
	    f->id == NULL || (f->kind == FACT_EVENT && f->type == NULL))
		return false;
	for (size_t i = 0; i < f->nfields; i++)
		if (f->fields[i].name == NULL || f->fields[i].value == NULL)
			return false;
	return true;
}

int
fact_parse(struct arena *a, struct str s, struct fact *out, struct err *e)
{
	char wrong[RECORD_WRONG_MAX] = "";
	struct fact f = { .at = 0 };

	if (s.len > FACT_JSON_MAX ||
	    record_parse(a, s, fact_fields, &f, wrong) == -1 ||
	    !fact_is_whole(&f))
		return err_set(e, FAULT_REJECT,
		    "a fact is not what this version of loyald writes%s%s",
		    wrong[0] != '\0' ? ": " : "", wrong);
	*out = f;
	return 0;
}
