/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd_daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "version.h"

int cmd_reload(struct cli *cli, char **argv)
{
	struct ctl_reply reply;
	int r = cli_call(cli, CTL_RELOAD, NULL, &reply);

	if (r)
		return r;
	cli->out->reloaded(reply.parameters);
	ctl_reply_clear(&reply);
	return CLI_DONE;
}

int cmd_save(struct cli *cli, char **argv)
{
	struct ctl_reply reply;
	int r = cli_call(cli, CTL_SAVE, NULL, &reply);

	if (r)
		return r;
	cli->out->saved(reply.parameters);
	ctl_reply_clear(&reply);
	return CLI_DONE;
}

/* "l2tpd" in the directory of our own program; false: unknown */
static bool sibling_path(char *path, size_t size)
{
	static const char name[] = "l2tpd";
	ssize_t len = readlink("/proc/self/exe", path, size);
	char *slash;

	if (len <= 0 || (size_t)len >= size)
		return false;
	path[len] = 0;
	slash = strrchr(path, '/');
	if (!slash || slash + 1 + sizeof(name) > path + size)
		return false;
	memcpy(slash + 1, name, sizeof(name));
	return true;
}

/* The exit code of the program that does it instead of us, or in the console beside us. */
int cmd_check(struct cli *cli, char **argv)
{
	char sibling[4096];
	const char *program = L2TPD_SBINDIR "/l2tpd";
	pid_t pid = cli->console ? fork() : 0;
	int status;

	if (pid) {
		if (pid < 0 || waitpid(pid, &status, 0) < 0) {
			cli_error("cannot check: %s", strerror(errno));
			return CLI_FAILED;
		}
		return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_FAILED;
	}
	if (sibling_path(sibling, sizeof(sibling)) && access(sibling, X_OK) == 0)
		program = sibling;
	signal(SIGPIPE, SIG_DFL);
	execl(program, "l2tpd", "--check", "-c", argv[0], (char *)NULL);
	cli_error("cannot run %s, which does the check: %s", program, strerror(errno));
	if (cli->console)
		_exit(CLI_FAILED);
	return CLI_FAILED;
}
