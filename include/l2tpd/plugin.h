/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon and its pppd plugin say to each other over one inherited SOCK_SEQPACKET socket.
 * One message a packet, struct plugin_msg cut after its used part. Both ends are built from one
 * tree; the version in HELLO catches a plugin left over from another one. The plugin never blocks
 * on a report (MSG_DONTWAIT); it blocks only for the answer to a question, PLUGIN_ANSWER_TIMEOUT_S
 * long.
 */
#ifndef L2TPD_PLUGIN_H
#define L2TPD_PLUGIN_H

#include <stdint.h>

#define PLUGIN_VERSION		3
#define PLUGIN_ANSWER_TIMEOUT_S 10
#define PLUGIN_OPTIONS_FD	4   /* where the daemon leaves pppd's options: not for scripts */
#define PLUGIN_NAME_MAX		256 /* pppd's MAXNAMELEN */
#define PLUGIN_SECRET_MAX	256 /* pppd's MAXSECRETLEN */
#define PLUGIN_WORDS_MAX	256
/* AUTH_FAILED's text where the peer has not even tried */
#define PLUGIN_NO_LOGIN "the peer refused to authenticate itself"

enum plugin_msg_type {
	/* plugin to daemon */
	PLUGIN_HELLO = 1, /* number: PLUGIN_VERSION; text: pppd's version */
	PLUGIN_PHASE,	  /* number: pppd's PHASE_*; text: "establish", "authenticate", ... */
	PLUGIN_AUTH_UP,	  /* text: the peer's authenticated name, empty if it did not have to */
	PLUGIN_IP_UP,	  /* ip */
	PLUGIN_IP_DOWN,
	PLUGIN_IP6_UP, /* ip6 */
	PLUGIN_IP6_DOWN,
	PLUGIN_LINK_DOWN, /* number: pppd's status at that moment, the true reason; down */
	PLUGIN_EXIT, /* number: pppd's final status, but not hang-up where LINK_DOWN knew better */
	PLUGIN_ACCM, /* accm: as LCP negotiated them (RFC 2661 4.4.6 SLI) */
	PLUGIN_AUTH_FAILED, /* number 1: the peer failed to us; text: "user: why", or empty;
			       number 2: we failed to the peer; text: what it said */
	PLUGIN_CCP,	    /* number 1: compression or encryption is agreed on, 0: not any more;
			       ccp */
	/* Questions. number: which one; the answer repeats it, so that a late one is not mistaken.
	 */
	PLUGIN_ASK_PEER,    /* the secret of the user who logs in to us; text: user */
	PLUGIN_ASK_OWN,	    /* our password towards the peer; text: our user name */
	PLUGIN_ASK_ADDRESS, /* the peer's address, asked when IPCP starts, after any login; ask */
	/* daemon to plugin */
	PLUGIN_ANSWER, /* to ASK_PEER, ASK_OWN. number: the question's; answer, may be cut after
			  secret_len bytes */
	PLUGIN_GRANT,  /* to ASK_ADDRESS. number: the question's; grant */
};

enum plugin_verdict {
	PLUGIN_REFUSED, /* the link ends; the peer is told grant.text, if any */
	PLUGIN_ADDRESS, /* grant.address and no other */
	PLUGIN_ANY,	/* whatever the peer asks for */
};

struct plugin_msg {
	uint32_t type;
	int32_t number;
	union {
		char text[PLUGIN_NAME_MAX * 2]; /* NUL terminated */
		struct {
			char ifname[32];
			uint32_t ifindex;
			uint32_t local, remote; /* network byte order */
			uint32_t dns1, dns2;	/* 0: none offered */
			uint32_t mtu, mru;
		} ip;
		struct {
			char ifname[32];
			uint64_t local_id,
				remote_id; /* interface identifiers, network byte order */
		} ip6;
		struct {
			uint32_t send, recv; /* host byte order */
		} accm;
		struct {
			uint32_t by_peer;	      /* the peer closed LCP, not we */
			char words[PLUGIN_WORDS_MAX]; /* why, in pppd's or the plugin's words */
			/* What the peer said last in LCP; printable, empty if it did not. */
			char farewell[PLUGIN_WORDS_MAX]; /* the text of its Terminate-Request */
			char rejected[PLUGIN_WORDS_MAX]; /* what it rejected: "CHAP, IPCP" */
			/* The login that it asked us for last and that we did not agree to; empty:
			   none. */
			char login[32];
		} down;
		struct {
			uint32_t send_bits, recv_bits; /* MPPE's key towards the peer and from it:
							  40, 128; 0: not encrypted */
			uint32_t stateful;
		} ccp;
		struct {
			uint32_t address; /* what options or other plugins (radius.so) would give,
					     network byte order; 0: none */
			char user[PLUGIN_NAME_MAX * 2]; /* who has logged in; empty: nobody */
		} ask;
		struct {
			uint32_t verdict; /* enum plugin_verdict */
			uint32_t address; /* network byte order */
			char text[PLUGIN_WORDS_MAX];
		} grant;
		struct {
			uint32_t found;	  /* 0: no such user */
			uint32_t address; /* the one this user must get, network byte order; 0: any,
					     or ASK_ADDRESS tells */
			uint32_t secret_len;
			char secret[PLUGIN_SECRET_MAX];
		} answer;
	};
};

#endif
