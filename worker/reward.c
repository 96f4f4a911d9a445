/* SPDX-License-Identifier: MIT */
/* loyald reward: shows the rewards that shops make for redemptions, takes one
 * back, and lists the tasks that people do. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/clock.h"
#include "ledger/rewards.h"
#include "operation.h"
#include "wire/code.h"

enum {
	LIST_MAX = 1000,
	LIST_PRESET = 50,
};

struct reward_options {
	struct reward_ask_list ask;
	const char *key, *reason, *by;
	bool json, done;
};

static const char *
code_text(struct arena *a, const struct reward_row *r)
{
	char *code = arena_alloc(a, CODE_SIZE);

	if (r->code == NULL || r->form == FORM_CREDIT)
		return NULL;
	code_write(r->code, code);
	return code;
}

static const char *
instant_text(struct arena *a, int64_t at)
{
	char *text = arena_alloc(a, INSTANT_TEXT_MAX);

	if (at == 0 || at == INSTANT_NEVER)
		return "";
	instant_format(at / INSTANT_SECOND * INSTANT_SECOND, text);
	return text;
}

static void
json_row(struct jsonw *w, struct arena *a, const struct reward_shown *s)
{
	const struct reward_row *r = &s->row;

	jsonw_text(w, "key", r->redemption);
	jsonw_int(w, "member_id", s->member_id);
	jsonw_text(w, "reward", r->reward);
	jsonw_text(w, "form", reward_form_name(r->form));
	jsonw_int(w, "units", r->units);
	jsonw_text(w, "is", reward_word(&r->life));
	jsonw_text(w, "at_the_shop", reward_state_word(r->life.state));
	jsonw_text(w, "cause", reward_cause_word(r->life.cause));
	jsonw_text(w, "code", code_text(a, r));
	jsonw_text(w, "made_as", r->made_as);
	jsonw_instant(w, "asked_at", r->asked_at);
	jsonw_instant(w, "issued_at", r->issued_at);
	jsonw_instant(w, "ends_at", r->life.ends_at);
	jsonw_instant(w, "used_at", r->life.used_at);
	jsonw_int(w, "used_by", s->used_by);
	jsonw_text(w, "orders", s->orders);
	jsonw_text(w, "why", r->why);
	jsonw_text(w, "note", s->note);
	jsonw_text(w, "note_by", s->by);
}

static void
print_json(struct arena *a, const struct reward_shown *list, size_t n)
{
	struct jsonw w;

	jsonw_begin_list(&w);
	for (size_t i = 0; i < n; i++) {
		jsonw_object(&w, NULL);
		json_row(&w, a, &list[i]);
		jsonw_object_end(&w);
	}
	jsonw_end(&w, stdout);
}

static void
print_table(struct arena *a, const struct reward_shown *list, size_t n)
{
	static const char *const names[] = { "KEY", "MEMBER", "REWARD", "UNITS",
		"IS", "SINCE", "UNTIL", "WHY", NULL };
	struct table t;

	table_init(&t, a, names);
	for (size_t i = 0; i < n; i++) {
		const struct reward_row *r = &list[i].row;
		const char *const cells[] = { r->redemption,
			cell_int(a, list[i].member_id), r->reward,
			cell_int(a, r->units), reward_word(&r->life),
			instant_text(a, r->asked_at),
			instant_text(a, r->life.ends_at),
			r->why != NULL ? r->why : "" };

		table_add(&t, cells);
	}
	table_print(&t, stdout);
}

/* ---- list, tasks --------------------------------------------------------- */

static int
list_run(struct reward_options *g, const struct option_spec *options,
    struct tool_call *call)
{
	struct reward_shown *list;
	struct operation op;
	struct err e;
	size_t n;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	if (g->ask.max < 1 || g->ask.max > LIST_MAX)
		g->ask.max = LIST_MAX;
	if (operation_store(&op, g->ask.store_id, &e) == NULL ||
	    rewards_list(op.pg, &op.arena, &g->ask, &list, &n, &e) == -1)
		return operation_end(&op, &e);
	if (g->json)
		print_json(&op.arena, list, n);
	else
		print_table(&op.arena, list, n);
	return operation_end(&op, NULL);
}

static int
reward_list(struct tool_call *call)
{
	struct reward_options g = { .ask.max = LIST_PRESET };
	const struct option_spec options[] = {
		OPTION_STORE(&g.ask.store_id),
		{ "--member", "ID", "only those of this member",
		    .number = &g.ask.member_id },
		{ "--last", "NUMBER", "how many, the newest first",
		    .number = &g.ask.max, .preset = "50" },
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return list_run(&g, options, call);
}

static int
note_write(struct reward_options *g, const struct option_spec *options,
    struct tool_call *call,
    int (*write)(
        struct pg *, struct arena *, const struct reward_note *, struct err *),
    const char *done)
{
	struct operation op;
	struct err e;
	int status = operation_begin(&op, call, options, false);
	const struct reward_note note = {
		.store_id = g->ask.store_id,
		.redemption = g->key,
		.text = g->reason,
		.by = g->by != NULL ? g->by : "operator",
		.at = clock_now(),
	};

	if (status != EXIT_STOPPED)
		return status;
	if (operation_store(&op, note.store_id, &e) == NULL ||
	    write(op.pg, &op.arena, &note, &e) == -1)
		return operation_end(&op, &e);
	printf("the reward %s %s\n", note.redemption, done);
	return operation_end(&op, NULL);
}

static int
reward_tasks(struct tool_call *call)
{
	struct reward_options g = { .ask = { .tasks = true, .max = LIST_MAX } };
	const struct option_spec options[] = {
		OPTION_STORE(&g.ask.store_id),
		OPTION_JSON(&g.json),
		{ 0 },
	};

	return list_run(&g, options, call);
}

static int
reward_task_done(struct tool_call *call)
{
	struct reward_options g = { .by = getenv("USER") };
	const struct option_spec options[] = {
		OPTION_STORE(&g.ask.store_id),
		{ "--key", "KEY", "the redemption's key", .text = &g.key,
		    .required = true },
		{ "--note", "TEXT", "how it was done; stays on record",
		    .text = &g.reason, .required = true },
		OPTION_BY(&g.by),
		{ 0 },
	};

	return note_write(&g, options, call, reward_done,
	    "is done; its points are spent as soon as loyald schedule looks");
}

/* ---- show, revoke -------------------------------------------------------- */

static void
print_line(const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		printf("%-12s %s\n", name, text);
}

static void
print_reward(struct arena *a, const struct reward_shown *s)
{
	const struct reward_row *r = &s->row;

	print_line("key", r->redemption);
	print_line("member", cell_int(a, s->member_id));
	print_line("reward", r->reward);
	print_line("form", reward_form_name(r->form));
	print_line("units", cell_int(a, r->units));
	print_line("is", reward_word(&r->life));
	print_line("at the shop", reward_state_word(r->life.state));
	print_line("why", r->why);
	print_line("code", code_text(a, r));
	print_line("made as", r->made_as);
	print_line("asked", instant_text(a, r->asked_at));
	print_line("issued", instant_text(a, r->issued_at));
	print_line("until", instant_text(a, r->life.ends_at));
	print_line("used", instant_text(a, r->life.used_at));
	print_line("orders", s->orders);
	print_line("note", s->note);
	print_line("by", s->by);
}

static int
reward_show(struct tool_call *call)
{
	struct reward_options g = { .ask.max = 1 };
	const struct option_spec options[] = {
		OPTION_STORE(&g.ask.store_id),
		{ "--key", "KEY", "the redemption's key", .text = &g.key,
		    .required = true },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct reward_shown *list;
	struct operation op;
	struct jsonw w;
	struct err e;
	size_t n;
	int status = operation_begin(&op, call, options, false);

	if (status != EXIT_STOPPED)
		return status;
	g.ask.redemption = g.key;
	if (operation_store(&op, g.ask.store_id, &e) == NULL ||
	    rewards_list(op.pg, &op.arena, &g.ask, &list, &n, &e) == -1)
		return operation_end(&op, &e);
	if (n == 0) {
		err_set(&e, FAULT_REJECT,
		    "store %" PRId64 " has no reward %s: loyald reward list "
		    "names them",
		    g.ask.store_id, g.key);
		return operation_end(&op, &e);
	}
	if (g.json) {
		jsonw_begin(&w);
		json_row(&w, &op.arena, &list[0]);
		jsonw_end(&w, stdout);
	} else {
		print_reward(&op.arena, &list[0]);
	}
	return operation_end(&op, NULL);
}

static int
reward_take_back(struct tool_call *call)
{
	struct reward_options g = { .by = getenv("USER") };
	const struct option_spec options[] = {
		OPTION_STORE(&g.ask.store_id),
		{ "--key", "KEY", "the redemption's key", .text = &g.key,
		    .required = true },
		{ "--reason", "TEXT", "why; stays on record", .text = &g.reason,
		    .required = true },
		OPTION_BY(&g.by),
		{ 0 },
	};

	return note_write(&g, options, call, reward_revoke,
	    "is taken back; its points go back as soon as it is gone from the "
	    "shop");
}

int
cmd_reward(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "list", reward_list, "list the rewards that the shop makes",
		    .needs = NEEDS_DATABASE },
		{ "show", reward_show,
		    "show one: where it is, its code, the orders that have it",
		    .needs = NEEDS_DATABASE },
		{ "revoke", reward_take_back,
		    "take one back that nobody has used",
		    .needs = NEEDS_DATABASE },
		{ "tasks", reward_tasks,
		    "list what people have to do for rewards",
		    .needs = NEEDS_DATABASE },
		{ "done", reward_task_done, "write down that a task is done",
		    .needs = NEEDS_DATABASE },
		{ 0 },
	};
	return tool_run_verb(verbs, call);
}
