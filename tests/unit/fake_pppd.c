/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pppd for test_pppd_ready.c and test_pppd_trouble.c: takes the command line that pppd takes,
 * loads l2tpd.so into the pppd of straw, and does what its options file says instead of PPP.
 * Plugins named "bad-..." make it wait for orders as no pppd should.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "l2tpd/zygote.h"
#include "plugin_pppd.h"

static const char *bad = "";

/* --- waiting badly --- */

static void say(enum zygote_reply_type type, uint32_t number, int32_t value)
{
	struct zygote_reply reply = { .type = type, .number = number, .value = value };

	(void)!send(ZYGOTE_FD, &reply, sizeof(reply), MSG_NOSIGNAL);
}

static void *sit(void *unused)
{
	for (;;)
		pause();
	return NULL;
}

/* The copy speaks late, when the one who made it has been dead for a while; then it is silent. */
static void copy_and_die(uint32_t number)
{
	struct clone_args args = { .flags = CLONE_PARENT };

	if (syscall(SYS_clone3, &args, sizeof(args)) != 0)
		raise(SIGKILL);
	usleep(300000);
	say(ZYGOTE_RUNS, number, getpid());
	close(ZYGOTE_FD);
	sit(NULL);
}

static void wait_badly(void)
{
	struct zygote_order order;

	if (strcmp(bad, "bad-exit") == 0) {
		fprintf(stderr, "pppd: libz.so.1 is not there\n");
		_exit(2);
	}
	if (strcmp(bad, "bad-silent") == 0)
		sit(NULL);
	say(ZYGOTE_WAITS, 0, strcmp(bad, "bad-version") == 0 ? 99 : ZYGOTE_VERSION);
	while (recv(ZYGOTE_FD, &order, sizeof(order), 0) == sizeof(order)) {
		if (strcmp(bad, "bad-dies") == 0)
			raise(SIGKILL);
		if (strcmp(bad, "bad-copies") == 0)
			copy_and_die(order.number);
		if (strcmp(bad, "bad-liar") == 0)
			say(ZYGOTE_CLONED, order.number, 1);
		if (strcmp(bad, "bad-full") == 0)
			say(ZYGOTE_FAILED, order.number, EAGAIN);
		if (strcmp(bad, "bad-fds") == 0)
			say(ZYGOTE_FAILED, order.number, EBADMSG);
		/* "bad-deaf" says nothing */
	}
	_exit(0);
}

/* --- a call --- */

static void report(void)
{
	char text[500];
	long draw = mrand48();

	snprintf(text, sizeof(text), "pid %d parent %d leader %d nice %d syslog %d draw %ld",
		getpid(), getppid(), getpgrp() == getpid(), getpriority(PRIO_PROCESS, 0),
		pppd_logs_opened, draw);
	(void)!write(3, "channel", 7);
	(void)!send(5, text, strlen(text), 0);
}

static void obey(const char *line)
{
	char number[12];
	int value;

	if (sscanf(line, "l2tpd-fd %11s", number) == 1)
		pppd_option("l2tpd-fd", number);
	else if (strcmp(line, "report") == 0)
		report();
	else if (strncmp(line, "say ", 4) == 0)
		fprintf(stderr, "%s\n", line + 4);
	else if (sscanf(line, "exit %d", &value) == 1)
		_exit(value);
	else if (strcmp(line, "sit") == 0)
		sit(NULL);
}

static int read_options(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[200];

	if (!file) {
		fprintf(stderr, "Can't open options file %s\n", path);
		return 2;
	}
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		obey(line);
	}
	fclose(file);
	return 0;
}

/* --- command line --- */

static int load(const char *name)
{
	pthread_t thread;
	void *handle;

	if (strncmp(name, "bad-", 4) == 0)
		bad = name;
	if (strcmp(name, "threads.so") == 0)
		return pthread_create(&thread, NULL, sit, NULL) == 0;
	if (!strchr(name, '/'))
		return 1;
	handle = dlopen(name, RTLD_GLOBAL | RTLD_NOW);
	if (!handle)
		return 0;
	((void (*)(void))dlsym(handle, "plugin_init"))();
	return 1;
}

int main(int argc, char **argv)
{
	pppd_reset();
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "plugin") == 0 && !load(argv[i + 1])) {
			fprintf(stderr, "Couldn't load plugin %s\n", argv[i + 1]);
			_exit(2);
		}
		if (strcmp(argv[i], "l2tpd-zygote") == 0 && *bad)
			wait_badly();
		if (strcmp(argv[i], "l2tpd-zygote") == 0 && !pppd_option(argv[i], argv[i + 1])) {
			fprintf(stderr, "%s", pppd_log);
			_exit(2);
		}
		if (strcmp(argv[i], "file") == 0)
			_exit(read_options(argv[i + 1]));
	}
	_exit(2);
}
