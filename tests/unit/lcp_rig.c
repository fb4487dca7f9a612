/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lcp_rig.h"

int lcp_setup(void **state)
{
	static struct ppp_rig rig;

	rig_prepare(&rig);
	*state = &rig;
	return 0;
}

int lcp_teardown(void **state)
{
	rig_close(*state);
	return 0;
}

struct ppp_rig *lcp_only(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.lcp.methods = 0;
	rig->params.login = false;
	return rig;
}

void lcp_answer(struct ppp_rig *rig, uint8_t code, const char *options)
{
	rig_say(rig, PPP_PROTO_LCP, code, rig->request_id, options);
}
