/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of mpd: "set link enable chap", "set ccp yes mppc" and their likes. */
#ifndef CTL_IMPORT_MPD_OPTIONS_H
#define CTL_IMPORT_MPD_OPTIONS_H

#include "mpd.h"

/* Functions of rows. The arguments are options; the row's key is the menu that they are in. */
void mpd_enable(const struct mpd_command *command);
void mpd_disable(const struct mpd_command *command);
void mpd_accept(const struct mpd_command *command);
void mpd_deny(const struct mpd_command *command);
void mpd_yes(const struct mpd_command *command); /* enable and accept */
void mpd_no(const struct mpd_command *command);	 /* disable and deny */

#endif
