/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "set ..." of mpd: every command of mpd 4.4 and mpd 5, one row each. */
#ifndef CTL_IMPORT_MPD_SET_H
#define CTL_IMPORT_MPD_SET_H

#include "mpd.h"

extern const struct mpd_row mpd_set_rows[];
extern const size_t mpd_set_rows_len;

#endif
