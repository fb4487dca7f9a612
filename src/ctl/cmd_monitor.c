/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd_monitor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

/* The next reply as ctl_client_receive() gives it; 0: nobody reads our output any more. */
static int next_reply(struct ctl_client *client, struct ctl_reply *ret)
{
	struct pollfd fds[2] = {
		{ .fd = ctl_client_fd(client), .events = POLLIN },
		{ .fd = STDOUT_FILENO }, /* POLLERR: the reader of our pipe is gone */
	};
	int r;

	while ((r = ctl_client_receive(client, false, ret)) == 0) {
		if (fflush(stdout) != 0 || (fds[1].revents & POLLERR))
			return 0;
		if (poll(fds, 2, -1) < 0 && (errno != EINTR || cli_interrupted()))
			return -errno;
	}
	return r;
}

int cmd_monitor(struct cli *cli, char **argv)
{
	json_t *params = cli->packets ? json_pack("{s:b}", "packets", 1) : NULL;
	struct ctl_reply reply = { 0 };
	bool more = true;
	int r = cli_connect(cli);

	if (r) {
		json_decref(params);
		return r;
	}
	r = ctl_client_send(cli->client, CTL_MONITOR, params, true);
	if (r < 0)
		return cli_verdict(cli, r, NULL);
	while (more) {
		const json_t *event;
		int code;

		r = next_reply(cli->client, &reply);
		if (r == 0)
			return CLI_DONE;
		code = cli_verdict(cli, r, &reply);
		if (code) {
			ctl_reply_clear(&reply);
			return code;
		}
		event = json_object_get(reply.parameters, "event");
		if (event)
			cli->out->event(event);
		more = reply.continues;
		ctl_reply_clear(&reply);
	}
	return CLI_DONE;
}
