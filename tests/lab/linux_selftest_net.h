/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LAB_LINUX_SELFTEST_NET_H
#define TESTS_LAB_LINUX_SELFTEST_NET_H

/* Checks interfaces, addresses and routes; to be run in a network namespace of its own. */
void selftest_network(void);

#endif
