/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpd's commands that have no meaning here.
 */
#ifndef CTL_CONSOLE_FOREIGN_H
#define CTL_CONSOLE_FOREIGN_H

#include <stdbool.h>

/*
 * What to use instead of a command of mpd's; NULL: it is none that is foreign here. ret_stop (may
 * be NULL): a script must not go on without it.
 */
const char *foreign_advice(char *const *words, bool *ret_stop);
/* An option of mpd's "set link enable|disable" that is PPP's. */
bool foreign_link_flag(const char *word);

#endif
