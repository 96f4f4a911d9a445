/* SPDX-License-Identifier: MIT */
#include "base/instant.h"

#include "model_report.h"

static void
print_line(const struct order_line *l, struct buf *out)
{
	buf_printf(out, "; %lld/%lld %s %lld (%lld) + %lld",
	    (long long)l->current, (long long)l->quantity, l->sku,
	    (long long)l->net, (long long)l->before, (long long)l->tax);
}

static void
print_order(const struct order *o, struct buf *out)
{
	char paid[INSTANT_TEXT_MAX];

	instant_format(o->paid_at, paid);
	if (o->modified_at != 0)
		buf_printf(out, " %s %s paid %s total %lld ship %lld fee %lld",
		    o->status, o->currency, paid, (long long)o->total,
		    (long long)o->shipping, (long long)o->fees);
	if (o->deleted_at != 0) {
		instant_format(o->deleted_at, paid);
		buf_printf(out, " deleted %s", paid);
	}
	if (o->restored_at != 0)
		buf_puts(out, " restored");
	for (size_t i = 0; i < o->nlines; i++)
		print_line(&o->lines[i], out);
	for (size_t i = 0; i < o->ntenders; i++)
		buf_printf(out, "; %s %lld", o->tenders[i].name,
		    (long long)o->tenders[i].amount);
	for (size_t i = 0; i < o->nrefunds; i++) {
		const struct order_refund *r = &o->refunds[i];

		instant_format(r->at, paid);
		buf_printf(out, "; back %s %lld", paid, (long long)r->share);
		for (size_t j = 0; j < r->nlines; j++)
			buf_printf(out, " line %lld x%lld %lld + %lld",
			    (long long)r->lines[j].line_id,
			    (long long)r->lines[j].quantity,
			    (long long)r->lines[j].net,
			    (long long)r->lines[j].tax);
	}
}

static void
print_told(const struct told *t, struct buf *out)
{
	const struct fact *f = &t->fact;
	char at[INSTANT_TEXT_MAX];

	instant_format(t->at, at);
	buf_printf(out, "  %s %s", at, f->id);
	if (f->kind == FACT_ORDER)
		print_order(f->order, out);
	if (f->kind == FACT_EVENT)
		buf_printf(out, " %s %s amount %lld count %lld", f->type,
		    f->channel == NULL ? "" : f->channel, (long long)f->amount,
		    (long long)f->count);
	for (size_t i = 0; i < f->nfields; i++)
		buf_printf(
		    out, " %s=%s", f->fields[i].name, f->fields[i].value);
	if (f->kind == FACT_REDEEM || f->kind == FACT_ADJUST)
		buf_printf(out, " %s %lld%s%s", f->wallet, (long long)f->units,
		    f->reserve ? " reserved" : "",
		    f->charity == NULL ? "" : " given");
	if (f->of != NULL)
		buf_printf(out, " %s %s",
		    f->kind == FACT_CAPTURE ? "captures" : "releases", f->of);
	buf_puts(out, "\n");
}

void
report_case(const struct model *m, enum property bad, const struct buf *why,
    struct buf *out)
{
	static const char *const names[] = { [PROPERTY_FILE] = "file",
		[PROPERTY_ORDER] = "a",
		[PROPERTY_UNDONE] = "b",
		[PROPERTY_SLOW] = "c",
		[PROPERTY_STRAIGHT] = "d e",
		[PROPERTY_STEPS] = "f",
		[PROPERTY_BOUND] = "g",
		[PROPERTY_SEAMS] = "h",
		[PROPERTY_LIVES] = "an assertion fails" };
	char end[INSTANT_TEXT_MAX];

	buf_printf(out, "property (%s)\n%s\n", names[bad], m->file.data);
	if (m->history.neras > 1) {
		instant_format(m->history.eras[1].from, end);
		buf_printf(out, "from %s on\n%s\n", end, m->second_file.data);
	}
	for (size_t i = 0; i < m->history.n; i++)
		print_told(&m->history.list[i], out);
	instant_format(m->history.end, end);
	buf_printf(out, "at %s\n%s\n", end, why->data);
}
