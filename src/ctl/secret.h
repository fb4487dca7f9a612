/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A secret from the terminal, without echo, or from standard input.
 */
#ifndef CTL_SECRET_H
#define CTL_SECRET_H

#include <stdbool.h>

/* NULL: there was none, as said on stderr. Wipe and free with secret_free() of base/secret_file.h.
 */
char *cli_read_secret(const char *prompt, bool script_on_stdin);

#endif
