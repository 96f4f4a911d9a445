/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "base/money.h"
#include "wire/program/internal.h"

enum {
	LEAD_DAYS_MAX = 366,
	NAME_TEXT_MAX = 64, /* with the zero */
};

/* ---- the ids, before what they refer to ------------------------------------ */

/* The list of a key, or nothing; its ids. */
static int
list_ids(struct draft *d, const struct node *file, const char *key, size_t most,
    struct words *ids, struct err *e)
{
	struct node n;

	*ids = (struct words){ 0 };
	if (!node_get(file, key, &n))
		return 0;
	/* A list, and nothing that read_ids() would take as well. */
	if (node_check_list(&n, 1, most, e) == -1)
		return -1;
	return read_ids(d, &n, most, ids, e);
}

static int
rules_declare(struct draft *d, const struct node *file, struct err *e)
{
	struct words ids;

	if (list_ids(d, file, "rules", RULES_MAX, &ids, e) == -1)
		return -1;
	d->rules = arena_array(d->arena, ids.n, sizeof(*d->rules));
	/* Each rule may have a base of its own, and the tiers one. */
	d->bases = arena_array(d->arena, ids.n + 1, sizeof(*d->bases));
	for (size_t i = 0; i < ids.n; i++)
		d->rules[i].id = ids.list[i];
	d->p.rules = d->rules;
	d->p.bases = d->bases;
	d->p.nrules = ids.n;
	return 0;
}

static int
multipliers_declare(struct draft *d, const struct node *file, struct err *e)
{
	struct words ids;

	if (list_ids(d, file, "multipliers", MULTIPLIERS_MAX, &ids, e) == -1)
		return -1;
	d->multipliers = arena_array(d->arena, ids.n, sizeof(*d->multipliers));
	for (size_t i = 0; i < ids.n; i++)
		d->multipliers[i].id = ids.list[i];
	d->p.multipliers = d->multipliers;
	d->p.nmultipliers = ids.n;
	return 0;
}

static int
memberships_declare(struct draft *d, const struct node *file, struct err *e)
{
	struct words ids;

	if (list_ids(d, file, "memberships", MEMBERSHIPS_MAX, &ids, e) == -1)
		return -1;
	d->memberships = arena_array(d->arena, ids.n, sizeof(*d->memberships));
	for (size_t i = 0; i < ids.n; i++)
		d->memberships[i].id = ids.list[i];
	d->p.memberships = d->memberships;
	d->p.nmemberships = ids.n;
	return 0;
}

static int
rewards_declare(struct draft *d, const struct node *file, struct err *e)
{
	struct words ids;

	if (list_ids(d, file, "rewards", REWARDS_MAX, &ids, e) == -1)
		return -1;
	d->rewards = arena_array(d->arena, ids.n, sizeof(*d->rewards));
	for (size_t i = 0; i < ids.n; i++)
		d->rewards[i].id = ids.list[i];
	d->p.rewards = d->rewards;
	d->p.nrewards = ids.n;
	return 0;
}

static int
benefits_declare(struct draft *d, const struct node *file, struct err *e)
{
	struct words ids;

	if (list_ids(d, file, "benefits", BENEFITS_MAX, &ids, e) == -1)
		return -1;
	d->benefits = arena_array(d->arena, ids.n, sizeof(*d->benefits));
	for (size_t i = 0; i < ids.n; i++)
		d->benefits[i].id = ids.list[i];
	d->p.benefits = d->benefits;
	d->p.nbenefits = ids.n;
	return 0;
}

static int
levels_declare(struct draft *d, const struct node *file, struct err *e)
{
	struct words ids;
	struct node tiers;

	if (!node_get(file, "tiers", &tiers))
		return 0;
	if (list_ids(d, &tiers, "levels", LEVELS_MAX, &ids, e) == -1)
		return -1;
	for (size_t i = 0; i < ids.n; i++)
		d->p.tiers.levels[i].id = ids.list[i];
	d->p.tiers.nlevels = ids.n;
	return 0;
}

/* Consents have nothing else to say: they are read at once. */
static int
consents_declare(struct draft *d, const struct node *file, struct err *e)
{
	static const char *const keys[] = { "valid", NULL };
	struct words ids;
	struct node n, valid;
	size_t i = 0;

	if (!node_get(file, "consents", &n))
		return 0;
	if (!node_is_object(&n))
		return node_refuse(&n, e, "must be an object, {...}");
	if (read_ids(d, &n, CONSENTS_MAX, &ids, e) == -1)
		return -1;
	d->consents = arena_array(d->arena, ids.n, sizeof(*d->consents));
	for (struct node it = { 0 }; node_each(&n, &it); i++) {
		struct consent *c = &d->consents[i];

		c->id = ids.list[i];
		if (node_check_object(&it, keys, e) == -1 ||
		    node_need(&it, "valid", "how long it counts", &valid, e) ==
		        -1 ||
		    read_period(&it, "valid", &c->valid, e) == -1)
			return -1;
	}
	d->p.consents = d->consents;
	d->p.nconsents = ids.n;
	return 0;
}

/* Nor have charities. */
static int
charities_declare(struct draft *d, const struct node *file, struct err *e)
{
	struct words *all = &d->p.charities;
	const char **list;
	struct node n;

	if (!node_get(file, "charities", &n))
		return 0;
	if (node_check_list(&n, 1, CHARITIES_MAX, e) == -1)
		return -1;
	list = arena_array(d->arena, node_count(&n), sizeof(*list));
	all->list = list;
	for (size_t i = 0; i < node_count(&n); i++) {
		struct node item = node_item(&n, i);
		const char *id;

		if (node_text_new(&item, d->arena, PROGRAM_ID_CHARS,
		        RULE_ID_MAX, &id, e) == -1)
			return -1;
		if (words_have(all, id))
			return node_refuse(&item, e, "is said twice");
		list[all->n++] = id;
	}
	return 0;
}

static int
declare(struct draft *d, const struct node *file, struct err *e)
{
	if (rules_declare(d, file, e) == -1 ||
	    multipliers_declare(d, file, e) == -1 ||
	    memberships_declare(d, file, e) == -1 ||
	    rewards_declare(d, file, e) == -1 ||
	    benefits_declare(d, file, e) == -1 ||
	    levels_declare(d, file, e) == -1 ||
	    consents_declare(d, file, e) == -1)
		return -1;
	return charities_declare(d, file, e);
}

/* ---- the file ---------------------------------------------------------------- */

static int
read_birthday(struct draft *d, const struct node *file, struct err *e)
{
	static const char *const keys[] = { "lead_days", "feb29", "lock_days",
		NULL };
	static const char *const feb29s[] = { "previous_day", "next_day",
		NULL };
	static const int64_t lead[2] = { 0, LEAD_DAYS_MAX };
	struct node n;
	int feb29 = 0;

	d->p.feb29 = FEB29_PREVIOUS;
	if (!node_get(file, "birthday", &n))
		return 0;
	if (node_check_object(&n, keys, e) == -1 ||
	    node_number(&n, "lead_days", lead, &d->p.birthday_lead_days, e) ==
	        -1 ||
	    node_number(&n, "lock_days", days_bounds, &d->p.birthday_lock_days,
	        e) == -1 ||
	    node_word(&n, "feb29", feb29s, &feb29, e) == -1)
		return -1;
	d->p.feb29 = (enum feb29)(FEB29_PREVIOUS + feb29);
	return 0;
}

/* The tests are another reader's (wire/scenario/scenario.h). */
static int
check_tests(const struct node *file, struct err *e)
{
	struct node n;

	if (!node_get(file, "tests", &n) || node_is_list(&n))
		return 0;
	return node_refuse(&n, e, "must be a list, [...]");
}

static int
read_heads(struct draft *d, const struct node *file, struct err *e)
{
	static const char *const keys[] = { "$schema", "name", "modelled_on",
		"wallets", "rules", "multipliers", "tiers", "memberships",
		"rewards", "benefits", "charities", "consents", "birthday",
		"currencies", "award", "pending_days", "tests", NULL };
	struct node n;

	if (node_check_object(file, keys, e) == -1 ||
	    node_need(file, "name", "the program's, for people", &n, e) == -1 ||
	    node_text_new(&n, d->arena, NULL, NAME_TEXT_MAX, &d->p.name, e) ==
	        -1 ||
	    draft_text(d, file, "modelled_on", &d->p.modelled_on, e) == -1)
		return -1;
	return check_tests(file, e);
}

static int
read_file(struct draft *d, const struct node *file, struct err *e)
{
	if (read_heads(d, file, e) == -1 || declare(d, file, e) == -1)
		return -1;
	if (read_wallets(d, file, e) == -1 || read_tiers(d, file, e) == -1 ||
	    read_memberships(d, file, e) == -1 ||
	    read_rules(d, file, e) == -1 ||
	    read_multipliers(d, file, e) == -1 ||
	    read_rewards(d, file, e) == -1 || read_benefits(d, file, e) == -1 ||
	    read_birthday(d, file, e) == -1 ||
	    read_currencies(d, file, e) == -1 || read_award(d, file, e) == -1)
		return -1;
	if (d->p.nrules == 0 && d->p.nmemberships == 0 &&
	    d->p.tiers.nlevels == 0 && d->p.nbenefits == 0)
		return node_refuse(
		    file, e, "lacks \"rules\", what is rewarded");
	return node_number(
	    file, "pending_days", days_bounds, &d->p.pending_days, e);
}

int
program_of(struct arena *a, const struct node *file,
    const struct program_setting *set, struct program *out, struct err *e)
{
	struct draft d = { .arena = a, .charity = NONE, .kept = set->kept };

	assert(set->exponent >= 0 && strlen(set->currency) == 3);
	memcpy(d.p.currency, set->currency, sizeof(d.p.currency));
	d.p.exponent = set->exponent;
	d.p.zone = set->zone != NULL ? set->zone : &zone_utc;
	if (read_file(&d, file, e) == -1)
		return -1;
	d.p.plain = program_is_plain(&d.p);
	*out = d.p;
	return 0;
}

int
program_parse(struct arena *a, struct str s, const struct program_setting *set,
    struct program *out, struct err *e)
{
	struct node file;
	int rc;

	if (s.len > PROGRAM_FILE_MAX)
		return err_set(e, FAULT_REJECT,
		    "a program file of %zu bytes; at most %d are read", s.len,
		    PROGRAM_FILE_MAX);
	if (node_parse(s, &file, e) == -1)
		return -1;
	rc = program_of(a, &file, set, out, e);
	node_free(&file);
	return rc;
}
