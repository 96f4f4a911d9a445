/* SPDX-License-Identifier: MIT */
#include "core/reward_terms.h"
#include "base/instant.h"
#include "core/ratio.h"

static const struct {
	bool is_made, has_calls, is_spent, is_lasting;
} forms[] = {
	[FORM_NONE] = { .is_made = false },
	[FORM_COUPON] = { .is_made = true, .has_calls = true },
	[FORM_VIRTUAL] = { .is_made = true },
	[FORM_CREDIT] = { .is_made = true,
	    .has_calls = true,
	    .is_spent = true,
	    .is_lasting = true },
	[FORM_CARD] = { .is_made = true, .has_calls = true, .is_spent = true },
	[FORM_TASK] = { .is_made = true },
	[FORM_OWN] = { .is_made = false },
	[FORM_NOTHING] = { .is_made = false },
};

bool
reward_form_is_made(enum reward_form f)
{
	return forms[f].is_made;
}

bool
reward_form_has_calls(enum reward_form f)
{
	return forms[f].has_calls;
}

bool
reward_form_is_spent(enum reward_form f)
{
	return forms[f].is_spent;
}

bool
reward_form_is_lasting(enum reward_form f)
{
	return forms[f].is_lasting;
}

int64_t
reward_amount(const struct reward *r, int64_t units)
{
	return r->variable ? ratio_floor(ratio_mul(units, r->amount), r->cost)
	                   : r->amount;
}

int64_t
reward_ends_at(const struct reward *r, const struct fact *f)
{
	int64_t end = r->valid.n > 0
	                  ? calendar_term(f->program->zone, f->at, r->valid, 1)
	                  : INSTANT_NEVER;

	if (f->cart)
		end = int64_min(
		    end, f->at + r->hold_minutes * 60 * INSTANT_SECOND);
	return end == INSTANT_NEVER ? 0 : end;
}
