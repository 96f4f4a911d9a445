/* SPDX-License-Identifier: MIT */
/*
 * The calls to Shopify's API that make, change and remove a benefit's discount,
 * which applies by itself to the customers of a segment, and that segment.
 *
 *  1. A part whose id is known is read by it, any other is searched by its name.
 *     The search may lag: what it does not find and the shop has is TAKEN.
 *  2. Discounts of lines combine with one another, each line having one; those of
 *     whole orders do not, so that of several the best counts.  A merchant may change
 *     how they combine: that is not compared.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "wire/shop/benefit.h"
#include "wire/shop/internal.h"

enum {
	TEXT_MAX = 512
};

/* ---- documents ----------------------------------------------------------- */

#define ERRORS         "userErrors { field message code }"
#define SEGMENT_ERRORS "userErrors { field message }"
#define OF_ANY                                                           \
	"title endsAt context { __typename ... on "                      \
	"DiscountCustomerSegments { segments { id } } } "                \
	"minimumRequirement { __typename ... on DiscountMinimumSubtotal" \
	" { greaterThanOrEqualToSubtotal { amount } } }"
#define OF_DISCOUNT                                                         \
	"id discount { __typename ... on DiscountAutomaticBasic { " OF_ANY  \
	" customerGets { value { __typename ... on DiscountPercentage { "   \
	"percentage } } } } ... on DiscountAutomaticFreeShipping { " OF_ANY \
	" } }"
#define CREATE(input, field, arg)                                             \
	{                                                                     \
		"mutation benefit($d: " input "!) { " field "(" arg ": $d) {" \
		" automaticDiscountNode { id } " ERRORS " } }",               \
		    field, "automaticDiscountNode"                            \
	}
#define UPDATE(input, field, arg)                                      \
	{                                                              \
		"mutation benefit($id: ID!, $d: " input "!) { " field  \
		"(id: $id, " arg                                       \
		": $d) { automaticDiscountNode { id } " ERRORS " } }", \
		    field, "automaticDiscountNode"                     \
	}

/* By whether the benefit is free shipping. */
static const struct shopify_document makes[2] = {
	CREATE("DiscountAutomaticBasicInput", "discountAutomaticBasicCreate",
	    "automaticBasicDiscount"),
	CREATE("DiscountAutomaticFreeShippingInput",
	    "discountAutomaticFreeShippingCreate",
	    "freeShippingAutomaticDiscount"),
};
static const struct shopify_document changes[2] = {
	UPDATE("DiscountAutomaticBasicInput", "discountAutomaticBasicUpdate",
	    "automaticBasicDiscount"),
	UPDATE("DiscountAutomaticFreeShippingInput",
	    "discountAutomaticFreeShippingUpdate",
	    "freeShippingAutomaticDiscount"),
};
static const struct shopify_document remove_discount = {
	"mutation benefit($id: ID!) { discountAutomaticDelete(id: $id) { "
	"deletedAutomaticDiscountId " ERRORS " } }",
	"discountAutomaticDelete", NULL
};
/* By whether the id is known. */
static const struct shopify_document looks[2] = {
	{ "query benefit($q: String!) { discountNodes(first: 10, query: $q) "
	  "{ nodes { " OF_DISCOUNT " } } }",
	    "discountNodes", NULL },
	{ "query benefit($id: ID!) { discountNode(id: $id) { " OF_DISCOUNT
	  " } }",
	    "discountNode", NULL },
};
static const struct shopify_document segment_looks[2] = {
	{ "query benefit($q: String!) { segments(first: 10, query: $q) { "
	  "nodes { id name query } } }",
	    "segments", NULL },
	{ "query benefit($id: ID!) { segment(id: $id) { id name query } }",
	    "segment", NULL },
};
static const struct shopify_document make_segment = {
	"mutation benefit($name: String!, $query: String!) { "
	"segmentCreate(name: $name, query: $query) { segment { id } " SEGMENT_ERRORS
	" } }",
	"segmentCreate", "segment"
};
static const struct shopify_document change_segment = {
	"mutation benefit($id: ID!, $name: String!, $query: String!) { "
	"segmentUpdate(id: $id, name: $name, query: $query) { segment { id } " SEGMENT_ERRORS
	" } }",
	"segmentUpdate", "segment"
};
static const struct shopify_document remove_segment = {
	"mutation benefit($id: ID!) { segmentDelete(id: $id) { "
	"deletedSegmentId " SEGMENT_ERRORS " } }",
	"segmentDelete", NULL
};

/* The title by which the discount is searched. */
static const char *
title_made(const struct benefit_make *m)
{
	return m->known_title != NULL ? m->known_title : m->as.title;
}

static bool
is_shipping(const struct benefit_make *m)
{
	return m->as.kind == REWARD_SHIPPING;
}

static const struct shopify_document *
document(enum benefit_act act, const struct benefit_make *m)
{
	switch (act) {
	case BENEFIT_SEGMENT_LOOK:
		return &segment_looks[m->segment_as != NULL];
	case BENEFIT_SEGMENT_MAKE:
		return &make_segment;
	case BENEFIT_SEGMENT_CHANGE:
		return &change_segment;
	case BENEFIT_SEGMENT_REMOVE:
		return &remove_segment;
	case BENEFIT_LOOK:
		return &looks[m->as.made_as != NULL];
	case BENEFIT_MAKE:
		return &makes[is_shipping(m)];
	case BENEFIT_CHANGE:
		return &changes[is_shipping(m)];
	case BENEFIT_REMOVE:
		return &remove_discount;
	case BENEFIT_NOTHING:
		break;
	}
	return NULL;
}

/* ---- requests ------------------------------------------------------------ */

/* Writes a search for a name. */
static void
put_search(struct jsonw *w, const char *key, const char *name)
{
	char text[TEXT_MAX];
	size_t n = (size_t)snprintf(text, sizeof(text), "%s:\"", key);

	for (; *name != '\0' && n < sizeof(text) - 4; name++) {
		if (*name == '"' || *name == '\\')
			text[n++] = '\\';
		text[n++] = *name;
	}
	text[n++] = '"';
	text[n] = '\0';
	jsonw_text(w, "q", text);
}

/* Asks for a discount by the id of any discount with the same number. */
static void
put_node(struct jsonw *w, const char *made_as)
{
	const char *number = strrchr(made_as, '/');
	char text[TEXT_MAX];

	(void)snprintf(text, sizeof(text), "gid://shopify/DiscountNode%s",
	    number != NULL ? number : "");
	jsonw_text(w, "id", text);
}

static void
put_combines(struct jsonw *w, const struct benefit_make *m)
{
	const struct reward_goods *g = &m->as.goods;
	bool is_of_lines = g->products.n + g->skus.n + g->categories.n > 0;

	jsonw_object(w, "combinesWith");
	jsonw_bool(w, "orderDiscounts", is_shipping(m));
	jsonw_bool(w, "productDiscounts", is_shipping(m) || is_of_lines);
	if (!is_shipping(m))
		jsonw_bool(w, "shippingDiscounts", true);
	jsonw_object_end(w);
}

static void
put_segment(struct jsonw *w, const struct benefit_make *m)
{
	jsonw_object(w, "context");
	jsonw_object(w, "customerSegments");
	jsonw_array(w, "add");
	jsonw_text(w, NULL, m->segment_as);
	jsonw_array_end(w);
	jsonw_object_end(w);
	jsonw_object_end(w);
}

/* Writes a discount that is made, or, of one that is there, what may have
 * changed. */
static void
put_discount(struct jsonw *w, const struct benefit_make *m, bool is_new)
{
	jsonw_object(w, "d");
	jsonw_text(w, "title", m->as.title);
	if (is_new) {
		jsonw_instant(w, "startsAt",
		    m->as.starts_at / INSTANT_SECOND * INSTANT_SECOND);
		put_segment(w, m);
		put_combines(w, m);
	} else {
		jsonw_text(w, "endsAt", NULL);
	}
	shopify_put_minimum(w, &m->as);
	if (!is_shipping(m)) {
		shopify_put_gets(w, &m->as);
	} else if (is_new) {
		jsonw_object(w, "destination");
		jsonw_bool(w, "all", true);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

static void
put_variables(
    struct jsonw *w, enum benefit_act act, const struct benefit_make *m)
{
	bool is_of_segment = act <= BENEFIT_SEGMENT_REMOVE;
	const char *id = is_of_segment ? m->segment_as : m->as.made_as;

	if (act == BENEFIT_LOOK && id != NULL)
		put_node(w, id);
	else if (act == BENEFIT_LOOK)
		put_search(w, "title", title_made(m));
	else if (act == BENEFIT_SEGMENT_LOOK && id == NULL)
		put_search(w, "name", m->segment_name);
	else if (act != BENEFIT_MAKE && act != BENEFIT_SEGMENT_MAKE)
		jsonw_text(w, "id", id);
	if (act == BENEFIT_MAKE || act == BENEFIT_CHANGE)
		put_discount(w, m, act == BENEFIT_MAKE);
	if (act == BENEFIT_SEGMENT_MAKE || act == BENEFIT_SEGMENT_CHANGE) {
		jsonw_text(w, "name", m->segment_name);
		jsonw_text(w, "query", m->segment_query);
	}
}

int
shopify_benefit_call(enum benefit_act act, const struct benefit_make *m,
    const struct shop_access *a, struct push_request *q, struct err *e)
{
	struct jsonw w;

	if (shopify_request_begin(a, q, e) == -1)
		return -1;
	jsonw_init(&w, &q->body);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "query", document(act, m)->text);
	jsonw_object(&w, "variables");
	put_variables(&w, act, m);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	if (!jsonw_is_done(&w))
		return err_set(
		    e, FAULT_REJECT, "the benefit does not fit a request");
	return 0;
}

/* ---- answers ------------------------------------------------------------- */

static void
retry(struct benefit_answer *r, const char *why)
{
	r->outcome = PUSH_RETRY;
	(void)snprintf(r->why, sizeof(r->why), "%s", why);
}

/* Judges an error of a mutation.  A name that is taken, or a part that was removed
 * by somebody, passes as any failure does, since the next try looks first. */
static void
read_user_error(struct value error, struct benefit_answer *r)
{
	struct str message = value_text(value_get(error, "message"));
	char code[WORD_MAX];

	word_copy(value_get(error, "code"), code);
	r->outcome = strcmp(code, "EXCEEDED_MAX") == 0 ? PUSH_REJECT
	                                               : PUSH_RETRY;
	if (r->outcome == PUSH_REJECT)
		(void)snprintf(r->why, sizeof(r->why),
		    "the shop has 25 automatic discounts already");
	else
		(void)snprintf(r->why, sizeof(r->why),
		    "the shop refused: %s%s%.*s", code,
		    code[0] != '\0' ? ": " : "", (int)message.len,
		    message.data != NULL ? message.data : "");
}

static const char *
id_of(struct arena *a, struct value node)
{
	return text_told(a, value_get(node, "id"));
}

static void
read_mutation(struct value at, const struct shopify_document *d,
    struct arena *a, struct benefit_answer *r)
{
	struct value errors = value_get(at, "userErrors");

	if (!value_is(errors, VALUE_LIST)) {
		retry(r, "the shop's answer is not one to this call");
		return;
	}
	if (value_size(errors) > 0) {
		read_user_error(value_at(errors, 0), r);
		return;
	}
	if (d->node == NULL)
		return;
	r->id = id_of(a, value_get(at, d->node));
	if (r->id == NULL)
		retry(r, "the shop's answer does not name what it made");
}

/* Finds the node, of one or of a list, that a look is for. */
static struct value
node_of(struct value at, bool is_known, const char *inside, const char *key,
    const char *name)
{
	struct value nodes = value_get(at, "nodes"), node = { 0 };

	if (is_known)
		return at;
	while (value_next(nodes, &node)) {
		struct value of = inside != NULL ? value_get(node, inside)
		                                 : node;

		if (str_eq(value_text(value_get(of, key)), str_of(name)))
			break;
	}
	return node;
}

static enum benefit_seen
segment_seen(struct value s, const struct benefit_make *m)
{
	return m->segment_query != NULL &&
	               str_eq(value_text(value_get(s, "name")),
	                   str_of(m->segment_name)) &&
	               str_eq(value_text(value_get(s, "query")),
	                   str_of(m->segment_query))
	           ? SEEN_RIGHT
	           : SEEN_CHANGED;
}

/* Whether the discount is of the kind, and for the segment alone: nothing of that
 * is changed at the shop. */
static bool
is_like(struct value d, const struct benefit_make *m)
{
	struct value segments = value_get(value_get(d, "context"), "segments");
	const char *kind = is_shipping(m) ? "DiscountAutomaticFreeShipping"
	                                  : "DiscountAutomaticBasic";

	return !m->is_other &&
	       str_eq(value_text(value_get(d, "__typename")), str_of(kind)) &&
	       value_size(segments) == 1 && m->segment_as != NULL &&
	       str_eq(value_text(value_get(value_at(segments, 0), "id")),
	           str_of(m->segment_as)) &&
	       (m->as.minimum > 0 ||
	           !value_is_set(value_get(d, "minimumRequirement")));
}

static enum benefit_seen
discount_seen(struct value d, const struct benefit_make *m)
{
	struct value least = value_get(
	    value_get(d, "minimumRequirement"), "greaterThanOrEqualToSubtotal");
	struct value value = value_get(value_get(d, "customerGets"), "value");

	if (!is_like(d, m))
		return SEEN_OTHER;
	if (value_is_set(value_get(d, "endsAt")) ||
	    !str_eq(value_text(value_get(d, "title")), str_of(m->as.title)))
		return SEEN_CHANGED;
	if (m->as.minimum > 0 && !shopify_is_money(value_get(least, "amount"),
	                             m->as.minimum, m->as.exponent))
		return SEEN_CHANGED;
	return is_shipping(m) ||
	               shopify_is_percent(
	                   value_get(value, "percentage"), m->as.percent)
	           ? SEEN_RIGHT
	           : SEEN_CHANGED;
}

static void
read_look(struct value at, enum benefit_act act, const struct benefit_make *m,
    struct arena *a, struct benefit_answer *r)
{
	bool is_segment = act == BENEFIT_SEGMENT_LOOK;
	struct value node = is_segment
	                        ? node_of(at, m->segment_as != NULL, NULL,
	                              "name", m->segment_name)
	                        : node_of(at, m->as.made_as != NULL, "discount",
	                              "title", title_made(m));
	const char *id = id_of(a, node);

	r->seen = SEEN_ABSENT;
	if (id == NULL)
		return;
	if (is_segment) {
		r->id = id;
		r->seen = segment_seen(node, m);
		return;
	}
	/* A change and a removal want the id of a discount without a code. */
	r->id = m->as.made_as != NULL
	            ? m->as.made_as
	            : arena_printf(a, "gid://shopify/DiscountAutomaticNode%s",
	                  strrchr(id, '/') != NULL ? strrchr(id, '/') : "");
	r->seen = discount_seen(value_get(node, "discount"), m);
}

void
shopify_benefit_read(enum benefit_act act, const struct reward_reply *reply,
    const struct benefit_make *m, struct arena *a, struct benefit_answer *r)
{
	const struct shopify_document *d = document(act, m);
	int64_t wait_ms = retry_after_ms(reply->retry_after);
	struct push_answer answer;
	struct value root = shopify_answer_open(
	    a, reply->status, reply->body, 1, &wait_ms, &answer);
	struct value at = value_get(value_get(root, "data"), d->field);

	*r = (struct benefit_answer){
		.outcome = PUSH_DONE,
		.wait_ms = int64_max(wait_ms, answer.wait_ms),
		.throttled = answer.throttled,
	};
	if (!value_exists(root))
		retry(r, answer.why[0]);
	else if (!value_exists(at))
		retry(r, "the shop's answer is not one to this call");
	else if (benefit_writes(act))
		read_mutation(at, d, a, r);
	else
		read_look(at, act, m, a, r);
	why_mend(r->why);
}
