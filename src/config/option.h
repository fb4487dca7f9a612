/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of the configuration, as rows of options.def. Everything that reads, sets, shows or
 * completes a key goes through here, so that a file, "l2tpctl set" and "show config" agree.
 * "object" is the struct that a section is kept in: config_link, config_ppp or config_daemon.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>

enum option_section { OPTION_LINK, OPTION_PPP, OPTION_DAEMON };
#define OPTION_SECTION_COUNT 3

/* What a value is. */
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
	OPTION_LOG_LEVEL, /* LOG_* */
	OPTION_LINES,	  /* a pppd option line; only for the option of a config_ppp */
};

#define OPTION_SECRET	1u  /* shown as ****** and never quoted in a message */
#define OPTION_LIST	2u  /* may stand several times; every time adds */
#define OPTION_REQUIRED 4u  /* must stand in its section */
#define OPTION_EMPTY	8u  /* may have an empty value */
#define OPTION_ZERO	16u /* 0 is allowed beside min to max */
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

#define OPTION_NAME_MAX	 63  /* length of names of links and profiles */
#define OPTION_ERROR_LEN 320 /* room for a message, with NUL */
#define OPTION_MASK	 "******"

enum {
	OPTION_COUNT = 0
#define OPTION(...) +1
#include "options.def"
#undef OPTION
};

/* All rows, in the order of options.def. */
extern const struct option option_table[OPTION_COUNT];

/* "link", "ppp", "daemon" */
const char *option_section_name(enum option_section section);
/* The row after prev in section, the first one if prev is NULL; NULL at the end. */
const struct option *option_next(enum option_section section, const struct option *prev);
const struct option *option_find(enum option_section section, const char *key);
/* The key of section that key was probably meant to be; NULL: none is near. */
const char *option_nearest(enum option_section section, const char *key);

/* 1 to 63 characters of A-Z a-z 0-9 _ . - */
bool option_name_valid(const char *name);

/*
 * Set the field from text; a list gets one more line (option_reset first to replace it). The old
 * value is freed, a secret is wiped. 0; -EINVAL with error = "key: what is wrong" and the field
 * untouched; -ENOMEM likewise. A secret does not get into error.
 */
int option_set(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
/* Back to the default. The object must be all zero or have been through here. 0 or -ENOMEM. */
int option_reset(const struct option *option, void *object);
/* All fields of a section to their defaults. 0 or -ENOMEM. */
int option_reset_all(enum option_section section, void *object);
/* Free what fields hold, wiping it; they are zero then. */
void option_clear(const struct option *option, void *object);
void option_clear_all(enum option_section section, void *object);
/* The value of another object of the section. 0, or -ENOMEM with the field as it was. */
int option_copy(const struct option *option, void *object, const void *from);
/* The same with all values; with -ENOMEM some are copied. */
int option_copy_all(enum option_section section, void *object, const void *from);
/*
 * The value as option_set takes it, malloc'ed; a secret that is set as ******. index counts the
 * items of a list, -ENOENT says that there is no such; everything else has index 0 only, and is ""
 * if nothing is set. -ENOMEM.
 */
int option_format(const struct option *option, const void *object, size_t index, char **ret);

/* --- option_value.c --- */

/*
 * As option_set, but text is known to be clean, error gets no "key: ", and an empty text makes an
 * empty value where there is one.
 */
int option_value_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
int option_value_copy(const struct option *option, void *object, const void *from);
/* As option_format; index is 0 unless the option is a list. */
int option_value_format(const struct option *option, const void *object, size_t index, char **ret);

#endif
