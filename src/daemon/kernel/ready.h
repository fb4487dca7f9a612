/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Can calls be made on this machine? What is missing is said once, and so that it can be mended. */
#ifndef DAEMON_KERNEL_READY_H
#define DAEMON_KERNEL_READY_H

#include "daemon/daemon.h"

/* Try to have the kernel side (again). True: there; else d->kernel->problem says why not. */
bool kernel_ready(struct daemon *d);
/*
 * The same for an SCCRQ: looks at the machine again at most every ten seconds while something is
 * missing, so that a flood of them does not become a flood of probes.
 */
bool kernel_ready_for_peer(struct daemon *d);

#endif
