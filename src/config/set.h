/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "set ..." at run time, in mpd's grammar, by the rows of options.def:
 *
 *   l2tp|link|phys KEY VALUE            peer, self: ADDR|NAME[/WIDTH] [PORT]; "" sets back
 *   l2tp|link|phys enable|disable OPTION ...
 *
 * Words may be shortened and written in any case. What could be several keys is mpd's word if just
 * one of them is mpd's.
 */
#ifndef CONFIG_SET_H
#define CONFIG_SET_H

#include <l2tpd/config.h>

#include "option.h"
#include "option_text.h"

#define SET_ERROR_LEN (OPTION_ERROR_LEN + 64)

/* One line without its "set". */
struct set_line {
	const char *const *words;
	size_t count;
};

struct set_result {
	char error[SET_ERROR_LEN];  /* never any of a secret */
	size_t line;		    /* the error's */
	bool changed[OPTION_COUNT]; /* by the row's index: what lines were about */
};

/* Who says it, and where. */
struct set_caller {
	bool in_public; /* others may have seen the words, so a secret among them is none */
	bool root;	/* else a member of the control group, who shall get no secret by it */
};

/*
 * Change link as all lines say, or not at all: every line must be good, and then the link as a
 * whole together with config. 0, or with *ret: -EINVAL a line is wrong, or not the caller's to say;
 * -ENODATA it needs a secret as one word more (or for its last word, if that is "-"); -EAGAIN all
 * lines are good, but they do not go together, which more lines may mend; -ENOMEM.
 */
int set_link(const struct config *config, struct config_link *link, const struct set_line *lines,
	size_t count, struct set_caller caller, struct set_result *ret);

#endif
