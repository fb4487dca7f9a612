/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A datagram in words. */
#ifndef TESTS_DESCRIBE_RIG_H
#define TESTS_DESCRIBE_RIG_H

#include "wire.h"

#include <l2tp/describe.h>

extern const struct l2tp_secret secret, wrong_secret;

/* Of the last words. */
extern char line[L2TP_DESCRIBE_LINE];

/* Of a datagram, and of a control message of these AVPs in hexadecimal; with a secret or NULL. */
const char *words(const struct wire *w, const struct l2tp_secret *with);
const char *words_of(const char *avps, const struct l2tp_secret *with);

/* An ICCN with hidden attributes; a password is among them. */
struct wire hidden_iccn(void);

#endif
