/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the configuration: at start, and again while calls run. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <l2tpd/config.h>

struct daemon;

/*
 * Read the files that d was started with. 0 and *ret (config_free), or -errno with at least one
 * line in errors, which the caller clears.
 */
int reload_read(const struct daemon *d, struct config **ret, struct config_errors *errors);
/* Every line of errors into the log. */
void reload_log_errors(const struct config_errors *errors);
/*
 * Read the configuration files again and follow them: running calls stay, links that are gone are
 * closed, changes of a link apply to its next call. On an error nothing changes. 0 or -errno.
 */
int daemon_reload(struct daemon *d, struct config_errors *errors);

/* Keys of a link were set at run time: the next reload says that they are gone. */
void reload_note_run_time(struct daemon *d, const char *link, const char *keys);
/* They are in the files now. */
void reload_forget_run_time(struct daemon *d);

#endif
