/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/code.h"

enum {
	CHECKS = 2, /* symbols at the end */
	SYMBOL_BITS = 5,
	GROUP = 4,
	MEMBER_GROUP = 3,
	SYMBOLS = 1 << SYMBOL_BITS,
	FIELD = 0x25,        /* x^5 + x^2 + 1 */
	WHAT_MAX = 64 + 255, /* bytes: a redemption's key, and what is before */
};

static const char symbols[] = "23456789abcdefghjklmnpqrstuvwxyz";

/* Writes the two symbols that check the others. */
static void
check_write(const char *plain, char out[CHECKS])
{
	int64_t n = number_of_text(
	    (struct str){ plain, CODE_SYMBOLS - CHECKS });

	for (int i = 0; i < CHECKS; i++, n >>= SYMBOL_BITS)
		out[i] = symbols[n & (SYMBOLS - 1)];
}

void
reward_code(const struct master_key *key, int64_t store_id,
    const char *redemption, int32_t generation, char out[CODE_PLAIN_SIZE])
{
	char what[WHAT_MAX];
	uint8_t hash[HMAC_SIZE];
	int n = snprintf(what, sizeof(what), "reward %" PRId64 " %d %s",
	    store_id, (int)generation, redemption);

	code_hash(key, (struct str){ what, (size_t)n }, hash);
	for (int i = 0; i < CODE_SYMBOLS - CHECKS; i++)
		out[i] = symbols[hash[i] & (SYMBOLS - 1)];
	check_write(out, &out[CODE_SYMBOLS - CHECKS]);
	out[CODE_SYMBOLS] = '\0';
}

/* Reads n symbols, in any case, with dashes anywhere. */
static bool
symbols_read(struct str text, size_t most, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = str_lower(text.data[i]);

		if (c == '-')
			continue;
		if (n == most || c == '\0' || strchr(symbols, c) == NULL)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n == most;
}

static void
groups_write(const char *plain, size_t group, char *out)
{
	size_t n = 0;

	for (size_t i = 0; plain[i] != '\0'; i++) {
		char c = plain[i];

		if (i > 0 && i % group == 0)
			out[n++] = '-';
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		out[n++] = c;
	}
	out[n] = '\0';
}

bool
code_read(struct str text, char out[CODE_PLAIN_SIZE])
{
	char check[CHECKS];

	if (!symbols_read(text, CODE_SYMBOLS, out))
		return false;
	check_write(out, check);
	return memcmp(check, &out[CODE_SYMBOLS - CHECKS], CHECKS) == 0;
}

void
code_write(const char *plain, char out[CODE_SIZE])
{
	groups_write(plain, GROUP, out);
}

/* ---- members' codes ------------------------------------------------------ */

/* Takes the symbols as a polynomial's coefficients, the first as the lowest, and
 * returns its value at x (1 or 2) in the field. */
static unsigned
value_at(const char *plain, unsigned x)
{
	unsigned value = 0;

	for (size_t i = MEMBER_CODE_SYMBOLS; i-- > 0;) {
		if (x == 2)
			value = value << 1 ^ (value & SYMBOLS / 2 ? FIELD : 0);
		value ^= (unsigned)(strchr(symbols, plain[i]) - symbols);
	}
	return value;
}

static bool
is_member_code(const char *plain)
{
	return value_at(plain, 1) == 0 && value_at(plain, 2) == 0;
}

void
member_code_make(
    const uint8_t random[MEMBER_CODE_BYTES], char out[MEMBER_CODE_PLAIN_SIZE])
{
	for (size_t i = 0; i < MEMBER_CODE_BYTES; i++)
		out[i] = symbols[random[i] & (SYMBOLS - 1)];
	out[MEMBER_CODE_SYMBOLS] = '\0';
	/* Exactly a single pair of symbols makes the two values 0. */
	for (unsigned i = 0; i < SYMBOLS * SYMBOLS; i++) {
		out[MEMBER_CODE_BYTES] = symbols[i / SYMBOLS];
		out[MEMBER_CODE_BYTES + 1] = symbols[i % SYMBOLS];
		if (is_member_code(out))
			return;
	}
}

bool
member_code_read(struct str text, char out[MEMBER_CODE_PLAIN_SIZE])
{
	return symbols_read(text, MEMBER_CODE_SYMBOLS, out) &&
	       is_member_code(out);
}

void
member_code_write(const char *plain, char out[MEMBER_CODE_SIZE])
{
	groups_write(plain, MEMBER_GROUP, out);
}
