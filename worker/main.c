/* SPDX-License-Identifier: MIT */
/*
 * The table of all commands of loyald, by name.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/config/config.h"
#include "base/log.h"
#include "base/tool.h"
#include "cmd.h"
#include "io/settings.h"

static int cmd_help(struct tool_call *);
static int cmd_version(struct tool_call *);

static const struct tool commands[] = {
	{ "receive", cmd_receive, "take webhooks in and queue them",
	    .needs = NEEDS_RECEIVE },
	{ "work", cmd_work, "turn queued messages into ledger entries",
	    .needs = NEEDS_WORK },
	{ "push", cmd_push,
	    "send balances back to the stores; retry: those that failed, now",
	    .needs = NEEDS_PUSH },
	{ "reconcile", cmd_reconcile,
	    "find what no webhook told, by asking the stores",
	    .needs = NEEDS_RECONCILE },
	{ "schedule", cmd_schedule, "do what is due because time passed",
	    .needs = NEEDS_SCHEDULE },
	{ "serve", cmd_serve, "answer storefronts asking for a balance",
	    .needs = NEEDS_SERVE },
	{ "migrate", cmd_migrate, "bring the database to this version",
	    .needs = NEEDS_DATABASE },
	{ "config", cmd_config, "check: tell whether what was set will do",
	    .words = "VERB" },
	{ "key", cmd_key, "new, check: make or look at the master key",
	    .words = "VERB" },
	{ "store", cmd_store,
	    "add, check, list, show, gaps, set, rotate-secret, disable, "
	    "enable",
	    .words = "VERB" },
	{ "member", cmd_member,
	    "show, history, balance, explain; code; adjust, redeem, capture, "
	    "release, merge, claim",
	    .words = "VERB" },
	{ "program", cmd_program,
	    "check, test, explain, diff; publish, list, show",
	    .words = "VERB" },
	{ "charity", cmd_charity,
	    "list, payout: see what charities are owed, and pay",
	    .words = "VERB" },
	{ "reward", cmd_reward,
	    "list, show, revoke; tasks, done: see rewards that shops make",
	    .words = "VERB" },
	{ "quote", cmd_quote,
	    "tell what a basket would cost a member, and earn",
	    .needs = NEEDS_DATABASE },
	{ "dlq", cmd_dlq,
	    "list, show, replay, discard: deal with messages that failed",
	    .words = "VERB" },
	{ "verify", cmd_verify, "check every invariant of the ledger",
	    .needs = NEEDS_DATABASE },
	{ "help", cmd_help,
	    "tell the commands, the options of one, or every setting",
	    .words = "[COMMAND [VERB] | config]" },
	{ "version", cmd_version, "tell which loyald this is", .words = NULL },
	{ 0 },
};

static int
cmd_version(struct tool_call *call)
{
	bool json = false;
	const struct option_spec options[] = {
		OPTION_JSON(&json),
		{ 0 },
	};
	int status = tool_read(call, options, NULL, NULL, NULL);

	if (status != EXIT_STOPPED)
		return status;
	printf(json ? "{\"version\":\"%s\"}\n" : "loyald %s\n", VERSION);
	return EXIT_STOPPED;
}

/* Prints the help of a command or of a verb, or the list of all commands:
 * `loyald help store add` is `loyald store add --help`. */
static int
cmd_help(struct tool_call *call)
{
	bool json = false;
	const struct option_spec options[] = {
		{ "--json", NULL, "with config: as JSON, for other programs",
		    .flag = &json },
		{ 0 },
	};
	enum {
		WORDS = 2
	};
	char option[] = "--help", *args[WORDS + 2] = { 0 };
	int n = WORDS;
	int status = tool_read(call, options, NULL, args, &n);

	if (status != EXIT_STOPPED)
		return status;
	if (n == 1 && strcmp(args[0], "config") == 0) {
		config_print(stdout, json);
		return EXIT_STOPPED;
	}
	if (json)
		return tool_usage(call, "--json goes with help config only");
	if (n == 0) {
		tool_list(commands, "", stdout);
		return EXIT_STOPPED;
	}
	args[n++] = option;
	return tool_run(commands, &settings_judge, n, args);
}

/* Keeps the process's memory private, since it holds keys, secrets and
 * customers' data: no core file is written, and no other process of the same
 * user may read the memory.  Forked children are private, too. */
static void
keep_private(void)
{
	static const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0) == -1)
		die("the system keeps core files on");
}

int
main(int argc, char *argv[])
{
	static char help[] = "help", version[] = "version";
	int status;

	keep_private();
	log_as(LOG_SENTENCE); /* until log_init() sets the format of a role */
	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		argv[1] = help;
	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		argv[1] = version;
	status = tool_run(commands, &settings_judge, argc - 1, argv + 1);

	/* If the output could not be written, the command fails. */
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fprintf(stderr, "loyald: cannot write to standard output\n");
		return EXIT_WORLD;
	}
	return status;
}
