/* SPDX-License-Identifier: MIT */
/*
 * The map of the program: every process and every tool it has, by name.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/cc.h"
#include "base/config.h"
#include "base/log.h"
#include "cmd.h"

static const struct command {
	const char *name;
	int (*run)(int, char *[]);
	const char *what;
} commands[] = {
	{ "receive", cmd_receive, "take webhooks in and queue them" },
	{ "work", cmd_work, "turn queued messages into ledger entries" },
	{ "push", cmd_push, "send balances back to the stores" },
	{ "schedule", cmd_schedule, "do what is due because time passed" },
	{ "serve", cmd_serve, "answer storefronts asking for a balance" },
	{ "migrate", cmd_migrate, "bring the database to this version" },
	{ "key", cmd_key, "new: make the master key" },
	{ "store", cmd_store,
	    "add, list, show, set, rotate-secret, disable, enable" },
	{ "member", cmd_member,
	    "show, history, balance, explain; adjust, redeem, capture, "
	    "release, merge, claim" },
	{ "program", cmd_program,
	    "check, test, explain, diff; publish, list, show" },
	{ "charity", cmd_charity, "list, payout: what charities are owed" },
	{ "quote", cmd_quote, "what a basket would cost a member, and earn" },
	{ "dlq", cmd_dlq, "list, show, replay, discard: messages that failed" },
	{ "verify", cmd_verify, "check every invariant of the ledger" },
};

static int
usage(FILE *to, int status)
{
	fprintf(to, "usage: loyald COMMAND [OPTION...]\n\n");
	for (size_t i = 0; i < NITEMS(commands); i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].what);
	fprintf(to, "  %-10s %s\n", "help",
	    "this table; help config [--json]: every setting");
	fprintf(to, "  %-10s %s\n", "version", "which loyald this is");
	return status;
}

static int
help(int argc, char *argv[])
{
	if (argc == 1)
		return usage(stdout, EXIT_STOPPED);
	if (strcmp(argv[1], "config") != 0 || argc > 3 ||
	    (argc == 3 && strcmp(argv[2], "--json") != 0))
		return usage(stderr, EXIT_USAGE);
	config_print(stdout, argc == 3);
	return EXIT_STOPPED;
}

static int
run(int argc, char *argv[])
{
	if (argc < 1)
		return usage(stderr, EXIT_USAGE);
	if (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0)
		return help(argc, argv);
	if (strcmp(argv[0], "version") == 0 ||
	    strcmp(argv[0], "--version") == 0) {
		bool json = argc > 1 && strcmp(argv[1], "--json") == 0;

		printf(
		    json ? "{\"version\":\"%s\"}\n" : "loyald %s\n", VERSION);
		return EXIT_STOPPED;
	}
	for (size_t i = 0; i < NITEMS(commands); i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			return commands[i].run(argc, argv);

	fprintf(stderr, "loyald: there is no command %s\n", argv[0]);
	return usage(stderr, EXIT_USAGE);
}

/* Keys, secrets and customers' bodies are in memory: none of it goes to a
 * core file, and no other process of the same user may look.  A child that is
 * forked is like its parent in both. */
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
	int status;

	keep_private();
	status = run(argc - 1, argv + 1);

	/* An answer that could not be written was none. */
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fprintf(stderr, "loyald: cannot write to standard output\n");
		return EXIT_WORLD;
	}
	return status;
}
