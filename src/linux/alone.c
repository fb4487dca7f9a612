/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A lock that all share who live, and that one who is alone can have for itself. The kernel lets it
 * go with its owner, kill -9 included. Routes are the network namespace's, so it is in the name.
 */
static int lock_file(const char *dir)
{
	struct stat ns;
	char path[200];
	int fd;

	if (stat("/proc/self/ns/net", &ns) < 0)
		return -errno;
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof(path), "%s/alive.%llu", dir, (unsigned long long)ns.st_ino);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

int alone_claim(const char *dir, int *ret_fd)
{
	int fd = lock_file(dir);

	*ret_fd = -1;
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 1;
	/* whoever is alone just now lets it go in a moment */
	flock(fd, LOCK_SH);
	return 0;
}

void alone_settle(int fd)
{
	flock(fd, LOCK_SH);
}
