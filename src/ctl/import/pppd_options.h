/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of pppd(8), as xl2tpd's "pppoptfile" names a file of them, into keys of [ppp] and [link].
 */
#ifndef CTL_IMPORT_PPPD_OPTIONS_H
#define CTL_IMPORT_PPPD_OPTIONS_H

#include "import.h"

/*
 * Take every option of a file into the profile, or have its line say why not. Files that it names
 * ("file PATH") are read, too.
 */
void pppd_options_take(struct import *im, struct import_file *file, const char *text, size_t len,
	struct profile *profile);

#endif
