/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tpd: command line, signals.
 */
#include <getopt.h>
#include <jansson.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "base/log.h"
#include "check.h"
#include "config/check_users.h"
#include "config/config.h"
#include "config/load.h"
#include "linux/process.h"
#include "reactor.h"
#include "reload.h"
#include "start.h"
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
	struct daemon *d = user;

	if (si->ssi_signo == SIGHUP)
		start_reload(d);
	else if (d->stopping)
		return sd_event_exit(d->event, 0); /* asked twice: at once */
	else
		reactor_stop(d);
	return 0;
}

static int add_signals(struct daemon *d)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	int r = 0;

	process_block_signals(signals);
	for (const int *signal = signals; *signal && r >= 0; signal++)
		r = sd_event_add_signal(d->event, NULL, *signal, on_signal, d);
	return r;
}

/* Requests may hold secrets: JSON is wiped when it is freed. */
static void wiping_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static int run_daemon(struct daemon *d, const char *socket)
{
	int r = sd_event_default(&d->event);

	if (r >= 0)
		r = add_signals(d);
	if (r < 0) {
		log_error("event loop: %s", strerror(-r));
		return 1;
	}
	sd_event_set_watchdog(d->event, true);
	r = start_daemon(d, socket);
	if (r >= 0) {
		r = sd_event_loop(d->event);
		if (r < 0)
			log_error("the event loop ended: %s", strerror(-r));
	}
	start_undo(d);
	sd_event_unref(d->event);
	return r < 0 ? 1 : r;
}

/* What is wrong with the files that are named is said now, not at the first login. */
static void warn_of_files(const struct daemon *d)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;

	if (config_load_with_files(d->config_file, d->config_dir, &config, &errors) == 0)
		config_check_users(config, &errors);
	for (size_t i = 0; i < errors.len; i++)
		log_warning("%s", errors.text[i]);
	config_free(config);
	config_errors_free(&errors);
}

static int run_check(struct daemon *d)
{
	struct config_errors errors = { 0 };
	int r = config_load_with_files(d->config_file, d->config_dir, &d->config, &errors);

	if (r == 0) {
		process_hostname(d->hostname, sizeof(d->hostname));
		config_check_users(d->config, &errors);
		check_pppd(d, &errors);
		check_radius(d->config, &errors);
		config_free(d->config);
	}
	if (r < 0 || errors.len)
		r = 1;
	reload_log_errors(&errors);
	config_errors_free(&errors);
	return r;
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
	if (args.check)
		return run_check(&d);
	if (reload_read(&d, &d.config, &errors) < 0) {
		reload_log_errors(&errors);
		config_errors_free(&errors);
		return 1;
	}
	log_set_level(args.verbose ? LOG_DEBUG : d.config->daemon.log_level);
	warn_of_files(&d);
	json_set_alloc_funcs(malloc, wiping_free);
	process_harden();
	process_hostname(d.hostname, sizeof(d.hostname));
	return run_daemon(&d, args.socket);
}
