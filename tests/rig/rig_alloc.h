/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that runs out on order (rig_alloc.c): for programs linked with RIG_WRAP, where the
 * daemon's allocations can fail and those of the fakes cannot.
 */
#ifndef RIG_ALLOC_H
#define RIG_ALLOC_H

#ifdef RIG_WRAP
#include <stddef.h>

void *__real_calloc(size_t n, size_t size);
#define calloc __real_calloc
#endif

/* Every n-th allocation of the daemon fails; 0: none. Without RIG_WRAP nothing ever does. */
extern unsigned rig_alloc_fail_every;

#endif
