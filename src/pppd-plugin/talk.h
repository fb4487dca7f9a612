/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket to the daemon. */
#ifndef PPPD_PLUGIN_TALK_H
#define PPPD_PLUGIN_TALK_H

#include <stddef.h>

#include "compat.h"
#include "l2tpd/plugin.h"

/* Takes over fd, which then closes on exec. -ENOTSOCK, -EPROTOTYPE: not a SOCK_SEQPACKET socket. */
int talk_open(int fd);
void talk_close(void);

/* Reports never block; without a daemon, or one too slow to read them, they are dropped. */
void talk_report(enum plugin_msg_type type, int number, const char *text);
/* The same for a message with a body of size bytes. */
void talk_report_body(struct plugin_msg *msg, size_t size);

/*
 * Asks and waits up to PLUGIN_ANSWER_TIMEOUT_S. 0: *ret_answer is filled, the caller wipes it.
 * -ENOENT: the daemon knows no such user; -ENOTCONN: no daemon; -ETIMEDOUT: no answer;
 * -EBADMSG: an answer that makes no sense; -EINTR: a signal asks pppd to end.
 */
int talk_ask(enum plugin_msg_type type, const char *name, struct plugin_msg *ret_answer);
/* The same for PLUGIN_ASK_ADDRESS; no -ENOENT. ret_answer->grant.text ends with a NUL. */
int talk_ask_address(uint32_t address, const char *user, struct plugin_msg *ret_answer);
/* A negative result of the two in words. */
const char *talk_failure(int rc);

#endif
