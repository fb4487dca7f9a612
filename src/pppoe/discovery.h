/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An access concentrator of PPPoE (RFC 2516, RFC 4638): frames, time and the caller's answers go
 * in, effects come out, in order. No system call, no callback; one thread. Inputs copy what they
 * need.
 *
 *   PADI -> SEND PADO				nothing is kept of it, whoever and how many ask
 *   PADR -> CALL_WANTED			the caller makes the call, then
 *           accept -> SEND PADS		or close -> SEND PADS with an error and its text
 *   PADT -> CALL_END				close -> SEND PADT with the text
 *
 * A PADR is taken only with a cookie of ours, so there is state only for who receives what is sent
 * to him, and never more than the limits allow. A PADR that comes again (same port, address and
 * Host-Uniq) is the same call: nothing is said while it is pending, and the PADS again once it is
 * up, if the cookie is the same, too; with another one the client has begun anew, and lost the
 * session it had.
 *
 * A session is known by its id, 1..65534, unique in one access concentrator. An order for an id
 * that is not there (any more) is ignored. What the caller ends is not told to him as CALL_END.
 */
#ifndef PPPOE_DISCOVERY_H
#define PPPOE_DISCOVERY_H

#include "tags.h"

struct pppoe_ac;

/* Zero in a number means the default given here. */
struct pppoe_config {
	const char *ac_name;	       /* 1..200 octets */
	const char *const *services;   /* each 1..200 octets; offered in every PADO */
	size_t service_count;	       /* 0: only the nameless service is served, or any_service */
	bool any_service;	       /* RFC 2516 9: never refuse a Service-Name, send it back */
	uint16_t max_payload;	       /* RFC 4638: greatest PPP payload; default 1492 */
	unsigned max_sessions;	       /* default and at most 65534 */
	unsigned max_sessions_per_mac; /* of one address at one port; default 1 */
	bool replace;	    /* at that limit a new PADR ends the oldest call, else it is refused */
	unsigned padi_rate; /* answered a second, by port; default no limit */
	unsigned refusal_rate; /* PADS with an error a second, by all; default 100 */
	usec_t refusal_hold;   /* PADI and PADR of who was refused are not heard; default 1 s */
	usec_t cookie_life;    /* from PADO to PADR; default 60 s */
	bool closed;	       /* answer no PADI and refuse PADRs: shutdown, or nowhere to go */
};

enum pppoe_end {
	PPPOE_END_PADT,	    /* the client said so */
	PPPOE_END_REPLACED, /* it began a new call, CALL_WANTED of which follows */
	PPPOE_END_PORT,	    /* the interface is gone or has another address */
};

enum pppoe_effect_type {
	PPPOE_EFFECT_SEND,
	PPPOE_EFFECT_CALL_WANTED,
	PPPOE_EFFECT_CALL_END,
};

struct pppoe_effect {
	enum pppoe_effect_type type;
	unsigned port;
	uint16_t sid;	/* 0: SEND that belongs to no session */
	uint64_t owner; /* of the session, as set by pppoe_ac_own(), else 0 */
	union {
		struct {
			const uint8_t *data; /* an Ethernet frame, without VLAN tag */
			size_t len;
			enum pppoe_code code; /* for traces */
		} send;
		/*
		 * CALL_WANTED: pppoe_ac_info() tells the rest. To be answered by accept or close,
		 * at any time.
		 */
		struct {
			enum pppoe_end why;
			struct l2tp_span text; /* Generic-Error of the PADT; data NULL: none */
		} end;
	};
};

struct pppoe_info {
	unsigned port;
	uint16_t sid;
	uint8_t mac[PPPOE_MAC_LEN];
	bool up;		      /* PADS was sent */
	struct l2tp_span service;     /* owned by the session, as line's spans are; not sanitised */
	uint16_t max_payload;	      /* greatest PPP payload: 1492 unless more was agreed on */
	const struct l2tp_line *line; /* NULL: no access node told anything (TR-101) */
	usec_t since;		      /* in this state */
	uint64_t owner;
};

struct pppoe_stats {
	uint64_t malformed;	 /* no discovery frame, or from or to an impossible address */
	uint64_t padi, pado;	 /* PADIs heard, and answered */
	uint64_t padi_limited;	 /* not answered: padi_rate */
	uint64_t not_for_us;	 /* PADI for another service or access concentrator; other codes */
	uint64_t padr, repeated; /* PADRs heard, of them those of a session that exists */
	uint64_t bad_cookie;	 /* PADR without a cookie of ours, or with one too old */
	uint64_t pads, refused;	 /* PADS sent; those with an error */
	uint64_t held;		 /* refusals that were not sent, and what was not heard after one */
	uint64_t padt_received, padt_sent;
	unsigned sessions, pending;
};

/* Octets of unpredictable seed. */
#define PPPOE_SEED_LEN 32

/*
 * A new one; config is copied, which must keep what is written at its fields (assert). NULL when
 * out of memory.
 */
struct pppoe_ac *pppoe_ac_new(
	const struct pppoe_config *config, const uint8_t seed[static PPPOE_SEED_LEN]);
/* Frees everything without a word to anybody. NULL is allowed. */
void pppoe_ac_free(struct pppoe_ac *ac);
/* Another configuration, for what comes from now on; sessions go on. 0 or -ENOMEM. */
int pppoe_ac_configure(struct pppoe_ac *ac, const struct pppoe_config *config);
/* The closed of the configuration alone. */
void pppoe_ac_set_closed(struct pppoe_ac *ac, bool closed);

/*
 * An interface, by a number of the caller's (its index), with its MAC address and MTU; again for a
 * change. Its sessions end if it is removed or has another address. 0 or -ENOMEM.
 */
int pppoe_ac_set_port(
	struct pppoe_ac *ac, unsigned port, const uint8_t mac[static PPPOE_MAC_LEN], unsigned mtu);
void pppoe_ac_remove_port(struct pppoe_ac *ac, unsigned port);

/* An Ethernet frame arrived at a port; of a port that is not there it is ignored. */
void pppoe_ac_input(
	struct pppoe_ac *ac, usec_t now, unsigned port, const uint8_t *frame, size_t len);

/* The caller's word for a session that was wanted; comes back in every effect of it. */
void pppoe_ac_own(struct pppoe_ac *ac, uint16_t sid, uint64_t owner);
/* The call is ready, or as good as: PADS. Ignored for one that is up. */
void pppoe_ac_accept(struct pppoe_ac *ac, usec_t now, uint16_t sid);
/*
 * End it: PADS with error if it is pending (a PPPOE_TAG_..._ERROR), else PADT with Generic-Error.
 * text: printable UTF-8 for the client's user, at most 1000 octets; NULL: none.
 */
void pppoe_ac_close(
	struct pppoe_ac *ac, usec_t now, uint16_t sid, enum pppoe_tag error, const char *text);

/*
 * The next effect, or NULL. It and what it points to stay valid until the next call of this
 * function or of an input.
 */
const struct pppoe_effect *pppoe_ac_next_effect(struct pppoe_ac *ac);

/* Snapshots. False: no such session. */
bool pppoe_ac_info(const struct pppoe_ac *ac, uint16_t sid, struct pppoe_info *ret);
/* Walk: the next id above the given one (start with 0), 0 at the end. */
uint16_t pppoe_ac_next(const struct pppoe_ac *ac, uint16_t sid);
void pppoe_ac_stats(const struct pppoe_ac *ac, struct pppoe_stats *ret);

#endif
