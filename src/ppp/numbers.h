/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of PPP as RFC 1661 (LCP), RFC 1570 (its extensions), RFC 1334 (PAP), RFC 1994 (CHAP) and
 * RFC 2759 (MS-CHAPv2) assign them. No code.
 */
#ifndef PPP_NUMBERS_H
#define PPP_NUMBERS_H

/* RFC 1661 2: protocols; 0xc000 and above belong to the link, all below to the network layer */
#define PPP_PROTO_LCP  0xc021u
#define PPP_PROTO_PAP  0xc023u
#define PPP_PROTO_CHAP 0xc223u
#define PPP_LINK_BASE  0xc000u

/* RFC 1661 2: the Information field; 6.1: what a peer must be able to receive */
#define PPP_MRU_DEFAULT 1500u
/* Nobody can live with less: no RFC sets a bound, pppd has this one. */
#define PPP_MRU_MIN 128u
/* RFC 1662 3.1: what comes before the protocol where the framing has it */
#define PPP_HDLC_ADDRESS 0xffu
#define PPP_HDLC_CONTROL 0x03u
#define PPP_HDR_LEN	 4u /* RFC 1661 5: code, identifier, length of LCP, PAP, CHAP packets */

/* RFC 1661 5: codes that every control protocol has */
enum cp_code {
	CP_CONFREQ = 1,
	CP_CONFACK = 2,
	CP_CONFNAK = 3,
	CP_CONFREJ = 4,
	CP_TERMREQ = 5,
	CP_TERMACK = 6,
	CP_CODEREJ = 7,
};

/* RFC 1661 5.7-5.9, RFC 1570 2.1, 2.2: codes of LCP alone */
enum lcp_code {
	LCP_PROTREJ = 8,
	LCP_ECHOREQ = 9,
	LCP_ECHOREP = 10,
	LCP_DISCARD = 11,
	LCP_IDENTIFICATION = 12,
	LCP_TIME_REMAINING = 13,
};

/* RFC 1661 6, RFC 1662 7.1: options of LCP that we know */
enum lcp_option_type {
	LCP_OPT_MRU = 1,
	LCP_OPT_ACCM = 2,
	LCP_OPT_AUTH = 3,
	LCP_OPT_MAGIC = 5,
	LCP_OPT_PFC = 7,
	LCP_OPT_ACFC = 8,
};

/* RFC 1334 2.2 */
enum pap_code { PAP_REQUEST = 1, PAP_ACK = 2, PAP_NAK = 3 };

/* RFC 1994 4 */
enum chap_code { CHAP_CHALLENGE = 1, CHAP_RESPONSE = 2, CHAP_SUCCESS = 3, CHAP_FAILURE = 4 };

/* RFC 1994 3, RFC 2759 2: algorithms in the Authentication-Protocol option */
#define CHAP_ALG_MD5	  5u
#define CHAP_ALG_MSCHAPV2 0x81u

/* Sizes of the Value of a Response: RFC 1994 4.1, RFC 2759 4 */
#define CHAP_MD5_VALUE	    16u
#define CHAP_MSCHAPV2_VALUE 49u
/* RFC 2759 3 wants this many octets in a challenge, and they are good for MD5, too */
#define CHAP_CHALLENGE_LEN 16u

#endif
