/* SPDX-License-Identifier: MIT */
#ifndef WORKER_CMD_H
#define WORKER_CMD_H

/* One per file: cmd_work() is worker/work.c.  argv[0] is the command; the
 * result is the exit status (base/log.h). */
int cmd_receive(int, char *[]);
int cmd_work(int, char *[]);
int cmd_push(int, char *[]);
int cmd_schedule(int, char *[]);
int cmd_serve(int, char *[]);
int cmd_migrate(int, char *[]);
int cmd_key(int, char *[]);
int cmd_store(int, char *[]);
int cmd_store_report(int, char *[]); /* its list and show */
int cmd_store_check(int, char *[]);  /* its check */
int cmd_member(int, char *[]);
int cmd_program(int, char *[]);
int cmd_program_store(int, char *[]); /* its publish, list and show */
int cmd_charity(int, char *[]);
int cmd_quote(int, char *[]);
int cmd_dlq(int, char *[]);
int cmd_verify(int, char *[]);

#endif /* WORKER_CMD_H */
