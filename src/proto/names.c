/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the numbers of the protocol, for logs and the control protocol. */
#include <l2tp/msg.h>

#include "avp.h"
#include "base/reasons.h"
#include "msg_rules.h"

static const char *named(const char *name)
{
	return name ? name : "unknown";
}

static const char *pick(const char *const *names, size_t count, size_t i)
{
	return named(i < count ? names[i] : NULL);
}

#define PICK(names, i) pick(names, sizeof(names) / sizeof((names)[0]), i)

const char *l2tp_msg_name(unsigned type)
{
	/* clang-format off */
	static const char *const names[] = {
		[L2TP_MSG_ZLB] = "ZLB", /* carries no type */
#define MSG(type, name, ...) [L2TP_MSG_##type] = name,
		L2TP_MSG_TABLE(MSG)
#undef MSG
	};
	/* clang-format on */

	return PICK(names, type);
}

const char *l2tp_avp_name(unsigned type)
{
	static const char *const names[] = {
#define AVP(type, name, ...) [L2TP_AVP_##type] = name,
		L2TP_AVP_TABLE(AVP)
#undef AVP
	};

	return PICK(names, type);
}

const char *l2tp_stopccn_result_name(unsigned result)
{
	return named(reasons_stopccn(result));
}

const char *l2tp_cdn_result_name(unsigned result)
{
	return named(reasons_cdn(result));
}

const char *l2tp_error_name(unsigned error)
{
	return named(reasons_error(error));
}

/* RFC 3145 2 */
const char *l2tp_ppp_cause_name(unsigned cause)
{
	static const char *const names[] = {
		[L2TP_PPP_CAUSE_NONE] = "no information",
		[L2TP_PPP_CAUSE_ADMIN] = "administrative disconnect",
		[L2TP_PPP_CAUSE_RENEGOTIATION] = "LCP renegotiation is disabled at the LNS",
		[L2TP_PPP_CAUSE_NORMAL] = "LCP Terminate-Request",
		[L2TP_PPP_CAUSE_ENCRYPTION] = "compulsory encryption was refused",
		[L2TP_PPP_CAUSE_LCP_TIMEOUT] = "LCP did not come to an agreement",
		[L2TP_PPP_CAUSE_NO_LCP] = "no LCP packets were received",
		[L2TP_PPP_CAUSE_LOOPBACK] = "the link is looped back",
		[L2TP_PPP_CAUSE_ECHO_TIMEOUT] = "LCP echoes were not answered",
		[L2TP_PPP_CAUSE_DISCRIMINATOR] = "unexpected Endpoint-Discriminator",
		[L2TP_PPP_CAUSE_MRRU] = "unexpected MRRU",
		[L2TP_PPP_CAUSE_SSNHF] = "unexpected Short-Sequence-Number",
		[L2TP_PPP_CAUSE_CALLBACK] = "compulsory callback was refused",
		[L2TP_PPP_CAUSE_AUTH_TIMEOUT] = "authentication timed out",
		[L2TP_PPP_CAUSE_AUTH_NAME] = "unexpected authenticated name",
		[L2TP_PPP_CAUSE_AUTH_PROTOCOL] = "no acceptable authentication protocol",
		[L2TP_PPP_CAUSE_AUTH_FAILED] = "authentication failed",
		[L2TP_PPP_CAUSE_NCP_TIMEOUT] = "a network protocol did not come to an agreement",
		[L2TP_PPP_CAUSE_NO_NCP] = "no network protocol is allowed",
		[L2TP_PPP_CAUSE_ADDRESS] = "no acceptable address",
		[L2TP_PPP_CAUSE_NO_ADDRESS] = "the user may not have any address",
	};

	return PICK(names, cause);
}

/* one word each: they are keys of the control protocol */
const char *l2tp_deviation_name(unsigned bit_index)
{
	switch ((enum l2tp_deviation)(bit_index < L2TP_DEV_COUNT ? 1u << bit_index : 0)) {
	case L2TP_DEV_SHORT_RESULT:
		return "short-result";
	case L2TP_DEV_MALFORMED_OPTIONAL:
		return "malformed-optional";
	case L2TP_DEV_UNKNOWN_OPTIONAL:
		return "unknown-optional";
	case L2TP_DEV_EXTRA_AVP:
		return "extra-avp";
	case L2TP_DEV_TRAILING_BYTES:
		return "trailing-bytes";
	case L2TP_DEV_DUPLICATE_AVP:
		return "duplicate-avp";
	case L2TP_DEV_SWAPPED_RESULT:
		return "swapped-result";
	case L2TP_DEV_M_BIT:
		return "m-bit";
	case L2TP_DEV_MISSING_AVP:
		return "missing-avp";
	case L2TP_DEV_TEXT_SPEED:
		return "text-speed";
	case L2TP_DEV_FRAMING_TYPE:
		return "framing-type";
	}
	return "unknown";
}
