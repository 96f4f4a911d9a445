/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/tool.h"

/* Sets of settings that commands need.  `loyald config check` uses the sets of
 * all processes. */
enum {
	NEEDS_DATABASE = CONFIG_DATABASE,
	NEEDS_KEY = CONFIG_DATABASE | CONFIG_KEY,
	NEEDS_ALL = CONFIG_DATABASE | CONFIG_REDIS | CONFIG_KEY,
	NEEDS_RECEIVE = NEEDS_ALL,
	NEEDS_WORK = NEEDS_ALL,
	NEEDS_PUSH = NEEDS_KEY,
	NEEDS_RECONCILE = NEEDS_ALL,
	NEEDS_SCHEDULE = NEEDS_DATABASE,
	NEEDS_SERVE = NEEDS_KEY,
};

/* Each command has a file of its own: cmd_work() is in worker/work.c.  The
 * result is the exit status (base/log.h), or TOOL_HELPED. */
int cmd_receive(struct tool_call *);
int cmd_work(struct tool_call *);
int cmd_push(struct tool_call *);
int cmd_reconcile(struct tool_call *);
int cmd_push_retry(struct tool_call *);
int cmd_schedule(struct tool_call *);
int cmd_serve(struct tool_call *);
int cmd_migrate(struct tool_call *);
int cmd_config(struct tool_call *);
int cmd_key(struct tool_call *);
int cmd_store(struct tool_call *);
int cmd_store_report(struct tool_call *); /* store list, store show */
int cmd_store_gaps(struct tool_call *);
int cmd_store_set(struct tool_call *);
int cmd_store_rotate(struct tool_call *); /* store rotate-secret */
int cmd_store_able(struct tool_call *);   /* store disable, store enable */
int cmd_store_check(struct tool_call *);  /* store check */
int cmd_member(struct tool_call *);
int cmd_program(struct tool_call *);
int cmd_program_publish(struct tool_call *); /* program_store.c */
int cmd_program_list(struct tool_call *);
int cmd_program_show(struct tool_call *);
int cmd_charity(struct tool_call *);
int cmd_reward(struct tool_call *);
int cmd_quote(struct tool_call *);
int cmd_dlq(struct tool_call *);
int cmd_verify(struct tool_call *);
