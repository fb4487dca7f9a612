/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void process_harden(void)
{
	struct rlimit files;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* a socket a tunnel, two descriptors a call */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

void process_block_signals(const int *signals)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD); /* sd_event_add_child() wants it blocked */
	for (; *signals; signals++)
		sigaddset(&set, *signals);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void process_hostname(char *ret, size_t size)
{
	ret[size - 1] = '\0';
	if (gethostname(ret, size - 1) < 0 || !*ret)
		snprintf(ret, size, "localhost");
}

void process_random(void *buf, size_t len)
{
	uint8_t *p = buf;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno != EINTR)
			abort(); /* without randomness nothing here would be safe */
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

int64_t process_wall_clock(void)
{
	return time(NULL);
}

void process_wall_time(struct timespec *ret)
{
	clock_gettime(CLOCK_REALTIME, ret);
}

unsigned process_cpus(void)
{
	cpu_set_t set;

	/* more processors than a set holds: that many */
	return sched_getaffinity(0, sizeof(set), &set) < 0 ? CPU_SETSIZE
							   : (unsigned)CPU_COUNT(&set);
}

unsigned process_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur > INT_MAX)
		return INT_MAX;
	return (unsigned)files.rlim_cur;
}

/* A number in a file, "max" or no such file: UINT_MAX */
static unsigned read_number(const char *path)
{
	unsigned number = UINT_MAX;
	FILE *file = fopen(path, "re");

	if (!file)
		return UINT_MAX;
	if (fscanf(file, "%u", &number) != 1)
		number = UINT_MAX;
	fclose(file);
	return number;
}

/* cgroups(7): the line of version 2 in /proc/self/cgroup is "0::PATH". */
static unsigned cgroup_tasks(void)
{
	char line[PATH_MAX], path[PATH_MAX + 40];
	FILE *file = fopen("/proc/self/cgroup", "re");
	unsigned tasks = UINT_MAX;

	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::", 3) != 0)
			continue;
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s/pids.max", line + 3);
		tasks = read_number(path);
	}
	if (file)
		fclose(file);
	return tasks;
}

unsigned process_tasks(void)
{
	unsigned tasks = cgroup_tasks();
	struct rlimit limit;

	if (geteuid() != 0 && getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur < tasks)
		tasks = (unsigned)limit.rlim_cur;
	return tasks;
}

void process_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path, len);
	if (*path == '@') /* an abstract one */
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
		(struct sockaddr *)&addr,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

int process_id(void)
{
	return getpid();
}

void process_close(int fd)
{
	if (fd >= 0)
		close(fd);
}
