/* SPDX-License-Identifier: MIT */
#include "program_file.h"
#include "base/money.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/zone.h"
#include "wire/program_json.h"

enum {
	DIFFERENCES_MAX = 64 * 1024 /* bytes, of one test */
};

int
program_text_read(struct arena *a, struct str text, const char *currency,
    const char *timezone, struct program_file *f, struct err *e)
{
	struct program_setting set = {
		.currency = currency,
		.exponent = currency_exponent(currency),
		.zone = &f->zone,
	};

	if (set.exponent == -1)
		return err_set(e, FAULT_REJECT,
		    "\"%s\" is no currency; one is EUR", currency);
	if (zone_load(a, timezone, &f->zone, e) == -1)
		return -1;
	f->text = text;
	if (program_parse(a, text, &set, &f->program, e) == -1 ||
	    scenarios_parse(a, text, &f->program, &f->tests, e) == -1)
		return err_wrap(e, "%s", f->path);
	return 0;
}

int
program_file_read(struct arena *a, const char *path, const char *currency,
    const char *timezone, struct program_file *f, struct err *e)
{
	struct str text;

	f->path = path;
	if (file_read(a, path, PROGRAM_FILE_MAX, &text, e) == -1)
		return -1;
	return program_text_read(a, text, currency, timezone, f, e);
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
		r->passed = scenario_run(r->test, &f->program, f->path, &b) ==
		            0;
		r->took_us = clock_mono() - start;
		r->differences = b.len > 0 ? arena_memdup(a, b.data, b.len)
		                           : "";
		failed += !r->passed;
	}
	buf_fini(&b);
	*out = list;
	return failed;
}
