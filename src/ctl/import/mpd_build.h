/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections of ours from the links, bundles and repeaters of mpd. */
#ifndef CTL_IMPORT_MPD_BUILD_H
#define CTL_IMPORT_MPD_BUILD_H

#include "mpd.h"

extern const struct import_format import_mpd;

#endif
