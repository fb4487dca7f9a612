/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "config/config.h"
#include "config/load.h"
#include "config/users.h"
#include "daemon/attach/line_serial.h"
#include "daemon/attach/ppp_host.h"
#include "daemon/attach/pppoe_host.h"
#include "daemon/attach/profile.h"
#include "daemon/link/forwarded.h"
#include "daemon/link/listen.h"
#include "daemon/link/radius_desk.h"
#include "daemon/link/update.h"

int reload_read(const struct daemon *d, struct config **ret, struct config_errors *errors)
{
	return config_load(d->config_file, d->config_dir, ret, errors);
}

void reload_log_errors(const struct config_errors *errors)
{
	for (size_t i = 0; i < errors->len; i++)
		log_error("%s", errors->text[i]);
}

void reload_note_run_time(struct daemon *d, const char *link, const char *keys)
{
	char *longer;

	if (asprintf(&longer, "%s%s%s: %s", d->run_time ? d->run_time : "", d->run_time ? "; " : "",
		    link, keys) < 0)
		return; /* it is only told */
	free(d->run_time);
	d->run_time = longer;
}

void reload_forget_run_time(struct daemon *d)
{
	free(d->run_time);
	d->run_time = NULL;
}

int daemon_reload(struct daemon *d, struct config_errors *errors)
{
	struct config *config, *old = d->config;
	int r = reload_read(d, &config, errors);

	if (r < 0) {
		reload_log_errors(errors);
		log_error("the configuration was not changed");
		return r;
	}
	d->config = config;
	if (!d->verbose)
		log_set_level(config->daemon.log_level);
	users_forget();
	links_update(d);
	forwarded_update(d);
	config_free(old);
	profiles_update(d);
	ppp_host_update(d);
	radius_desks_update(d);
	serials_update(d);
	pppoe_host_update(d);
	listen_update(d); /* what cannot be opened is in the log */
	links_autostart(d);
	log_notice("configuration read again");
	if (d->run_time)
		log_notice("what was set at run time is gone with that (\"l2tpctl save\" before "
			   "would have kept it): %s",
			d->run_time);
	reload_forget_run_time(d);
	return 0;
}
