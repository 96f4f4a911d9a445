/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/tool.h"
#include "operation.h"

/*
 * member_named: how a command line names a member, the same for every command:
 * --member ID; or --store ID with one of --customer ID, --email ADDRESS and
 * --order ID.
 */

struct member_named {
	int64_t member_id, store_id, customer_id;
	const char *email, *order;
};

/* The options that name a member.  The options for a second member begin with
 * "--into-". */
#define OPTION_MEMBER(m)                                   \
	{                                                  \
		"--member", "ID", "the member, by number", \
		    .number = &(m)->member_id              \
	}
#define OPTION_MEMBER_STORE(m)                                             \
	{                                                                  \
		"--store", "ID",                                           \
		    "or a store that knows the member: loyald store list", \
		    .number = &(m)->store_id                               \
	}
#define OPTION_CUSTOMER(prefix, m)                                             \
	{                                                                      \
		prefix "customer", "ID", "number of the customer at the shop", \
		    .number = &(m)->customer_id, .with = "--store"             \
	}
#define OPTION_EMAIL(prefix, m)                             \
	{                                                   \
		prefix "email", "ADDRESS",                  \
		    "or address of the customer or guest",  \
		    .text = &(m)->email, .with = "--store", \
		    .needs = CONFIG_KEY                     \
	}
#define OPTION_MEMBER_ORDER(prefix, m)                                     \
	{                                                                  \
		prefix "order", "ID",                                      \
		    "or number of an order of the member at the shop; of " \
		    "POST /events, the till's name for it",                \
		    .text = &(m)->order, .with = "--store"                 \
	}
#define OPTIONS_MEMBER(m)                                                   \
	OPTION_MEMBER(m), OPTION_MEMBER_STORE(m), OPTION_CUSTOMER("--", m), \
	    OPTION_EMAIL("--", m), OPTION_MEMBER_ORDER("--", m)

/* The ways to name a member, as the usage line of a command shows them. */
#define MEMBER_WORDS                                                    \
	"{--member ID | --store ID {--customer ID | --email ADDRESS | " \
	"--order ID}}"

/* Counts in how many ways the command line names a member. */
int member_named_ways(const struct member_named *);

/* Checks that the member is named in exactly one way, and that --store is given
 * where it is needed.  Returns EXIT_STOPPED, or says what is wrong and returns
 * EXIT_USAGE. */
int member_named_check(
    const struct tool_call *, const struct member_named *) MUST_CHECK;

/* Whether finding the member needs the master key: the database has only hashes
 * of e-mail addresses, made with that key. */
bool member_named_takes_key(const struct member_named *);

/* Finds the named member.  REJECT if there is none. */
int member_named_find(struct operation *, const struct member_named *,
    struct member_key *, struct err *) MUST_CHECK;
