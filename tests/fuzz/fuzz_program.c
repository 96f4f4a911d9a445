/* SPDX-License-Identifier: MIT */
/*
 * Whatever a program file holds, either it is refused with a line and a
 * sentence, or all of the program is in bounds, and decide() can work with
 * it.  The first byte chooses the currency's exponent.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "core/decide.h"
#include "wire/program_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static void
check_refusal(struct str text, const struct err *e)
{
	size_t line = 0, lines = 1;

	CHECK(e->fault == FAULT_REJECT);
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	CHECK(sscanf(e->msg, "line %zu: ", &line) == 1);
	CHECK(line >= 1 && line <= lines);
	for (const char *p = e->msg; *p != '\0'; p++)
		CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static void
check_rules(const struct program *p)
{
	CHECK(p->nrules >= 1 && p->nrules <= RULES_MAX);
	for (size_t i = 0; i < p->nrules; i++) {
		const struct rule *r = &p->rules[i];

		CHECK(r->id[0] != '\0' && strlen(r->id) < RULE_ID_MAX);
		CHECK(r->points >= 1 && r->points <= RATE_MAX);
		CHECK(r->per >= 1 && r->per <= RATE_MAX);
		CHECK(r->rounding >= ROUND_FLOOR && r->rounding <= ROUND_CEIL);
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(p->rules[j].id, r->id) != 0);
	}
}

static void
check_awards(const struct program *p)
{
	for (size_t i = 0; i < 2; i++) {
		CHECK(p->naward[i] <= STATUSES_MAX);
		for (size_t j = 0; j < p->naward[i]; j++)
			CHECK(p->award[i][j][0] != '\0' &&
			      strlen(p->award[i][j]) < ORDER_STATUS_MAX);
	}
}

/* The largest order there can be earns something a ledger can hold or
 * refuse, never less than nothing. */
static void
check_decision(const struct program *p)
{
	struct order_line line = { .id = 1,
		.quantity = 1,
		.current = 1,
		.before = MONEY_MAX,
		.net = MONEY_MAX,
		.tax = MONEY_MAX };
	struct order o = { .id = 1,
		.platform = PLATFORM_WOOCOMMERCE,
		.modified_at = 1,
		.status = "completed",
		.currency = "EUR",
		.total = MONEY_MAX,
		.lines = &line,
		.nlines = 1 };
	struct decision d;

	decide(p, "EUR", &o, false, &d);
	CHECK(d.nawards == p->nrules);
	for (size_t i = 0; i < d.nawards; i++)
		CHECK(d.awards[i].points >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { .fault = FAULT_NONE };
	struct program p;
	struct str text;

	if (size == 0)
		return 0;
	text = (struct str){ (const char *)data + 1, size - 1 };
	if (program_parse(text, data[0] % 5, &p, &e) == -1) {
		check_refusal(text, &e);
		return 0;
	}
	CHECK(p.name[0] != '\0' && strlen(p.name) < sizeof(p.name));
	CHECK(p.pending_days >= 0 && p.pending_days <= PENDING_DAYS_MAX);
	check_rules(&p);
	check_awards(&p);
	check_decision(&p);
	return 0;
}
