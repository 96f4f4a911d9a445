/* SPDX-License-Identifier: MIT */
/* loyald member code: the code that a member shows at a till. */
#include <stdio.h>

#include "base/jsonw.h"
#include "base/log.h"
#include "base/tool.h"
#include "ledger/member_codes.h"
#include "member.h"
#include "member_named.h"
#include "operation.h"

struct code_options {
	struct member_named who;
	bool renew, revoke, json;
};

/* Does what the options ask for, in one transaction.  *code becomes the member's
 * code; data NULL: none. */
static int
code_change(struct operation *op, const struct code_options *g,
    struct member_key key, struct str *code, struct err *e)
{
	size_t n;

	*code = (struct str){ 0 };
	if ((g->renew || g->revoke) &&
	    code_revoke(op->pg, &op->arena, key, &n, e) == -1)
		return -1;
	if (g->revoke)
		return 0;
	if (code_get(op->pg, &op->arena, key, code, e) == -1)
		return -1;
	return code->len > 0 ? 0 : code_add(op->pg, &op->arena, key, code, e);
}

static int
code_of(struct operation *op, const struct code_options *g, struct str *code,
    struct err *e)
{
	struct member_key key;

	if (member_named_find(op, &g->who, &key, e) == -1 ||
	    pg_begin(op->pg, e) == -1)
		return -1;
	return pg_end(op->pg, code_change(op, g, key, code, e) == 0, e);
}

static void
print(const struct code_options *g, struct str code)
{
	char text[MEMBER_CODE_SIZE] = "";
	struct jsonw w;

	if (code.len > 0)
		member_code_write(code.data, text);
	if (g->json) {
		jsonw_begin(&w);
		jsonw_text(&w, "code", code.len > 0 ? text : NULL);
		jsonw_end(&w, stdout);
	} else {
		printf("%s\n",
		    code.len > 0 ? text : "the member has no code any more");
	}
}

int
member_code(struct tool_call *call)
{
	struct code_options g = { 0 };
	const struct option_spec options[] = {
		OPTIONS_MEMBER(&g.who),
		{ "--new", NULL, "revoke the code of now, and make another one",
		    .flag = &g.renew },
		{ "--revoke", NULL, "revoke it, and make none",
		    .flag = &g.revoke },
		OPTION_JSON(&g.json),
		{ 0 },
	};
	struct config c;
	struct operation op;
	struct str code;
	struct err e;
	int status = tool_read_line(call, options, &c);

	if (status == EXIT_STOPPED)
		status = member_named_check(call, &g.who);
	if (status == EXIT_STOPPED && g.renew && g.revoke)
		status = tool_usage(
		    call, "%s takes either --new or --revoke", call->argv[0]);
	if (status == EXIT_STOPPED)
		status = operation_open(
		    &op, call, &c, member_named_takes_key(&g.who));
	if (status != EXIT_STOPPED)
		return status;
	if (code_of(&op, &g, &code, &e) == -1)
		return operation_end(&op, &e);
	print(&g, code);
	return operation_end(&op, NULL);
}
