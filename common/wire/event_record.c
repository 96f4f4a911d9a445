/* SPDX-License-Identifier: MIT */
#include "wire/event_record.h"
#include "wire/code.h"
#include "wire/fact_json.h"
#include "wire/label.h"
#include "wire/order_json.h"

enum {
	NOTE_MAX = 255, /* bytes of a sentence */
	CODE_TEXT_MAX = MEMBER_CODE_PLAIN_SIZE - 1,
	/* Bytes of an event as JSON. */
	EVENT_JSON_MAX = ORDER_JSON_MAX +
	                 (FACTS_PER_EVENT_MAX + 1) * FACT_JSON_MAX,
};

#define ID(type, name)    RECORD_OF_NUMBER(type, name, 0, INT64_MAX)
#define LABEL(type, name) RECORD_OF_TEXT(type, name, LABEL_MAX)
#define WORDS(type, name)                                                \
	RECORD(type, name, .kind = RECORD_WORDS, .most = LINE_WORDS_MAX, \
	    .size = LABEL_MAX + 1)

/* Words of the kinds, by enum event_kind. */
static const char *const kinds[] = { "", "order", "customer", "customer_gone",
	"merge", "product", "facts", "nothing", NULL };

static const struct record_field customer_fields[] = {
	ID(struct customer, id),
	RECORD_OF_AT(struct customer, modified_at),
	RECORD(struct customer, email_hash, .kind = RECORD_HASH),
	RECORD_OF_TRUTH(struct customer, email_verified),
	{ .key = NULL },
};

static const struct record_field product_fields[] = {
	ID(struct product, id),
	RECORD_OF_AT(struct product, modified_at),
	RECORD_OF_TRUTH(struct product, gone),
	LABEL(struct product, vendor),
	LABEL(struct product, type),
	WORDS(struct product, categories),
	WORDS(struct product, tags),
	RECORD_OF_TRUTH(struct product, on_sale),
	RECORD_OF_TRUTH(struct product, gift_card),
	{ .key = NULL },
};

static const struct record_field told_fact_fields[] = {
	RECORD_OF_PART(struct told_fact, fact, fact_fields),
	RECORD_OF_TEXT(struct told_fact, customer, FACT_TEXT_MAX),
	RECORD(struct told_fact, email_hash, .kind = RECORD_HASH),
	RECORD_OF_TEXT(struct told_fact, code, CODE_TEXT_MAX),
	{ .key = NULL },
};

const struct record_field event_fields[] = {
	RECORD(struct event, kind, .kind = RECORD_WORD, .words = kinds),
	RECORD(struct event, order, .kind = RECORD_PART, .part = order_fields,
	    .bytes_offset = offsetof(struct event, packed)),
	RECORD_OF_PART(struct event, customer, customer_fields),
	RECORD_OF_PART(struct event, product, product_fields),
	RECORD_OF_TRUTH(struct event, has_customer),
	RECORD_OF_LIST(
	    struct event, facts, FACTS_PER_EVENT_MAX, told_fact_fields),
	RECORD_OF_TEXT(struct event, key, FACT_TEXT_MAX),
	ID(struct event, kept_id),
	ID(struct event, shop_id),
	RECORD_OF_TEXT(struct event, note, NOTE_MAX),
	RECORD_OF_TEXT(struct event, code, CODE_TEXT_MAX),
	{ .key = NULL },
};

/* Whether the fields of an event fit together. */
static bool
is_whole(const struct event *ev)
{
	bool ours = ev->order.platform == PLATFORM_EVENTS;

	if (ev->kind == 0 || ev->order.platform == 0 ||
	    (ev->kind == EVENT_ORDER && !order_is_whole(&ev->order)) ||
	    (ev->kind == EVENT_FACTS && ev->nfacts == 0))
		return false;
	for (size_t i = 0; i < ev->nfacts; i++)
		if (!fact_is_whole(&ev->facts[i].fact) ||
		    (!ours && ev->facts[i].customer == NULL))
			return false;
	return true;
}

int
event_put(struct buf *b, const struct event *ev)
{
	return is_whole(ev) ? record_put(b, event_fields, ev) : -1;
}

int
event_get(
    struct arena *a, const struct message *m, struct event *out, struct err *e)
{
	struct event ev = { .nfacts = 0 };

	if (m->body.len > EVENT_RECORD_MAX ||
	    record_get(a, m->body, event_fields, &ev) == -1 || !is_whole(&ev) ||
	    ev.order.platform != m->platform)
		return err_set(e, FAULT_REJECT,
		    "unparsable: not what this version of loyald's receive "
		    "makes of a delivery");
	*out = ev;
	return 0;
}

struct str
event_json(struct arena *a, const struct event *ev)
{
	return record_render(a, event_fields, ev, EVENT_JSON_MAX);
}
