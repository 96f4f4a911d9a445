/* SPDX-License-Identifier: MIT */
#ifndef IO_SLOT_H
#define IO_SLOT_H

/*
 * slot: a small number that is this process's own on this machine for as
 * long as it lives, and free again the moment it dies, however it dies.
 *
 * Held by binding an abstract Unix socket (unix(7)): no file is left over,
 * and a process that is started again gets the number it had.
 */

/* The lowest free one from 1 to max; 0 if there is none. */
unsigned slot_take(const char *what, unsigned max);

#endif /* IO_SLOT_H */
