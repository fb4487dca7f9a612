/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PPPoE session as a line, and the access concentrator it is of: one [pppoe] section. The called
 * number is the service that was asked for, the calling number the MAC address in 12 hexadecimal
 * digits, as mpd has them.
 */
#ifndef DAEMON_ATTACH_LINE_PPPOE_H
#define DAEMON_ATTACH_LINE_PPPOE_H

#include "line.h"
#include "pppoe/discovery.h"

struct concentrator {
	LIST_ENTRY(concentrator) entry;
	struct daemon *daemon;
	char name[64];
	struct pppoe_ac *ac;
	int fd;	   /* discovery frames leave through it; the host's */
	bool kept; /* pppoe_host.c */
};

/* NULL: out of memory. */
struct concentrator *concentrator_new(struct daemon *d, const struct config_pppoe *config, int fd);
/* Its lines are gone. */
void concentrator_free(struct concentrator *concentrator);
/* Another configuration; sessions go on. 0 or -ENOMEM. */
int concentrator_configure(struct concentrator *concentrator, const struct config_pppoe *config);
/* A frame arrived at a port; what comes of that is done. */
void concentrator_input(
	struct concentrator *concentrator, int port, const uint8_t *frame, size_t len);
/* Carry out what the concentrator wants done: after every order that is given to ac. */
void concentrator_settle(struct concentrator *concentrator);
/* Its lines end. */
void concentrator_close(struct concentrator *concentrator, const char *why);

/* For show: the concentrator and session of a line; NULL: it is of another kind. */
const struct concentrator *line_pppoe_info(const struct line *line, struct pppoe_info *ret);

#endif
