/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tell.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/log.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static bool journal;
static int max_level = LOG_INFO;

void nm_tell_init(void)
{
	const char *syslog = getenv("NM_VPN_LOG_SYSLOG"), *level = getenv("NM_VPN_LOG_LEVEL");

	log_init();
	/* NetworkManager in the foreground wants to see its plugins there, too */
	journal = syslog && strcmp(syslog, "1") == 0 && access(JOURNAL_SOCKET, W_OK) == 0;
	/* a reason is never too much, whatever it says */
	nm_tell_all(level && strtol(level, NULL, 10) == LOG_DEBUG);
}

void nm_tell_all(bool all)
{
	max_level = all ? LOG_DEBUG : LOG_INFO;
	log_set_level(max_level);
}

void nm_tell(const char *uuid, int level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (journal && sd_journal_send("MESSAGE=%s", text, "PRIORITY=%d", level,
			       "SYSLOG_IDENTIFIER=l2tpd-nm", "NM_CONNECTION=%s", uuid ? uuid : "",
			       NULL) >= 0)
		return;
	log_write(level, "l2tpd-nm: %s", text);
}
