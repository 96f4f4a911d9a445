/* SPDX-License-Identifier: MIT */
/* loyald config check: checks the settings, and the files and services that the
 * settings name. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "config_check.h"

static void
print_table(const struct config_check *c)
{
	size_t width = 0;

	for (size_t i = 0; i < c->n; i++)
		if (strlen(c->rows[i].what) > width)
			width = strlen(c->rows[i].what);
	/* The table of base/tool.h would cut long cells, but a sentence that
	 * says what to do must not be cut. */
	for (size_t i = 0; i < c->n; i++)
		printf("%-*s  %-9s  %s\n", (int)width, c->rows[i].what,
		    verdict_name(c->rows[i].verdict), c->rows[i].why);
}

static void
print_json(const struct config_check *c)
{
	struct jsonw w;

	jsonw_begin(&w);
	jsonw_bool(&w, "ok", !config_check_failed(c));
	jsonw_array(&w, "checks");
	for (size_t i = 0; i < c->n; i++) {
		jsonw_object(&w, NULL);
		jsonw_text(&w, "what", c->rows[i].what);
		jsonw_text(&w, "finding", verdict_name(c->rows[i].verdict));
		jsonw_text(&w, "why", c->rows[i].why);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	jsonw_end(&w, stdout);
}

/* Exits with EXIT_CONFIG (78), where other tools exit with 1.  If the
 * ExecStartPre= of a systemd unit runs this command, that status keeps systemd
 * from starting the unit again and again. */
static int
config_check(struct tool_call *call)
{
	const char *names = NULL, *wrong = NULL;
	bool json = false;
	const struct option_spec options[] = {
		{ "--for", "ROLE[,ROLE ...]",
		    "what these need: receive, work, push, reconcile, schedule, "
		    "serve, or operator, which is the tools",
		    .text = &names,
		    .preset = "what all roles need of what is "
		              "set" },
		OPTION_JSON(&json),
		{ 0 },
	};
	struct config config;
	struct faults faults = { 0 };
	struct config_check c = {
		.config = &config,
		.faults = &faults,
		.roles = CHECK_ROLES,
	};
	struct arena a;
	int status = tool_read_faults(call, options, &config, NULL, &faults);

	if (status == TOOL_HELPED)
		return status;
	for (size_t i = 0; i < faults.n; i++)
		if (faults.of[i].fault == FAULT_REJECT)
			return tool_usage(call, "%s", faults.of[i].msg);
	arena_init(&a);
	c.arena = &a;
	c.by_default = names == NULL;
	if (names != NULL)
		wrong = config_check_roles(&a, names, &c.roles);
	if (wrong != NULL) {
		status = tool_usage(call,
		    "--for is \"%s\": there is no role \"%s\" among "
		    "receive, work, push, reconcile, schedule, serve and "
		    "operator",
		    names, wrong);
	} else {
		config_check_all(&c);
		(json ? print_json : print_table)(&c);
		status = config_check_failed(&c) ? EXIT_CONFIG : EXIT_STOPPED;
	}
	arena_fini(&a);
	return status;
}

int
cmd_config(struct tool_call *call)
{
	static const struct tool verbs[] = {
		{ "check", config_check,
		    "tell whether settings, services, key and folders are right",
		    .words = NULL },
		{ 0 },
	};

	return tool_run_verb(verbs, call);
}
