/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/tool.h"

/* The functions of `loyald member` that are defined outside member.c. */

/* in member_change.c */
int member_adjust(struct tool_call *call);
int member_redeem(struct tool_call *call);
int member_redeemed(
    struct tool_call *call); /* member capture, member release */
int member_merge_into(struct tool_call *call);
int member_claim_for(struct tool_call *call);

/* in member_balance.c */
int member_balance(struct tool_call *call);

/* in member_code.c */
int member_code(struct tool_call *call);

/* in member_explain.c */
int member_explain(struct tool_call *call);
