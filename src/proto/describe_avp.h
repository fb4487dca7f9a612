/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of attributes in words. */
#ifndef PROTO_DESCRIBE_AVP_H
#define PROTO_DESCRIBE_AVP_H

#include "avp.h"
#include "words.h"

/*
 * Append the value, not hidden (any more), to words. msg_type says whose result codes they are.
 * NULL, or what is wrong with it in a few words; then what is left of it is shown as octets.
 */
const char *describe_avp_value(const struct avp_info *info, uint16_t msg_type, const uint8_t *value,
	uint16_t len, struct words *words);

/* "LCP"; NULL: not known here */
const char *ppp_protocol_name(uint16_t protocol);

#endif
