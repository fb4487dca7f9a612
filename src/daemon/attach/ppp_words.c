/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_words.h"

#include <errno.h>

/* Lines taken in one turn: a pppd with "debug" says many. */
#define TURN_LINES 20
/* At its end: what it may have said in all. */
#define DRAIN_LINES 2000

/* As many as budget. False: there will never be more. */
static bool take_lines(struct ppp *ppp, unsigned budget)
{
	struct call *call = ppp->call;
	char line[PPPD_LOG_LINE];
	int r = 1;

	while (budget-- > 0) {
		r = pppd_log_next(&ppp->log, ppp->log_fd, line);
		if (r <= 0)
			break;
		call_log(call, LOG_DEBUG, "pppd: %s", line);
		if (pppd_log_is_complaint(line))
			l2tp_text_copy(ppp->complaint, sizeof(ppp->complaint), l2tp_span_of(line));
	}
	return r >= 0;
}

int ppp_words_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct ppp *ppp = user;

	if (!take_lines(ppp, TURN_LINES))
		ppp->log_io = sd_event_source_disable_unref(ppp->log_io);
	return 0;
}

void ppp_words_drain(struct ppp *ppp)
{
	if (ppp->log_fd >= 0)
		take_lines(ppp, DRAIN_LINES);
}
