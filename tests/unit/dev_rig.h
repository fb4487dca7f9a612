/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of peers that do not keep to RFC 2661, written by hand as strings of hexadecimal, and
 * what our side counts of them.
 */
#ifndef TESTS_DEV_RIG_H
#define TESTS_DEV_RIG_H

#include "core_rig.h"
#include "wire.h"

#define DEV(name) L2TP_DEV_##name

/* First word of an AVP: M is 8000, H 4000, the rest its length; then vendor, type, value. */
#define TYPE(hex)   "8008 0000 0000 " hex " "
#define VERSION	    "8008 0000 0002 0100 "
#define FRAMING_CAP "800a 0000 0003 00000003 "
#define BEARER_CAP  "800a 0000 0004 00000003 "
#define HOST	    "8009 0000 0007 6d7064 "
#define TUNNEL_ID   "8008 0000 0009 1092 " /* PEER_TID */
#define SESSION_ID  "8008 0000 000e 141f " /* PEER_SID */
#define SERIAL	    "800a 0000 000f 00002711 "
#define TX_SPEED    "800a 0000 0018 00989680 "
#define SYNC	    "800a 0000 0013 00000001 "

/* The most of a start message, in any order that suits. */
#define STRICT_SCCRQ TYPE("0001") VERSION FRAMING_CAP HOST TUNNEL_ID

/* mpd: its own order, Vendor Name with M, no Receive Window Size. */
#define MPD_VENDOR    "8011 0000 0008 46726565425344204d5044 "
#define MPD_START     HOST MPD_VENDOR BEARER_CAP VERSION FRAMING_CAP TUNNEL_ID
#define MPD_CHALLENGE "8016 0000 000b 000102030405060708090a0b0c0d0e0f "

/* The peer's next message, of these AVPs; to be changed before it arrives, or said at once. */
struct wire dev_datagram(struct rig *rig, uint16_t sid, const char *avps);
void dev_arrive(struct rig *rig, struct wire *w);
void dev_say(struct rig *rig, uint16_t sid, const char *avps);
/* SCCRP or SCCCN of these AVPs, and a Challenge Response after them that begins with first_word. */
void dev_say_response(
	struct rig *rig, enum l2tp_msg_type type, const char *avps, const char *first_word);

struct l2tp_tunnel_info dev_tunnel(const struct rig *rig);
enum l2tp_session_state dev_state(const struct rig *rig, uint16_t sid);

/* The counters of the tunnel: so many messages with one deviation, with a second, with no other. */
void dev_assert_counted(
	const struct rig *rig, unsigned dev, unsigned count, unsigned dev2, unsigned count2);
/* One message with this one, or (0) none at all. */
void dev_assert_only(const struct rig *rig, unsigned dev);
/* The tunnel is up and we ended nothing. */
void dev_assert_no_complaint(const struct rig *rig);

/* The peer's ICRQ or OCRQ is offered and taken; our id of it. */
uint16_t dev_take_offer(struct rig *rig);
/* A call of the peer, as far as ICCN. */
uint16_t dev_call_before_iccn(struct rig *rig);
/* A call of ours, as far as ICRP or OCRP; and an incoming one that is up. */
uint16_t dev_place(struct rig *rig, bool outgoing);
uint16_t dev_call_by_us(struct rig *rig);
/* Why the call ended; it must have ended once. */
const struct l2tp_reason *dev_call_down(const struct rig *rig);

#endif
