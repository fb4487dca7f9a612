/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request.h"

#include <errno.h>
#include <string.h>

/* RFC 2661 4.4.5: Proxy Authen Type; MS-CHAPv2 is told as CHAP, and known by its lengths */
#define AUTHEN_CHAP	   2
#define AUTHEN_PAP	   3
#define AUTHEN_MSCHAP	   5
#define MD5_LEN		   16
#define MSCHAP_LEN	   49 /* RFC 2433 4, RFC 2759 4: 48 octets, and flags */
#define MSCHAP_CHALLENGE   8
#define MSCHAP_CHALLENGE_2 16
#define VENDOR_VALUE_MAX   (RADIUS_VALUE_MAX - 6)

static void put(struct buf_wr *wr, uint8_t type, const void *value, size_t len)
{
	if (len > RADIUS_VALUE_MAX)
		len = RADIUS_VALUE_MAX;
	if (!len)
		return;
	buf_wr_u8(wr, type);
	buf_wr_u8(wr, (uint8_t)(len + 2));
	buf_wr_bytes(wr, value, len);
}

static void put_text(struct buf_wr *wr, uint8_t type, const char *text)
{
	if (text)
		put(wr, type, text, strlen(text));
}

/* Unlike other values it may be empty. */
static void put_password(struct buf_wr *wr, const void *password, size_t len)
{
	buf_wr_u8(wr, RADIUS_USER_PASSWORD);
	buf_wr_u8(wr, (uint8_t)(len + 2));
	buf_wr_bytes(wr, password, len);
}

static void put_number(struct buf_wr *wr, uint8_t type, uint32_t n)
{
	buf_wr_u8(wr, type);
	buf_wr_u8(wr, 6);
	buf_wr_u32(wr, n);
}

/* RFC 2865 5.26 */
static void put_vendor(
	struct buf_wr *wr, uint32_t vendor, uint8_t type, const void *value, size_t len)
{
	if (len > VENDOR_VALUE_MAX)
		len = VENDOR_VALUE_MAX;
	buf_wr_u8(wr, RADIUS_VENDOR_SPECIFIC);
	buf_wr_u8(wr, (uint8_t)(len + 8));
	buf_wr_u32(wr, vendor);
	buf_wr_u8(wr, type);
	buf_wr_u8(wr, (uint8_t)(len + 2));
	buf_wr_bytes(wr, value, len);
}

/* --- the login ----------------------------------------------------------------------- */

static bool is_mschap(const struct l2tp_proxy *proxy)
{
	return (proxy->authen_type == AUTHEN_CHAP || proxy->authen_type == AUTHEN_MSCHAP) &&
	       proxy->authen_response.len == MSCHAP_LEN &&
	       (proxy->authen_challenge.len == MSCHAP_CHALLENGE ||
		       proxy->authen_challenge.len == MSCHAP_CHALLENGE_2);
}

static int put_pap(struct buf_wr *wr, const struct l2tp_proxy *proxy, struct why *why)
{
	const struct l2tp_span *password = &proxy->authen_response;

	if (password->len > RADIUS_PASSWORD_MAX)
		return why_not(why, -EINVAL,
			"the password is longer than %d octets, which RADIUS "
			"cannot carry",
			RADIUS_PASSWORD_MAX);
	put_password(wr, password->data, password->len);
	return 0;
}

/* RFC 2865 5.3, 5.40 */
static int put_chap(struct buf_wr *wr, const struct l2tp_proxy *proxy, struct why *why)
{
	const struct l2tp_span *challenge = &proxy->authen_challenge;
	uint8_t value[1 + MD5_LEN];

	if (proxy->authen_response.len != MD5_LEN || !challenge->len ||
		challenge->len > RADIUS_VALUE_MAX)
		return why_not(
			why, -EINVAL, "the login is CHAP of a kind that RADIUS does not know");
	value[0] = proxy->authen_id;
	memcpy(value + 1, proxy->authen_response.data, MD5_LEN);
	put(wr, RADIUS_CHAP_PASSWORD, value, sizeof(value));
	put(wr, RADIUS_CHAP_CHALLENGE, challenge->data, challenge->len);
	return 0;
}

/* RFC 2548 2.1: Ident, Flags, and the 48 octets; of both versions, 2.3.2 */
static void put_mschap(struct buf_wr *wr, const struct l2tp_proxy *proxy)
{
	const struct l2tp_span *challenge = &proxy->authen_challenge;
	const uint8_t *response = proxy->authen_response.data;
	uint8_t value[1 + MSCHAP_LEN];

	value[0] = proxy->authen_id;
	value[1] = response[MSCHAP_LEN - 1];
	memcpy(value + 2, response, MSCHAP_LEN - 1);
	put_vendor(wr, RADIUS_MICROSOFT, RADIUS_MS_CHALLENGE, challenge->data, challenge->len);
	put_vendor(wr, RADIUS_MICROSOFT,
		challenge->len == MSCHAP_CHALLENGE ? RADIUS_MS_RESPONSE : RADIUS_MS_RESPONSE_2,
		value, sizeof(value));
}

static bool has_login(const struct radius_call *call)
{
	const struct l2tp_proxy *proxy = call->proxy;

	return proxy && (proxy->authen_type == AUTHEN_PAP || proxy->authen_type == AUTHEN_CHAP ||
				proxy->authen_type == AUTHEN_MSCHAP);
}

/* User-Name; of a login it is that of the login */
static int put_user(struct buf_wr *wr, const struct radius_call *call, bool login, struct why *why)
{
	const char *text = call->user && *call->user ? call->user : call->calling;
	struct l2tp_span name = { (const uint8_t *)text, (uint16_t)(text ? strlen(text) : 0) };

	if (login)
		name = call->proxy->authen_name;
	if (!name.len)
		return why_not(why, -EINVAL,
			login ? "the login has no user name"
			      : "the call has neither a login nor a number");
	if (name.len > RADIUS_VALUE_MAX)
		return why_not(
			why, -EINVAL, "the user name is longer than %d octets", RADIUS_VALUE_MAX);
	put(wr, RADIUS_USER_NAME, name.data, name.len);
	return 0;
}

static int put_login(struct buf_wr *wr, const struct l2tp_proxy *proxy, struct why *why)
{
	if (proxy->authen_type == AUTHEN_PAP)
		return put_pap(wr, proxy, why);
	if (!is_mschap(proxy))
		return put_chap(wr, proxy, why);
	put_mschap(wr, proxy);
	return 0;
}

/* --- the call ------------------------------------------------------------------------ */

/* RFC 4679 3.3: bit/s and ms, 4 octets; what does not fit is the greatest there is */
static void put_line(struct buf_wr *wr, const struct l2tp_line *line)
{
	const struct {
		uint8_t type;
		uint64_t value;
	} rows[] = {
		{ L2TP_LINE_ACTUAL_RATE_UP, line->actual.up },
		{ L2TP_LINE_ACTUAL_RATE_DOWN, line->actual.down },
		{ L2TP_LINE_MINIMUM_RATE_UP, line->minimum.up },
		{ L2TP_LINE_MINIMUM_RATE_DOWN, line->minimum.down },
		{ L2TP_LINE_ATTAINABLE_RATE_UP, line->attainable.up },
		{ L2TP_LINE_ATTAINABLE_RATE_DOWN, line->attainable.down },
		{ L2TP_LINE_MAXIMUM_RATE_UP, line->maximum.up },
		{ L2TP_LINE_MAXIMUM_RATE_DOWN, line->maximum.down },
		{ L2TP_LINE_LOW_POWER_RATE_UP, line->low_power.up },
		{ L2TP_LINE_LOW_POWER_RATE_DOWN, line->low_power.down },
		{ L2TP_LINE_MAXIMUM_DELAY_UP, line->maximum_delay.up },
		{ L2TP_LINE_ACTUAL_DELAY_UP, line->actual_delay.up },
		{ L2TP_LINE_MAXIMUM_DELAY_DOWN, line->maximum_delay.down },
		{ L2TP_LINE_ACTUAL_DELAY_DOWN, line->actual_delay.down },
	};

	if (line->circuit_id.len)
		put_vendor(wr, RADIUS_BROADBAND, L2TP_LINE_CIRCUIT_ID, line->circuit_id.data,
			line->circuit_id.len);
	if (line->remote_id.len)
		put_vendor(wr, RADIUS_BROADBAND, L2TP_LINE_REMOTE_ID, line->remote_id.data,
			line->remote_id.len);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf_wr be;
		uint8_t value[4];

		if (!(line->present & 1u << L2TP_LINE_BIT(rows[i].type)))
			continue;
		buf_wr_init(&be, value, sizeof(value));
		buf_wr_u32(&be, rows[i].value > UINT32_MAX ? UINT32_MAX : (uint32_t)rows[i].value);
		put_vendor(wr, RADIUS_BROADBAND, rows[i].type, value, sizeof(value));
	}
	if (line->present & 1u << L2TP_LINE_BIT(L2TP_LINE_ENCAPSULATION))
		put_vendor(wr, RADIUS_BROADBAND, L2TP_LINE_ENCAPSULATION, line->encapsulation,
			sizeof(line->encapsulation));
}

static void put_call(struct buf_wr *wr, const struct radius_call *call)
{
	put_number(wr, RADIUS_FRAMED_PROTOCOL, RADIUS_PROTOCOL_PPP);
	put_number(wr, RADIUS_NAS_PORT_TYPE, (uint32_t)call->port);
	put_text(wr, RADIUS_NAS_PORT_ID, call->port_id);
	put_text(wr, RADIUS_CALLING_STATION_ID, call->calling);
	put_text(wr, RADIUS_CALLED_STATION_ID, call->called);
	put_text(wr, RADIUS_ACCT_SESSION_ID, call->session_id);
	if (call->line)
		put_line(wr, call->line);
}

int radius_request_write(struct buf_wr *wr, const struct radius_call *call, struct why *why)
{
	bool login = has_login(call);
	int r = put_user(wr, call, login, why);

	if (r < 0)
		return r;
	if (login) {
		r = put_login(wr, call->proxy, why);
		if (r < 0)
			return r;
	} else {
		put_password(wr, NULL, 0);
	}
	put_number(
		wr, RADIUS_SERVICE_TYPE, login ? RADIUS_SERVICE_FRAMED : RADIUS_SERVICE_CALL_CHECK);
	put_call(wr, call);
	return 0;
}

/* --- accounting ---------------------------------------------------------------------- */

/* RFC 2866 5.3, RFC 2869 5.1: 64 bits in two attributes */
static void put_octets(struct buf_wr *wr, uint8_t low, uint8_t high, uint64_t n)
{
	put_number(wr, low, (uint32_t)n);
	if (n >> 32)
		put_number(wr, high, (uint32_t)(n >> 32));
}

static void put_counts(struct buf_wr *wr, const struct radius_record *record)
{
	const struct radius_counts *counts = &record->counts;

	put_number(wr, RADIUS_ACCT_SESSION_TIME, record->seconds);
	put_octets(wr, RADIUS_ACCT_INPUT_OCTETS, RADIUS_ACCT_INPUT_GIGAWORDS, counts->octets_in);
	put_octets(wr, RADIUS_ACCT_OUTPUT_OCTETS, RADIUS_ACCT_OUTPUT_GIGAWORDS, counts->octets_out);
	put_number(wr, RADIUS_ACCT_INPUT_PACKETS, (uint32_t)counts->packets_in);
	put_number(wr, RADIUS_ACCT_OUTPUT_PACKETS, (uint32_t)counts->packets_out);
}

/* RFC 2867 4.1. Text has no tag before it: nothing that is printed could be one. */
static void put_tunnel(struct buf_wr *wr, const struct radius_record *record)
{
	char text[L2TP_ADDR_STRLEN];

	put_number(wr, RADIUS_TUNNEL_TYPE, RADIUS_TUNNEL_L2TP);
	if (record->path && record->path->peer.sa.sa_family) {
		put_number(wr, RADIUS_TUNNEL_MEDIUM_TYPE,
			record->path->peer.sa.sa_family == AF_INET6 ? RADIUS_MEDIUM_IPV6
								    : RADIUS_MEDIUM_IPV4);
		if (!l2tp_addr_is_any(&record->path->local))
			put_text(wr, RADIUS_TUNNEL_CLIENT_ENDPOINT,
				l2tp_addr_format_host(&record->path->local, text));
		put_text(wr, RADIUS_TUNNEL_SERVER_ENDPOINT,
			l2tp_addr_format_host(&record->path->peer, text));
	}
	put_text(wr, RADIUS_TUNNEL_CLIENT_AUTH_ID, record->client_name);
	put_text(wr, RADIUS_TUNNEL_SERVER_AUTH_ID, record->server_name);
	put_text(wr, RADIUS_TUNNEL_ASSIGNMENT_ID, record->assignment);
	put_text(wr, RADIUS_ACCT_TUNNEL_CONNECTION, record->connection);
}

int radius_record_write(struct buf_wr *wr, const struct radius_record *record, struct why *why)
{
	const struct radius_call *call = record->call;
	int r = put_user(wr, call, has_login(call) && call->proxy->authen_name.len, why);

	if (r < 0)
		return r;
	put_number(wr, RADIUS_ACCT_STATUS_TYPE, record->event);
	put_number(wr, RADIUS_ACCT_AUTHENTIC, RADIUS_BY_RADIUS);
	put_number(wr, RADIUS_SERVICE_TYPE, RADIUS_SERVICE_FRAMED);
	put_call(wr, call);
	put_tunnel(wr, record);
	for (size_t i = 0; i < record->class_count && i < RADIUS_CLASSES_MAX; i++)
		put(wr, RADIUS_CLASS, record->classes[i].data, record->classes[i].len);
	if (record->event != RADIUS_START)
		put_counts(wr, record);
	if (record->event == RADIUS_STOP && record->cause)
		put_number(wr, RADIUS_ACCT_TERMINATE_CAUSE, record->cause);
	return 0;
}
