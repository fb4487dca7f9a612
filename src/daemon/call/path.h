/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the data of a call goes between tunnel and PPPoX socket. call.c knows no kind by name. */
#ifndef DAEMON_CALL_PATH_H
#define DAEMON_CALL_PATH_H

#include "call.h"

struct path_kind {
	const char *name;	/* "datapath" of sessions in JSON */
	bool length;		/* data packets have the Length field */
	enum plane_op creation; /* the job that makes it; its result comes to created() */
	/*
	 * The job is done without error: take what result brought (also on error) and set
	 * call->channel_fd. 0, or -errno with *ret_failed: static, what failed.
	 */
	int (*created)(
		struct call *call, const struct plane_result *result, const char **ret_failed);
	/* What to tell a person about that error; "" if nothing. */
	const char *(*hint)(int error);
	/* call->kernel changed: numbers as it says. */
	void (*modify)(struct call *call);
	/* Nothing more goes through; frees what the call has of it. Also if it was never created.
	 */
	void (*end)(struct call *call);
};

#endif
