/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "start.h"

#include <errno.h>
#include <string.h>

#include "config/config.h"
#include "base/log.h"
#include "config/users.h"
#include "daemon/api/methods.h"
#include "daemon/api/orders.h"
#include "daemon/api/show.h"
#include "daemon/api/transient.h"
#include "daemon/attach/line_serial.h"
#include "daemon/attach/ppp_host.h"
#include "daemon/attach/pppoe_host.h"
#include "daemon/attach/profile.h"
#include "daemon/idl.h"
#include "daemon/kernel/kernel.h"
#include "daemon/link/forward.h"
#include "daemon/link/listen.h"
#include "daemon/link/radius_desk.h"
#include "daemon/link/update.h"
#include "daemon/watch/monitor.h"
#include "daemon/watch/packets.h"
#include "linux/process.h"
#include "reactor.h"
#include "reload.h"
#include "version.h"

static int claim_socket(struct daemon *d, const char *socket)
{
	const char *group = d->config->daemon.control_group;
	bool group_missing = false;
	int r = ctl_server_new(
		d->event, socket, group, ctl_methods, ctl_idl, d, &d->ctl, &group_missing);

	if (r < 0) {
		log_error("control socket %s: %s%s", socket, strerror(-r),
			r == -EADDRINUSE ? ". Another l2tpd runs: stop it, or use -s"
			: r == -EACCES	 ? ". Run as root, or use -s with a path you may write"
					 : "");
		return r;
	}
	if (group_missing)
		log_notice("there is no group \"%s\": only root can use the control socket", group);
	return 0;
}

static int make_parts(struct daemon *d)
{
	int r = reactor_new(d);

	if (r >= 0)
		r = monitors_new(d, &packets_tap);
	if (r >= 0)
		r = orders_new(d);
	if (r >= 0)
		r = viewers_new(d);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	news_subscribe(d->news, orders_read_news);
	news_subscribe(d->news, show_read_news);
	news_subscribe(d->news, transient_read_news);
	news_subscribe(d->news, monitor_read_news);
	return 0;
}

int start_daemon(struct daemon *d, const char *socket)
{
	int r;

	d->started = daemon_now(d);
	r = make_parts(d);
	if (r < 0)
		return r;
	r = claim_socket(d, socket);
	if (r < 0)
		return r;
	r = kernel_start(d);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	links_update(d);
	profiles_update(d);
	ppp_host_update(d);
	forwards_update(d);
	radius_desks_update(d);
	serials_update(d);
	pppoe_host_update(d);
	listen_update(d); /* a link that cannot listen yet waits, and says so */
	links_autostart(d);
	process_notify("READY=1");
	log_info("l2tpd %s ready, control socket %s", L2TPD_VERSION, socket);
	return 0;
}

void start_reload(struct daemon *d)
{
	struct config_errors errors = { 0 };

	process_notify("RELOADING=1");
	daemon_reload(d, &errors);
	config_errors_free(&errors);
	process_notify("READY=1");
}

void start_undo(struct daemon *d)
{
	/* close the socket first: clients see the end before calls are torn down */
	ctl_server_free(d->ctl);
	orders_free(d);
	viewers_free(d);
	monitors_free(d);
	reactor_free(d);
	users_forget();
	reload_forget_run_time(d);
	config_free(d->config);
	d->config = NULL;
}
