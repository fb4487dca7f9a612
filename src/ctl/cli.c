/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/out/text.h"

/* --- messages --- */

#define PREFIX "l2tpctl: "
static const char *error_prefix = PREFIX;

void cli_error_prefix(const char *prefix)
{
	error_prefix = prefix ? prefix : PREFIX;
}

static void put_message(const char *kind, const char *fmt, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	fflush(stdout); /* what came before is read before */
	text_put(stderr, error_prefix);
	fputs(kind, stderr);
	text_put(stderr, text ? text : fmt);
	fputc('\n', stderr);
	free(text);
}

void cli_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_message("", fmt, ap);
	va_end(ap);
}

void cli_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_message("warning: ", fmt, ap);
	va_end(ap);
}

bool cli_stdout_closed(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

bool cli_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* --- Ctrl-C --- */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	interrupted = 1;
}

void cli_catch_interrupt(void)
{
	struct sigaction interrupt = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &interrupt, NULL);
}

void cli_forget_interrupt(void)
{
	interrupted = 0;
}

bool cli_interrupted(void)
{
	return interrupted;
}

/* --- the daemon --- */

/* Who may connect, by the socket file. */
static void say_no_permission(const char *path)
{
	struct stat st;
	const struct group *group = NULL;

	if (stat(path, &st) == 0 && (st.st_mode & S_IWGRP) && st.st_gid != 0)
		group = getgrgid(st.st_gid);
	if (group)
		cli_error("no permission to use %s: be root or a member of the group \"%s\"", path,
			group->gr_name);
	else
		cli_error("no permission to use %s: be root or a member of the group that "
			  "control-group names in the daemon's configuration",
			path);
}

int cli_connect(struct cli *cli)
{
	int r = cli->client ? 0 : ctl_client_connect(cli->socket, &cli->client);

	switch (-r) {
	case 0:
		if (cli->console)
			ctl_client_stop_on(cli->client, &interrupted);
		return CLI_DONE;
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		cli_error("no daemon answers at %s: is l2tpd running? (-s SOCKET if its socket is "
			  "elsewhere)",
			cli->socket);
		break;
	case EACCES:
	case EPERM:
		say_no_permission(cli->socket);
		break;
	default:
		cli_error("cannot connect to %s: %s", cli->socket, strerror(-r));
		break;
	}
	return CLI_UNREACHABLE;
}

int cli_verdict(const struct cli *cli, int r, const struct ctl_reply *reply)
{
	if (r >= 0 && !reply->error)
		return CLI_DONE;
	if (r >= 0) {
		cli_error("%s", ctl_reply_message(reply));
		return CLI_FAILED;
	}
	if (r == -EINTR) {
		cli_error("interrupted: not waited for any more");
		return CLI_FAILED;
	}
	if (r == -ECONNRESET) {
		cli_error("the daemon at %s closed the connection: it stopped, or was restarted",
			cli->socket);
		return CLI_UNREACHABLE;
	}
	if (r == -EBADMSG)
		cli_error("what answers at %s is not l2tpd", cli->socket);
	else
		cli_error("talking to the daemon at %s failed: %s", cli->socket, strerror(-r));
	return CLI_FAILED;
}

int cli_call_raw(struct cli *cli, const char *method, json_t *params, struct ctl_reply *ret)
{
	struct ctl_reply reply = { 0 };
	int r = cli_connect(cli);

	if (r) {
		json_decref(params);
		return r;
	}
	r = ctl_client_call(cli->client, method, params, &reply);
	if (r < 0) {
		/* what comes now may belong to this call: the next one starts afresh */
		ctl_client_free(cli->client);
		cli->client = NULL;
		return cli_verdict(cli, r, NULL);
	}
	*ret = reply;
	return CLI_DONE;
}

int cli_call(struct cli *cli, const char *method, json_t *params, struct ctl_reply *ret)
{
	struct ctl_reply reply;
	int code = cli_call_raw(cli, method, params, &reply);

	if (code)
		return code;
	code = cli_verdict(cli, 0, &reply);
	if (code)
		ctl_reply_clear(&reply);
	else
		*ret = reply;
	return code;
}
