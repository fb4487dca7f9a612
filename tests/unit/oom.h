/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An allocator that fails when it is told to. What is compiled with OOM and this file before all
 * others uses it in place of malloc() and its like; free() is the same.
 */
#ifndef TESTS_OOM_H
#define TESTS_OOM_H

#include <stdlib.h>

void *oom_malloc(size_t size);
void *oom_calloc(size_t count, size_t size);
void *oom_realloc(void *old, size_t size);

/* Calls so far; and those that fail: so many of them from that one on. */
extern unsigned long oom_calls, oom_first, oom_count;

#ifdef OOM
#define malloc	oom_malloc
#define calloc	oom_calloc
#define realloc oom_realloc
#endif

#endif
