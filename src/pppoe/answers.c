/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answers.h"

/* What comes back of every request, and our name; a Service-Name that was not there is nameless. */
static void put_common(struct buf_wr *wr, const struct pppoe_config *config,
	struct l2tp_span service, struct l2tp_span host_uniq, struct l2tp_span relay_id)
{
	pppoe_put(wr, PPPOE_TAG_SERVICE_NAME, service.data ? service : pppoe_text(""));
	pppoe_put(wr, PPPOE_TAG_AC_NAME, pppoe_text(config->ac_name));
	pppoe_put(wr, PPPOE_TAG_HOST_UNIQ, host_uniq);
	pppoe_put(wr, PPPOE_TAG_RELAY_SESSION_ID, relay_id);
}

/* RFC 4638 4 */
static void put_payload(struct buf_wr *wr, uint16_t payload)
{
	if (payload > PPPOE_PAYLOAD_STD)
		pppoe_put_u16(wr, PPPOE_TAG_MAX_PAYLOAD, payload);
}

/* RFC 2516 5.2; the other services are as many as fit. */
void answer_pado(struct buf_wr *wr, const struct pppoe_config *config,
	const uint8_t from[static PPPOE_MAC_LEN], const struct pppoe_frame *padi,
	struct l2tp_span cookie, uint16_t payload)
{
	pppoe_begin(wr, padi->src, from, PPPOE_PADO, 0);
	put_common(wr, config, padi->service, padi->host_uniq, padi->relay_id);
	pppoe_put(wr, PPPOE_TAG_AC_COOKIE, cookie);
	put_payload(wr, payload);
	for (size_t i = 0; i < config->service_count; i++) {
		struct l2tp_span other = pppoe_text(config->services[i]);

		if (!pppoe_same(other, padi->service) &&
			!pppoe_try(wr, PPPOE_TAG_SERVICE_NAME, other))
			break;
	}
}

/* RFC 2516 5.4 */
void answer_pads(struct buf_wr *wr, const struct pppoe_config *config,
	const uint8_t from[static PPPOE_MAC_LEN], const struct pppoe_session *session)
{
	pppoe_begin(wr, session->mac, from, PPPOE_PADS, session->sid);
	put_common(wr, config, session->service, session->host_uniq, session->relay_id);
	put_payload(wr, session->max_payload);
}

void answer_refusal(struct buf_wr *wr, const struct pppoe_config *config,
	const uint8_t from[static PPPOE_MAC_LEN], const struct answer_request *request,
	enum pppoe_tag error, const char *text)
{
	pppoe_begin(wr, request->mac, from, PPPOE_PADS, 0);
	put_common(wr, config, request->service, request->host_uniq, request->relay_id);
	if (!text || !pppoe_try(wr, error, pppoe_text(text)))
		pppoe_put(wr, error, pppoe_text(""));
}

/* RFC 2516 5.5: no tags are required; those of the session help whoever relays. */
void answer_padt(struct buf_wr *wr, const struct pppoe_config *config,
	const uint8_t from[static PPPOE_MAC_LEN], const struct pppoe_session *session,
	const char *text)
{
	pppoe_begin(wr, session->mac, from, PPPOE_PADT, session->sid);
	pppoe_put(wr, PPPOE_TAG_AC_NAME, pppoe_text(config->ac_name));
	pppoe_put(wr, PPPOE_TAG_HOST_UNIQ, session->host_uniq);
	pppoe_put(wr, PPPOE_TAG_RELAY_SESSION_ID, session->relay_id);
	if (text)
		pppoe_try(wr, PPPOE_TAG_GENERIC_ERROR, pppoe_text(text));
}
