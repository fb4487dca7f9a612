/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections of ours from those of xl2tpd.conf, with its files of secrets and of pppd's options. */
#ifndef CTL_IMPORT_XL2TPD_BUILD_H
#define CTL_IMPORT_XL2TPD_BUILD_H

#include "xl2tpd.h"

extern const struct import_format import_xl2tpd;

#endif
