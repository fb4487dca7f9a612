/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line_serial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "linux/tty.h"
#include "ppp/lcp.h"

/* So long DTR is down between two calls. */
#define PAUSE (2 * USEC_PER_SEC)
/* A line that cannot be opened is tried again. */
#define TRY_AGAIN (10 * USEC_PER_SEC)
/* RFC 2661 6.13 */
#define ERRORS_INTERVAL (60 * USEC_PER_SEC)

struct serial_line {
	struct line line;    /* first */
	struct serial *port; /* NULL: the section is gone */
	unsigned speed;
	sd_event_source *errors_timer;
	bool counts; /* the driver counts errors */
	uint32_t errors_before[6], errors_told[6];
};

/* One section. */
struct serial {
	LIST_ENTRY(serial) entry;
	struct daemon *daemon;
	char name[64];
	char *device;
	struct tty_options options;
	bool kept, said;
	struct ppp_leg leg; /* while it waits for a caller */
	struct leg_order order;
	sd_event_source *io, *timer;
	struct serial_line *line; /* its call; NULL: none */
};

struct serials {
	LIST_HEAD(, serial) list;
};

static const struct line_kind kind_serial;

static struct serial_line *of(const struct line *line)
{
	return (struct serial_line *)line;
}

/* --- the kind --- */

static void serial_describe_leg(struct line *line, struct plane_job *job)
{
	/* it is open from the beginning */
}

static int errors_due(sd_event_source *source, uint64_t usec, void *user)
{
	struct serial_line *serial = user;
	struct line *line = &serial->line;
	struct daemon *d = line->daemon;
	uint32_t errors[6];

	sd_event_source_set_time(source, usec + ERRORS_INTERVAL);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	if (!line->call || tty_errors(line->leg.line, errors) < 0)
		return 0;
	for (size_t i = 0; i < 6; i++)
		errors[i] -= serial->errors_before[i];
	if (memcmp(errors, serial->errors_told, sizeof(errors)) == 0)
		return 0;
	memcpy(serial->errors_told, errors, sizeof(errors));
	l2tp_core_send_errors(d->core, daemon_now(d), line->call->tid, line->call->sid, errors);
	return 0;
}

static void serial_ready(struct line *line)
{
	struct serial_line *serial = of(line);

	if (serial->counts)
		sd_event_add_time_relative(line->daemon->event, &serial->errors_timer,
			CLOCK_BOOTTIME, ERRORS_INTERVAL, USEC_PER_SEC, errors_due, serial);
}

static void serial_params(const struct line *line, struct l2tp_call_params *params)
{
	params->framing_type = L2TP_FRAMING_ASYNC;
	params->tx_speed = params->rx_speed = of(line)->speed;
}

static void serial_lcp(const struct line *line, struct lcp_params *lcp)
{
	lcp->accm = true; /* the map asked for is 0: nothing has to be escaped */
}

static void serial_hang_up(struct line *line, const struct l2tp_reason *reason)
{
	/* its last close drops DTR: HUPCL */
}

static void reopen_later(struct serial *port, usec_t pause);

static void serial_free(struct line *line)
{
	struct serial_line *serial = of(line);

	sd_event_source_disable_unref(serial->errors_timer);
	if (serial->port) {
		serial->port->line = NULL;
		reopen_later(serial->port, PAUSE);
	}
	free(serial);
}

static void serial_lost(struct line *line)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.result = L2TP_CDN_LOST_CARRIER,
		.text = "the caller's line was hung up" };

	line_gone(line, &reason);
}

static void serial_accm(struct line *line, uint32_t send, uint32_t recv)
{
	int r = ppp_leg_set_accm(&line->leg, send, recv);

	if (r < 0)
		log_warning("serial %s: setting the ACCM: %s", line->section, strerror(-r));
}

static const struct line_kind kind_serial = {
	.name = "serial",
	.source = SOURCE_SERIAL,
	.describe_leg = serial_describe_leg,
	.ready = serial_ready,
	.params = serial_params,
	.lcp = serial_lcp,
	.hang_up = serial_hang_up,
	.free = serial_free,
	.lost = serial_lost,
	.accm = serial_accm,
};

/* --- waiting for a caller --- */

static void close_port(struct serial *port)
{
	port->io = sd_event_source_disable_unref(port->io);
	port->timer = sd_event_source_disable_unref(port->timer);
	leg_forget(port->daemon, &port->order);
	plane_close_leg(port->daemon->plane, PLANE_LANE_OWN, &port->leg);
}

static void cannot_open(struct serial *port, const char *what, int error)
{
	if (!port->said)
		log_error("serial %s: %s: %s: %s%s; it is tried again", port->name, port->device,
			what, strerror(-error), error == -EBUSY ? " (another program has it)" : "");
	port->said = true;
	close_port(port);
	reopen_later(port, TRY_AGAIN);
}

/* The first frame waits in the channel: it is the LNS's, or the one's who talks to the caller. */
static void call_begins(struct serial *port)
{
	struct serial_line *serial = calloc(1, sizeof(*serial));
	int r;

	if (!serial) {
		cannot_open(port, "a call", -ENOMEM);
		return;
	}
	serial->port = port;
	serial->speed = port->options.speed;
	port->line = serial;
	port->io = sd_event_source_disable_unref(port->io);
	line_calls(&serial->line, port->daemon, &kind_serial, port->name);
	r = line_take_leg(&serial->line, &port->leg);
	port->leg = PPP_LEG_NONE;
	serial->counts = tty_errors(serial->line.leg.line, serial->errors_before) == 0;
	if (r < 0)
		serial_lost(&serial->line);
}

static int port_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct serial *port = user;

	if (revents & EPOLLIN && !port->daemon->stopping) {
		call_begins(port);
	} else {
		close_port(port);
		reopen_later(port, PAUSE);
	}
	return 0;
}

static void leg_made(struct leg_order *order, const struct plane_result *result)
{
	struct serial *port = (struct serial *)((char *)order - offsetof(struct serial, order));
	int r = result->error;

	if (r == 0) {
		port->leg = result->leg;
		r = sd_event_add_io(
			port->daemon->event, &port->io, port->leg.fd, EPOLLIN, port_io, port);
	}
	if (r < 0) {
		cannot_open(port, result->call, r);
		return;
	}
	port->said = false;
	log_notice("serial %s: takes calls on %s", port->name, port->device);
}

static void open_port(struct serial *port)
{
	struct plane_job job = { .fd = -1 };
	const char *what = "opening";
	int r = tty_open(port->device, &port->options, &job.fd);

	if (r == 0) {
		what = "the kernel's PPP for serial lines (ppp_async)";
		r = tty_start_ppp(job.fd);
	}
	if (r == 0) {
		what = "its channel";
		port->order.done = leg_made;
		r = leg_order(port->daemon, &port->order, &job);
	}
	if (r < 0) {
		plane_close(port->daemon->plane, PLANE_LANE_OWN, job.fd);
		cannot_open(port, what, r);
	}
}

static int timer_elapsed(sd_event_source *source, uint64_t usec, void *user)
{
	struct serial *port = user;

	port->timer = sd_event_source_disable_unref(port->timer);
	if (!port->daemon->stopping)
		open_port(port);
	return 0;
}

static void reopen_later(struct serial *port, usec_t pause)
{
	port->timer = sd_event_source_disable_unref(port->timer);
	if (port->daemon->stopping)
		return;
	if (sd_event_add_time_relative(port->daemon->event, &port->timer, CLOCK_BOOTTIME, pause,
		    USEC_PER_SEC / 10, timer_elapsed, port) < 0)
		log_error("serial %s: out of memory", port->name);
}

/* --- sections --- */

int serials_new(struct daemon *d)
{
	d->serials = calloc(1, sizeof(*d->serials));
	if (!d->serials)
		return -ENOMEM;
	LIST_INIT(&d->serials->list);
	return 0;
}

static struct serial *find(const struct daemon *d, const char *name)
{
	struct serial *port;

	LIST_FOREACH (port, &d->serials->list, entry)
		if (strcmp(port->name, name) == 0)
			return port;
	return NULL;
}

static void drop(struct serial *port)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.result = L2TP_CDN_ADMIN,
		.text = "removed from the configuration" };

	if (port->line) {
		port->line->port = NULL;
		line_gone(&port->line->line, &reason);
	}
	close_port(port);
	LIST_REMOVE(port, entry);
	free(port->device);
	free(port);
}

static bool is_same(const struct serial *port, const struct config_serial *config)
{
	return strcmp(port->device, config->device) == 0 && port->options.speed == config->speed &&
	       port->options.flow == config->rtscts && port->options.carrier == config->modem;
}

static void keep_or_add(struct daemon *d, const struct config_serial *config)
{
	struct serial *port = find(d, config->name);

	if (port && !is_same(port, config)) {
		drop(port);
		port = NULL;
	}
	if (!port) {
		port = calloc(1, sizeof(*port));
		if (port)
			port->device = strdup(config->device);
		if (!port || !port->device) {
			log_error("serial %s: out of memory", config->name);
			free(port);
			return;
		}
		port->daemon = d;
		port->leg = PPP_LEG_NONE;
		port->options = (struct tty_options){
			.speed = config->speed, .flow = config->rtscts, .carrier = config->modem
		};
		snprintf(port->name, sizeof(port->name), "%s", config->name);
		LIST_INSERT_HEAD(&d->serials->list, port, entry);
		reopen_later(port, 0);
	}
	port->kept = true;
}

void serials_update(struct daemon *d)
{
	struct serial *port, *next;

	LIST_FOREACH (port, &d->serials->list, entry)
		port->kept = false;
	for (size_t i = 0; i < d->config->serials_len; i++)
		keep_or_add(d, &d->config->serials[i]);
	for (port = LIST_FIRST(&d->serials->list); port; port = next) {
		next = LIST_NEXT(port, entry);
		if (!port->kept)
			drop(port);
	}
}

void serials_free(struct daemon *d)
{
	if (!d->serials)
		return;
	while (!LIST_EMPTY(&d->serials->list))
		drop(LIST_FIRST(&d->serials->list));
	free(d->serials);
	d->serials = NULL;
}

const char *serials_state(const struct daemon *d, const char *name)
{
	const struct serial *port = find(d, name);

	return !port ? "" : port->line ? "busy" : port->leg.fd >= 0 ? "idle" : "closed";
}
