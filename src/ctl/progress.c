/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "out/text.h"
#include "out/out_text.h"

/* So often it is looked how far it has come. */
#define LOOK_MS 300

bool progress_wanted(const struct cli *cli)
{
	return cli->out == &out_text && isatty(STDERR_FILENO) && !cli->no_wait;
}

static void show(const char *link, const char *text)
{
	fprintf(stderr, "\r\033[K");
	if (*text) {
		text_put(stderr, link);
		fputs(": ", stderr);
		text_put(stderr, text);
	}
	fflush(stderr);
}

/* What the daemon says of the link now; nothing if it cannot be asked. */
static void look(struct ctl_client *client, const char *name)
{
	struct ctl_reply reply;
	const json_t *link;
	size_t i;

	if (ctl_client_call(client, CTL_LIST_LINKS, NULL, &reply) < 0)
		return;
	json_array_foreach (json_object_get(reply.parameters, "links"), i, link) {
		const char *text = json_string_value(json_object_get(link, "progress"));

		if (strcmp(json_string_value(json_object_get(link, "name")), name) == 0)
			show(name, text ? text : "");
	}
	ctl_reply_clear(&reply);
}

/* 1: an answer is there; 0: not yet; -errno, -EINTR: it is given up. */
static int wait_answer(struct cli *cli, struct ctl_reply *ret)
{
	struct pollfd fd = { .fd = ctl_client_fd(cli->client), .events = POLLIN };
	int r = poll(&fd, 1, LOOK_MS);

	if (cli_interrupted())
		return -EINTR;
	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	return r ? ctl_client_receive(cli->client, false, ret) : 0;
}

static int watch(struct cli *cli, const char *link, struct ctl_reply *ret)
{
	struct ctl_client *second = NULL;
	int r;

	/* without one nothing is shown, and the answer comes all the same */
	if (ctl_client_connect(cli->socket, &second) < 0)
		second = NULL;
	while ((r = wait_answer(cli, ret)) == 0)
		if (second)
			look(second, link);
	ctl_client_free(second);
	show(link, "");
	return r > 0 ? 0 : r;
}

int progress_open(struct cli *cli, const char *link, json_t *params, struct ctl_reply *ret)
{
	int r = cli_connect(cli);

	if (r) {
		json_decref(params);
		return r;
	}
	r = ctl_client_send(cli->client, CTL_OPEN, params, false);
	if (r == 0)
		r = watch(cli, link, ret);
	if (r < 0) {
		/* what comes now may belong to this call: the next one starts afresh */
		ctl_client_free(cli->client);
		cli->client = NULL;
		return cli_verdict(cli, r, NULL);
	}
	r = cli_verdict(cli, 0, ret);
	if (r)
		ctl_reply_clear(ret);
	return r;
}
