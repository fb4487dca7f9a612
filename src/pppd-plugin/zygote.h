/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pppd that waits for orders. */
#ifndef PPPD_PLUGIN_ZYGOTE_H
#define PPPD_PLUGIN_ZYGOTE_H

/* Option "l2tpd-zygote"; returns in copies only, and when it cannot wait. */
int zygote_option(char **argv);

#endif
