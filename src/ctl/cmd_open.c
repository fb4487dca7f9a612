/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd_open.h"

#include <l2tpd/ctl.h>

#include "progress.h"

/* Arguments go to the daemon as JSON, which is UTF-8. */
static json_t *argument(const char *key, const char *value)
{
	json_t *params = json_pack("{s:s}", key, value);

	if (!params)
		cli_error("\"%s\" is not UTF-8 text", value);
	return params;
}

int cmd_open(struct cli *cli, char **argv)
{
	json_t *params = argument("link", argv[0]);
	struct ctl_reply reply;
	int r;

	if (!params)
		return CLI_FAILED;
	json_object_set_new(params, "wait", json_boolean(!cli->no_wait));
	r = progress_wanted(cli) ? progress_open(cli, argv[0], params, &reply)
				 : cli_call(cli, CTL_OPEN, params, &reply);
	if (r)
		return r;
	cli->out->opened(argv[0], reply.parameters);
	ctl_reply_clear(&reply);
	return CLI_DONE;
}

int cmd_close(struct cli *cli, char **argv)
{
	json_t *params = argument("target", argv[0]);
	struct ctl_reply reply;
	int r;

	if (!params)
		return CLI_FAILED;
	r = cli_call(cli, CTL_CLOSE, params, &reply);
	if (r)
		return r;
	cli->out->closed(argv[0], reply.parameters);
	ctl_reply_clear(&reply);
	return CLI_DONE;
}
