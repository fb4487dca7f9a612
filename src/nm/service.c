/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and order of signals: NetworkManager's src/libnm-core-public/nm-vpn-dbus-interface.h and
 * src/core/vpn/nm-vpn-connection.c. It waits 10 s for an answer to a method and vpn.timeout (60 s)
 * for addresses; STARTING after STARTED it takes for a redial, which it lets run as long as we do.
 */
#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "dial.h"
#include "message.h"
#include "settings.h"
#include "tell.h"

#define PLUGIN_PATH	 "/org/freedesktop/NetworkManager/VPN/Plugin"
#define PLUGIN_INTERFACE "org.freedesktop.NetworkManager.VPN.Plugin"
#define PLUGIN_ERROR	 "org.freedesktop.NetworkManager.VPN.Error."

#define USEC_PER_SEC	 1000000u
/* What fails within this failed on this machine, and is the answer to Connect. */
#define ANSWER_WITHIN (USEC_PER_SEC / 2)
/* After a connection; NetworkManager may have a last word (Disconnect). */
#define QUIT_AFTER (3 * USEC_PER_SEC)
/* Started, and then never asked to connect. */
#define QUIT_UNUSED	       (180 * USEC_PER_SEC)

#define PPPD_EXIT_OWN_AUTH     19 /* pppd(8): we failed to authenticate ourselves */
#define CAUSE_NCP_TIMEOUT      17 /* RFC 3145 2.2 */
#define CAUSE_NO_ADDRESS       20
#define STOPCCN_NOT_AUTHORIZED 4 /* RFC 2661 4.4.2 */

enum state { /* NMVpnServiceState */
	STATE_INIT = 1,
	STATE_STARTING = 3,
	STATE_STARTED = 4,
	STATE_STOPPING = 5,
	STATE_STOPPED = 6,
};

enum failure { /* NMVpnPluginFailure */
	FAILURE_LOGIN = 0,
	FAILURE_CONNECT = 1,
	FAILURE_IP_CONFIG = 2,
};

struct nm_service {
	sd_event *event;
	sd_bus *bus;
	sd_bus_slot *object;
	bool persist;
	enum state state;
	struct nm_dial *dial;
	sd_bus_track *client;  /* NetworkManager, while it has a connection */
	sd_bus_message *asked; /* Connect, not answered yet */
	sd_event_source *answer_timer, *quit_timer, *redial_timer;
	bool interactive; /* it can ask for secrets */
	bool was_up;
	struct nm_settings settings;
	char *uuid, *user, *gateway; /* of the connection, for messages */
};

/* --- signals --- */

/* False: it was not sent. */
static bool emit(struct nm_service *service, sd_bus_message *signal, int r)
{
	if (r >= 0)
		r = sd_bus_send(service->bus, signal, NULL);
	if (r < 0)
		nm_tell(service->uuid, LOG_ERR, "signal to NetworkManager: %s", strerror(-r));
	sd_bus_message_unref(signal);
	return r >= 0;
}

static sd_bus_message *new_signal(struct nm_service *service, const char *name)
{
	sd_bus_message *signal = NULL;

	if (sd_bus_message_new_signal(service->bus, &signal, PLUGIN_PATH, PLUGIN_INTERFACE, name) <
		0)
		return NULL;
	return signal;
}

static void emit_number(struct nm_service *service, const char *name, uint32_t number)
{
	sd_bus_message *signal = new_signal(service, name);

	emit(service, signal, signal ? sd_bus_message_append(signal, "u", number) : -ENOMEM);
}

static void set_state(struct nm_service *service, enum state state)
{
	if (service->state == state)
		return;
	service->state = state;
	emit_number(service, "StateChanged", state);
}

static bool emit_addresses(struct nm_service *service, const json_t *up)
{
	static const struct {
		const char *name;
		int (*append)(sd_bus_message *message, const json_t *up);
	} signals[] = { { "Config", nm_message_append_config },
		{ "Ip4Config", nm_message_append_ip4 }, { "Ip6Config", nm_message_append_ip6 } };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sd_bus_message *signal = new_signal(service, signals[i].name);
		int r = signal ? signals[i].append(signal, up) : -ENOMEM;

		if (r == -ENODATA)
			sd_bus_message_unref(signal);
		else if (!emit(service, signal, r))
			return false;
	}
	return true;
}

/* --- the end of a connection --- */

static int on_quit(sd_event_source *source, uint64_t usec, void *user)
{
	struct nm_service *service = user;

	return sd_event_exit(service->event, 0);
}

static void quit_in(struct nm_service *service, uint64_t delay)
{
	service->quit_timer = sd_event_source_disable_unref(service->quit_timer);
	if (!service->persist && sd_event_add_time_relative(service->event, &service->quit_timer,
					 CLOCK_BOOTTIME, delay, USEC_PER_SEC, on_quit, service) < 0)
		sd_event_exit(service->event, 0);
}

static void answer(struct nm_service *service, const char *error, const char *text)
{
	service->answer_timer = sd_event_source_disable_unref(service->answer_timer);
	if (!service->asked)
		return;
	if (error)
		sd_bus_reply_method_errorf(service->asked, error, "%s", text);
	else
		sd_bus_reply_method_return(service->asked, "");
	service->asked = sd_bus_message_unref(service->asked);
}

/* The daemon ends the call when its connection goes. */
static void drop_connection(struct nm_service *service)
{
	nm_dial_stop(service->dial);
	answer(service, PLUGIN_ERROR "LaunchFailed", "disconnected");
	service->redial_timer = sd_event_source_disable_unref(service->redial_timer);
	service->client = sd_bus_track_unref(service->client);
	nm_settings_clear(&service->settings);
	service->was_up = false;
	quit_in(service, QUIT_AFTER);
}

static void stop_connection(struct nm_service *service)
{
	drop_connection(service);
	set_state(service, STATE_STOPPING);
	set_state(service, STATE_STOPPED);
}

static void fail_connection(struct nm_service *service, enum failure failure, const char *text)
{
	nm_tell(service->uuid, LOG_ERR, "%s", text);
	/*
	 * NetworkManager logs the words of this error, and of nothing else that we could send; but
	 * it takes it for a failed start, which is worse than the reasons it has names for.
	 */
	answer(service, failure == FAILURE_CONNECT ? PLUGIN_ERROR "LaunchFailed" : NULL, text);
	emit_number(service, "Failure", failure);
	stop_connection(service);
}

static int on_client_gone(sd_bus_track *track, void *user)
{
	struct nm_service *service = user;

	nm_tell(service->uuid, LOG_NOTICE, "NetworkManager is gone: ending the connection");
	stop_connection(service);
	return 0;
}

/* --- what the daemon tells --- */

static json_int_t number_of(const json_t *event, const char *key)
{
	return json_integer_value(json_object_get(event, key));
}

static bool is_login_failure(const json_t *event)
{
	return number_of(event, "ppp_exit") == PPPD_EXIT_OWN_AUTH;
}

/* The peer refused our tunnel, or did not know the secret itself; and there is one to be wrong. */
static bool is_secret_failure(const struct nm_service *service, const json_t *event)
{
	const char *message = json_string_value(json_object_get(event, "message"));

	return service->settings.tunnel_secret && message && strcmp(message, "StopCCN") == 0 &&
	       number_of(event, "result") == STOPCCN_NOT_AUTHORIZED;
}

static enum failure failure_of(const struct nm_service *service, const json_t *event)
{
	json_int_t cause = number_of(event, "ppp_cause");

	if (is_login_failure(event) || is_secret_failure(service, event))
		return FAILURE_LOGIN;
	if (cause >= CAUSE_NCP_TIMEOUT && cause <= CAUSE_NO_ADDRESS)
		return FAILURE_IP_CONFIG;
	return FAILURE_CONNECT;
}

/* Have the user asked again; he is told why. */
static void require_secret(struct nm_service *service, const json_t *event, const char *text)
{
	bool login = is_login_failure(event);
	sd_bus_message *signal = new_signal(service, "SecretsRequired");
	char message[300];
	int r = -ENOMEM;

	nm_tell(service->uuid, LOG_WARNING, "%s", text);
	nm_dial_stop(service->dial);
	service->redial_timer = sd_event_source_disable_unref(service->redial_timer);
	if (login)
		snprintf(message, sizeof(message), "%s refused the login as \"%s\"",
			service->gateway, service->user);
	else
		snprintf(message, sizeof(message),
			"%s and this computer do not have the same tunnel secret",
			service->gateway);
	if (signal)
		r = sd_bus_message_append(
			signal, "sas", message, 1, login ? NM_SECRET_PASSWORD : NM_SECRET_TUNNEL);
	emit(service, signal, r);
}

static int on_redial_over(sd_event_source *source, uint64_t usec, void *user)
{
	struct nm_service *service = user;
	char text[200];

	snprintf(text, sizeof(text), "%s: not back after %u s: giving up (vpn.data redial)",
		service->gateway, service->settings.redial_s);
	fail_connection(service, FAILURE_CONNECT, text);
	return 0;
}

/* It was up: NetworkManager keeps the connection and waits. */
static void begin_redial(struct nm_service *service, const char *text)
{
	nm_tell(service->uuid, LOG_WARNING, "%s: redialling", text);
	if (service->state == STATE_STARTED)
		set_state(service, STATE_STARTING);
	if (!service->redial_timer &&
		sd_event_add_time_relative(service->event, &service->redial_timer, CLOCK_BOOTTIME,
			(uint64_t)service->settings.redial_s * USEC_PER_SEC, USEC_PER_SEC,
			on_redial_over, service) < 0)
		fail_connection(service, FAILURE_CONNECT, text);
}

static void on_up(struct nm_service *service, const json_t *event)
{
	const char *ifname = json_string_value(json_object_get(event, "ifname"));

	answer(service, NULL, NULL);
	service->redial_timer = sd_event_source_disable_unref(service->redial_timer);
	if (service->state == STATE_STARTING)
		nm_tell(service->uuid, LOG_INFO, "%s: up, %s", service->gateway,
			ifname ? ifname : "");
	service->was_up = true;
	if (emit_addresses(service, event))
		set_state(service, STATE_STARTED);
	else
		fail_connection(service, FAILURE_IP_CONFIG,
			"l2tpd told of a call without an interface or a peer");
}

static void on_trouble(struct nm_service *service, const json_t *event, const char *text, bool over)
{
	bool secret = is_login_failure(event) || is_secret_failure(service, event);

	if (secret && service->interactive)
		require_secret(service, event, text);
	else if (secret || over || !service->was_up)
		fail_connection(service, failure_of(service, event), text);
	else
		begin_redial(service, text);
}

/* It may come back: systemd restarts it. */
static void on_daemon_lost(struct nm_service *service, const char *text)
{
	if (!service->was_up || !service->settings.redial_s) {
		fail_connection(service, FAILURE_CONNECT, text);
		return;
	}
	begin_redial(service, text);
	if (service->redial_timer && nm_dial_start(service->dial, &service->settings, true) < 0)
		fail_connection(service, FAILURE_CONNECT, strerror(ENOMEM));
}

static void on_news(enum nm_dial_news news, const json_t *event, const char *text, void *user)
{
	struct nm_service *service = user;

	switch (news) {
	case NM_DIAL_UP:
		on_up(service, event);
		break;
	case NM_DIAL_WAITING:
		on_trouble(service, event, text, false);
		break;
	case NM_DIAL_DOWN:
		on_trouble(service, event, text, true);
		break;
	case NM_DIAL_LOST:
		on_daemon_lost(service, text);
		break;
	}
}

/* --- methods --- */

static int on_answer_due(sd_event_source *source, uint64_t usec, void *user)
{
	answer(user, NULL, NULL);
	return 0;
}

static int keep_text(char **where, const char *text)
{
	char *copy = strdup(text ? text : "");

	if (!copy)
		return -ENOMEM;
	free(*where);
	*where = copy;
	return 0;
}

static int keep_names(struct nm_service *service, const struct nm_profile *profile)
{
	const char *user = nm_profile_get(profile, "data", "user");
	int r = keep_text(&service->uuid, nm_profile_get(profile, "connection", "uuid"));

	if (r == 0)
		r = keep_text(
			&service->user, user ? user : nm_profile_get(profile, "vpn", "user-name"));
	if (r == 0)
		r = keep_text(&service->gateway, nm_profile_get(profile, "data", "gateway"));
	return r;
}

/*
 * What the profile in message says, in place of what was there. -EINVAL: error says why.
 * *ret_same: its secrets are those that there were.
 */
static int take_profile(
	struct nm_service *service, sd_bus_message *message, bool *ret_same, sd_bus_error *error)
{
	char text[NM_SETTINGS_ERROR] = "";
	struct nm_profile *profile;
	struct nm_settings settings;
	int r = nm_message_read_profile(message, &profile);

	if (r < 0)
		return r;
	r = keep_names(service, profile);
	if (r == 0)
		r = nm_settings_make(profile, &settings, text);
	nm_profile_free(profile);
	if (r == 0) {
		*ret_same = nm_settings_same_secrets(&service->settings, &settings);
		nm_settings_clear(&service->settings);
		service->settings = settings;
		return 0;
	}
	nm_tell(service->uuid, LOG_ERR, "%s", *text ? text : strerror(-r));
	if (r != -EINVAL)
		return r;
	return sd_bus_error_set(error, PLUGIN_ERROR "BadArguments", text);
}

static int watch_client(struct nm_service *service, sd_bus_message *message)
{
	int r = sd_bus_track_new(service->bus, &service->client, on_client_gone, service);

	return r < 0 ? r : sd_bus_track_add_sender(service->client, message);
}

static int begin_connection(
	struct nm_service *service, sd_bus_message *message, bool interactive, sd_bus_error *error)
{
	bool same;
	int r;

	if (service->state != STATE_INIT && service->state != STATE_STOPPED)
		return sd_bus_error_set(error, PLUGIN_ERROR "AlreadyStarted",
			"this process has a connection already");
	r = take_profile(service, message, &same, error);
	if (r == 0)
		r = watch_client(service, message);
	if (r >= 0)
		r = sd_event_add_time_relative(service->event, &service->answer_timer,
			CLOCK_BOOTTIME, ANSWER_WITHIN, USEC_PER_SEC / 10, on_answer_due, service);
	if (r >= 0)
		r = nm_dial_start(service->dial, &service->settings, false);
	if (r < 0) {
		drop_connection(service); /* no signal: the error says it, and must come first */
		return r;
	}
	service->quit_timer = sd_event_source_disable_unref(service->quit_timer);
	service->interactive = interactive;
	service->asked = sd_bus_message_ref(message);
	set_state(service, STATE_STARTING);
	return 1; /* answered later */
}

static int method_connect(sd_bus_message *message, void *user, sd_bus_error *error)
{
	return begin_connection(user, message, false, error);
}

static int method_connect_interactive(sd_bus_message *message, void *user, sd_bus_error *error)
{
	return begin_connection(user, message, true, error);
}

static int method_need_secrets(sd_bus_message *message, void *user, sd_bus_error *error)
{
	struct nm_profile *profile;
	bool need;
	int r = nm_message_read_profile(message, &profile);

	if (r < 0)
		return r;
	need = nm_settings_need_secrets(profile);
	nm_profile_free(profile);
	return sd_bus_reply_method_return(message, "s", need ? "vpn" : "");
}

static int method_new_secrets(sd_bus_message *message, void *user, sd_bus_error *error)
{
	struct nm_service *service = user;
	bool same = false;
	int r;

	if (service->state != STATE_STARTING)
		return sd_bus_error_set(
			error, PLUGIN_ERROR "WrongState", "nothing is waiting for secrets");
	nm_dial_stop(service->dial); /* it has the old ones */
	r = take_profile(service, message, &same, error);
	if (r == 0 && !same)
		r = nm_dial_start(service->dial, &service->settings, false);
	if (r < 0)
		return r; /* NetworkManager gives up, and says Disconnect */
	r = sd_bus_reply_method_return(message, "");
	/* out of a file, as nmcli has them: another try is as bad, and may lock the user out */
	if (same)
		fail_connection(service, FAILURE_LOGIN, "the same secret again, which was refused");
	return r;
}

static int method_disconnect(sd_bus_message *message, void *user, sd_bus_error *error)
{
	struct nm_service *service = user;

	if (service->state == STATE_STARTING || service->state == STATE_STARTED) {
		nm_tell(service->uuid, LOG_INFO, "disconnected by NetworkManager");
		stop_connection(service);
	}
	return sd_bus_reply_method_return(message, "");
}

/* For helpers of other plugins, which pppd starts: ours has none. */
static int method_of_helpers(sd_bus_message *message, void *user, sd_bus_error *error)
{
	return sd_bus_error_set(
		error, SD_BUS_ERROR_NOT_SUPPORTED, "l2tpd tells of addresses, no helper does");
}

static int property_state(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *user, sd_bus_error *error)
{
	const struct nm_service *service = user;

	return sd_bus_message_append(reply, "u", (uint32_t)service->state);
}

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Connect", "a{sa{sv}}", "", method_connect, SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD("ConnectInteractive", "a{sa{sv}}a{sv}", "", method_connect_interactive,
		SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD(
		"NeedSecrets", "a{sa{sv}}", "s", method_need_secrets, SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD("NewSecrets", "a{sa{sv}}", "", method_new_secrets, SD_BUS_VTABLE_SENSITIVE),
	SD_BUS_METHOD("Disconnect", "", "", method_disconnect, 0),
	SD_BUS_METHOD("SetConfig", "a{sv}", "", method_of_helpers, 0),
	SD_BUS_METHOD("SetIp4Config", "a{sv}", "", method_of_helpers, 0),
	SD_BUS_METHOD("SetIp6Config", "a{sv}", "", method_of_helpers, 0),
	SD_BUS_METHOD("SetFailure", "s", "", method_of_helpers, 0),
	SD_BUS_PROPERTY("State", "u", property_state, 0, 0),
	SD_BUS_SIGNAL("StateChanged", "u", 0),
	SD_BUS_SIGNAL("SecretsRequired", "sas", 0),
	SD_BUS_SIGNAL("Config", "a{sv}", 0),
	SD_BUS_SIGNAL("Ip4Config", "a{sv}", 0),
	SD_BUS_SIGNAL("Ip6Config", "a{sv}", 0),
	SD_BUS_SIGNAL("LoginBanner", "s", 0),
	SD_BUS_SIGNAL("Failure", "u", 0),
	SD_BUS_VTABLE_END,
};

int nm_service_new(
	sd_event *event, sd_bus *bus, const char *socket, bool persist, struct nm_service **ret)
{
	struct nm_service *service = calloc(1, sizeof(*service));
	int r;

	if (!service)
		return -ENOMEM;
	service->event = sd_event_ref(event);
	service->bus = sd_bus_ref(bus);
	service->persist = persist;
	service->state = STATE_INIT;
	r = nm_dial_new(event, bus, socket, on_news, service, &service->dial);
	if (r >= 0)
		r = sd_bus_add_object_vtable(
			bus, &service->object, PLUGIN_PATH, PLUGIN_INTERFACE, vtable, service);
	if (r < 0) {
		nm_service_free(service);
		return r;
	}
	quit_in(service, QUIT_UNUSED);
	*ret = service;
	return 0;
}

void nm_service_free(struct nm_service *service)
{
	if (!service)
		return;
	nm_dial_free(service->dial);
	sd_bus_slot_unref(service->object);
	sd_bus_track_unref(service->client);
	sd_bus_message_unref(service->asked);
	sd_event_source_disable_unref(service->answer_timer);
	sd_event_source_disable_unref(service->quit_timer);
	sd_event_source_disable_unref(service->redial_timer);
	nm_settings_clear(&service->settings);
	sd_bus_unref(service->bus);
	sd_event_unref(service->event);
	free(service->uuid);
	free(service->user);
	free(service->gateway);
	free(service);
}
