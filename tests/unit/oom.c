/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oom.h"

#undef malloc
#undef calloc
#undef realloc

unsigned long oom_calls, oom_first, oom_count;

static int fails(void)
{
	return oom_calls++ - oom_first < oom_count;
}

void *oom_malloc(size_t size)
{
	return fails() ? NULL : malloc(size);
}

void *oom_calloc(size_t count, size_t size)
{
	return fails() ? NULL : calloc(count, size);
}

void *oom_realloc(void *old, size_t size)
{
	return fails() ? NULL : realloc(old, size);
}
