/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold: after every effect, when the network has been good for a while, and at the end.
 */
#ifndef TESTS_SIM_CHECK_H
#define TESTS_SIM_CHECK_H

#include "sim.h"

/* Each effect is one that the caller of the core may see now; they keep count. */
void check_session(unsigned n, const struct l2tp_effect *effect, struct known_session *s);
void check_tunnel(unsigned n, const struct l2tp_effect *effect, struct known_tunnel *t);

/* Every call that is up at one end is up at the other, and nothing is under way any more. */
void check_agreement(void);

/* Where nothing goes wrong, every call comes up. */
void check_success(void);

/* Nothing is left: no tunnel, no session, no deadline. */
void check_empty(void);

#endif
