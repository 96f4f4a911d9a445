/* SPDX-License-Identifier: MIT */
/*
 * Shopify's customers (docs: Webhooks, "Payloads").
 *
 *  1. A customer's first moment is an enrolment: `created_at`.
 *  2. Who is subscribed to marketing by e-mail has opted in to the
 *     newsletter, at `consent_updated_at`.  Customers' bodies said so until
 *     2025-01; since then a topic of its own does, in the same shape.
 *  3. That somebody is not subscribed, or no longer, is no fact: what was
 *     given for the subscription was given for it once.
 */
#include "wire/platform.h"

void
shopify_read_customer(struct reader *r, const json_t *o,
    const struct master_key *key, struct customer *c)
{
	c->id = read_id(r, o, "id", NEEDED);
	c->modified_at = read_instant(r, o, "updated_at", OPTIONAL);
	c->email_verified = read_bool(r, o, "verified_email");
	email_hash(key, read_text(r, o, "email", OPTIONAL), c->email_hash);
}

void
shopify_read_merge(struct reader *r, const json_t *body, struct event *ev)
{
	static const char gid[] = "gid://shopify/Customer/";
	struct str status = read_text(r, body, "status", NEEDED);

	/* Upper case in the API, lower case in webhooks. */
	if (!str_eq_nocase(status, STR("completed"))) {
		ev->kind = EVENT_NOTHING;
		ev->note = "the merge is not completed";
		return;
	}
	ev->kind = EVENT_MERGE;
	ev->kept_id = read_gid(
	    r, body, "admin_graphql_api_customer_kept_id", gid);
	ev->customer.id = read_gid(
	    r, body, "admin_graphql_api_customer_deleted_id", gid);
	if (ev->kept_id == ev->customer.id)
		complain(r, "admin_graphql_api_customer_kept_id",
		    "is the deleted customer");
}

/* 2. and 3. */
static void
read_subscription(struct reading *in, const json_t *body, int64_t customer_id,
    int64_t otherwise_at, struct event *ev)
{
	struct reader *r = &in->r;
	const json_t *o = read_object(r, body, "email_marketing_consent");
	size_t entered;
	struct str state;
	int64_t at;

	if (o == NULL)
		return;
	entered = reader_enter(r, "email_marketing_consent", -1);
	state = read_text(r, o, "state", OPTIONAL);
	at = read_instant(r, o, "consent_updated_at", OPTIONAL);
	reader_leave(r, entered);
	if (at == 0)
		at = otherwise_at;
	if (str_eq_nocase(state, STR("subscribed")) && at != 0)
		fact_tell(in, ev, "newsletter", "newsletter", customer_id, at);
}

void
shopify_read_customer_facts(
    struct reading *in, const json_t *body, struct event *ev)
{
	int64_t id = ev->customer.id;
	int64_t at = read_instant(&in->r, body, "created_at", OPTIONAL);

	/* 1. */
	if (at != 0)
		fact_tell(in, ev, "enrolment", "customer", id, at);
	read_subscription(in, body, id, at, ev);
}

void
shopify_read_consent(struct reading *in, const json_t *body, struct event *ev)
{
	int64_t id = read_id(&in->r, body, "customer_id", NEEDED);

	reader_who(&in->r, "customer", id);
	read_subscription(in, body, id, 0, ev);
	ev->kind = ev->nfacts > 0 ? EVENT_FACTS : EVENT_NOTHING;
	ev->note = "nobody was subscribed by e-mail";
}
