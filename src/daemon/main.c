/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tpd: command line, start, signals, reload.
 */
#include "daemon/api/methods.h"

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "base/log.h"
#include "config/check_users.h"
#include "config/users.h"
#include "reload.h"
#include "version.h"

struct arguments {
	const char *config, *socket;
	bool check, verbose;
};

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: l2tpd [-c FILE] [-s SOCKET] [--check] [-v]\n"
		"L2TPv2 daemon: places and takes calls, PPP over L2TP, data in the kernel\n"
		"(but for links with \"length\").\n"
		"\n"
		"  -c, --config FILE    read FILE only (default %s, then\n"
		"                       %s/*.conf)\n"
		"  -s, --socket SOCKET  control socket (default %s)\n"
		"      --check          check the configuration and exit: 0 silently,\n"
		"                       or 1 with FILE:LINE: message lines\n"
		"  -v, --verbose        log everything (as log-level = debug)\n"
		"  -h, --help           this text\n"
		"  -V, --version        version\n"
		"\n"
		"Runs in the foreground and logs to stderr. SIGTERM: ends all calls and exits;\n"
		"SIGHUP: reads the configuration again. See l2tpd(8), l2tpd.conf(5), l2tpctl(8).\n",
		CONFIG_DEFAULT_FILE, CONFIG_DEFAULT_DIR, CTL_DEFAULT_SOCKET);
}

/* False: *ret_exit says with what. */
static bool parse_arguments(int argc, char **argv, struct arguments *args, int *ret_exit)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, 's' },
		{ "check", no_argument, NULL, 'C' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:s:vhV", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			args->config = optarg;
			break;
		case 's':
			args->socket = optarg;
			break;
		case 'C':
			args->check = true;
			break;
		case 'v':
			args->verbose = true;
			break;
		case 'h':
			usage(stdout);
			*ret_exit = 0;
			return false;
		case 'V':
			printf("l2tpd %s\n", L2TPD_VERSION);
			*ret_exit = 0;
			return false;
		default:
			usage(stderr);
			*ret_exit = 2;
			return false;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "l2tpd: unexpected argument \"%s\"\n", argv[optind]);
		*ret_exit = 2;
		return false;
	}
	return true;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *si, void *user)
{
	struct config_errors errors = { 0 };
	struct daemon *d = user;

	(void)source;
	if (si->ssi_signo == SIGHUP) {
		sd_notify(0, "RELOADING=1");
		daemon_reload(d, &errors);
		config_errors_free(&errors);
		sd_notify(0, "READY=1");
		return 0;
	}
	if (d->stopping)
		return sd_event_exit(d->event, 0); /* asked twice: at once */
	reactor_stop(d);
	return 0;
}

static int add_signals(struct daemon *d)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t set;
	int r = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD); /* sd_event_add_child wants it blocked */
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals) && r >= 0; i++)
		r = sd_event_add_signal(d->event, NULL, signals[i], on_signal, d);
	return r;
}

/* Requests may hold secrets: JSON is wiped when it is freed. */
static void wiping_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void harden(void)
{
	struct rlimit files;

	json_set_alloc_funcs(malloc, wiping_free);
	/* secrets are in memory: no core dump, no ptrace by others of our uid */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* a socket a tunnel, two descriptors a call */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int start(struct daemon *d, const char *socket)
{
	bool group_missing = false;
	int r;

	d->started = daemon_now(d);
	r = add_signals(d);
	if (r >= 0)
		r = reactor_start(d);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	r = ctl_server_new(d->event, socket, d->config->daemon.control_group, ctl_methods, ctl_idl,
		d, &d->ctl, &group_missing);
	if (r < 0) {
		log_error("control socket %s: %s%s", socket, strerror(-r),
			r == -EADDRINUSE ? ". Another l2tpd runs: stop it, or use -s"
			: r == -EACCES	 ? ". Run as root, or use -s with a path you may write"
					 : "");
		return r;
	}
	if (group_missing)
		log_notice("there is no group \"%s\": only root can use the control socket",
			d->config->daemon.control_group);
	links_update(d);
	profiles_update(d);
	r = reactor_update_listeners(d);
	if (r < 0)
		return r;
	links_autostart(d);
	sd_notify(0, "READY=1");
	log_info("l2tpd %s ready, control socket %s", L2TPD_VERSION, socket);
	return 0;
}

static int run(struct daemon *d, const char *socket)
{
	int r = sd_event_default(&d->event);

	if (r < 0) {
		log_error("event loop: %s", strerror(-r));
		return 1;
	}
	sd_event_set_watchdog(d->event, true);
	TAILQ_INIT(&d->links);
	r = start(d, socket);
	if (r >= 0)
		r = sd_event_loop(d->event);
	/* close the socket first: clients see the end before calls are torn down */
	ctl_server_free(d->ctl);
	reactor_free(d);
	while (!TAILQ_EMPTY(&d->links))
		link_free(TAILQ_FIRST(&d->links));
	users_forget();
	config_free(d->config);
	d->config = NULL;
	profiles_update(d);
	sd_event_unref(d->event);
	return r < 0 ? 1 : r;
}

int main(int argc, char **argv)
{
	struct arguments args = { .socket = CTL_DEFAULT_SOCKET };
	struct config_errors errors = { 0 };
	struct daemon d = { 0 };
	int r = 0;

	if (!parse_arguments(argc, argv, &args, &r))
		return r;
	log_init();
	d.config_file = args.config ? args.config : CONFIG_DEFAULT_FILE;
	d.config_dir = args.config ? NULL : CONFIG_DEFAULT_DIR;
	d.verbose = args.verbose;
	if (reload_read(&d, &d.config, &errors) < 0) {
		reload_log_errors(&errors);
		config_errors_free(&errors);
		return 1;
	}
	if (args.check) {
		r = config_check_users(d.config, &errors);
		reload_log_errors(&errors);
		config_errors_free(&errors);
		config_free(d.config);
		return r < 0;
	}
	log_set_level(args.verbose ? LOG_DEBUG : d.config->daemon.log_level);
	harden();
	if (gethostname(d.hostname, sizeof(d.hostname) - 1) < 0 || !*d.hostname)
		snprintf(d.hostname, sizeof(d.hostname), "localhost");
	return run(&d, args.socket);
}
