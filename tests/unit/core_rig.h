/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One core on a bench: the test is its caller, its clock and its peer. What the core wants done is
 * collected; messages it sends come back decoded.
 */
#ifndef TESTS_CORE_RIG_H
#define TESTS_CORE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <l2tp/core.h>

#define SEC	 USEC_PER_SEC
#define MSEC	 USEC_PER_MSEC
#define PEER_TID 4242
#define PEER_SID 5151

/* One effect, with copies of what it points to; of a SEND the message decoded. */
struct seen {
	struct l2tp_effect effect;
	struct l2tp_msg msg;
	uint8_t data[2048];
	char calling[64], called[64];
};

#define SEEN_MAX 600

struct rig {
	struct l2tp_core *core;
	usec_t now;
	uint64_t random;
	struct l2tp_tunnel_params params; /* ours, in either role */
	struct l2tp_secret peer_secret;	  /* with which the peer reads us and hides */
	bool peer_hides;
	struct l2tp_path path; /* of datagrams that arrive */
	uint16_t peer_ns, peer_nr;
	uint16_t tid; /* of our tunnel, once known */
	struct seen *seen;
	unsigned count;
};

extern const struct l2tp_secret rig_secret;

void rig_open_limits(struct rig *rig, const struct l2tp_limits *limits);
void rig_open(struct rig *rig);
void rig_close(struct rig *rig);

/* cmocka's set-up and tear-down: *state is a rig with limits for everybody. */
int rig_setup(void **state);
int rig_teardown(void **state);

/* Collect effects; each of the functions below ends with it. */
void rig_drain(struct rig *rig);
/* Forget what was collected. */
void rig_forget(struct rig *rig);
/* Let time pass, all deadlines in it included. */
void rig_wait(struct rig *rig, usec_t time);

/* The effects of one kind: how many, and the last. */
unsigned rig_count(const struct rig *rig, enum l2tp_effect_type type);
const struct seen *rig_last(const struct rig *rig, enum l2tp_effect_type type);
unsigned rig_sent_count(const struct rig *rig, enum l2tp_msg_type type);
/* The last message of that type we sent; fails the test if there is none. */
const struct seen *rig_sent(const struct rig *rig, enum l2tp_msg_type type);
/* The text beside the result in a message has this in it. */
bool rig_says(const struct seen *seen, const char *what);
/* Place among the collected effects of the last one of a kind, for "before" and "after". */
unsigned rig_place(const struct rig *rig, enum l2tp_effect_type type, enum l2tp_msg_type msg);

/* The peer's messages. */
struct l2tp_msg peer_msg(enum l2tp_msg_type type);
struct l2tp_msg peer_sccrq(void);
struct l2tp_msg peer_sccrp(void);
struct l2tp_msg peer_with_sid(enum l2tp_msg_type type, uint16_t sid);
struct l2tp_msg peer_icrq(uint16_t sid, uint32_t serial);
struct l2tp_msg peer_ocrq(void);
/* ICCN or OCCN */
struct l2tp_msg peer_connected(enum l2tp_msg_type type);
struct l2tp_msg peer_cdn(uint16_t sid, uint16_t result, const char *text);
struct l2tp_msg peer_stopccn(uint16_t tid, uint16_t result, const char *text);
void peer_challenge(struct l2tp_msg *msg, const void *data, size_t len);
/* The right answer to the challenge in the last SCCRQ or SCCRP of ours. */
void peer_respond(struct rig *rig, struct l2tp_msg *msg);
/* Encode; Ns and Nr as given. Length. */
size_t peer_encode(struct rig *rig, struct l2tp_msg *msg, uint16_t tid, uint16_t sid, uint16_t ns,
	uint16_t nr, uint8_t *buf, size_t size);
/* Bytes arrive; an SCCRQ is accepted. */
void peer_bytes(struct rig *rig, const uint8_t *data, size_t len);
/* The next message of the peer arrives, with all we sent acknowledged. */
void peer_say(struct rig *rig, struct l2tp_msg *msg, uint16_t sid);
/* The same with numbers of its own, which do not count. */
void peer_say_numbered(struct rig *rig, struct l2tp_msg *msg, uint16_t tid, uint16_t sid,
	uint16_t ns, uint16_t nr);
/* The peer's next message, of these AVPs in hexadecimal; see wire.h. */
void peer_say_hex(struct rig *rig, uint16_t sid, const char *avps);
/* A message with one attribute more than it should have. */
void peer_say_with(struct rig *rig, enum l2tp_msg_type type, uint16_t flags, uint16_t vendor,
	uint16_t attribute);
/* A ZLB for all we sent. */
void peer_ack(struct rig *rig);

/* Whole dialogues. */
void rig_we_open(struct rig *rig);	  /* we send SCCRQ */
void rig_tunnel_by_us(struct rig *rig);	  /* established, everything acknowledged */
void rig_tunnel_by_peer(struct rig *rig); /* the same */
void rig_peer_requests(struct rig *rig);  /* SCCRQ arrives */

/* Our caller ends the tunnel. */
void rig_close_tunnel(struct rig *rig, uint16_t result, const char *text);
/* Why the tunnel ended; it must have ended once. */
const struct l2tp_reason *rig_tunnel_down(const struct rig *rig);

/* The state is over: nothing left, no deadline either. */
void rig_assert_empty(struct rig *rig);

void rig_state(const struct rig *rig, enum l2tp_tunnel_state state);
uint64_t rig_drops(const struct rig *rig, enum l2tp_drop drop);

#endif
