/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * slot: takes a small number that no other process on this machine has while
 * this process lives.  The number is free again as soon as the process ends,
 * for whatever reason.
 *
 * A process holds a number by binding an abstract Unix socket (unix(7)), which
 * leaves no file behind.  A process that is started again usually gets the same
 * number.
 */

/* Takes the lowest free number from 1 to max.  Each purpose, such as "work",
 * has numbers of its own.  Returns 0 if no number is free. */
unsigned slot_take(const char *what, unsigned max);
