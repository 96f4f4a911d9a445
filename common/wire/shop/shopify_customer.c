/* SPDX-License-Identifier: MIT */
/*
 * Shopify's customers (docs: Webhooks, "Payloads").
 *
 *  1. A customer is enrolled at `created_at`.
 *  2. A customer who is subscribed to marketing by e-mail joined the newsletter
 *     at `consent_updated_at`.  Until 2025-01 that time was in the customer's
 *     body; since then the same object comes in a topic of its own.
 *  3. The end of a subscription makes no fact, and takes no points back.
 *  4. Added and removed tags come in topics of their own, with the time in
 *     `occurredAt`, and with at most TAGS_MAX tags.
 *  5. A contact of a company is a customer who buys for the company, from the
 *     contact's last change until the contact is deleted.  The company is known
 *     by its name and by its external_id, its number outside the shop.
 */

#include "wire/shop/internal.h"

void
shopify_read_customer(struct reader *r, struct value o,
    const struct master_key *key, struct customer *c)
{
	c->id = read_id(r, o, "id", NEEDED);
	c->modified_at = read_instant(r, o, "updated_at", OPTIONAL);
	c->email_verified = read_bool(r, o, "verified_email");
	email_hash(key, read_text(r, o, "email", OPTIONAL), c->email_hash);
}

static const char customer_gid[] = "gid://shopify/Customer/";

void
shopify_read_merge(struct reading *in, struct value body, struct event *ev)
{
	struct reader *r = &in->r;
	struct str status = read_text(r, body, "status", NEEDED);

	/* The API writes statuses in upper case, webhooks in lower case. */
	if (!str_eq_nocase(status, STR("completed"))) {
		ev->kind = EVENT_NOTHING;
		ev->note = "the merge is not completed";
		return;
	}
	ev->kind = EVENT_MERGE;
	ev->kept_id = read_gid(
	    r, body, "admin_graphql_api_customer_kept_id", customer_gid);
	ev->customer.id = read_gid(
	    r, body, "admin_graphql_api_customer_deleted_id", customer_gid);
	if (ev->kept_id == ev->customer.id)
		reader_refuse(r, "admin_graphql_api_customer_kept_id",
		    "is the deleted customer");
}

/* 2. and 3. Adds the fact that the customer joined the newsletter. */
static void
read_subscription(struct reading *in, struct value body, int64_t customer_id,
    int64_t otherwise_at, struct event *ev)
{
	struct reader *r = &in->r;
	struct value o = read_object(r, body, "email_marketing_consent");
	size_t entered;
	struct str state;
	int64_t at;

	if (!value_exists(o))
		return;
	entered = reader_enter(r, "email_marketing_consent", -1);
	state = read_text(r, o, "state", OPTIONAL);
	at = read_instant(r, o, "consent_updated_at", OPTIONAL);
	reader_leave(r, entered);
	if (at == 0)
		at = otherwise_at;
	if (str_eq_nocase(state, STR("subscribed")) && at != 0)
		event_add_fact(
		    in, ev, "newsletter", "newsletter", customer_id, at);
}

/* 4. Reads all tags of a customer, one text with commas, which the customer's
 * body had until 2025-01. */
static void
read_all_tags(struct reading *in, struct value body, struct event *ev)
{
	struct value text = value_get(body, "tags");
	struct labels tags;
	struct words values;

	if (!value_is(text, VALUE_TEXT) || ev->customer.modified_at == 0)
		return;
	labels_init(&tags, in->arena, TAGS_MAX);
	labels_add_parts(&tags, value_text(text));
	values = labels_words(&tags);
	event_add_trait(in, ev, CUSTOMER_TAGS, ev->customer.id,
	    ev->customer.modified_at, &values);
}

void
shopify_read_account(struct reading *in, struct value body, struct event *ev)
{
	int64_t id, at;

	ev->kind = EVENT_CUSTOMER;
	shopify_read_customer(&in->r, body, in->key, &ev->customer);
	id = ev->customer.id;
	at = read_instant(&in->r, body, "created_at", OPTIONAL);
	/* 1. The account's creation is the enrolment. */
	if (at != 0)
		event_add_fact(in, ev, "enrolment", "customer", id, at);
	read_subscription(in, body, id, at, ev);
	read_all_tags(in, body, ev);
}

/* Makes the event a single fact with these labels.  Without labels the event is
 * EVENT_NOTHING, with the `note` that the caller has set.  If the body has no
 * time (`at` is 0), the fact has the time at which the delivery was
 * received. */
static void
tell_labels(struct reading *in, struct event *ev, const char *type, int64_t id,
    int64_t at, const struct labels *labels)
{
	struct words values = labels_words(labels);

	ev->kind = EVENT_NOTHING;
	if (values.n == 0 || in->r.failed)
		return;
	ev->kind = EVENT_FACTS;
	event_add_trait(
	    in, ev, type, id, at != 0 ? at : in->message->received_at, &values);
}

/* 4. Reads tags that were added or removed. */
void
shopify_read_tags(struct reading *in, struct value body, struct event *ev)
{
	struct reader *r = &in->r;
	int64_t id = read_gid(r, body, "customerId", customer_gid);
	struct value list = value_get(body, "tags"), tag = { 0 };
	int64_t at = read_instant(r, body, "occurredAt", OPTIONAL);
	struct labels tags;

	reader_who(r, "customer", id);
	if (!value_is(list, VALUE_LIST) || value_size(list) > TAGS_MAX)
		reader_refuse(r, "tags", "is not a list of tags");
	labels_init(&tags, in->arena, value_size(list));
	while (!r->failed && value_next(list, &tag))
		labels_add(&tags, value_text(tag));
	ev->note = "no tags are named";
	tell_labels(in, ev,
	    in->kind == TOPIC_TAGS_ADDED ? CUSTOMER_TAGS_ADDED
	                                 : CUSTOMER_TAGS_REMOVED,
	    id, at, &tags);
}

/* 5. Reads a company for which the customer buys from now on, or buys no
 * more. */
void
shopify_read_company(struct reading *in, struct value body, struct event *ev)
{
	struct reader *r = &in->r;
	int64_t id = read_gid(
	    r, body, "customer_admin_graphql_api_id", customer_gid);
	struct value company = read_object(r, body, "company");
	bool is_left = in->kind == TOPIC_COMPANY_LEFT;
	int64_t at = 0;
	struct labels names;

	reader_who(r, "customer", id);
	labels_init(&names, in->arena, 2);
	if (value_exists(company)) {
		labels_add(&names, read_text(r, company, "name", OPTIONAL));
		labels_add(
		    &names, read_text(r, company, "external_id", OPTIONAL));
	}
	/* When a contact has left, `updated_at` is still the time of an earlier
	 * change. */
	if (!is_left)
		at = read_instant(r, body, "updated_at", OPTIONAL);
	ev->note = "the company has no name";
	tell_labels(in, ev, is_left ? CUSTOMER_COMPANY_LEFT : CUSTOMER_COMPANY,
	    id, at, &names);
}

void
shopify_read_consent(struct reading *in, struct value body, struct event *ev)
{
	int64_t id = read_id(&in->r, body, "customer_id", NEEDED);

	reader_who(&in->r, "customer", id);
	read_subscription(in, body, id, 0, ev);
	ev->kind = ev->nfacts > 0 ? EVENT_FACTS : EVENT_NOTHING;
	ev->note = "nobody was subscribed by e-mail";
}
