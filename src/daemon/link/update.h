/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links follow the configuration. */
#ifndef DAEMON_LINK_UPDATE_H
#define DAEMON_LINK_UPDATE_H

#include "link.h"

/* Make links follow d->config: those that are gone are closed, those that stay keep their calls. */
void links_update(struct daemon *d);
/* Open those that want it and are not open. */
void links_autostart(struct daemon *d);
/*
 * An option of the link was set at run time: do at once what does not wait for the next call. 0, or
 * -errno (logged) if that failed; the option is set all the same.
 */
int link_option_changed(struct link *link, const char *key);

#endif
