/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "wire/program/internal.h"

enum {
	LEAD_DAYS_MAX = 366,
	NAME_TEXT_MAX = 64, /* bytes of the program's name, with the zero */
};

/* ---- ids, read before the references to them ----------------------------- */

#define LISTED(key, most, type) \
	(&(const struct listed){ key, false, most, sizeof(type) })

static void
lists_declare(struct draft *d, const struct node *file)
{
	struct program *p = &d->p;

	p->rules = d->rules = ids_declare(
	    d, file, LISTED("rules", RULES_MAX, struct rule), &p->nrules);
	p->multipliers = d->multipliers = ids_declare(d, file,
	    LISTED("multipliers", MULTIPLIERS_MAX, struct multiplier),
	    &p->nmultipliers);
	p->memberships = d->memberships = ids_declare(d, file,
	    LISTED("memberships", MEMBERSHIPS_MAX, struct membership),
	    &p->nmemberships);
	p->rewards = d->rewards = ids_declare(d, file,
	    LISTED("rewards", REWARDS_MAX, struct reward), &p->nrewards);
	p->benefits = d->benefits = ids_declare(d, file,
	    LISTED("benefits", BENEFITS_MAX, struct benefit), &p->nbenefits);
	/* Each rule may have its own base, and the tiers one more. */
	p->bases = d->bases = arena_array(
	    d->arena, p->nrules + 1, sizeof(*d->bases));
}

static void
levels_declare(struct draft *d, const struct node *file)
{
	struct tiers *t = &d->p.tiers;
	const struct level *levels;
	struct node tiers;

	if (!node_get(file, "tiers", &tiers))
		return;
	levels = ids_declare(
	    d, &tiers, LISTED("levels", LEVELS_MAX, struct level), &t->nlevels);
	memcpy(t->levels, levels, t->nlevels * sizeof(*levels));
}

/* Reads the consents completely: a consent has only its id and "valid". */
static void
consents_read(struct draft *d, const struct node *file)
{
	static const struct listed consents = { "consents", true, CONSENTS_MAX,
		sizeof(struct consent) };
	static const char *const keys[] = { "valid", NULL };
	struct node n, valid;
	size_t i = 0;

	d->p.consents = d->consents = ids_declare(
	    d, file, &consents, &d->p.nconsents);
	if (d->p.nconsents == 0)
		return;
	(void)node_get(file, "consents", &n);
	for (struct node it = { 0 }; node_each(&n, &it); i++)
		if (node_check_object(&it, keys) == 0 &&
		    node_need(&it, "valid", "how long it counts", &valid) == 0)
			period_read(&it, "valid", &d->consents[i].valid);
}

static void
events_read(struct draft *d, const struct node *file)
{
	struct node n;

	id_list_read(d, file, "events", EVENTS_OWN_MAX, &d->events);
	for (size_t i = 0; i < d->events.n; i++) {
		struct node item;

		(void)node_get(file, "events", &n);
		item = node_item(&n, i);
		if (trigger_of(d->events.list[i]) != ON_EVENT)
			node_refuse(&item,
			    "is no event of the shop's own: \"%s\" is a "
			    "trigger of every program",
			    d->events.list[i]);
	}
}

static void
ids_read(struct draft *d, const struct node *file)
{
	size_t before = file->file->nrefused;

	lists_declare(d, file);
	levels_declare(d, file);
	consents_read(d, file);
	id_list_read(d, file, "charities", CHARITIES_MAX, &d->p.charities);
	events_read(d, file);
	wallets_declare(d, file);
	d->has_ids = file->file->nrefused == before;
}

/* ---- the file ------------------------------------------------------------ */

static void
birthday_read(struct draft *d, const struct node *file)
{
	static const char *const keys[] = { "lead_days", "feb29", "lock_days",
		NULL };
	static const char *const feb29s[] = { "previous_day", "next_day",
		NULL };
	static const int64_t lead[2] = { 0, LEAD_DAYS_MAX };
	struct node n;
	int feb29 = 0;

	d->p.feb29 = FEB29_PREVIOUS;
	if (!node_get(file, "birthday", &n) ||
	    node_check_object(&n, keys) == -1)
		return;
	node_number(&n, "lead_days", lead, &d->p.birthday_lead_days);
	node_number(&n, "lock_days", days_bounds, &d->p.birthday_lock_days);
	node_word(&n, "feb29", feb29s, &feb29);
	d->p.feb29 = (enum feb29)(FEB29_PREVIOUS + feb29);
}

/* Reads the keys that depend on no other key.  -1 if the file is no object. */
static int
heads_read(struct draft *d, const struct node *file)
{
	static const char *const keys[] = { "$schema", "name", "modelled_on",
		"wallets", "rules", "multipliers", "tiers", "memberships",
		"rewards", "benefits", "charities", "consents", "events",
		"birthday", "currencies", "award", "pending_days", "tests",
		NULL };
	struct node n;

	if (node_check_object(file, keys) == -1)
		return -1;
	if (node_need(file, "name", "the program's, for people", &n) == 0)
		node_text_new(&n, d->arena, NULL, NAME_TEXT_MAX, &d->p.name);
	node_text_in(file, "modelled_on", d->arena, &d->p.modelled_on);
	node_number(file, "pending_days", days_bounds, &d->p.pending_days);
	/* The tests themselves are read by wire/scenario. */
	if (node_get(file, "tests", &n) && !node_is_list(&n))
		node_refuse(&n, "must be a list, [...]");
	return 0;
}

static void
program_read(struct draft *d, const struct node *file)
{
	struct node rules;

	if (heads_read(d, file) == -1)
		return;
	ids_read(d, file);
	wallets_read(d, file);
	tiers_read(d, file);
	memberships_read(d, file);
	rules_read(d, file);
	multipliers_read(d, file);
	rewards_read(d, file);
	benefits_read(d, file);
	birthday_read(d, file);
	currencies_read(d, file);
	award_read(d, file);
	if (!node_is_wrong(file) && d->p.nrules == 0 &&
	    d->p.nmemberships == 0 && d->p.tiers.nlevels == 0 &&
	    d->p.nbenefits == 0)
		node_need(file, "rules", "what is rewarded", &rules);
}

int
program_of(struct arena *a, const struct node *n,
    const struct program_setting *set, struct program *out)
{
	struct draft d = { .arena = a, .charity = NONE, .kept = set->kept };
	size_t before = n->file->nrefused;

	assert(set->exponent >= 0 && strlen(set->currency) == 3);
	memcpy(d.p.currency, set->currency, sizeof(d.p.currency));
	d.p.exponent = set->exponent;
	d.p.zone = set->zone != NULL ? set->zone : &zone_utc;
	program_read(&d, n);
	*out = d.p;
	if (n->file->nrefused != before)
		return -1;
	out->plain = program_is_plain(&d.p);
	return 0;
}

int
program_parse(struct arena *a, struct str s, const struct program_setting *set,
    struct program *out, struct err *e)
{
	struct node_file file;
	struct program p;
	struct node n;
	int rc;

	if (s.len > PROGRAM_FILE_MAX)
		return err_set(e, FAULT_REJECT,
		    "a program file of %zu bytes; at most %d are read", s.len,
		    PROGRAM_FILE_MAX);
	rc = node_parse(s, &file, &n);
	if (rc == 0) {
		rc = program_of(a, &n, set, &p);
		node_free(&n);
	}
	if (rc == -1)
		*e = *faults_first(&file.faults);
	else
		*out = p;
	return rc;
}
