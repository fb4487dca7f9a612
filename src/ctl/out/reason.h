/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a call or tunnel ended, in words.
 */
#ifndef CTL_OUT_REASON_H
#define CTL_OUT_REASON_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The reason fields of l2tpd/ctl.h: "by the peer: CDN 3 administrative reasons: TEXT". malloc'ed;
 * without memory the program ends.
 */
char *reason_text(const json_t *reason, bool with_text);
/* True if the object has reason fields at all. */
bool reason_is_there(const json_t *object);

#endif
