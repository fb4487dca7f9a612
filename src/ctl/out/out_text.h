/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results for people. Columns and fields are rows of tables; nothing here knows a method.
 */
#ifndef CTL_OUT_OUT_TEXT_H
#define CTL_OUT_OUT_TEXT_H

#include "ctl/cli.h"

extern const struct cli_out out_text;

#endif
