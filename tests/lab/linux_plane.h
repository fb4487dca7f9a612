/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same by the plane's thread. */
#ifndef TESTS_LINUX_PLANE_H
#define TESTS_LINUX_PLANE_H

#include <stdbool.h>
#include <stdint.h>

/* bind_channel as the machine's kernel needs it, or not; tid and tid + 1 are its tunnels. */
void selftest_plane(bool bind_channel, uint16_t tid);

#endif
