/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pppd_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int pppd_socket(int *ret_ours, int *ret_pppds)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return -errno;
	*ret_ours = fds[0];
	*ret_pppds = fds[1];
	return 0;
}

ssize_t pppd_receive(int fd, void *buf, size_t size)
{
	ssize_t n = recv(fd, buf, size, MSG_DONTWAIT);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

int pppd_send(int fd, const void *buf, size_t len)
{
	return send(fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

void pppd_terminate(pid_t pid)
{
	kill(pid, SIGTERM);
}

void pppd_kill(pid_t pid)
{
	kill(pid, SIGKILL);
}

void pppd_kill_and_reap(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void pppd_remove_pid_file(const char *ifname, pid_t pid)
{
	char path[64];
	FILE *file;
	int owner;

	if (!*ifname)
		return;
	snprintf(path, sizeof(path), "/run/%s.pid", ifname);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fscanf(file, "%d", &owner) == 1 && owner == (int)pid)
		unlink(path);
	fclose(file);
}
