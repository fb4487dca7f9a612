/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames of an access concentrator, RFC 2516 5. Each is written whole into wr, but for
 * pppoe_end(); wr is bad if the tags that have to be sent back leave no room.
 */
#ifndef PPPOE_ANSWERS_H
#define PPPOE_ANSWERS_H

#include "discovery.h"
#include "table.h"

/* What a refusal has to know of the PADR it answers. */
struct answer_request {
	const uint8_t *mac;
	struct l2tp_span service, host_uniq, relay_id;
};

/* from is our address; payload the greatest PPP payload agreed on, told if it is above 1492. */
void answer_pado(struct buf_wr *wr, const struct pppoe_config *config,
	const uint8_t from[static PPPOE_MAC_LEN], const struct pppoe_frame *padi,
	struct l2tp_span cookie, uint16_t payload);
void answer_pads(struct buf_wr *wr, const struct pppoe_config *config,
	const uint8_t from[static PPPOE_MAC_LEN], const struct pppoe_session *session);
/* PADS of no session, with an error; text may be NULL. */
void answer_refusal(struct buf_wr *wr, const struct pppoe_config *config,
	const uint8_t from[static PPPOE_MAC_LEN], const struct answer_request *request,
	enum pppoe_tag error, const char *text);
/* With Generic-Error if there is a text; it may be NULL. */
void answer_padt(struct buf_wr *wr, const struct pppoe_config *config,
	const uint8_t from[static PPPOE_MAC_LEN], const struct pppoe_session *session,
	const char *text);

#endif
