/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The console on a terminal.
 */
#ifndef CTL_CONSOLE_EDIT_H
#define CTL_CONSOLE_EDIT_H

#include "console.h"

/* Runs lines until the user leaves. An exit code. */
int edit_run(struct console *console);

#endif
