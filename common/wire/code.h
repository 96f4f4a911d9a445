/* SPDX-License-Identifier: MIT */
#pragma once

#include "wire/sign.h"

/*
 * code: codes that people read and type, such as the code of a reward.
 *
 * A code is 16 symbols of 32: the digits and letters without 0 and O, 1 and I,
 * in four groups of four: "7KQM-2BXN-PW4D-ZH8T".  The last two symbols are a
 * check of the others, so that most mistakes, and the codes of other programs,
 * are known without a look into the database.  Capitals and dashes do not
 * matter when a code is read: the ledger keeps the plain form, in small letters
 * without dashes.
 *
 * The code of a reward is derived from the master key, the store, the redemption
 * and how often its reward began.  Nobody without the key can guess one, and it
 * is the same whoever derives it, and however often.
 */

enum {
	CODE_SYMBOLS = 16,
	CODE_PLAIN_SIZE = CODE_SYMBOLS + 1, /* bytes, with the zero */
	CODE_SIZE = CODE_SYMBOLS + 3 + 1,   /* as it is written, in groups */
};

/*
 * The code of a member is shorter, for tills: seven symbols and two that check them,
 * in three groups of three: "6S5-Y6H-YM9".  One wrong symbol, two wrong ones, and two
 * that changed places are always noticed: the check is that of a Reed-Solomon code
 * over the field of 32 elements (x^5 + x^2 + 1).
 */
enum {
	MEMBER_CODE_SYMBOLS = 9,
	MEMBER_CODE_CHECKS = 2,
	MEMBER_CODE_PLAIN_SIZE = MEMBER_CODE_SYMBOLS + 1,
	MEMBER_CODE_SIZE = MEMBER_CODE_SYMBOLS + 2 + 1,
	/* Random bytes that the code of a member is made of. */
	MEMBER_CODE_BYTES = MEMBER_CODE_SYMBOLS - MEMBER_CODE_CHECKS,
};

void member_code_make(
    const uint8_t random[MEMBER_CODE_BYTES], char out[MEMBER_CODE_PLAIN_SIZE]);
/* As code_read() and code_write(). */
bool member_code_read(struct str, char out[MEMBER_CODE_PLAIN_SIZE]);
void member_code_write(const char *plain, char out[MEMBER_CODE_SIZE]);

void reward_code(const struct master_key *, int64_t store_id,
    const char *redemption, int32_t generation, char out[CODE_PLAIN_SIZE]);

/* Whether a text has the form of a code; then `out` is its plain form. */
bool code_read(struct str, char out[CODE_PLAIN_SIZE]);
/* Writes a plain code for people. */
void code_write(const char *plain, char out[CODE_SIZE]);
