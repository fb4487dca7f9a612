/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each message of RFC 2661 section 6 must and may carry, one row each.
 *
 * MSG(type, name, scope, last_words, must, may)
 *   scope       SESSION: an offence costs the session (CDN), TUNNEL: the tunnel (StopCCN)
 *   last_words  1: it ends its scope anyway, so nothing in it is an offence
 *   must, may   attributes; Message Type and Random Vector belong everywhere and are not listed
 *
 * A known attribute that is in neither set is taken all the same and counted (mpd's SCCCN repeats
 * the whole SCCRQ).
 */
#ifndef PROTO_MSG_RULES_H
#define PROTO_MSG_RULES_H

#include <l2tp/proto.h>

#define AVP_BIT(avp) (UINT64_C(1) << L2TP_AVP_##avp)

/* 4.4.1 */
#define AVPS_ANYWHERE (AVP_BIT(MESSAGE_TYPE) | AVP_BIT(RANDOM_VECTOR))
#define AVPS_PROXY                                                                                 \
	(AVP_BIT(INITIAL_LCP_CONFREQ) | AVP_BIT(LAST_SENT_LCP_CONFREQ) |                           \
		AVP_BIT(LAST_RECEIVED_LCP_CONFREQ) | AVP_BIT(PROXY_AUTHEN_TYPE) |                  \
		AVP_BIT(PROXY_AUTHEN_NAME) | AVP_BIT(PROXY_AUTHEN_CHALLENGE) |                     \
		AVP_BIT(PROXY_AUTHEN_ID) | AVP_BIT(PROXY_AUTHEN_RESPONSE))

/* clang-format off */
#define L2TP_MSG_TABLE(MSG) \
	/* 6.1 */ \
	MSG(SCCRQ, "SCCRQ", TUNNEL, 0, \
		AVP_BIT(PROTOCOL_VERSION) | AVP_BIT(HOST_NAME) | AVP_BIT(FRAMING_CAP) | \
			AVP_BIT(ASSIGNED_TUNNEL_ID), \
		AVP_BIT(BEARER_CAP) | AVP_BIT(RECEIVE_WINDOW_SIZE) | AVP_BIT(CHALLENGE) | \
			AVP_BIT(TIE_BREAKER) | AVP_BIT(FIRMWARE_REVISION) | AVP_BIT(VENDOR_NAME)) \
	/* 6.2 */ \
	MSG(SCCRP, "SCCRP", TUNNEL, 0, \
		AVP_BIT(PROTOCOL_VERSION) | AVP_BIT(FRAMING_CAP) | AVP_BIT(HOST_NAME) | \
			AVP_BIT(ASSIGNED_TUNNEL_ID), \
		AVP_BIT(BEARER_CAP) | AVP_BIT(FIRMWARE_REVISION) | AVP_BIT(VENDOR_NAME) | \
			AVP_BIT(RECEIVE_WINDOW_SIZE) | AVP_BIT(CHALLENGE) | \
			AVP_BIT(CHALLENGE_RESPONSE)) \
	/* 6.3 */ \
	MSG(SCCCN, "SCCCN", TUNNEL, 0, 0, AVP_BIT(CHALLENGE_RESPONSE)) \
	/* 6.4 */ \
	MSG(STOPCCN, "StopCCN", TUNNEL, 1, AVP_BIT(ASSIGNED_TUNNEL_ID) | AVP_BIT(RESULT_CODE), 0) \
	/* 6.5 */ \
	MSG(HELLO, "HELLO", TUNNEL, 0, 0, 0) \
	/* 6.9 */ \
	MSG(OCRQ, "OCRQ", SESSION, 0, \
		AVP_BIT(ASSIGNED_SESSION_ID) | AVP_BIT(CALL_SERIAL_NUMBER) | AVP_BIT(MINIMUM_BPS) | \
			AVP_BIT(MAXIMUM_BPS) | AVP_BIT(BEARER_TYPE) | AVP_BIT(FRAMING_TYPE) | \
			AVP_BIT(CALLED_NUMBER), \
		AVP_BIT(SUB_ADDRESS)) \
	/* 6.10 */ \
	MSG(OCRP, "OCRP", SESSION, 0, AVP_BIT(ASSIGNED_SESSION_ID), AVP_BIT(PHYSICAL_CHANNEL_ID)) \
	/* 6.11 */ \
	MSG(OCCN, "OCCN", SESSION, 0, AVP_BIT(TX_CONNECT_SPEED) | AVP_BIT(FRAMING_TYPE), \
		AVP_BIT(RX_CONNECT_SPEED) | AVP_BIT(SEQUENCING_REQUIRED)) \
	/* 6.6 */ \
	MSG(ICRQ, "ICRQ", SESSION, 0, AVP_BIT(ASSIGNED_SESSION_ID) | AVP_BIT(CALL_SERIAL_NUMBER), \
		AVP_BIT(BEARER_TYPE) | AVP_BIT(PHYSICAL_CHANNEL_ID) | AVP_BIT(CALLING_NUMBER) | \
			AVP_BIT(CALLED_NUMBER) | AVP_BIT(SUB_ADDRESS)) \
	/* 6.7 */ \
	MSG(ICRP, "ICRP", SESSION, 0, AVP_BIT(ASSIGNED_SESSION_ID), 0) \
	/* 6.8 */ \
	MSG(ICCN, "ICCN", SESSION, 0, AVP_BIT(TX_CONNECT_SPEED) | AVP_BIT(FRAMING_TYPE), \
		AVPS_PROXY | AVP_BIT(PRIVATE_GROUP_ID) | AVP_BIT(RX_CONNECT_SPEED) | \
			AVP_BIT(SEQUENCING_REQUIRED)) \
	/* 6.12 and RFC 3145 */ \
	MSG(CDN, "CDN", SESSION, 1, AVP_BIT(RESULT_CODE) | AVP_BIT(ASSIGNED_SESSION_ID), \
		AVP_BIT(CAUSE_CODE) | AVP_BIT(PPP_DISCONNECT_CAUSE)) \
	/* 6.13 */ \
	MSG(WEN, "WEN", SESSION, 0, AVP_BIT(CALL_ERRORS), 0) \
	/* 6.14 */ \
	MSG(SLI, "SLI", SESSION, 0, AVP_BIT(ACCM), 0)
/* clang-format on */

#endif
