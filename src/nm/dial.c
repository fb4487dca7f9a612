/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "base/log.h"
#include "control/client_channel.h"

#define USEC_PER_MSEC 1000u
#define USEC_PER_SEC  1000000u

/* Between two looks whether the daemon is there. */
#define LOOK_AGAIN (200 * USEC_PER_MSEC)
/* That long systemd has to start it: its unit is of Type=notify. */
#define START_PATIENCE (10 * USEC_PER_SEC)

struct nm_dial {
	sd_event *event;
	sd_bus *bus;
	const char *socket;
	nm_dial_told *told;
	void *user;
	struct nm_settings *settings;
	struct ctl_channel *channel;
	sd_event_source *timer; /* looks for the daemon */
	sd_bus_slot *starting;	/* systemd was asked and has not answered */
	bool asked;		/* systemd was asked */
	char problem[200];	/* what it said */
	bool patient;
	uint64_t looks; /* how often it was not there */
};

static int dial_look(struct nm_dial *dial, uint64_t delay);

int nm_dial_new(sd_event *event, sd_bus *bus, const char *socket, nm_dial_told *told, void *user,
	struct nm_dial **ret)
{
	struct nm_dial *dial = calloc(1, sizeof(*dial));

	if (!dial)
		return -ENOMEM;
	dial->event = sd_event_ref(event);
	dial->bus = sd_bus_ref(bus);
	dial->socket = socket;
	dial->told = told;
	dial->user = user;
	*ret = dial;
	return 0;
}

void nm_dial_stop(struct nm_dial *dial)
{
	dial->timer = sd_event_source_disable_unref(dial->timer);
	dial->starting = sd_bus_slot_unref(dial->starting);
	ctl_channel_free(dial->channel);
	dial->channel = NULL;
}

void nm_dial_free(struct nm_dial *dial)
{
	if (!dial)
		return;
	nm_dial_stop(dial);
	sd_bus_unref(dial->bus);
	sd_event_unref(dial->event);
	free(dial);
}

int nm_dial_start(struct nm_dial *dial, struct nm_settings *settings, bool patient)
{
	nm_dial_stop(dial);
	dial->settings = settings;
	dial->patient = patient;
	dial->looks = 0;
	dial->asked = false;
	dial->problem[0] = '\0';
	return dial_look(dial, 0);
}

static void dial_over(
	struct nm_dial *dial, enum nm_dial_news news, const json_t *event, const char *text)
{
	nm_dial_stop(dial);
	dial->told(news, event, text, dial->user);
}

/* --- the daemon's words --- */

/*
 * The well-known port was only the first choice. EAFNOSUPPORT: it was asked for with an IPv4
 * address, and the server has none.
 */
static bool try_free_port(struct nm_dial *dial, const json_t *event)
{
	json_int_t error = json_integer_value(json_object_get(event, "errno"));

	if (!dial->settings->fixed_port || (error != EADDRINUSE && error != EAFNOSUPPORT) ||
		nm_settings_free_port(dial->settings) < 0)
		return false;
	log_info("l2tpd-nm: source port 1701 cannot be had: any other is taken");
	nm_dial_stop(dial);
	return dial_look(dial, 0) >= 0;
}

static void on_event(struct nm_dial *dial, const json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));
	const char *text = json_string_value(json_object_get(event, "text"));

	if (!name || !text)
		text = "";
	if (name && strcmp(name, "up") == 0)
		dial->told(NM_DIAL_UP, event, text, dial->user);
	else if (name && strcmp(name, "waiting") == 0 && !try_free_port(dial, event))
		dial->told(NM_DIAL_WAITING, event, text, dial->user);
	/* "stopping" is followed by the end of the connection; the daemon may come back */
	else if (name && strcmp(name, "down") == 0 && !try_free_port(dial, event))
		dial_over(dial, NM_DIAL_DOWN, event, text);
}

static void on_reply(struct ctl_channel *channel, const struct ctl_reply *reply, void *user)
{
	struct nm_dial *dial = user;

	if (reply->error)
		dial_over(dial, NM_DIAL_DOWN, NULL, ctl_reply_message(reply));
	else
		on_event(dial, json_object_get(reply->parameters, "event"));
}

static void on_lost(struct ctl_channel *channel, int error, void *user)
{
	dial_over(user, NM_DIAL_LOST, NULL, "l2tpd went away");
}

static int add_link(struct nm_dial *dial)
{
	json_t *params = json_pack("{s:s, s:O, s:O}", "name", dial->settings->name, "settings",
		dial->settings->link, "ppp", dial->settings->ppp);

	if (!params)
		return -ENOMEM;
	return ctl_channel_call(dial->channel, CTL_ADD_TRANSIENT, params, true, on_reply, dial);
}

/* --- reaching the daemon --- */

static int systemd_answered(sd_bus_message *answer, void *user, sd_bus_error *error)
{
	const sd_bus_error *problem = sd_bus_message_get_error(answer);
	struct nm_dial *dial = user;

	dial->starting = sd_bus_slot_unref(dial->starting);
	if (problem)
		snprintf(dial->problem, sizeof(dial->problem), "%s",
			problem->message ? problem->message : problem->name);
	return 0;
}

static void ask_systemd(struct nm_dial *dial)
{
	int r = -ENOTCONN;

	if (dial->asked)
		return;
	dial->asked = true;
	if (dial->bus)
		r = sd_bus_call_method_async(dial->bus, &dial->starting, "org.freedesktop.systemd1",
			"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
			"StartUnit", systemd_answered, dial, "ss", "l2tpd.service", "replace");
	if (r < 0)
		snprintf(dial->problem, sizeof(dial->problem), "systemd cannot be asked: %s",
			strerror(-r));
}

static void not_there(struct nm_dial *dial)
{
	char text[500];

	if (*dial->problem)
		snprintf(text, sizeof(text),
			"l2tpd does not run (nobody listens on %s) and could not be started: %s. "
			"Start it: systemctl start l2tpd",
			dial->socket, dial->problem);
	else
		snprintf(text, sizeof(text),
			"l2tpd was started, but does not listen on %s. See: systemctl status l2tpd",
			dial->socket);
	dial_over(dial, NM_DIAL_DOWN, NULL, text);
}

/* True: look again a little later. */
static bool may_look_again(const struct nm_dial *dial)
{
	return dial->patient || dial->starting ||
	       (!*dial->problem && dial->looks * LOOK_AGAIN < START_PATIENCE);
}

static int on_look(sd_event_source *source, uint64_t usec, void *user)
{
	struct nm_dial *dial = user;
	char text[300];
	int r = ctl_channel_new(dial->event, dial->socket, on_lost, dial, &dial->channel);

	if (r == 0)
		r = add_link(dial);
	if (r == 0) {
		dial->timer = sd_event_source_disable_unref(dial->timer);
		return 0;
	}
	if (r == -ENOENT || r == -ECONNREFUSED || r == -EAGAIN) {
		dial->looks++;
		if (r != -EAGAIN)
			ask_systemd(dial);
		if (!may_look_again(dial))
			not_there(dial);
		else if (dial_look(dial, LOOK_AGAIN) < 0)
			dial_over(dial, NM_DIAL_DOWN, NULL, strerror(ENOMEM));
		return 0;
	}
	snprintf(text, sizeof(text), "l2tpd's control socket %s: %s", dial->socket, strerror(-r));
	dial_over(dial, NM_DIAL_DOWN, NULL, text);
	return 0;
}

static int dial_look(struct nm_dial *dial, uint64_t delay)
{
	dial->timer = sd_event_source_disable_unref(dial->timer);
	return sd_event_add_time_relative(dial->event, &dial->timer, CLOCK_BOOTTIME, delay,
		delay ? 10 * USEC_PER_MSEC : 1, on_look, dial);
}
