/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_IDL_H
#define DAEMON_IDL_H

/* data/org.l2tpd.varlink as text (idl.c is made of it by meson). */
extern const char ctl_idl[];

#endif
