/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alone.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * A lock that all share who live, and that one who is alone can have for itself. It is on the
 * network namespace itself, whose routes it is about: nothing has to be removed, and the kernel
 * lets it go with its owner, kill -9 included. Anybody here can take it, so nothing waits for it.
 */
int alone_claim(const char *path, int *ret_fd)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*ret_fd = -1;
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 1;
	flock(fd, LOCK_SH | LOCK_NB);
	return 0;
}

void alone_settle(int fd)
{
	flock(fd, LOCK_SH);
}
