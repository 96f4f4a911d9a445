/* SPDX-License-Identifier: MIT */
#ifndef IO_NOTIFY_H
#define IO_NOTIFY_H

/*
 * notify: tells the service manager how this process is, in the words of
 * sd_notify(3): a datagram to the socket that NOTIFY_SOCKET names.  Without
 * that variable nobody is told, and nothing is done.
 *
 * No call waits.  What did not arrive is said again when the same function is
 * called the next time.  A child that was forked says nothing, since the manager
 * started its parent.
 *
 * Written here, as the manual page advises whoever needs no more of
 * libsystemd: a library that also reads journals and loads what unpacks them
 * is a large thing to map into a process that takes requests from outside.
 */

/* From the environment.  Call once, before anything forks. */
void notify_init(void);

/* Once; later calls say nothing. */
void notify_ready(void);
/* A sentence for `systemctl status`, if it is another than the last one. */
void notify_status(const char *sentence);
/* Async-signal-safe. */
void notify_stopping(void);

#endif /* IO_NOTIFY_H */
