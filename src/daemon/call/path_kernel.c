/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path_kernel.h"

static int kernel_created(
	struct call *call, const struct plane_result *result, const char **ret_failed)
{
	call->channel_fd = result->pppox_fd;
	return 0;
}

static const char *kernel_hint(int error)
{
	return "";
}

static void kernel_modify(struct call *call)
{
	struct plane_job job = { .op = PLANE_SESSION_MODIFY,
		.lane = call->conn->lane,
		.tid = call->tid,
		.session = call->kernel };

	if (call->daemon->plane)
		plane_submit(call->daemon->plane, &job);
}

/* The kernel session goes with the last descriptor of its PPPoX socket. */
static void kernel_end(struct call *call)
{
}

const struct path_kind path_kernel = {
	.name = "kernel",
	.creation = PLANE_SESSION_CREATE,
	.created = kernel_created,
	.hint = kernel_hint,
	.modify = kernel_modify,
	.end = kernel_end,
};
