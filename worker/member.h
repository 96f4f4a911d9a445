/* SPDX-License-Identifier: MIT */
#ifndef MEMBER_H
#define MEMBER_H

/* The verbs of `loyald member` that are not in member.c; argv[0] is "member
 * adjust". */

/* member_change.c */
int member_adjust(int argc, char *argv[]);
int member_redeem(int argc, char *argv[]);
int member_redeemed(int argc, char *argv[]); /* capture, release */
int member_merge_into(int argc, char *argv[]);
int member_claim_for(int argc, char *argv[]);

/* member_balance.c */
int member_balance(int argc, char *argv[]);

/* member_explain.c */
int member_explain(int argc, char *argv[]);

#endif /* MEMBER_H */
