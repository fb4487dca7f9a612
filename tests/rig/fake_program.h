/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon runs of the administrator's programs, as tests see it. */
#ifndef RIG_FAKE_PROGRAM_H
#define RIG_FAKE_PROGRAM_H

#include <stddef.h>
#include <sys/queue.h>

#include "linux/program.h"

#define FAKE_ENV 32

struct program {
	TAILQ_ENTRY(program) entry;
	int fd;
	char *path, *env[FAKE_ENV];
	size_t env_len;
	unsigned seconds;
	struct program_result result;
};

/* The next ones cannot be started: -errno; 0: they can. */
extern int fake_program_error;

/* That runs; 0 is the oldest. NULL: there are not so many. */
struct program *fake_program(unsigned index);
/* The value of a variable that it got, NULL: it did not. */
const char *fake_program_env(const struct program *program, const char *name);
void fake_program_ends(struct program *program, int status);

#endif
