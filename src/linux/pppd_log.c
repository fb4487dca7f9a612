/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd's words, line by line. */
#include "pppd_log.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int pppd_log_pipe(int fds[2])
{
	return pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0;
}

void pppd_log_clear(struct pppd_log *log)
{
	free(log->begun);
	*log = (struct pppd_log){ 0 };
}

/* --- reading --- */

/* "/usr/sbin/pppd: In file /proc/self/fd/4: unrecognized option 'x'": what people can use of it. */
static const char *without_prefix(const char *line)
{
	static const char file[] = "In file /proc/self/fd/4: ";
	const char *colon = strstr(line, ": ");
	size_t len = colon ? (size_t)(colon - line) : 0;

	if (len >= 4 && memchr(line, ' ', len) == NULL && memcmp(colon - 4, "pppd", 4) == 0)
		line = colon + 2;
	if (strncmp(line, file, sizeof(file) - 1) == 0)
		line += sizeof(file) - 1;
	return line;
}

static void give_line(char *begun, size_t len, char line[PPPD_LOG_LINE])
{
	const char *text;

	begun[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)begun[i] < 0x20 || begun[i] == 0x7f)
			begun[i] = ' ';
	text = without_prefix(begun);
	memcpy(line, text, strlen(text) + 1);
}

/* Is there a line in what has been read? The buffer is freed when it is empty: most are. */
static bool take_line(struct pppd_log *log, char line[PPPD_LOG_LINE])
{
	char *newline = memchr(log->begun, '\n', log->len);
	size_t len = newline ? (size_t)(newline - log->begun) : log->len;
	bool skipped = log->skip;

	if (!newline && log->len < PPPD_LOG_LINE - 1)
		return false;
	log->skip = !newline;
	if (!skipped)
		give_line(log->begun, len, line);
	len += newline ? 1 : 0;
	log->len -= len;
	memmove(log->begun, log->begun + len, log->len);
	return !skipped;
}

int pppd_log_next(struct pppd_log *log, int fd, char line[PPPD_LOG_LINE])
{
	ssize_t n;

	if (!log->begun)
		log->begun = malloc(PPPD_LOG_LINE);
	if (!log->begun)
		return -ENOMEM;
	for (;;) {
		/* one that was skipped leaves room and perhaps another one */
		size_t before = log->len;

		if (log->len > 0 && take_line(log, line))
			return 1;
		if (log->len < before)
			continue;
		n = read(fd, log->begun + log->len, PPPD_LOG_LINE - 1 - log->len);
		if (n > 0) {
			log->len += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		break;
	}
	if (n == 0 && log->len > 0 && !log->skip) { /* last words without a newline */
		give_line(log->begun, log->len, line);
		log->len = 0;
		return 1;
	}
	if (n == 0 || log->len == 0) {
		free(log->begun);
		log->begun = NULL;
	}
	if (n == 0)
		return -EPIPE;
	return errno == EAGAIN ? 0 : -errno;
}

/* --- judging --- */

/*
 * What pppd 2.4.9 to 2.5.3, pppol2tp.so and radius.so say at levels debug, info and notice. The
 * level itself is not in the line; the words of trouble are many more than these.
 */
static const char *const chatter[] = {
	"sent \\[*",
	"rcvd \\[*",
	"Plugin * loaded.",
	"RADIUS *plugin initialized.",
	"RADATTR plugin *",
	"using channel *",
	"Using interface *",
	"Renamed interface *",
	"Moved interface *",
	"Detected interface name change *",
	"Connect: *",
	"Starting negotiation on *",
	"Starting link",
	"Overriding mtu *",
	"Overriding mru *",
	"PPPoL2TP options: *",
	"pppd * started by *",
	"* authentication succeeded*",
	"PAP peer authentication succeeded *",
	"Peer * authenticated with *",
	"Chap authentication succeeded*",
	"CHAP authentication succeeded*",
	"* compression enabled",
	"Compression disabled by peer.",
	"local  IP address *",
	"remote IP address *",
	"local  LL address *",
	"remote LL address *",
	"primary   DNS address *",
	"secondary DNS address *",
	"found interface * for proxy arp",
	"peer from calling number * authorized",
	"replacing old default route *",
	"restoring old default route *",
	"Script * started*",
	"Script * finished*",
	"  script *",
	"Waiting for * child processes...",
	"Could not determine remote IP address: defaulting to *",
	"Terminating on signal *",
	"Hangup (SIGHUP)",
	"Modem hangup",
	"LCP terminated by peer*",
	"IPCP terminated by peer*",
	"IPV6CP terminated by peer*",
	"CCP terminated by peer*",
	"Connection terminated.",
	"Connect time *",
	"Sent * bytes, received * bytes.",
	"Link terminated.",
	"Exit.",
	"Discarded non-LCP packet *",
	"discarding proto *",
	"Enabling LCP snooping",
	"Found ACCM *",
	"Found option type *",
	"Rejected ACCM *",
	"Telling L2TP*",
	"Turning off snooping*",
	"openl2tp send*",
	"pppol2tp: exiting.",
	"ppp*: interface name *",
	"sending SIGTERM to process *",
	"Protocol-Reject for unsupported protocol *",
	"Unsupported protocol * received",
};

bool pppd_log_is_complaint(const char *line)
{
	for (size_t i = 0; i < sizeof(chatter) / sizeof(chatter[0]); i++)
		if (fnmatch(chatter[i], line, 0) == 0)
			return false;
	return line[strspn(line, " ")] != '\0';
}
