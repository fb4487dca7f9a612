/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A core with one limit, and peers that open tunnels up to it. */
#ifndef TESTS_LIMITS_RIG_H
#define TESTS_LIMITS_RIG_H

#include "core_rig.h"

#define LIMITS_TUNNELS 64

/* The tunnels in the order in which they came. */
extern uint16_t limits_opened[LIMITS_TUNNELS];
extern unsigned limits_count;

/* A core with this limit only; 0: none. */
struct rig *limits_rig(enum l2tp_limit limit, unsigned all, unsigned network, unsigned source);
void limits_done(struct rig *rig);

struct l2tp_core_stats limits_stats(const struct rig *rig);
/* The n-th tunnel. */
bool limits_exists(const struct rig *rig, unsigned n);
enum l2tp_tunnel_state limits_state(const struct rig *rig, unsigned n);

/* Who speaks next. */
void limits_from(struct rig *rig, const char *host, uint16_t port);
/* An SCCRQ; true: it was answered by an SCCRP. */
bool limits_request(struct rig *rig, const char *host, uint16_t port);
/* The same, and the SCCRP is acknowledged; the tunnel is still half-open. */
void limits_answer(struct rig *rig, const char *host, uint16_t port);
void limits_establish(struct rig *rig, const char *host, uint16_t port);
/* ICRQ, StopCCN in the n-th tunnel, whose peer speaks. */
void limits_place(struct rig *rig, unsigned n, uint16_t sid, uint16_t ns);
void limits_stop(struct rig *rig, unsigned n);

#endif
