/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every attribute this implementation knows, one row each, in the order of RFC 2661 4.4 (which is
 * the order on the wire). A row drives decoding, encoding, hiding, checks and names; a new
 * attribute is a number in l2tp/proto.h, a field in struct l2tp_msg, a row here and a bit in
 * msg_rules.h. Those of an access line (vendor 3561) have a table of their own with the same
 * columns.
 *
 * AVP(type, name, kind, min, max, M, hideable, check, words, field)
 *   kind      how the value is laid out, enum avp_kind
 *   min, max  octets of the value (before hiding)
 *   M         the M bit we send; any is accepted (RFC 2661 7.1)
 *   hideable  RFC 2661 allows the H bit
 *   check     what the value has to be besides its length, enum avp_check
 *   words     how a person is told the value, enum avp_words
 *   field     of struct l2tp_msg; the first one if the value has several
 */
#ifndef PROTO_AVP_TABLE_H
#define PROTO_AVP_TABLE_H

/* clang-format off */
#define L2TP_AVP_TABLE(AVP) \
	/* 4.4.1: all control messages */ \
	AVP(MESSAGE_TYPE, "Message Type", U16, 2, 2, 1, 0, ANY, MESSAGE, type) \
	AVP(RANDOM_VECTOR, "Random Vector", SPAN, 0, 1017, 1, 0, ANY, BYTES, random_vector) \
	/* 4.4.2: result and error codes */ \
	AVP(RESULT_CODE, "Result Code", RESULT, 2, 1017, 1, 0, ANY, FIELDS, result) \
	/* 4.4.3: control connection management */ \
	AVP(PROTOCOL_VERSION, "Protocol Version", U16, 2, 2, 1, 0, ANY, VERSION, protocol_version) \
	AVP(FRAMING_CAP, "Framing Capabilities", U32, 4, 4, 1, 1, ANY, FRAMING, framing_cap) \
	AVP(BEARER_CAP, "Bearer Capabilities", U32, 4, 4, 1, 1, ANY, BEARER, bearer_cap) \
	AVP(TIE_BREAKER, "Tie Breaker", U64, 8, 8, 0, 0, ANY, HEX, tie_breaker) \
	AVP(FIRMWARE_REVISION, "Firmware Revision", U16, 2, 2, 0, 1, ANY, HEX, firmware_revision) \
	AVP(HOST_NAME, "Host Name", SPAN, 1, 1017, 1, 0, ANY, TEXT, host_name) \
	AVP(VENDOR_NAME, "Vendor Name", SPAN, 0, 1017, 0, 1, ANY, TEXT, vendor_name) \
	AVP(ASSIGNED_TUNNEL_ID, "Assigned Tunnel ID", U16, 2, 2, 1, 1, NONZERO, NUMBER, \
		assigned_tid) \
	AVP(RECEIVE_WINDOW_SIZE, "Receive Window Size", U16, 2, 2, 1, 0, NONZERO, NUMBER, \
		receive_window) \
	AVP(CHALLENGE, "Challenge", SPAN, 1, 1017, 1, 1, ANY, SECRET, challenge) \
	AVP(CHALLENGE_RESPONSE, "Challenge Response", OCTETS16, 16, 16, 1, 1, ANY, SECRET, \
		challenge_response) \
	/* 4.4.4: call management */ \
	AVP(CAUSE_CODE, "Q.931 Cause Code", CAUSE, 3, 1017, 1, 0, ANY, FIELDS, cause_code) \
	AVP(ASSIGNED_SESSION_ID, "Assigned Session ID", U16, 2, 2, 1, 1, NONZERO, NUMBER, \
		assigned_sid) \
	AVP(CALL_SERIAL_NUMBER, "Call Serial Number", U32, 4, 4, 1, 1, ANY, NUMBER, call_serial) \
	AVP(MINIMUM_BPS, "Minimum BPS", U32, 4, 4, 1, 1, ANY, SPEED, minimum_bps) \
	AVP(MAXIMUM_BPS, "Maximum BPS", U32, 4, 4, 1, 1, ANY, SPEED, maximum_bps) \
	AVP(BEARER_TYPE, "Bearer Type", U32, 4, 4, 1, 1, ANY, BEARER, bearer_type) \
	AVP(FRAMING_TYPE, "Framing Type", U32, 4, 4, 1, 1, ANY, FRAMING, framing_type) \
	AVP(CALLED_NUMBER, "Called Number", SPAN, 0, 1017, 1, 1, ANY, TEXT, called_number) \
	AVP(CALLING_NUMBER, "Calling Number", SPAN, 0, 1017, 1, 1, ANY, TEXT, calling_number) \
	AVP(SUB_ADDRESS, "Sub-Address", SPAN, 0, 1017, 1, 1, ANY, TEXT, sub_address) \
	AVP(TX_CONNECT_SPEED, "Tx Connect Speed", SPEED, 4, 10, 1, 1, ANY, SPEED, tx_speed) \
	AVP(RX_CONNECT_SPEED, "Rx Connect Speed", SPEED, 4, 10, 0, 1, ANY, SPEED, rx_speed) \
	AVP(PHYSICAL_CHANNEL_ID, "Physical Channel ID", U32, 4, 4, 0, 1, ANY, HEX, \
		physical_channel) \
	AVP(PRIVATE_GROUP_ID, "Private Group ID", SPAN, 0, 1017, 0, 1, ANY, TEXT, private_group) \
	AVP(SEQUENCING_REQUIRED, "Sequencing Required", FLAG, 0, 0, 1, 0, ANY, FIELDS, present) \
	/* 4.4.5: proxy LCP and authentication */ \
	AVP(INITIAL_LCP_CONFREQ, "Initial Received LCP CONFREQ", SPAN, 0, 1017, 0, 1, ANY, LCP, \
		initial_lcp) \
	AVP(LAST_SENT_LCP_CONFREQ, "Last Sent LCP CONFREQ", SPAN, 0, 1017, 0, 1, ANY, LCP, \
		last_sent_lcp) \
	AVP(LAST_RECEIVED_LCP_CONFREQ, "Last Received LCP CONFREQ", SPAN, 0, 1017, 0, 1, ANY, LCP, \
		last_received_lcp) \
	AVP(PROXY_AUTHEN_TYPE, "Proxy Authen Type", U16, 2, 2, 0, 1, ANY, AUTHEN, \
		proxy_authen_type) \
	AVP(PROXY_AUTHEN_NAME, "Proxy Authen Name", SPAN, 0, 1017, 0, 1, ANY, TEXT, \
		proxy_authen_name) \
	AVP(PROXY_AUTHEN_CHALLENGE, "Proxy Authen Challenge", SPAN, 1, 1017, 0, 1, ANY, SECRET, \
		proxy_authen_challenge) \
	AVP(PROXY_AUTHEN_ID, "Proxy Authen ID", U16, 2, 2, 0, 1, OCTET, NUMBER, proxy_authen_id) \
	AVP(PROXY_AUTHEN_RESPONSE, "Proxy Authen Response", SPAN, 0, 1017, 0, 1, ANY, SECRET, \
		proxy_authen_response) \
	/* 4.4.6: call status */ \
	AVP(CALL_ERRORS, "Call Errors", CALL_ERRORS, 26, 26, 1, 1, ANY, FIELDS, call_errors) \
	AVP(ACCM, "ACCM", ACCM, 10, 10, 1, 1, ANY, FIELDS, accm_send) \
	/* RFC 3145 */ \
	AVP(PPP_DISCONNECT_CAUSE, "PPP Disconnect Cause Code", PPP_CAUSE, 5, 1017, 0, 1, ANY, FIELDS, \
		ppp_cause) \
	/* RFC 5515 */ \
	AVP(CONNECT_SPEED_UPDATE, "Connect Speed Update", SPEED_UPDATE, 12, 12, 0, 1, ANY, FIELDS, \
		speeds[0]) \
	AVP(CONNECT_SPEED_UPDATE_ENABLE, "Connect Speed Update Enable", FLAG, 0, 0, 0, 1, ANY, FIELDS, \
		present)

/* RFC 5515 5 */
#define L2TP_LINE_AVP_TABLE(AVP) \
	AVP(CIRCUIT_ID, "Agent Circuit Id", SPAN, 1, 63, 0, 1, ANY, TEXT, line.circuit_id) \
	AVP(REMOTE_ID, "Agent Remote Id", SPAN, 1, 63, 0, 1, ANY, TEXT, line.remote_id) \
	AVP(ACTUAL_RATE_UP, "Actual Data Rate Upstream", U64, 8, 8, 0, 1, ANY, SPEED, line.actual.up) \
	AVP(ACTUAL_RATE_DOWN, "Actual Data Rate Downstream", U64, 8, 8, 0, 1, ANY, SPEED, \
		line.actual.down) \
	AVP(MINIMUM_RATE_UP, "Minimum Data Rate Upstream", U64, 8, 8, 0, 1, ANY, SPEED, \
		line.minimum.up) \
	AVP(MINIMUM_RATE_DOWN, "Minimum Data Rate Downstream", U64, 8, 8, 0, 1, ANY, SPEED, \
		line.minimum.down) \
	AVP(ATTAINABLE_RATE_UP, "Attainable Data Rate Upstream", U64, 8, 8, 0, 1, ANY, SPEED, \
		line.attainable.up) \
	AVP(ATTAINABLE_RATE_DOWN, "Attainable Data Rate Downstream", U64, 8, 8, 0, 1, ANY, SPEED, \
		line.attainable.down) \
	AVP(MAXIMUM_RATE_UP, "Maximum Data Rate Upstream", U64, 8, 8, 0, 1, ANY, SPEED, \
		line.maximum.up) \
	AVP(MAXIMUM_RATE_DOWN, "Maximum Data Rate Downstream", U64, 8, 8, 0, 1, ANY, SPEED, \
		line.maximum.down) \
	AVP(LOW_POWER_RATE_UP, "Minimum Data Rate Upstream in low power state", U64, 8, 8, 0, 1, ANY, \
		SPEED, line.low_power.up) \
	AVP(LOW_POWER_RATE_DOWN, "Minimum Data Rate Downstream in low power state", U64, 8, 8, 0, 1, \
		ANY, SPEED, line.low_power.down) \
	AVP(MAXIMUM_DELAY_UP, "Maximum Interleaving Delay Upstream", U32, 4, 4, 0, 1, ANY, MSEC, \
		line.maximum_delay.up) \
	AVP(ACTUAL_DELAY_UP, "Actual Interleaving Delay Upstream", U32, 4, 4, 0, 1, ANY, MSEC, \
		line.actual_delay.up) \
	AVP(MAXIMUM_DELAY_DOWN, "Maximum Interleaving Delay Downstream", U32, 4, 4, 0, 1, ANY, MSEC, \
		line.maximum_delay.down) \
	AVP(ACTUAL_DELAY_DOWN, "Actual Interleaving Delay Downstream", U32, 4, 4, 0, 1, ANY, MSEC, \
		line.actual_delay.down) \
	AVP(ENCAPSULATION, "Access Loop Encapsulation", OCTETS3, 3, 3, 0, 1, ANY, ENCAPSULATION, \
		line.encapsulation)
/* clang-format on */

#endif
