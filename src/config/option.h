/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of the configuration, as rows of options.def. Everything that reads, sets, shows or
 * completes a key goes by these rows, so that a file, "l2tpctl set" and "show config" agree.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>

enum option_section {
	OPTION_LINK,
	OPTION_PPP,
	OPTION_PPPOE,
	OPTION_SERIAL,
	OPTION_FORWARD,
	OPTION_DAEMON,
};
#define OPTION_SECTION_COUNT (OPTION_DAEMON + 1)

/* What a value is. What can be done with it: option_value.c */
enum option_kind {
	OPTION_BOOL,	  /* yes, no, true, false, on, off, 1, 0 */
	OPTION_NUMBER,	  /* min to max */
	OPTION_REDIAL,	  /* min to max, or "default" */
	OPTION_TEXT,	  /* UTF-8 of at most max bytes */
	OPTION_WORD,	  /* the same without blanks */
	OPTION_NAME,	  /* as option_name_valid() */
	OPTION_PATH,	  /* absolute */
	OPTION_TYPE,	  /* "l2tp" */
	OPTION_SELF,	  /* HOST [PORT] */
	OPTION_PEER,	  /* HOST[/WIDTH] [PORT] */
	OPTION_ADDRESS,	  /* one IPv4 address */
	OPTION_DNS,	  /* IPv4 addresses, two in all; only for the dns of a config_ppp */
	OPTION_POOL,	  /* IPv4 ranges; only for the pool of a config_ppp */
	OPTION_REQUIRE,	  /* enum config_require */
	OPTION_MPPE,	  /* enum config_mppe */
	OPTION_SESSIONS,  /* enum config_sessions */
	OPTION_LOG_LEVEL, /* LOG_* */
	OPTION_PROXY,	  /* enum config_proxy */
	OPTION_WORDS,	  /* words of at most max bytes, config_words */
	OPTION_NETS,	  /* the same, each an address with a width */
	OPTION_METHODS,	  /* the same, each a way of logging in */
	OPTION_SOURCE,	  /* pppoe:NAME, serial:NAME or link:NAME */
	OPTION_TARGETS,	  /* link:NAME[/WEIGHT] ... */
	OPTION_LINES,	  /* a pppd option line; only for the option of a config_ppp */
};
#define OPTION_KIND_COUNT (OPTION_LINES + 1)

#define OPTION_SECRET	  1u  /* shown as ****** and never quoted in a message */
#define OPTION_LIST	  2u  /* may stand several times; every time adds */
#define OPTION_EMPTY	  8u  /* may have an empty value */
#define OPTION_ZERO	  16u /* 0 is allowed beside min to max */
/*
 * of "set": for root alone. It names what is read or run as root, says who gets a password, or
 * where traffic and questions of the machine go
 */
#define OPTION_ROOT 32u
/* mpd's words: what is shortened means them, not ours that begin alike */
#define OPTION_MPD	64u  /* of "set l2tp" */
#define OPTION_MPD_LINK 128u /* of "set link" and "set phys" */

struct option {
	enum option_section section;
	const char *key;
	enum option_kind kind;
	size_t offset;	  /* of the field in the section's struct */
	const char *def;  /* default as text; NULL: nothing set */
	long min, max;	  /* of a number, or of the length of a text */
	const char *unit; /* of a number, in the plural */
	unsigned flags;	  /* OPTION_SECRET ... */
	const char *arg;  /* what the value is called in help texts */
	const char *help; /* one sentence */
};

#define OPTION_MASK "******"

enum {
	OPTION_COUNT = 0
#define OPTION(...) +1
#include "options.def"
#undef OPTION
};

/* All rows, in the order of options.def. */
extern const struct option option_table[OPTION_COUNT];

/* The field that the row is about; object is a config_link or another struct of l2tpd/config.h. */
static inline void *option_field(const struct option *option, void *object)
{
	return (char *)object + option->offset;
}

static inline const void *option_value(const struct option *option, const void *object)
{
	return (const char *)object + option->offset;
}

/* "link", "ppp", "pppoe", "serial", "forward", "daemon" */
const char *option_section_name(enum option_section section);
/* The row after prev in section, the first one if prev is NULL; NULL at the end. */
const struct option *option_next(enum option_section section, const struct option *prev);
const struct option *option_find(enum option_section section, const char *key);
/* The key of section that key was probably meant to be; NULL: none is near. */
const char *option_nearest(enum option_section section, const char *key);

#endif
