/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kinds.h"

#include "daemon/attach/ppp.h"
#include "daemon/call/path_kernel.h"
#include "daemon/call/path_relay.h"

void kinds_choose(struct call *call)
{
	call_set_kinds(
		call, call->owner->config->length ? &path_relay : &path_kernel, &attachment_ppp);
}
