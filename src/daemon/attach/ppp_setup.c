/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_setup.h"

#include <stdio.h>

/* What was not finished. */
static const char *unfinished(const struct ppp *ppp)
{
	if (ppp->turn == PPP_WAITS)
		return "it still waited for its turn, as more calls than pppd-at-once start";
	switch (ppp->layer) {
	case PPP_LCP:
		return ppp->pid ? "LCP was not agreed on" : "pppd has not started";
	case PPP_AUTH:
		return "the login was not finished";
	case PPP_NCP:
		return ppp->mppe_required && !ppp->encrypted
			       ? "CCP, for mppe = required, was not agreed on"
			       : "IPCP was not agreed on";
	}
	return "";
}

static int setup_over(sd_event_source *source, uint64_t usec, void *user)
{
	struct ppp *ppp = user;
	struct call *call = ppp->call;
	const struct config_link *link = call->owner->config;
	char text[200];

	if (call->state != CALL_PPP)
		return 0;
	snprintf(text, sizeof(text), "PPP did not come up in %u s (setup-timeout): %s",
		link ? link->setup_timeout : 0, unfinished(ppp));
	call_close(call, text);
	return 0;
}

int ppp_setup_start(struct ppp *ppp)
{
	const struct call *call = ppp->call;
	usec_t limit = call->owner->config->setup_timeout * USEC_PER_SEC;

	return sd_event_add_time_relative(call->daemon->event, &ppp->setup_timer, CLOCK_BOOTTIME,
		limit, USEC_PER_SEC / 10, setup_over, ppp);
}
