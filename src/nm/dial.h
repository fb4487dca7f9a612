/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One call of l2tpd's, for as long as somebody wants it: reaches the daemon, starting it if need
 * be, has it place the call (AddTransientLink), and tells how that goes. Dialling and redialling
 * are the daemon's.
 */
#ifndef NM_DIAL_H
#define NM_DIAL_H

#include <jansson.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "settings.h"

enum nm_dial_news {
	NM_DIAL_UP,	 /* event: all there is to know; again when there is more */
	NM_DIAL_WAITING, /* it failed or ended, and will be tried again; event: why */
	NM_DIAL_DOWN,	 /* over; event: why, or NULL: the daemon refused, or cannot be had */
	NM_DIAL_LOST,	 /* over: the daemon went away */
};

struct nm_dial;

/* event is a TransientEvent or NULL; text says it to people. The callback may start and stop. */
typedef void nm_dial_told(
	enum nm_dial_news news, const json_t *event, const char *text, void *user);

/* socket is borrowed. bus: to ask systemd to start l2tpd; may be NULL. 0 or -ENOMEM. */
int nm_dial_new(sd_event *event, sd_bus *bus, const char *socket, nm_dial_told *told, void *user,
	struct nm_dial **ret);
/* As nm_dial_stop(). NULL is allowed. */
void nm_dial_free(struct nm_dial *dial);
/*
 * Begin, from the loop, ending what was before. settings are borrowed until nm_dial_stop().
 * patient: wait as long as it takes for the daemon to be there; else it is there soon or that is
 * the end.
 */
int nm_dial_start(struct nm_dial *dial, struct nm_settings *settings, bool patient);
/* The call ends; nothing more is told. */
void nm_dial_stop(struct nm_dial *dial);

#endif
