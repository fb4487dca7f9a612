/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts pppds in a thread of its own, as copies of ready-made ones (pppd_ready.h) where there are
 * any, else by exec (pppd.h). Orders are carried out one after the other, in their order; results
 * come back in the same order, and pppd_starter_fd() is readable while any waits.
 */
#ifndef LINUX_PPPD_STARTER_H
#define LINUX_PPPD_STARTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pppd_options.h"

struct pppd_starter;

struct pppd_call {
	const char *program;
	const struct pppd_options *options; /* without "pppol2tp", "l2tpd-fd", "logfd" */
	int channel_fd;			    /* PPPoX socket */
	int event_fd;			    /* pppd's end of the plugin's socket */
	int log_fd;			    /* pppd's end of pppd_log_pipe() */
	int nice;	 /* added to ours for pppd, so that the daemon runs before it */
	uint64_t cookie; /* the caller's, to know the call by */
};

enum pppd_news {
	PPPD_STARTED, /* cookie, pid, ready_made */
	PPPD_FAILED,  /* cookie, error, and text: why, if there is more to say than the error */
	PPPD_TROUBLE, /* text: a ready-made pppd is of no use, calls go on without */
};

struct pppd_result {
	enum pppd_news news;
	uint64_t cookie;
	pid_t pid; /* a child of this process, to be reaped by the caller; perhaps dead already */
	bool ready_made;
	int error; /* -errno */
	char text[700];
};

int pppd_starter_new(struct pppd_starter **ret);
/*
 * Orders not begun are dropped; a pppd whose result was not read is killed. Ends the ready-made
 * ones; and since the thread ends, pppds that live are sent SIGTERM, as if the daemon had ended.
 */
void pppd_starter_free(struct pppd_starter *starter);
int pppd_starter_fd(const struct pppd_starter *starter);

/*
 * From now on keep a ready-made pppd for each of these lists of plugins (n may be 0; equal lists
 * count once; at most 16), and end those for others. One that ends, or that would be different if
 * it started now, is replaced; one that cannot start is tried again ever more seldom. 0 or -ENOMEM.
 */
int pppd_starter_keep(struct pppd_starter *starter, const char *program,
	const struct pppd_plugins *const *plugins, size_t n);

/*
 * Start a pppd. On success the three descriptors belong to the starter, which closes them when pppd
 * has them (in its thread: closing the last copy of a PPPoX socket may take a while); else they
 * stay the caller's. options are done with on return. 0, the error of options, or -errno.
 */
int pppd_starter_submit(struct pppd_starter *starter, const struct pppd_call *call);

/* The next result; false: none waits. */
bool pppd_starter_next(struct pppd_starter *starter, struct pppd_result *ret);

#endif
