/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes to a peer that calls must not swallow. */
#ifndef TESTS_LINUX_ROUTES_H
#define TESTS_LINUX_ROUTES_H

/* In a network namespace of its own. */
void selftest_routes(void);

#endif
