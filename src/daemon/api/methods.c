/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "methods.h"

#include <l2tpd/ctl.h>

#include "config/config.h"
#include "config.h"
#include "daemon/reload.h"
#include "daemon/watch/monitor.h"
#include "orders.h"
#include "show.h"
#include "show_forward.h"
#include "transient.h"

static void reload_method(struct request *request, const json_t *params, void *user)
{
	struct config_errors errors = { 0 };

	if (daemon_reload(user, &errors) < 0)
		request_error(request, CTL_ERR_FAILED, "the configuration was not changed: %s%s",
			errors.len ? errors.text[0] : "out of memory",
			errors.len > 1 ? " (and more: see l2tpctl check)" : "");
	else
		request_reply(request, NULL);
	config_errors_free(&errors);
}

const struct ctl_method ctl_methods[] = {
	{ CTL_GET_VERSION, false, show_version },
	{ CTL_GET_COUNTERS, false, show_counters },
	{ CTL_LIST_LINKS, false, show_links },
	{ CTL_LIST_TUNNELS, false, show_tunnels },
	{ CTL_LIST_SESSIONS, false, show_sessions },
	{ CTL_LIST_FORWARDS, false, show_forwards },
	{ CTL_LIST_PPPOE, false, show_pppoe },
	{ CTL_OPEN, true, orders_open },
	{ CTL_CLOSE, true, orders_close },
	{ CTL_RELOAD, true, reload_method },
	{ CTL_SAVE, true, config_save_files, .owner_only = true },
	{ CTL_MONITOR, false, monitor_method },
	{ CTL_SET_LINK, true, config_set_link },
	{ CTL_CREATE_LINK, true, config_create_link },
	{ CTL_ADD_TRANSIENT, true, transient_add, .owner_only = true },
	{ CTL_GET_CONFIG, true, config_get },
	{ CTL_LIST_OPTIONS, false, config_list_options },
	{ NULL, false, NULL },
};
