/* SPDX-License-Identifier: MIT */
#ifndef IO_SLOT_H
#define IO_SLOT_H

/*
 * slot: takes a small number that no other process on this machine has while
 * this process lives.  The number is free again as soon as the process ends,
 * for whatever reason.
 *
 * The number is held by binding an abstract Unix socket (unix(7)): no file is
 * left over, and a process that is started again gets its number again.
 */

/* Takes the lowest free number from 1 to max for a `what`, such as "work"; 0 if
 * no number is free. */
unsigned slot_take(const char *what, unsigned max);

#endif /* IO_SLOT_H */
