/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kinds.h"

#include "daemon/attach/bridge.h"
#include "daemon/attach/line_l2tp.h"
#include "daemon/attach/ppp.h"
#include "daemon/call/path_kernel.h"
#include "daemon/call/path_relay.h"
#include "match.h"

static const struct attachment_kind *attachment(const struct call *call)
{
	if (call->line)
		return &attachment_bridge;
	if (call->incoming && match_forwarded(call->daemon, call->owner->config))
		return &attachment_line;
	return &attachment_ppp;
}

void kinds_choose(struct call *call)
{
	call_set_kinds(
		call, call->owner->config->length ? &path_relay : &path_kernel, attachment(call));
}
