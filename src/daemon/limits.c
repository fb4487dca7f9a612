/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limits.h"

#include <string.h>

#include "base/log.h"
#include "linux/process.h"

/* Descriptors: of a call (pidfd, plugin, words of pppd), and of what is always there. */
#define FILES_OF_CALL 3u
#define FILES_OF_REST 64u

bool limits_clamp(struct l2tp_limits *limits, unsigned files)
{
	unsigned *tunnels = &limits->max[L2TP_LIMIT_TUNNELS][L2TP_SCOPE_ALL];
	unsigned *calls = &limits->max[L2TP_LIMIT_CALLS][L2TP_SCOPE_ALL];
	unsigned left = files > FILES_OF_REST ? files - FILES_OF_REST : 0;

	if (*tunnels + (uint64_t)*calls * FILES_OF_CALL <= left)
		return false;
	/* a quarter for tunnels suffices for one call in each */
	if (*tunnels > left / (1 + FILES_OF_CALL))
		*tunnels = left / (1 + FILES_OF_CALL);
	if (!*tunnels)
		*tunnels = 1;
	left = left > *tunnels ? left - *tunnels : 0;
	if (*calls > left / FILES_OF_CALL)
		*calls = left / FILES_OF_CALL;
	if (!*calls)
		*calls = 1;
	return true;
}

static void from_config(struct l2tp_limits *limits, const struct config_daemon *c)
{
	const unsigned max[L2TP_LIMIT_COUNT][L2TP_SCOPE_COUNT] = {
		[L2TP_LIMIT_TUNNELS] = { c->max_tunnels, c->max_tunnels_per_network,
			c->max_tunnels_per_source },
		[L2TP_LIMIT_HALF_OPEN] = { c->max_half_open, c->max_half_open_per_network,
			c->max_half_open_per_source },
		[L2TP_LIMIT_IDLE] = { c->max_idle, c->max_idle_per_network,
			c->max_idle_per_source },
		[L2TP_LIMIT_CLOSING] = { c->max_idle, c->max_idle_per_network,
			c->max_idle_per_source },
		[L2TP_LIMIT_CALLS] = { c->max_calls, c->max_calls_per_network,
			c->max_calls_per_source, c->max_calls_per_tunnel },
	};

	memcpy(limits->max, max, sizeof(max));
	limits->call_rate = c->call_rate;
	limits->call_burst = c->call_burst;
	limits->first_call = c->first_call * USEC_PER_SEC;
}

/* Who only dials needs few descriptors. */
static bool takes_calls(const struct config *config)
{
	for (size_t i = 0; i < config->links_len; i++)
		if (config->links[i].incoming)
			return true;
	return config->pppoes_len || config->serials_len;
}

void limits_read(const struct daemon *d, struct l2tp_limits *ret)
{
	unsigned files = process_files(), tasks = process_tasks();

	from_config(ret, &d->config->daemon);
	if (limits_clamp(ret, files) && takes_calls(d->config))
		log_notice(
			"this process may have %u open files (RLIMIT_NOFILE): that is enough for "
			"%u tunnels and %u calls, not for max-tunnels = %u and max-calls = %u. "
			"Raise LimitNOFILE of the service, or lower the two",
			files, ret->max[L2TP_LIMIT_TUNNELS][L2TP_SCOPE_ALL],
			ret->max[L2TP_LIMIT_CALLS][L2TP_SCOPE_ALL], d->config->daemon.max_tunnels,
			d->config->daemon.max_calls);
	if (tasks < ret->max[L2TP_LIMIT_CALLS][L2TP_SCOPE_ALL] && takes_calls(d->config))
		log_notice("at most %u processes may be here (TasksMax of the service, or "
			   "RLIMIT_NPROC): calls beyond that, which need a pppd each, fail",
			tasks);
}
