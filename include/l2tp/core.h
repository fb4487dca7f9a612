/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol core: all control connections and calls of one daemon, without a single system call.
 *
 *   datagrams, time, orders, results -> l2tp_core_*() -> effects (l2tp_core_next_effect())
 *
 * Inputs never call out; what they want done is appended to a queue of effects, in order. Strings
 * and spans given to an input are copied before it returns. now must never go back; a step forward
 * of any size is survived (the machine slept). Everything is one thread.
 *
 * A tunnel is known by its local tunnel id, a session by its local session id; both are random,
 * 1..65535, session ids are unique over all tunnels. After its object went, an id rests (kernels
 * before 6.12 tear down lazily): for limits.id_quarantine, that of a session for half of it in
 * other tunnels than its own. Where there was nothing to tear down it is less: a second for a
 * session without SESSION_CREATE, nothing for a peer's tunnel without TUNNEL_UP. Only when no other
 * id is left, the one that has rested longest comes back early, never in its own tunnel.
 * Without memory nothing begins, and what does not go on ends; every end is told, with "out of
 * memory" for its reason where there is no room for another.
 *
 * An order for an id that does not exist (any more) is ignored: the object ended while the order
 * was on its way, and the effect that says so is in the queue or was read.
 *
 * Order of effects in the life of a call (RFC 2661 section 7; kernel objects made before the peer
 * is told, so that its first PPP frame finds them):
 *
 *   we open:    open_tunnel -> SEND SCCRQ .. TUNNEL_UP (peer's id known, path latched)
 *               place_call -> SEND ICRQ .. SESSION_CREATE
 *               session_ready -> SEND ICCN, SESSION_UP
 *   peer opens: input=SCCRQ, accept -> SEND SCCRP .. TUNNEL_UP .. SESSION_OFFER
 *               accept_call -> SESSION_CREATE
 *               session_ready -> SEND ICRP .. SESSION_UP (ICCN received)
 *   outgoing:   place_call -> SEND OCRQ .. SESSION_CREATE (while the LAC dials)
 *               session_ready .. SESSION_UP (OCCN received; it may come before session_ready)
 *   dialled:    SESSION_OFFER role LAC; accept_call -> SEND OCRP, SESSION_CREATE
 *               session_ready (kernel and bearer are) -> SEND OCCN, SESSION_UP
 *   end:        SESSION_DOWN (once for every session that had an effect or order; then it is gone)
 *               TUNNEL_DOWN (once; after the SESSION_DOWN of all its sessions)
 *               TUNNEL_GONE (retransmission cycle over: close the socket)
 */
#ifndef L2TP_CORE_H
#define L2TP_CORE_H

#include <l2tp/msg.h>
#include <l2tp/types.h>

struct l2tp_core;

/* What the core may ask of the world while it works. */
struct l2tp_env {
	void *user;
	/* Fill buf with unpredictable bytes (RFC 2661 9.1); must not fail. */
	void (*random)(void *user, void *buf, size_t len);
};

/*
 * What a stranger can make us keep is counted in every state and limited: of all, of one network,
 * of one source, and calls of one tunnel. Tunnels that we open count in "all" only.
 *
 * When a limit is reached the newcomer comes in, and another one goes: the oldest of the network
 * that has most of them; of half-open tunnels that of the larger kind, answered or not. For the
 * limit of all tunnels it is a closing one, else a half-open one, else an idle one. A tunnel with a
 * call, or whose peer proved a secret, never goes: if there are no others the newcomer is refused.
 * A half-open tunnel has a third of a second to be answered; newcomers from where there are as many
 * are not heard before.
 */
enum l2tp_limit {
	L2TP_LIMIT_TUNNELS,   /* in whatever state */
	L2TP_LIMIT_HALF_OPEN, /* opened by the peer, SCCCN not seen */
	L2TP_LIMIT_IDLE,      /* established without a call and without a proven secret */
	L2TP_LIMIT_CLOSING,   /* after StopCCN (RFC 2661 5.7), without a proven secret */
	L2TP_LIMIT_CALLS,     /* placed by peers; "all": ours, too */
};
#define L2TP_LIMIT_COUNT 5

enum l2tp_scope {
	L2TP_SCOPE_ALL,
	L2TP_SCOPE_NETWORK, /* an IPv4 /24 or IPv6 /56: what one customer may have many sources of
			     */
	L2TP_SCOPE_SOURCE,  /* an IPv4 address or IPv6 /64 */
	L2TP_SCOPE_TUNNEL,  /* of calls only */
};
#define L2TP_SCOPE_COUNT 4

/* What may have to give way. */
enum l2tp_rank {
	L2TP_RANK_CLOSING,    /* kept as a courtesy to the peer, who has ended it or was told */
	L2TP_RANK_UNANSWERED, /* half-open, our SCCRP not acknowledged: may be forged */
	L2TP_RANK_ANSWERED,   /* half-open, the peer reads what is sent to its address */
	L2TP_RANK_IDLE,	      /* established without a call and without a proven secret */
};
#define L2TP_RANK_COUNT 4

struct l2tp_limits {
	unsigned max[L2TP_LIMIT_COUNT][L2TP_SCOPE_COUNT]; /* 0: no limit */
	/*
	 * Requests for calls in one tunnel: so many a second in the long run, so many at once;
	 * eight times as many if the peer proved a secret. 0: no limit.
	 */
	unsigned call_rate, call_burst;
	/*
	 * Octets of messages that wait for a peer's acknowledgement, our own overhead included;
	 * more, and the tunnel ends. 0: no limit.
	 */
	unsigned send_queue;
	/* A peer that proved no secret has to place its first call within; 0: as linger says. */
	usec_t first_call;
	usec_t id_quarantine;
};
/* clang-format off */
#define L2TP_LIMITS_DEFAULT                                                                        \
	{                                                                                          \
		.max = {                              /*   all network source tunnel */            \
			[L2TP_LIMIT_TUNNELS] =          { 20000,  4000,  1000 },                   \
			[L2TP_LIMIT_HALF_OPEN] =        {  4000,   512,   256 },                   \
			[L2TP_LIMIT_IDLE] =             {  1000,   512,   256 },                   \
			[L2TP_LIMIT_CLOSING] =          {  1000,   512,   256 },                   \
			[L2TP_LIMIT_CALLS] =            { 60000, 16000,  8000,  4000 },            \
		},                                                                                 \
		.call_rate = 64, .call_burst = 512,                                                \
		.send_queue = 1024 * 1024,                                                         \
		.first_call = 20 * USEC_PER_SEC, .id_quarantine = 60 * USEC_PER_SEC                \
	}
/* clang-format on */

/* "tunnels", "half-open" etc.; "all", "network", "source", "tunnel"; never NULL */
const char *l2tp_limit_name(enum l2tp_limit limit);
const char *l2tp_scope_name(enum l2tp_scope scope);
/* "closing", "half-open, unanswered" etc.; never NULL */
const char *l2tp_rank_name(enum l2tp_rank rank);

/* What one control connection shall be like. Zero in a time or count means the default given here.
 */
struct l2tp_tunnel_params {
	const char *hostname;	   /* Host Name AVP; 1..255 bytes */
	const char *vendor;	   /* Vendor Name AVP, up to 255 bytes; NULL: none */
	uint16_t firmware;	   /* Firmware Revision AVP; 0: none */
	struct l2tp_secret secret; /* data NULL: the peer is not authenticated */
	bool hide;		   /* hide AVPs we send; needs secret */
	uint16_t receive_window;   /* advertised; default 16 */
	usec_t hello;		   /* silence before a Hello; default 60 s; USEC_INFINITY: never */
	usec_t retransmit;	   /* first retransmission; default 1 s, doubles */
	usec_t retransmit_cap;	   /* default 8 s; RFC 2661 5.8: never below 8 s, may be above */
	unsigned max_retransmits;  /* default 5 */
	usec_t setup_timeout;	   /* whole establishment; default 60 s */
	usec_t linger; /* close when without calls so long; default 10 s; INFINITY: never */
	uint32_t framing_cap, bearer_cap; /* default sync|async, and digital|analog */
	/*
	 * RFC 2661 4.4.3: send a Tie Breaker, so that there is one tunnel even if the peer opens
	 * one at the same time. The calls of a tunnel that loses go on in the one that won.
	 */
	bool tie_breaker;
	/*
	 * Of a tunnel that a peer asks for: it must not have an established twin
	 * (l2tp_core_twin()) with another id of the peer. Where there is one the request is refused
	 * if that lives, and ignored until that is known: the peer says it again.
	 */
	bool alone;
	uint64_t cookie; /* the caller's; comes back in every effect of the tunnel */
};

/*
 * RFC 2661 4.4.5: what a LAC learned from the caller before it placed the call. Bodies of LCP
 * CONFREQs start at the first option. A span with data NULL, and authen_type 0: not known.
 */
struct l2tp_proxy {
	struct l2tp_span initial_lcp, last_sent_lcp, last_received_lcp;
	uint16_t authen_type; /* 1 text, 2 CHAP, 3 PAP, 4 none, 5 MS-CHAPv1 */
	struct l2tp_span authen_name, authen_challenge, authen_response;
	uint8_t authen_id;
};

/* What one call shall be like, in either role. */
struct l2tp_call_params {
	bool outgoing; /* place_call only: OCRQ (we are the LNS), else ICRQ (LAC) */
	const char *calling, *called, *sub_address; /* NULL or empty: AVP not sent */
	uint32_t tx_speed,
		rx_speed; /* bit/s told to the peer; default 10 000 000; rx 0: not sent */
	uint32_t minimum_bps, maximum_bps; /* OCRQ; default 0 .. 0x7fffffff */
	uint32_t framing_type;		   /* default sync */
	uint32_t bearer_type;		   /* OCRQ default: peer's & our caps; ICRQ: 0 not sent */
	bool send_seq;			   /* data we send carries sequence numbers */
	bool require_seq;		   /* LAC: Sequencing Required AVP in ICCN/OCCN */
	const uint32_t *physical_channel;  /* LAC: ICRQ/OCRP; NULL: not sent */
	const char *private_group;	   /* LAC: ICCN; NULL or empty: not sent */
	const struct l2tp_proxy *proxy;	   /* LAC: ICCN; NULL: nothing known */
	const struct l2tp_line *line;	   /* LAC: ICRQ (RFC 5515); NULL: nothing known */
	/*
	 * LAC, ICRQ: say that changes of the speed will be told, and asking for it is answered
	 * (RFC 5515 4)
	 */
	bool speed_updates;
	bool keep_proxy;      /* LNS: keep what the LAC tells; else it is forgotten at once */
	usec_t setup_timeout; /* one wait for the peer; default 60 s */
	uint64_t cookie;      /* the caller's; comes back in every effect of the session */
};

enum l2tp_role { L2TP_ROLE_LAC, L2TP_ROLE_LNS };

/* RFC 2661 7.2.1; and what we do beyond it: a tunnel that waits out its last acknowledgements. */
enum l2tp_tunnel_state {
	L2TP_TUNNEL_IDLE,
	L2TP_TUNNEL_WAIT_CTL_REPLY,
	L2TP_TUNNEL_WAIT_CTL_CONN,
	L2TP_TUNNEL_ESTABLISHED,
	L2TP_TUNNEL_CLOSING, /* StopCCN sent or received: RFC 2661 5.7, a full retransmission cycle
			      */
};
#define L2TP_TUNNEL_STATE_COUNT 5

/* RFC 2661 7.4, 7.5; wait-local: we owe the next step (policy or kernel session), not the peer. */
enum l2tp_session_state {
	L2TP_SESSION_IDLE,
	L2TP_SESSION_WAIT_TUNNEL,
	L2TP_SESSION_WAIT_REPLY,
	L2TP_SESSION_WAIT_CONNECT,
	L2TP_SESSION_WAIT_CS_ANSWER,
	L2TP_SESSION_WAIT_LOCAL,
	L2TP_SESSION_ESTABLISHED,
};
#define L2TP_SESSION_STATE_COUNT 7

/* "wait-ctl-reply" etc.; never NULL */
const char *l2tp_tunnel_state_name(enum l2tp_tunnel_state state);
const char *l2tp_session_state_name(enum l2tp_session_state state);

/* Who ended a tunnel or session. */
enum l2tp_who {
	L2TP_WHO_LOCAL,	  /* an order of the caller, or our own protocol verdict about the peer */
	L2TP_WHO_PEER,	  /* its StopCCN or CDN */
	L2TP_WHO_TIMEOUT, /* it did not answer */
};

/* Why a tunnel or session ended, or shall end. */
struct l2tp_reason {
	enum l2tp_who who;
	bool stopccn;	 /* result is a StopCCN result, else a CDN result */
	uint16_t result; /* 0: none known */
	uint16_t error;
	uint16_t ppp_cause;	     /* RFC 3145 disconnect code; 0: none */
	uint16_t ppp_cause_protocol; /* PPP protocol it is about; 0: none */
	uint8_t ppp_cause_direction; /* 0: of the whole, 1: at the peer of the sender, 2: at the
					sender */
	uint16_t q931_cause;	     /* CDN: Q.931 cause code of the bearer; 0: none */
	uint8_t q931_msg;
	char text[160]; /* for people, sanitised to printable ASCII/UTF-8 */
};

enum l2tp_effect_type {
	L2TP_EFFECT_SEND,
	L2TP_EFFECT_TUNNEL_UP,
	L2TP_EFFECT_TUNNEL_DOWN,
	L2TP_EFFECT_TUNNEL_GONE,
	L2TP_EFFECT_SESSION_OFFER,
	L2TP_EFFECT_SESSION_CREATE,
	L2TP_EFFECT_SESSION_UP,
	L2TP_EFFECT_SESSION_DOWN,
	L2TP_EFFECT_SESSION_MOVED,
	L2TP_EFFECT_SESSION_ACCM,
	L2TP_EFFECT_SESSION_ERRORS,
	L2TP_EFFECT_SESSION_SPEED,
	L2TP_EFFECT_TRACE,
};

struct l2tp_effect {
	enum l2tp_effect_type type;
	uint16_t tid, sid; /* local ids; sid 0: the effect is about the tunnel */
	uint64_t tunnel_cookie, session_cookie;
	struct l2tp_path path; /* of the tunnel, or of the datagram to send */
	union {
		/*
		 * SEND: one datagram along path. tid 0: an answer without state (from the
		 * listener); reply: the tunnel was opened by the peer, so until TUNNEL_UP it has no
		 * socket of its own either.
		 */
		struct {
			const uint8_t
				*data; /* owned by the queue until the next call of next_effect */
			size_t len;
			uint16_t msg_type; /* enum l2tp_msg_type, for traces */
			bool reply;
			bool retransmit;
		} send;
		/* TUNNEL_UP: established; path is final (source port latched, RFC 2661 8.1) */
		struct {
			uint16_t peer_tid;
			bool initiator; /* we sent the SCCRQ */
		} tunnel_up;
		/* TUNNEL_DOWN, SESSION_DOWN */
		struct l2tp_reason reason;
		/* SESSION_OFFER: the peer wants a call; answer with accept_call or close_session */
		struct {
			enum l2tp_role role; /* ours, if it is accepted */
			uint32_t serial;
			uint32_t bearer_type, framing_type;
			const char *calling, *called,
				*sub_address; /* owned as data of SEND; may be "" */
		} offer;
		/* SESSION_CREATE: make the kernel session; answer with session_ready */
		struct {
			enum l2tp_role role;
			uint16_t peer_tid, peer_sid;
			bool send_seq, require_seq;
		} create;
		/* SESSION_UP: nothing more; l2tp_core_session_info() tells the rest */
		/*
		 * SESSION_MOVED: the call waited for a tunnel that lost a tie, and is now one of
		 * tunnel tid. TUNNEL_DOWN and TUNNEL_GONE of from_tid follow.
		 */
		struct {
			uint16_t from_tid;
		} moved;
		/* SESSION_ACCM: SLI of the LNS (RFC 2661 6.14), host byte order */
		struct {
			uint32_t send, recv;
		} accm;
		/*
		 * SESSION_ERRORS: WEN of the LAC (RFC 2661 6.13), since the call began: CRC,
		 * framing, hardware, buffer overruns, time-outs, alignment
		 */
		uint32_t call_errors[6];
		/* SESSION_SPEED: CSUN of the LAC (RFC 5515 4.1), bit/s; told also if unchanged */
		struct {
			uint32_t tx, rx;
		} speed;
		/* TRACE: one transition; sid 0: of the tunnel */
		struct {
			const char *from, *event, *to; /* static strings */
		} trace;
	};
};

/* Why a datagram was dropped without an answer; index into l2tp_core_stats.drops. */
enum l2tp_drop {
	L2TP_DROP_MALFORMED,  /* not an L2TPv2 control message */
	L2TP_DROP_NO_TUNNEL,  /* tunnel id unknown */
	L2TP_DROP_WRONG_PEER, /* right tunnel id, other address or port */
	L2TP_DROP_NOT_SCCRQ,  /* tunnel id 0, but nothing that may come with it */
	L2TP_DROP_WINDOW,     /* Ns beyond the window we advertised */
	L2TP_DROP_BAD_ACK,    /* Nr of a message we never sent */
	L2TP_DROP_OLD_ACK,    /* Nr further back than a window */
	L2TP_DROP_TIE,	      /* SCCRQ that lost against one of ours (RFC 2661 4.4.3) */
	L2TP_DROP_GUESSED, /* would end the tunnel, while somebody guesses ids in its peer's name */
	L2TP_DROP_LIMIT,   /* SCCRQ: all that are half-open began a moment ago */
	L2TP_DROP_MEMORY,  /* out of memory: the peer will send it again */
};
#define L2TP_DROP_COUNT 11
/* "unknown tunnel" etc.; never NULL */
const char *l2tp_drop_name(enum l2tp_drop drop);

struct l2tp_core_stats {
	uint64_t rx_messages, tx_messages, retransmits, duplicates;
	uint64_t held_back; /* not sent to an address that had not proved itself yet */
	uint64_t drops[L2TP_DROP_COUNT];
	uint64_t limits[L2TP_LIMIT_COUNT][L2TP_SCOPE_COUNT]; /* how often a limit was in the way */
	uint64_t gave_way[L2TP_RANK_COUNT];		     /* tunnels that ended for others */
	uint64_t refused_tunnels, refused_calls;	     /* since nothing could give way */
	uint64_t refused_rate; /* calls: too many requests in a short time */
	uint64_t overflows;    /* tunnels that ended, as the peer acknowledged nothing */
	uint64_t probes;       /* peers asked whether they still know their tunnel */
	uint64_t probes_dead;  /* of them: did not */
	/* now: of half_open, idle, closing, those that strangers opened */
	unsigned tunnels, sessions, half_open, idle, closing;
};

/*
 * A network that made us drop, refuse or give up much: the address with the host part 0, and how
 * many events in the last minute or two (halved each minute, so it fades).
 */
struct l2tp_talker {
	struct l2tp_addr network; /* port 0 */
	unsigned width;		  /* of the prefix: 24, 56 */
	uint64_t events;
};
#define L2TP_TALKERS_MAX 16

struct l2tp_tunnel_info {
	uint16_t tid, peer_tid;
	struct l2tp_path path;
	enum l2tp_tunnel_state state;
	bool initiator, authenticated;		 /* authenticated: the peer proved the secret */
	const char *hostname;			 /* ours; all strings are owned by the tunnel */
	const char *peer_hostname, *peer_vendor; /* "" until known */
	unsigned sessions;
	usec_t rtt; /* smoothed; 0: not measured yet */
	uint64_t rx_messages, tx_messages, retransmits, duplicates;
	unsigned cwnd, peer_window, unacked, queued;
	usec_t since; /* entered its state at */
	uint64_t deviations[L2TP_DEV_COUNT];
	uint64_t cookie;
};

struct l2tp_session_info {
	uint16_t tid, sid, peer_sid;
	enum l2tp_role role;
	bool outgoing; /* OCRQ call, else ICRQ */
	enum l2tp_session_state state;
	const char *calling, *called, *sub_address; /* owned by the session; "" if none */
	uint32_t serial, tx_speed, rx_speed, framing_type,
		bearer_type;		   /* the call's, by either side */
	uint32_t minimum_bps, maximum_bps; /* OCRQ */
	const uint32_t *physical_channel;  /* NULL: not told */
	const char *private_group;	   /* "" if none */
	const struct l2tp_proxy *proxy;	   /* NULL: the LAC told nothing; its authen_response
					      may be a password: not for logs */
	const struct l2tp_line *line;	   /* NULL: the LAC told nothing of its line */
	bool speed_updates;		   /* the LAC tells changes of the speed (RFC 5515 4) */
	bool send_seq, require_seq;
	usec_t since;
	uint64_t cookie;
};

/* A new core; env and limits are copied. NULL when out of memory. */
struct l2tp_core *l2tp_core_new(const struct l2tp_env *env, const struct l2tp_limits *limits);
/* Frees every object and effect without a word to anybody. NULL is allowed. */
void l2tp_core_free(struct l2tp_core *core);

/*
 * The next effect, or NULL. It and what it points to stay valid until the next call of this
 * function or of an input. Inputs may be called between two effects.
 */
const struct l2tp_effect *l2tp_core_next_effect(struct l2tp_core *core);

/* When l2tp_core_timeout() wants to be called; USEC_INFINITY: not at all. */
usec_t l2tp_core_next_timeout(const struct l2tp_core *core);
void l2tp_core_timeout(struct l2tp_core *core, usec_t now);

enum l2tp_input {
	L2TP_INPUT_DONE,  /* taken, or dropped and counted */
	L2TP_INPUT_SCCRQ, /* a peer asks for a new tunnel: decide, then accept or refuse at once */
};
/*
 * A control datagram (T set) arrived. buf is modified (hidden AVPs are decrypted in place), except
 * when L2TP_INPUT_SCCRQ is returned: then nothing happened yet, *ret_host is the peer's Host Name
 * inside buf, and the caller chooses parameters by it and by path and passes the same buf on to
 * l2tp_core_accept() or l2tp_core_refuse(), or to neither: silence.
 */
enum l2tp_input l2tp_core_input(struct l2tp_core *core, usec_t now, const struct l2tp_path *path,
	uint8_t *buf, size_t len, struct l2tp_span *ret_host);
/*
 * Take an SCCRQ: decode it with params->secret, recognise a duplicate (source and peer's tunnel id,
 * RFC 2661 5.8), make the tunnel, answer. A bad SCCRQ is answered with StopCCN without any state.
 */
void l2tp_core_accept(struct l2tp_core *core, usec_t now, const struct l2tp_path *path,
	uint8_t *buf, size_t len, const struct l2tp_tunnel_params *params);
/* Answer an SCCRQ with StopCCN and keep no state. text may be NULL. */
void l2tp_core_refuse(struct l2tp_core *core, usec_t now, const struct l2tp_path *path,
	uint8_t *buf, size_t len, enum l2tp_stopccn_result result, enum l2tp_error error,
	const char *text);

/*
 * Send SCCRQ along path. path->local may be any address and port 0 if the socket is not bound yet;
 * path->peer must be complete. The new tunnel's id, or -ENOSPC (limit or ids used up), -ENOMEM.
 * Tunnels of strangers give way to it.
 */
int l2tp_core_open_tunnel(struct l2tp_core *core, usec_t now, const struct l2tp_path *path,
	const struct l2tp_tunnel_params *params);
/*
 * Place a call; waits for the tunnel if that is not established yet. The new session's id, or
 * -ENOENT (no such tunnel, or closing), -ENOSPC, -ENOMEM, -EOPNOTSUPP (outgoing, established, and
 * the peer announced no bearer: RFC 2661 6.9). Once in wait-tunnel, every failure is a
 * SESSION_DOWN.
 */
int l2tp_core_place_call(
	struct l2tp_core *core, usec_t now, uint16_t tid, const struct l2tp_call_params *params);
/* Answer to SESSION_OFFER. */
void l2tp_core_accept_call(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid,
	const struct l2tp_call_params *params);
/*
 * Answer to SESSION_CREATE. error 0: data flows; else CDN result 2 error 4, with text telling the
 * peer's operator as much as he may know (NULL: nothing).
 */
void l2tp_core_session_ready(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid,
	int error, const char *text);

/*
 * End a session with CDN (result and error from reason; ppp_cause as RFC 3145 AVP if not 0) or a
 * tunnel with StopCCN. SESSION_DOWN / TUNNEL_DOWN follow with the same reason.
 */
void l2tp_core_close_session(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid,
	const struct l2tp_reason *reason);
void l2tp_core_close_tunnel(
	struct l2tp_core *core, usec_t now, uint16_t tid, const struct l2tp_reason *reason);
/*
 * Something hints that the peer of an established tunnel is gone or started anew (ICMP port
 * unreachable, an echo of PPP that failed): ask it at once by a Hello that is repeated every 200
 * ms. Unanswered for 3 seconds (more if the way to the peer takes long), the tunnel ends with all
 * its sessions: TUNNEL_DOWN, who L2TP_WHO_TIMEOUT, and TUNNEL_GONE. A peer that answers is not
 * asked again within 3 seconds: what comes before is asked then. Else ignored.
 */
void l2tp_core_probe_tunnel(struct l2tp_core *core, usec_t now, uint16_t tid);
/*
 * Data goes out in an established tunnel and, on the session that it goes out on, none comes back.
 * To be said again at every look at the counters while that is so. If nothing at all came from the
 * peer for a third of patience it is asked by Hello; the tunnel ends as above when the peer has
 * been silent for patience, and asked in vain for half of that at least. Else ignored.
 */
void l2tp_core_data_unanswered(struct l2tp_core *core, usec_t now, uint16_t tid, usec_t patience);
/* Of another tunnel between the same two addresses and ports. */
enum l2tp_twin {
	L2TP_TWIN_NONE,
	L2TP_TWIN_ASKED, /* there is one, and it has not answered yet */
	L2TP_TWIN_LIVES, /* it was asked, and answered: less than ten seconds ago */
};
/*
 * Is there an established tunnel with both addresses and ports of path, but for tunnel except (0:
 * none)? One that did not answer a moment ago is asked, as by l2tp_core_probe_tunnel().
 */
enum l2tp_twin l2tp_core_twin(
	struct l2tp_core *core, usec_t now, const struct l2tp_path *path, uint16_t except);
/*
 * RFC 2661 6.14: tell the LAC the ACCM that PPP agreed on. As LNS of an established session; else
 * ignored.
 */
void l2tp_core_send_accm(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid,
	uint32_t send, uint32_t recv);
/*
 * RFC 2661 6.13: tell the LNS the errors of the line since the call began, in the order of
 * SESSION_ERRORS. As LAC of an established session, else ignored; so are more than one in 60
 * seconds: as the counters only grow, a later one tells the same.
 */
void l2tp_core_send_errors(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid,
	const uint32_t call_errors[static 6]);
/*
 * RFC 5515 4.1: the caller's line has another speed now (bit/s). As LAC of an established call that
 * was placed with speed_updates, else ignored.
 */
void l2tp_core_send_speed(
	struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid, uint32_t tx, uint32_t rx);
/*
 * RFC 5515 4.2: ask the LAC for the speeds; SESSION_SPEED is the answer, if there is one. As LNS of
 * an established call whose LAC said that it will tell, else ignored.
 */
void l2tp_core_ask_speed(struct l2tp_core *core, usec_t now, uint16_t tid, uint16_t sid);
/*
 * Data arrived on some session of the tunnel (the kernel's counters grew): the peer lives, so no
 * Hello is due for another hello interval (RFC 2661 5.5).
 */
void l2tp_core_saw_data(struct l2tp_core *core, usec_t now, uint16_t tid);
/* The tunnel's socket got its local address (getsockname after bind/connect); shown and sent from.
 */
void l2tp_core_set_local(struct l2tp_core *core, uint16_t tid, const struct l2tp_addr *local);

/*
 * l2tp_describe() with the secret of tunnel tid, which does not leave the core. Of a datagram that
 * arrived: before it is input. No such tunnel: without a secret.
 */
size_t l2tp_core_describe(const struct l2tp_core *core, uint16_t tid, const uint8_t *buf,
	size_t len, char *out, size_t size);

/*
 * The peer of an established tunnel proved that it knows this secret (compared in constant time).
 * False if there is no such tunnel, or it was opened without a secret or with another.
 */
bool l2tp_core_peer_knows(
	const struct l2tp_core *core, uint16_t tid, const struct l2tp_secret *secret);

/* Snapshots for people; strings stay valid until the next input. False: no such object. */
bool l2tp_core_tunnel_info(
	const struct l2tp_core *core, uint16_t tid, struct l2tp_tunnel_info *ret);
bool l2tp_core_session_info(
	const struct l2tp_core *core, uint16_t tid, uint16_t sid, struct l2tp_session_info *ret);
/* Walk: the next id above the given one (start with 0), 0 at the end. */
uint16_t l2tp_core_next_tunnel(const struct l2tp_core *core, uint16_t tid);
uint16_t l2tp_core_next_session(const struct l2tp_core *core, uint16_t tid, uint16_t sid);
void l2tp_core_stats(const struct l2tp_core *core, struct l2tp_core_stats *ret);
/* The worst networks, worst first; how many, at most max. */
unsigned l2tp_core_talkers(
	struct l2tp_core *core, usec_t now, struct l2tp_talker *ret, unsigned max);

#endif
