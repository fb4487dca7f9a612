/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program of the administrator's, run to its end without the loop waiting: started, watched and,
 * after its time, killed with everything of its process group by a thread of its own. Its standard
 * input is empty; what it says first is kept.
 */
#ifndef LINUX_PROGRAM_H
#define LINUX_PROGRAM_H

#include <stdbool.h>

struct program;

#define PROGRAM_WORDS 200

struct program_result {
	int error;		   /* -errno: it could not be started; else 0 */
	int status;		   /* what it exited with; minus the signal that ended it */
	bool timed_out;		   /* killed, as its time was over */
	char words[PROGRAM_WORDS]; /* its first line, as it is; "": none */
};

/*
 * Run path, without arguments and with just this environment (NULL at its end; copied), for seconds
 * at most. program_fd() becomes readable when it is over. 0 or -errno.
 */
int program_start(const char *path, char *const *env, unsigned seconds, struct program **ret);
int program_fd(const struct program *program);
/* When it is over. */
void program_result(struct program *program, struct program_result *ret);
/* Also while it runs: it does so to its end. NULL is allowed. */
void program_free(struct program *program);

#endif
