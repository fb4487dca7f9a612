/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as plain structs. Filled from INI files by src/config/load.c by the rows of
 * src/config/options.def, which are the only place that knows keys, defaults and ranges.
 * All strings are owned by the config and never NULL unless said so; an empty one means "not set".
 */
#ifndef L2TPD_CONFIG_H
#define L2TPD_CONFIG_H

#include <l2tp/types.h>

#define CONFIG_DEFAULT_FILE "/etc/l2tpd/l2tpd.conf"
#define CONFIG_DEFAULT_DIR  "/etc/l2tpd/conf.d"

/* "self": ADDR|IFNAME|NAME [PORT]; "peer": ADDR[/WIDTH]|NAME [PORT] */
struct config_endpoint {
	char *host;	       /* as written; empty: any */
	struct l2tp_addr addr; /* AF_UNSPEC unless host is a numeric address; port 0 */
	unsigned width;	       /* of addr: full length unless /WIDTH was given */
	uint16_t port;	       /* 0: not given */
};

enum config_require { REQUIRE_NONE, REQUIRE_PAP, REQUIRE_CHAP_MD5, REQUIRE_MSCHAPV2 };
/* Encryption of PPP (RFC 3078) with 128 bits */
enum config_mppe { MPPE_NO, MPPE_YES, MPPE_REQUIRED };
/*
 * What becomes of the call that a user has when he logs in once more. SESSIONS_FIXED: replaced if
 * the address is the user's own, as two cannot have it; else both live.
 */
enum config_sessions { SESSIONS_FIXED, SESSIONS_REPLACE, SESSIONS_DENY, SESSIONS_ANY };

struct config_words {
	char **word;
	size_t len;
};

/* "[ppp NAME]": how PPP is answered on a link */
struct config_ppp {
	char *name;
	const char *file; /* where the section begins */
	unsigned line;
	char *user, *password, *password_file; /* we log in to the peer */
	enum config_require require;	       /* the peer logs in to us */
	char *users;			       /* path of a pppd secrets file */
	struct config_words auth;	       /* how we may log in: methods */
	char *auth_name;	  /* our name as authenticator; empty: the link's hostname */
	struct l2tp_addr address; /* ours; AF_UNSPEC: the peer tells */
	struct config_range {
		uint32_t first, last; /* IPv4, host byte order */
	} * pool;
	size_t pool_len;
	struct l2tp_addr dns[2]; /* given to the peer */
	bool usepeerdns;	 /* ask the peer for name servers */
	bool accept_any_address; /* of a peer for which there is none */
	enum config_sessions single_session;
	enum config_mppe mppe;
	bool eap; /* our login by EAP is not refused */
	bool proxyarp;
	unsigned mtu, mru; /* 0: computed from the path */
	bool defaultroute, ipv6;
	unsigned echo_interval, echo_failure; /* LCP echo: seconds, tries; interval 0: off */
	char **option;			      /* pppd option lines */
	unsigned *option_line;		      /* where each stands in file; 0: not in a file */
	size_t option_len;
};

/* "[link NAME]" */
struct config_link {
	char *name;
	const char *file;
	unsigned line;
	const struct config_ppp *own_ppp; /* a transient link's profile; NULL: the one named ppp */
	char *type;			  /* "l2tp" */
	struct config_endpoint self, peer;
	char *hostname;	     /* empty: the machine's */
	char *peer_hostname; /* fnmatch(3) pattern; empty: any */
	char *secret, *secret_file;
	char *callingnum, *callednum;
	bool originate, incoming, outcall, hidden, length, dataseq, tie_breaker;
	unsigned reorder_ms; /* reorder-timeout, milliseconds */
	char *ppp;	     /* profile name; empty: none */
	bool autostart;
	unsigned hello;			/* seconds; 0: never */
	unsigned dead_peer;		/* seconds; 0: off */
	unsigned retransmits;		/* tries after the first */
	unsigned setup_timeout, linger; /* seconds */
	int max_redial; /* -1 never, 0 for ever, else tries; CONFIG_REDIAL_DEFAULT: by autostart */
	unsigned redial_delay, redial_max_delay; /* seconds; doubles from one to the other */
	unsigned max_calls;	     /* incoming calls at once on this link; 0: no limit */
	struct config_words routes;  /* networks behind the peer, "ADDR/WIDTH" */
	char *ifname;		     /* of the call we place; empty: as it comes */
	struct config_words domains; /* that the peer's name servers know */
	char *up, *down;	     /* programs; empty: none */
	unsigned max_starting;	     /* of them: that have not logged in; 0: no limit */
};
#define CONFIG_REDIAL_DEFAULT (-2)

/* "[pppoe NAME]": an access concentrator, whose callers a [forward] takes */
struct config_pppoe {
	char *name;
	const char *file;
	unsigned line;
	struct config_words interfaces; /* names, or fnmatch(3) patterns of them */
	char *ac_name;			/* empty: the machine's host name */
	struct config_words services;	/* none: whatever is asked for */
	unsigned mtu;			/* greatest PPP payload: above 1492 by RFC 4638 */
	unsigned max_calls, max_calls_per_mac;
	unsigned padi_rate; /* answered a second, by interface; 0: no limit */
};

/* "[serial NAME]": a line on which a caller speaks PPP */
struct config_serial {
	char *name;
	const char *file;
	unsigned line;
	char *device;	/* path */
	unsigned speed; /* bit/s; 0: as it is */
	bool rtscts;
	bool modem; /* the line ends when carrier does, and is hung up by DTR */
};

/* Where calls come from: "pppoe:NAME", "serial:NAME", "link:NAME" */
enum config_source_kind { SOURCE_NONE, SOURCE_PPPOE, SOURCE_SERIAL, SOURCE_LINK };
struct config_source {
	enum config_source_kind kind;
	char *name; /* of the section; NULL: none */
};

/* "link:NAME[/WEIGHT]" */
struct config_target {
	char *link;
	unsigned weight; /* of those with a weight: calls by it; 0: when all others are dead */
};
struct config_targets {
	struct config_target *list;
	size_t len;
	bool weighted; /* somebody has a weight; else they are taken in their order */
};

/* What a LAC says to the caller itself before the LNS does (RFC 2661 4.4.5) */
enum config_proxy { PROXY_NONE, PROXY_LCP, PROXY_AUTH };

/* "[forward NAME]": callers of one line get an L2TP call each, joined to it in the kernel */
struct config_forward {
	char *name;
	const char *file;
	unsigned line;
	struct config_source from;
	struct config_targets to;
	enum config_proxy proxy;
	struct config_words realms;		   /* of the user's name; none: all */
	struct config_words services, callingnums; /* fnmatch(3) patterns; none: all */
	struct config_words auth;		   /* PROXY_AUTH: methods */
	char *radius;				   /* path of a RADIUS client's file; empty: none */
	unsigned try_timeout; /* seconds that one LNS has before the next is tried */
	unsigned max_calls;   /* 0: no limit */
};

/* "[daemon]" */
struct config_daemon {
	char *control_group; /* may use the control socket beside root; missing group: root only */
	int log_level;	     /* syslog's LOG_* */
	char *pppd, *pppd_plugin; /* paths */
	bool pppd_ready;	  /* ready-made pppds */
	unsigned pppd_at_once;	  /* 0: what the machine carries */
	bool pppd_debug;	  /* pppd's "debug" option for all calls */
	/* Limits of all, of one network (IPv4 /24, IPv6 /56) and of one source (address, /64) */
	unsigned max_tunnels, max_tunnels_per_network, max_tunnels_per_source;
	unsigned max_half_open, max_half_open_per_network, max_half_open_per_source;
	unsigned max_idle, max_idle_per_network, max_idle_per_source;
	unsigned max_calls, max_calls_per_network, max_calls_per_source, max_calls_per_tunnel;
	unsigned call_rate, call_burst; /* requests of one tunnel a second, and at once */
	unsigned first_call;		/* seconds */
};

struct config {
	struct config_daemon daemon;
	struct config_link *links; /* in order of definition */
	size_t links_len;
	struct config_ppp *ppps;
	size_t ppps_len;
	struct config_pppoe *pppoes;
	size_t pppoes_len;
	struct config_serial *serials;
	size_t serials_len;
	struct config_forward *forwards; /* in order of definition */
	size_t forwards_len;
	char **files; /* names that "file" fields point into */
	size_t files_len;
};

/* Messages for people, "FILE:LINE: text" each. Start with all zero. */
struct config_errors {
	char **text;
	size_t len;
};

#endif
