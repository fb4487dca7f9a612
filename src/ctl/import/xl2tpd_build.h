/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections of ours from those of xl2tpd.conf, with its files of secrets and of pppd's options. */
#ifndef CTL_IMPORT_XL2TPD_BUILD_H
#define CTL_IMPORT_XL2TPD_BUILD_H

#include "xl2tpd.h"

/* The "build" of struct import_format: state is a struct xl2tpd. */
void xl2tpd_build(struct import *im, void *state);

#endif
