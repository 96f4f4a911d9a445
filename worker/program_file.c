/* SPDX-License-Identifier: MIT */
#include "program_file.h"
#include <stdio.h>

#include "base/money.h"
#include "core/benefit_way.h"
#include "core/reward_way.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/zone.h"
#include "wire/node.h"
#include "wire/program/program.h"

enum {
	DIFFERENCES_MAX = 64 * 1024 /* bytes of the differences of one test */
};

/* Loads the time zones that tests name.  A name that is no time zone is left
 * out here; scenarios_of() refuses it with its line and column. */
static void
load_zones(struct arena *a, const struct node *file, struct zones *out)
{
	struct words names;
	struct zone *list;
	struct err e;

	scenarios_zones(a, file, &names);
	list = arena_array(a, names.n, sizeof(*list));
	*out = (struct zones){ .list = list };
	for (size_t i = 0; i < names.n; i++)
		out->n += zone_load(a, names.list[i], &list[out->n], &e) == 0;
}

/* Reads the program and, if the file is not published yet, its tests. */
static int
read_parts(struct arena *a, const struct node *file,
    const struct program_setting *set, struct program_file *f)
{
	struct zones zones;
	int rc = program_of(a, file, set, &f->program);

	if (f->kept)
		return rc;
	load_zones(a, file, &zones);
	return scenarios_of(a, file, &f->program, &zones, &f->tests) | rc;
}

/* Fills the err with the first fault and the number of further faults. */
static int
refuse(const struct program_file *f, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < f->faults.n; i++)
		n += f->faults.of[i].fault != FAULT_NONE;
	*e = *faults_first(&f->faults);
	(void)err_wrap(e, "%s", f->path);
	if (n > 1)
		err_add(e, " (and %zu more: see loyald program check)", n - 1);
	return -1;
}

int
program_file_read(struct arena *a, const char *path, const char *currency,
    const char *timezone, struct program_file *f, struct err *e)
{
	struct program_setting set = {
		.currency = currency,
		.exponent = currency_exponent(currency),
		.zone = &f->zone,
		.kept = f->kept,
	};
	struct node_file file;
	struct node n;
	int rc;

	f->path = path;
	if (set.exponent == -1)
		return err_set(e, FAULT_REJECT,
		    "\"%s\" is no currency; one is EUR", currency);
	if (zone_load(a, timezone, &f->zone, e) == -1 ||
	    file_read(a, path, PROGRAM_FILE_MAX, &f->text, e) == -1)
		return -1;
	rc = node_parse(f->text, &file, &n);
	if (rc == 0) {
		rc = read_parts(a, &n, &set, f);
		node_free(&n);
	}
	f->faults = file.faults;
	return rc == 0 ? 0 : refuse(f, e);
}

void
program_file_warn(const struct program_file *f)
{
	for (size_t i = 0; i < f->faults.n; i++)
		if (f->faults.of[i].fault == FAULT_NONE)
			fprintf(stderr, "loyald: %s: warning: %s\n", f->path,
			    f->faults.of[i].msg);
}

static const char *
title_of(enum platform platform)
{
	return platform == PLATFORM_SHOPIFY       ? "Shopify"
	       : platform == PLATFORM_WOOCOMMERCE ? "WooCommerce"
	                                          : platform_name(platform);
}

/* REJECT if the platform cannot make a reward as the program says. */
static int
rewards_check(
    const struct program_file *f, enum platform platform, struct err *e)
{
	const struct program *p = &f->program;

	for (size_t i = 0; i < p->nrewards; i++) {
		const struct reward *r = &p->rewards[i];
		const char *cannot = reward_cannot(r, platform);

		if (cannot != NULL)
			return err_set(e, FAULT_REJECT,
			    "%s: reward %s: %s %s; say \"way\": \"own\" if a "
			    "program of yours gives it",
			    f->path, r->id, title_of(platform), cannot);
	}
	return 0;
}

/* Says which benefits loyald makes nothing of at the shop. */
static void
benefits_tell(const struct program_file *f, enum platform platform)
{
	const struct program *p = &f->program;

	for (size_t i = 0; i < p->nbenefits; i++) {
		enum benefit_form form = benefit_form(p, i, platform);

		if (form == BENEFIT_NONE)
			fprintf(stderr,
			    "loyald: %s: benefit %s: %s %s: nothing is made "
			    "there, the shop must give it\n",
			    f->path, p->benefits[i].id, title_of(platform),
			    benefit_cannot(p, i, platform));
		else if (form == BENEFIT_VIRTUAL)
			fprintf(stderr,
			    "loyald: %s: benefit %s: virtual at %s: nothing "
			    "is made there, the shop's plugin gives it\n",
			    f->path, p->benefits[i].id, title_of(platform));
	}
}

int
program_file_passes(struct arena *a, const char *path,
    const struct program_place *at, struct program_file *f, struct err *e)
{
	struct test_result *results;
	size_t failed;

	if (program_file_read(a, path, at->currency, at->timezone, f, e) ==
	        -1 ||
	    rewards_check(f, at->platform, e) == -1)
		return -1;
	program_file_warn(f);
	benefits_tell(f, at->platform);
	failed = program_file_test(a, f, &results);
	if (failed == 0)
		return 0;
	for (size_t i = 0; i < f->tests.n; i++)
		fputs(results[i].differences, stderr);
	return err_set(e, FAULT_REJECT,
	    "%zu of the %zu tests in %s fail: it is not published", failed,
	    f->tests.n, path);
}

size_t
program_file_test(
    struct arena *a, const struct program_file *f, struct test_result **out)
{
	struct test_result *list = arena_array(a, f->tests.n, sizeof(*list));
	size_t failed = 0;
	struct buf b;

	buf_init(&b, DIFFERENCES_MAX);
	for (size_t i = 0; i < f->tests.n; i++) {
		struct test_result *r = &list[i];
		int64_t start = clock_mono();

		buf_reset(&b);
		r->test = &f->tests.list[i];
		r->passed = scenario_run(r->test, f->path, &b) == 0;
		r->took_us = clock_mono() - start;
		r->differences = b.len > 0 ? arena_memdup(a, b.data, b.len)
		                           : "";
		failed += !r->passed;
	}
	buf_fini(&b);
	*out = list;
	return failed;
}
