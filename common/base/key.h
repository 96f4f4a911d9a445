/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/*
 * key: the master key, which encrypts the secrets of stores.  The type is in
 * base/, the lowest layer: io/key_file.h reads a key, wire/sign.h uses the key,
 * and neither of the two may include the other.
 */

enum {
	MASTER_KEY_SIZE = 32, /* bytes, as AES-256 needs them */
};

struct hmac_key;

struct master_key {
	uint8_t bytes[MASTER_KEY_SIZE];
	/* The key for e-mail addresses (wire/sign.h), if it is kept. */
	struct hmac_key *email;
};
