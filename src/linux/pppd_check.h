/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pppd itself thinks of a set of options, without a call. */
#ifndef LINUX_PPPD_CHECK_H
#define LINUX_PPPD_CHECK_H

#include <stddef.h>

#include "pppd_options.h"

/*
 * Runs pppd with its "dryrun" on options, which say nothing of a channel (no "pppol2tp"), and waits
 * for it, at most limit_ms: not for an event loop. pppd reads /etc/ppp/options first, as with every
 * call, and all files the options name.
 *
 * 0: it is content, as far as it looked: where the kernel has no PPP it reads the options and no
 * more. 1: it is not; text is what it says ("unrecognized option 'x'"; several lines with "; "
 * between them). -errno: it could not be asked. -ENOENT, -EACCES: no such program; -EPERM: only
 * root may set all options; -ETIMEDOUT: it was killed.
 */
int pppd_check(const char *program, const struct pppd_options *options, int limit_ms, char *text,
	size_t size);

#endif
