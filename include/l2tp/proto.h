/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of L2TPv2 as RFC 2661 and RFC 3145 assign them. No code.
 */
#ifndef L2TP_PROTO_H
#define L2TP_PROTO_H

#define L2TP_PORT 1701 /* RFC 2661 8.1 */

/* RFC 2661 3.1: flag bits of the first 16-bit word of the header */
#define L2TP_HDR_T	  0x8000u /* type: control message */
#define L2TP_HDR_L	  0x4000u /* Length field present */
#define L2TP_HDR_S	  0x0800u /* Ns and Nr present */
#define L2TP_HDR_O	  0x0200u /* Offset Size present */
#define L2TP_HDR_P	  0x0100u /* priority */
#define L2TP_HDR_VER_MASK 0x000fu
#define L2TP_HDR_VER	  2u
#define L2TP_CTRL_HDR_LEN 12u /* a control header always has L and S and never O */

/* RFC 2661 4.1: AVP header */
#define L2TP_AVP_M	  0x8000u
#define L2TP_AVP_H	  0x4000u
#define L2TP_AVP_RSVD	  0x3c00u
#define L2TP_AVP_LEN_MASK 0x03ffu
#define L2TP_AVP_HDR_LEN  6u
#define L2TP_AVP_MAX_LEN  1023u

/*
 * RFC 2661 3.2: control message types; 28 and 29 are RFC 5515. 0 is our name for a ZLB, which
 * carries none.
 */
enum l2tp_msg_type {
	L2TP_MSG_ZLB = 0,
	L2TP_MSG_SCCRQ = 1,
	L2TP_MSG_SCCRP = 2,
	L2TP_MSG_SCCCN = 3,
	L2TP_MSG_STOPCCN = 4,
	L2TP_MSG_HELLO = 6,
	L2TP_MSG_OCRQ = 7,
	L2TP_MSG_OCRP = 8,
	L2TP_MSG_OCCN = 9,
	L2TP_MSG_ICRQ = 10,
	L2TP_MSG_ICRP = 11,
	L2TP_MSG_ICCN = 12,
	L2TP_MSG_CDN = 14,
	L2TP_MSG_WEN = 15,
	L2TP_MSG_SLI = 16,
	L2TP_MSG_CSUN = 28,  /* connect speed update notification */
	L2TP_MSG_CSURQ = 29, /* connect speed update request */
};
#define L2TP_MSG_MAX	 29
#define L2TP_MSG_INVALID 0xffffu /* ours too: a message without a usable type */

/* RFC 2661 4.4: attribute types of Vendor ID 0; 46 is RFC 3145, 97 and 98 are RFC 5515 */
enum l2tp_avp_type {
	L2TP_AVP_MESSAGE_TYPE = 0,
	L2TP_AVP_RESULT_CODE = 1,
	L2TP_AVP_PROTOCOL_VERSION = 2,
	L2TP_AVP_FRAMING_CAP = 3,
	L2TP_AVP_BEARER_CAP = 4,
	L2TP_AVP_TIE_BREAKER = 5,
	L2TP_AVP_FIRMWARE_REVISION = 6,
	L2TP_AVP_HOST_NAME = 7,
	L2TP_AVP_VENDOR_NAME = 8,
	L2TP_AVP_ASSIGNED_TUNNEL_ID = 9,
	L2TP_AVP_RECEIVE_WINDOW_SIZE = 10,
	L2TP_AVP_CHALLENGE = 11,
	L2TP_AVP_CAUSE_CODE = 12,
	L2TP_AVP_CHALLENGE_RESPONSE = 13,
	L2TP_AVP_ASSIGNED_SESSION_ID = 14,
	L2TP_AVP_CALL_SERIAL_NUMBER = 15,
	L2TP_AVP_MINIMUM_BPS = 16,
	L2TP_AVP_MAXIMUM_BPS = 17,
	L2TP_AVP_BEARER_TYPE = 18,
	L2TP_AVP_FRAMING_TYPE = 19,
	L2TP_AVP_CALLED_NUMBER = 21,
	L2TP_AVP_CALLING_NUMBER = 22,
	L2TP_AVP_SUB_ADDRESS = 23,
	L2TP_AVP_TX_CONNECT_SPEED = 24,
	L2TP_AVP_PHYSICAL_CHANNEL_ID = 25,
	L2TP_AVP_INITIAL_LCP_CONFREQ = 26,
	L2TP_AVP_LAST_SENT_LCP_CONFREQ = 27,
	L2TP_AVP_LAST_RECEIVED_LCP_CONFREQ = 28,
	L2TP_AVP_PROXY_AUTHEN_TYPE = 29,
	L2TP_AVP_PROXY_AUTHEN_NAME = 30,
	L2TP_AVP_PROXY_AUTHEN_CHALLENGE = 31,
	L2TP_AVP_PROXY_AUTHEN_ID = 32,
	L2TP_AVP_PROXY_AUTHEN_RESPONSE = 33,
	L2TP_AVP_CALL_ERRORS = 34,
	L2TP_AVP_ACCM = 35,
	L2TP_AVP_RANDOM_VECTOR = 36,
	L2TP_AVP_PRIVATE_GROUP_ID = 37,
	L2TP_AVP_RX_CONNECT_SPEED = 38,
	L2TP_AVP_SEQUENCING_REQUIRED = 39,
	L2TP_AVP_PPP_DISCONNECT_CAUSE = 46,
	L2TP_AVP_CONNECT_SPEED_UPDATE = 97,
	L2TP_AVP_CONNECT_SPEED_UPDATE_ENABLE = 98,
};
#define L2TP_AVP_TYPE_MAX 98

/*
 * RFC 5515: attributes of the access line, of Vendor ID 3561 (Broadband Forum). The numbers are
 * those of RFC 4679 and of the sub-options of TR-101's PPPoE tag. up is towards the network.
 */
#define L2TP_VENDOR_BROADBAND_FORUM 3561
enum l2tp_line_type {
	L2TP_LINE_CIRCUIT_ID = 1,
	L2TP_LINE_REMOTE_ID = 2,
	L2TP_LINE_ACTUAL_RATE_UP = 129,
	L2TP_LINE_ACTUAL_RATE_DOWN = 130,
	L2TP_LINE_MINIMUM_RATE_UP = 131,
	L2TP_LINE_MINIMUM_RATE_DOWN = 132,
	L2TP_LINE_ATTAINABLE_RATE_UP = 133,
	L2TP_LINE_ATTAINABLE_RATE_DOWN = 134,
	L2TP_LINE_MAXIMUM_RATE_UP = 135,
	L2TP_LINE_MAXIMUM_RATE_DOWN = 136,
	L2TP_LINE_LOW_POWER_RATE_UP = 137,
	L2TP_LINE_LOW_POWER_RATE_DOWN = 138,
	L2TP_LINE_MAXIMUM_DELAY_UP = 139,
	L2TP_LINE_ACTUAL_DELAY_UP = 140,
	L2TP_LINE_MAXIMUM_DELAY_DOWN = 141,
	L2TP_LINE_ACTUAL_DELAY_DOWN = 142,
	L2TP_LINE_ENCAPSULATION = 144,
};
#define L2TP_LINE_TYPE_MAX 144

/* RFC 2661 4.4.2: result codes of StopCCN */
enum l2tp_stopccn_result {
	L2TP_STOPCCN_CLEAR = 1,
	L2TP_STOPCCN_ERROR = 2,	 /* general error: the Error Code tells */
	L2TP_STOPCCN_EXISTS = 3, /* control channel already exists */
	L2TP_STOPCCN_NOT_AUTHORIZED = 4,
	L2TP_STOPCCN_VERSION = 5,  /* Error Code = highest version supported */
	L2TP_STOPCCN_SHUTDOWN = 6, /* requester is being shut down */
	L2TP_STOPCCN_FSM = 7,	   /* finite state machine error */
};

/* RFC 2661 4.4.2: result codes of CDN */
enum l2tp_cdn_result {
	L2TP_CDN_LOST_CARRIER = 1,
	L2TP_CDN_ERROR = 2, /* general error: the Error Code tells */
	L2TP_CDN_ADMIN = 3, /* administrative reasons */
	L2TP_CDN_NO_FACILITY_TEMP = 4,
	L2TP_CDN_NO_FACILITY_PERM = 5,
	L2TP_CDN_INVALID_DESTINATION = 6,
	L2TP_CDN_NO_CARRIER = 7,
	L2TP_CDN_BUSY = 8,
	L2TP_CDN_NO_DIAL_TONE = 9,
	L2TP_CDN_TIMEOUT = 10, /* not established in the time allotted by the LAC */
	L2TP_CDN_NO_FRAMING = 11,
};

/* RFC 2661 4.4.2: general error codes */
enum l2tp_error {
	L2TP_ERR_NONE = 0,
	L2TP_ERR_NO_CONNECTION = 1, /* no control connection exists yet for this pair */
	L2TP_ERR_LENGTH = 2,
	L2TP_ERR_VALUE = 3, /* field out of range or reserved field non-zero */
	L2TP_ERR_RESOURCES = 4,
	L2TP_ERR_SESSION_ID = 5, /* session id invalid in this context */
	L2TP_ERR_VENDOR = 6,	 /* generic vendor-specific error */
	L2TP_ERR_TRY_ANOTHER = 7,
	L2TP_ERR_UNKNOWN_AVP = 8, /* unknown AVP with the M bit set */
};

/* RFC 3145 2: why PPP ended; 0-3 of the whole, 4-12 LCP, 13-16 authentication, 17-20 NCP */
enum l2tp_ppp_cause {
	L2TP_PPP_CAUSE_NONE = 0,
	L2TP_PPP_CAUSE_ADMIN = 1,
	L2TP_PPP_CAUSE_RENEGOTIATION = 2, /* LNS wants proxy LCP, which the LAC did not send */
	L2TP_PPP_CAUSE_NORMAL = 3,	  /* LCP Terminate-Request */
	L2TP_PPP_CAUSE_ENCRYPTION = 4,
	L2TP_PPP_CAUSE_LCP_TIMEOUT = 5,
	L2TP_PPP_CAUSE_NO_LCP = 6,
	L2TP_PPP_CAUSE_LOOPBACK = 7,
	L2TP_PPP_CAUSE_ECHO_TIMEOUT = 8,
	L2TP_PPP_CAUSE_DISCRIMINATOR = 9,
	L2TP_PPP_CAUSE_MRRU = 10,
	L2TP_PPP_CAUSE_SSNHF = 11,
	L2TP_PPP_CAUSE_CALLBACK = 12,
	L2TP_PPP_CAUSE_AUTH_TIMEOUT = 13,
	L2TP_PPP_CAUSE_AUTH_NAME = 14,
	L2TP_PPP_CAUSE_AUTH_PROTOCOL = 15,
	L2TP_PPP_CAUSE_AUTH_FAILED = 16, /* wrong name, password or secret */
	L2TP_PPP_CAUSE_NCP_TIMEOUT = 17,
	L2TP_PPP_CAUSE_NO_NCP = 18,
	L2TP_PPP_CAUSE_ADDRESS = 19, /* no agreement on addresses */
	L2TP_PPP_CAUSE_NO_ADDRESS = 20,
};

/* RFC 2661 4.4.3, 4.4.4: bits of Framing and Bearer AVPs (capabilities and types) */
#define L2TP_FRAMING_SYNC   0x1u
#define L2TP_FRAMING_ASYNC  0x2u
#define L2TP_BEARER_DIGITAL 0x1u
#define L2TP_BEARER_ANALOG  0x2u

/* RFC 2661 4.4.3: a peer that sends no Receive Window Size has one of 4 */
#define L2TP_DEFAULT_RWS 4

/* RFC 2661 4.4.3: version 1 revision 0 in the Protocol Version AVP means L2TPv2 */
#define L2TP_PROTOCOL_VERSION 0x0100u

#endif
