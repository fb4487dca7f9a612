/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ppp_proxy and its client as far as LCP. */
#ifndef TESTS_LCP_RIG_H
#define TESTS_LCP_RIG_H

#include "ppp_rig.h"

/* what we ask for on PPPoE with all methods: MRU 1492, MS-CHAPv2, a magic number */
#define ASK_MSCHAPV2 "0104 05d4 0305 c22381 0506 xxxxxxxx"
#define ASK_CHAP     "0104 05d4 0305 c22305 0506 xxxxxxxx"
#define ASK_PAP	     "0104 05d4 0304 c023 0506 xxxxxxxx"
#define ASK_NOTHING  "0104 05d4 0506 xxxxxxxx"

/* cmocka's set-up and tear-down: *state is a rig that has not begun. */
int lcp_setup(void **state);
int lcp_teardown(void **state);

/* LCP alone, no login asked for: DONE when it is Opened. */
struct ppp_rig *lcp_only(void **state);
/* The client answers our last Configure-Request with this code. */
void lcp_answer(struct ppp_rig *rig, uint8_t code, const char *options);

#endif
