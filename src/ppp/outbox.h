/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue of effects: what a PPP end wants done, in order. Every effect owns its octets.
 */
#ifndef PPP_OUTBOX_H
#define PPP_OUTBOX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <l2tp/proto.h>

enum ppp_effect_type {
	PPP_EFFECT_SEND,   /* write this frame to the line */
	PPP_EFFECT_DONE,   /* the client is known: ppp_proxy_result() */
	PPP_EFFECT_FAILED, /* nothing will come of it; stop what was begun for this client */
	PPP_EFFECT_CLOSED, /* all is said: hang up now. The last effect, always after FAILED */
	PPP_EFFECT_TRACE,  /* one transition of LCP, for logs */
};

struct ppp_effect {
	enum ppp_effect_type type;
	union {
		/* SEND: from the two octets of the protocol on, without FF 03 */
		struct {
			const uint8_t *data; /* owned by the effect */
			size_t len;
		} send;
		/* FAILED */
		struct {
			enum l2tp_ppp_cause cause; /* RFC 3145 */
			char text[160];		   /* for people, printable */
		} failed;
		/* TRACE: static strings */
		struct {
			const char *from, *event, *to;
		} trace;
	};
};

struct outbox_node;

struct outbox {
	STAILQ_HEAD(, outbox_node) queue;
	struct outbox_node *current; /* the one the owner is looking at */
};

void outbox_init(struct outbox *outbox);
void outbox_free(struct outbox *outbox);
/* The next effect or NULL; valid until the next call of this function or outbox_free(). */
const struct ppp_effect *outbox_next(struct outbox *outbox);

/*
 * Append an effect that the caller fills. Never NULL: an outcome that is lost is a line nobody
 * hangs up, so without memory for it there is nothing sensible left to do.
 */
struct ppp_effect *outbox_add(struct outbox *outbox, enum ppp_effect_type type);
/*
 * Append SEND of a packet as LCP, PAP and CHAP have them: header and len octets of data. Without
 * memory it is lost as a line loses it.
 */
void outbox_packet(struct outbox *outbox, uint16_t protocol, uint8_t code, uint8_t id,
	const void *data, size_t len);

#endif
