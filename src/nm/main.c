/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tpd-nm: command line, bus, loop. NetworkManager starts it for each connection, with a bus name
 * for just that one; or a unit of systemd does, with the name that NetworkManager-l2tp has.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>

#include <l2tpd/ctl.h>

#include "service.h"
#include "tell.h"
#include "version.h"

#define DEFAULT_NAME "org.freedesktop.NetworkManager.l2tpd"

struct arguments {
	const char *name, *socket;
	bool persist;
};

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: l2tpd-nm [--bus-name NAME] [--persist] [--socket SOCKET] [--debug]\n"
		"NetworkManager's way to l2tpd; NetworkManager starts it. See l2tpd-nm(8).\n"
		"\n"
		"      --bus-name NAME  name on the system bus (default\n"
		"                       %s)\n"
		"      --persist        go on after a connection has ended\n"
		"  -s, --socket SOCKET  l2tpd's control socket (default %s)\n"
		"      --debug          log everything\n"
		"  -h, --help           this text\n"
		"  -V, --version        version\n",
		DEFAULT_NAME, CTL_DEFAULT_SOCKET);
}

/* False: *ret_exit says with what. */
static bool parse_arguments(int argc, char **argv, struct arguments *args, int *ret_exit)
{
	static const struct option options[] = {
		{ "bus-name", required_argument, NULL, 'b' },
		{ "persist", no_argument, NULL, 'p' },
		{ "socket", required_argument, NULL, 's' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*ret_exit = 0;
	while ((c = getopt_long(argc, argv, "s:hV", options, NULL)) != -1) {
		switch (c) {
		case 'b':
			args->name = optarg;
			break;
		case 'p':
			args->persist = true;
			break;
		case 's':
			args->socket = optarg;
			break;
		case 'd':
			nm_tell_all(true);
			break;
		case 'h':
			usage(stdout);
			return false;
		case 'V':
			printf("l2tpd-nm %s\n", L2TPD_VERSION);
			return false;
		default:
			usage(stderr);
			*ret_exit = 2;
			return false;
		}
	}
	if (optind == argc)
		return true;
	fprintf(stderr, "l2tpd-nm: unexpected argument \"%s\"\n", argv[optind]);
	*ret_exit = 2;
	return false;
}

/* Requests hold secrets: JSON is wiped when it is freed. */
static void wiping_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static int add_signals(sd_event *event)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* without a handler: leave the loop */
	r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
	return r < 0 ? r : sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
}

static int serve(const struct arguments *args, sd_event *event, sd_bus *bus)
{
	struct nm_service *service = NULL;
	int r = add_signals(event);

	/* nobody can be served without the bus */
	if (r >= 0)
		r = sd_bus_set_exit_on_disconnect(bus, true);
	if (r >= 0)
		r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
	/* before the name: who sees the name may call at once */
	if (r >= 0)
		r = nm_service_new(event, bus, args->socket, args->persist, &service);
	if (r >= 0) {
		r = sd_bus_request_name(bus, args->name, 0);
		if (r < 0)
			nm_tell(NULL, LOG_ERR, "the bus name %s cannot be had: %s%s", args->name,
				strerror(-r),
				r == -EEXIST   ? ". Another program has it"
				: r == -EACCES ? ". The D-Bus policy does not allow it to this user"
					       : "");
	}
	if (r >= 0) {
		sd_notify(0, "READY=1");
		r = sd_event_loop(event);
	}
	nm_service_free(service);
	return r;
}

int main(int argc, char **argv)
{
	struct arguments args = { .name = DEFAULT_NAME, .socket = CTL_DEFAULT_SOCKET };
	sd_event *event = NULL;
	sd_bus *bus = NULL;
	int r;

	nm_tell_init();
	if (!parse_arguments(argc, argv, &args, &r))
		return r;
	json_set_alloc_funcs(malloc, wiping_free);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	r = sd_event_default(&event);
	if (r >= 0)
		r = sd_bus_open_system(&bus);
	if (r < 0)
		nm_tell(NULL, LOG_ERR, "no system bus: %s", strerror(-r));
	else
		r = serve(&args, event, bus);
	sd_bus_flush_close_unref(bus);
	sd_event_unref(event);
	return r == 0 ? 0 : 1;
}
