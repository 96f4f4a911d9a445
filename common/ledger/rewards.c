/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/instant.h"
#include "ledger/rewards.h"
#include "ledger/rows.h"
#include "ledger/stmts.h"

/* ---- reading and writing a row ------------------------------------------- */

/* Columns in the results of reward_due.sql and reward_lock.sql. */
enum {
	REWARD_REDEMPTION,
	REWARD_REWARD,
	REWARD_VERSION,
	REWARD_FORM,
	REWARD_UNITS,
	REWARD_CUSTOMER,
	REWARD_ASKED_AT,
	REWARD_ENDS_AT,
	REWARD_STANDS,
	REWARD_USED_AT,
	REWARD_BACK,
	REWARD_BACK_AT,
	REWARD_CHANGES,
	REWARD_STATE,
	REWARD_CAUSE,
	REWARD_GENERATION,
	REWARD_CODE,
	REWARD_MADE_AS,
	REWARD_CAPTURED_AT,
	REWARD_GONE_AT,
	REWARD_BACK_DONE,
	REWARD_DOUBT_UNTIL,
	REWARD_SEEN_USED_AT,
	REWARD_REVOKED_AT,
	REWARD_ISSUED_AT,
	REWARD_TRIES,
	REWARD_WHY,
	REWARD_NOW,
	/* Only of reward_list.sql: */
	REWARD_MEMBER,
	REWARD_USED_BY,
	REWARD_NOTE,
	REWARD_NOTE_BY,
	REWARD_ORDERS,
};

static void
read_life(const struct pg_rows *rows, int row, struct reward_row *r)
{
	r->life = (struct reward_life){
		.has_calls = reward_form_has_calls(r->form),
		.is_spent_at_issue = reward_form_is_spent(r->form),
		.has_end = !reward_form_is_spent(r->form),
		.is_lasting = reward_form_is_lasting(r->form),
		.stands = (enum reward_stands)pg_get_bigint(
		    rows, row, REWARD_STANDS),
		.back = (enum reward_back)pg_get_bigint(rows, row, REWARD_BACK),
		.back_at = pg_get_instant(rows, row, REWARD_BACK_AT),
		.used_at = pg_get_instant(rows, row, REWARD_USED_AT),
		.state = (enum reward_state)pg_get_bigint(
		    rows, row, REWARD_STATE),
		.cause = (enum reward_cause)pg_get_bigint(
		    rows, row, REWARD_CAUSE),
		.ends_at = pg_get_instant(rows, row, REWARD_ENDS_AT),
		.doubt_until = pg_get_instant(rows, row, REWARD_DOUBT_UNTIL),
		.seen_used_at = pg_get_instant(rows, row, REWARD_SEEN_USED_AT),
		.revoked_at = pg_get_instant(rows, row, REWARD_REVOKED_AT),
		.captured_at = pg_get_instant(rows, row, REWARD_CAPTURED_AT),
		.gone_at = pg_get_instant(rows, row, REWARD_GONE_AT),
		.back_done = pg_get_instant(rows, row, REWARD_BACK_DONE),
		.generation = (int32_t)pg_get_bigint(
		    rows, row, REWARD_GENERATION),
	};
}

static void
read_row(
    struct arena *a, const struct pg_rows *rows, int row, struct reward_row *r)
{
	*r = (struct reward_row){
		.redemption = rows_text(a, rows, row, REWARD_REDEMPTION),
		.reward = rows_text(a, rows, row, REWARD_REWARD),
		.version_id = (int32_t)pg_get_bigint(rows, row, REWARD_VERSION),
		.form = (enum reward_form)pg_get_bigint(rows, row, REWARD_FORM),
		.units = pg_get_bigint(rows, row, REWARD_UNITS),
		.customer_id = pg_get_bigint(rows, row, REWARD_CUSTOMER),
		.asked_at = pg_get_instant(rows, row, REWARD_ASKED_AT),
		.issued_at = pg_get_instant(rows, row, REWARD_ISSUED_AT),
		.code = rows_text(a, rows, row, REWARD_CODE),
		.made_as = rows_text(a, rows, row, REWARD_MADE_AS),
		.why = rows_text(a, rows, row, REWARD_WHY),
		.tries = (int32_t)pg_get_bigint(rows, row, REWARD_TRIES),
		.changes = (int32_t)pg_get_bigint(rows, row, REWARD_CHANGES),
	};
	read_life(rows, row, r);
}

/* Adds an instant; none, and one that never comes, are SQL's NULL. */
static void
until(struct pg_params *p, int64_t at)
{
	pg_instant(p, at == INSTANT_NEVER ? 0 : at);
}

static struct pg_params
row_params(struct arena *a, int64_t tenant_id, int64_t store_id,
    const struct reward_row *r)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, tenant_id);
	pg_bigint(&p, store_id);
	pg_text(&p, r->redemption);
	return p;
}

/* ---- push ---------------------------------------------------------------- */

void
reward_lease_read(const struct pg_rows *rows, struct reward_claim *c)
{
	c->tenant_id = pg_get_bigint(rows, 0, 0);
	c->store_id = pg_get_bigint(rows, 0, 1);
	c->store_tries = (int32_t)pg_get_bigint(rows, 0, 2);
	c->after_member = pg_get_bigint(rows, 0, 3);
	c->leased_until = pg_get_instant(rows, 0, 4);
}

static int
store_claim(struct pg *pg, struct arena *a, int64_t lease_ms,
    struct reward_claim *c, bool *found, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, lease_ms);
	if (pg_ask(pg, SQL_REWARD_LEASE, &p, &rows, e) == -1)
		return -1;
	*found = rows.n > 0;
	if (*found)
		reward_lease_read(&rows, c);
	pg_done(&rows);
	return 0;
}

int
reward_claim(struct pg *pg, struct arena *a, int64_t lease_ms,
    struct reward_claim *c, bool *found, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	if (store_claim(pg, a, lease_ms, c, found, e) == -1)
		return -1;
	if (!*found)
		return 0;
	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	if (pg_ask(pg, SQL_REWARD_DUE, &p, &rows, e) == -1)
		return -1;
	*found = rows.n > 0;
	if (*found) {
		read_row(a, &rows, 0, &c->row);
		c->now = pg_get_instant(&rows, 0, REWARD_NOW);
	}
	pg_done(&rows);
	return 0;
}

static int
code_keep(
    struct pg *pg, struct arena *a, const struct reward_claim *c, struct err *e)
{
	struct pg_params p = { .arena = a };

	if (c->row.code == NULL)
		return 0;
	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_text(&p, c->row.code);
	pg_text(&p, c->row.redemption);
	return pg_tell(pg, SQL_REWARD_CODE_PUT, &p, e);
}

int
reward_write(struct pg *pg, struct arena *a, const struct reward_claim *c,
    const struct reward_next *next, struct err *e)
{
	const struct reward_row *r = &c->row;
	const struct reward_life *l = &r->life;
	struct pg_params p = row_params(a, c->tenant_id, c->store_id, r);

	if (code_keep(pg, a, c, e) == -1)
		return -1;
	pg_bigint(&p, r->changes);
	pg_bigint(&p, l->state);
	pg_bigint(&p, l->cause);
	pg_bigint(&p, l->generation);
	pg_text(&p, r->code);
	pg_text(&p, r->made_as);
	until(&p, r->issued_at);
	until(&p, l->captured_at);
	until(&p, l->gone_at);
	until(&p, l->back_done);
	until(&p, l->doubt_until);
	until(&p, l->seen_used_at);
	pg_bigint(&p, r->tries);
	pg_text(&p, r->why);
	until(&p, next->at);
	pg_bool(&p, l->wakes);
	pg_instant(&p, c->now);
	until(&p, l->revoked_at);
	return pg_tell(pg, SQL_REWARD_PUT, &p, e);
}

int
reward_hold(struct pg *pg, struct arena *a, int64_t lease_ms,
    struct reward_claim *c, bool *lost, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_instant(&p, c->leased_until);
	pg_bigint(&p, lease_ms);
	pg_bool(&p, c->answered);
	if (pg_ask(pg, SQL_REWARD_LEASE_ON, &p, &rows, e) == -1)
		return -1;
	*lost = rows.n == 0;
	if (!*lost)
		c->leased_until = pg_get_instant(&rows, 0, 0);
	pg_done(&rows);
	return 0;
}

int
reward_free(struct pg *pg, struct arena *a, const struct reward_claim *c,
    bool *lost, struct err *e)
{
	struct pg_params p = { .arena = a };
	size_t n;

	pg_bigint(&p, c->tenant_id);
	pg_bigint(&p, c->store_id);
	pg_instant(&p, c->leased_until);
	pg_bigint(&p, c->wait_ms);
	pg_text(&p, c->why ? arena_utf8(a, str_of(c->why)) : NULL);
	pg_bigint(&p, c->after_member);
	pg_bool(&p, false);
	pg_bool(&p, false);
	if (pg_ask_count(pg, SQL_OUTBOX_RELEASE, &p, &n, e) == -1)
		return -1;
	*lost = n != 1;
	return 0;
}

/* ---- schedule ------------------------------------------------------------ */

/* A reward that wakes its member. */
struct wake {
	int64_t tenant_id, store_id, member_id;
	const char *redemption;
};

static int
wake_member(struct pg *pg, struct arena *a, const struct wake *w, int64_t now,
    struct err *e)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, w->tenant_id);
	pg_bigint(&p, w->member_id);
	pg_instant(&p, now);
	return pg_tell(pg, SQL_STATE_WAKE, &p, e);
}

/* Does what time asks of a reward without calls, and writes when it is looked
 * at next. */
static int
wake_write(struct pg *pg, struct arena *a, const struct wake *w,
    struct reward_row *r, int64_t now, struct err *e)
{
	struct pg_params p = row_params(a, w->tenant_id, w->store_id, r);
	struct reward_next next = { .at = 0 };

	if (!r->life.has_calls)
		next = reward_run(&r->life, now);
	pg_bigint(&p, r->life.state);
	pg_bigint(&p, r->life.cause);
	pg_bigint(&p, r->life.generation);
	until(&p, r->life.captured_at);
	until(&p, r->life.gone_at);
	until(&p, r->life.back_done);
	until(&p, next.at);
	return pg_tell(pg, SQL_REWARD_WOKEN, &p, e);
}

/* Takes the member's lock before the reward's, as the fold does. */
static int
wake_one(struct pg *pg, struct arena *a, const struct wake *w, int64_t now,
    struct err *e)
{
	struct reward_row r = { .redemption = w->redemption };
	struct pg_params p = row_params(a, w->tenant_id, w->store_id, &r);
	struct pg_rows rows;
	bool found;

	if (wake_member(pg, a, w, now, e) == -1 ||
	    pg_ask(pg, SQL_REWARD_LOCK, &p, &rows, e) == -1)
		return -1;
	found = rows.n > 0;
	if (found)
		read_row(a, &rows, 0, &r);
	pg_done(&rows);
	return found ? wake_write(pg, a, w, &r, now, e) : 0;
}

int
rewards_wake(
    struct pg *pg, struct arena *a, int64_t now, size_t *n, struct err *e)
{
	struct pg_params p = { .arena = a };
	struct pg_rows rows;
	struct wake *list;

	pg_instant(&p, now);
	pg_bigint(&p, REWARD_WAKES_MAX);
	if (pg_ask(pg, SQL_REWARD_WAKES, &p, &rows, e) == -1)
		return -1;
	*n = (size_t)rows.n;
	list = arena_array(a, *n + 1, sizeof(*list));
	for (size_t i = 0; i < *n; i++)
		list[i] = (struct wake){
			.tenant_id = pg_get_bigint(&rows, (int)i, 0),
			.store_id = pg_get_bigint(&rows, (int)i, 1),
			.redemption = rows_text(a, &rows, (int)i, 2),
			.member_id = pg_get_bigint(&rows, (int)i, 3),
		};
	pg_done(&rows);
	for (size_t i = 0; i < *n; i++)
		if (pg_begin(pg, e) == -1 ||
		    pg_end(pg, wake_one(pg, a, &list[i], now, e) == 0, e) == -1)
			return -1;
	return 0;
}

/* ---- the operator's tools ------------------------------------------------ */

int
rewards_list(struct pg *pg, struct arena *a, const struct reward_ask_list *q,
    struct reward_shown **list, size_t *n, struct err *e)
{
	static const int32_t tasks[] = { FORM_TASK };
	struct pg_params p = { .arena = a };
	struct pg_rows rows;

	pg_bigint(&p, q->store_id);
	pg_bigint(&p, q->member_id);
	pg_text(&p, q->redemption);
	pg_ints(&p, tasks, q->tasks ? NITEMS(tasks) : 0);
	pg_bigint(&p, q->max);
	if (pg_ask(pg, SQL_REWARD_LIST, &p, &rows, e) == -1)
		return -1;
	*n = (size_t)rows.n;
	*list = arena_array(a, *n + 1, sizeof(**list));
	for (int i = 0; i < rows.n; i++) {
		struct reward_shown *s = &(*list)[i];

		read_row(a, &rows, i, &s->row);
		s->member_id = pg_get_bigint(&rows, i, REWARD_MEMBER);
		s->used_by = pg_get_bigint(&rows, i, REWARD_USED_BY);
		s->note = rows_text(a, &rows, i, REWARD_NOTE);
		s->by = rows_text(a, &rows, i, REWARD_NOTE_BY);
		s->orders = rows_text(a, &rows, i, REWARD_ORDERS);
	}
	pg_done(&rows);
	return 0;
}

static struct pg_params
note_params(struct arena *a, const struct reward_note *n)
{
	struct pg_params p = { .arena = a };

	pg_bigint(&p, n->store_id);
	pg_text(&p, n->redemption);
	pg_text(&p, n->text);
	pg_text(&p, n->by);
	return p;
}

/* Finds the one reward that a note is about. */
static int
note_find(struct pg *pg, struct arena *a, const struct reward_note *n,
    struct reward_shown *out, struct err *e)
{
	const struct reward_ask_list q = {
		.store_id = n->store_id, .redemption = n->redemption, .max = 1
	};
	struct reward_shown *list;
	size_t found;

	if (rewards_list(pg, a, &q, &list, &found, e) == -1)
		return -1;
	if (found == 0)
		return err_set(e, FAULT_REJECT,
		    "store %" PRId64 " has no reward %s: loyald reward list "
		    "names them",
		    n->store_id, n->redemption);
	*out = list[0];
	return 0;
}

static int
note_refuse(const struct reward_shown *s, const char *what, struct err *e)
{
	return err_set(e, FAULT_REJECT,
	    "the reward %s is %s: %s. Nothing is changed", s->row.redemption,
	    reward_word(&s->row.life), what);
}

int
reward_revoke(
    struct pg *pg, struct arena *a, const struct reward_note *n, struct err *e)
{
	struct pg_params p = note_params(a, n);
	struct reward_shown s = { .member_id = 0 };
	size_t changed;

	if (note_find(pg, a, n, &s, e) == -1)
		return -1;
	pg_bool(&p, s.row.life.has_calls);
	pg_instant(&p, n->at);
	if (pg_ask_count(pg, SQL_REWARD_REVOKE, &p, &changed, e) == -1)
		return -1;
	return changed == 1 ? 0
	                    : note_refuse(&s,
	                          "only one whose points are set aside can "
	                          "be taken back",
	                          e);
}

int
reward_done(
    struct pg *pg, struct arena *a, const struct reward_note *n, struct err *e)
{
	struct pg_params p = note_params(a, n);
	struct reward_shown s = { .member_id = 0 };
	size_t changed = 0;

	if (note_find(pg, a, n, &s, e) == -1)
		return -1;
	if (s.row.form != FORM_TASK)
		return note_refuse(&s, "it is no task", e);
	pg_instant(&p, n->at);
	if (pg_ask_count(pg, SQL_REWARD_DONE, &p, &changed, e) == -1)
		return -1;
	return changed == 1 ? 0
	                    : note_refuse(&s,
	                          "only a task whose points are set "
	                          "aside can be done",
	                          e);
}
