/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon logs, for a test to read. */
#ifndef RIG_LOG_H
#define RIG_LOG_H

#include <stdbool.h>

/* From now on it is kept; info and everything more urgent. */
void rig_log_begin(void);
/* It goes to stderr again. */
void rig_log_end(void);
unsigned rig_log_lines(void);
/* Some line has this text in it. */
bool rig_log_has(const char *text);

#endif
