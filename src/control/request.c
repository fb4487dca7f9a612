/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "stream.h"
#include "version.h"

/* A client with so much unread gets no more events: it is dropped. */
#define UNREAD_MAX (1u << 20)

static const char varlink_idl[] =
	"# The Varlink Service Interface is provided by every varlink service.\n"
	"interface org.varlink.service\n"
	"\n"
	"method GetInfo() -> (vendor: string, product: string, version: string, url: string, "
	"interfaces: []string)\n"
	"method GetInterfaceDescription(interface: string) -> (description: string)\n"
	"\n"
	"error InterfaceNotFound (interface: string)\n"
	"error MethodNotFound (method: string)\n"
	"error MethodNotImplemented (method: string)\n"
	"error InvalidParameter (parameter: string)\n"
	"error PermissionDenied ()\n"
	"error ExpectedMore ()\n";

struct request {
	struct caller *caller;
	bool more, oneway;
	bool cancelled; /* its cancel handler runs: replies go nowhere */
	void (*cancel)(struct request *request, void *data);
	void *data;
};

/* A connected client, as the server sees it. */
struct caller {
	TAILQ_ENTRY(caller) entry;
	struct ctl_service *service;
	struct stream *stream;
	struct ucred peer;
	bool may_change, owner;
	struct request *request; /* the one without its last reply */
};

/* --- replies --- */

/* Send one message; steals it. False: too long, nothing sent. */
static bool send_message(struct caller *caller, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT | JSON_REAL_PRECISION(10));
	size_t len = text ? strlen(text) + 1 : 0;

	json_decref(message);
	if (!text)
		stream_kill(caller->stream);
	else if (len <= CTL_MAX_MESSAGE)
		stream_send(caller->stream, text, len);
	free(text);
	return len <= CTL_MAX_MESSAGE;
}

static bool nobody_listens(const struct request *request)
{
	return request->cancelled || request->oneway || stream_is_dead(request->caller->stream);
}

/* The request has its last reply: the next one of this client may come. */
static void request_done(struct request *request)
{
	struct caller *caller = request->caller;

	if (request->cancelled)
		return;
	caller->request = NULL;
	free(request);
	stream_hold(caller->stream, false);
}

/* {"error": error, "parameters": {name: value, "message": message}}; name may be NULL. Steals
 * value.
 */
static json_t *error_message(
	const char *error, const char *name, json_t *value, const char *message)
{
	json_t *text = json_string(message), *params;

	if (!text) { /* not UTF-8: cut inside a character, or a peer's bytes */
		char *ascii = strdup(message), *c;

		for (c = ascii; c && *c; c++)
			if (*c & 0x80)
				*c = '?';
		text = json_string(ascii ? ascii : "out of memory");
		free(ascii);
	}
	params = json_pack("{s:o}", "message", text);
	if (params && name)
		json_object_set(params, name, value);
	json_decref(value);
	return json_pack("{s:s, s:o}", "error", error, "parameters", params);
}

/* As error_message(). */
static void finish_with_error(struct request *request, const char *error, const char *name,
	json_t *value, const char *message)
{
	if (nobody_listens(request))
		json_decref(value);
	else
		send_message(request->caller, error_message(error, name, value, message));
	request_done(request);
}

void request_reply(struct request *request, json_t *params)
{
	json_t *reply;

	if (nobody_listens(request)) {
		json_decref(params);
		request_done(request);
		return;
	}
	reply = json_pack("{s:o}", "parameters", params ? params : json_object());
	if (send_message(request->caller, reply))
		request_done(request);
	else
		finish_with_error(request, CTL_ERR_FAILED, NULL, NULL,
			"the answer is too long for the control protocol");
}

void request_reply_more(struct request *request, json_t *params)
{
	struct stream *stream = request->caller->stream;

	if (nobody_listens(request) || !request->more) {
		json_decref(params);
		return;
	}
	if (stream_unread(stream) > UNREAD_MAX) {
		json_decref(params);
		stream_kill(stream);
		return;
	}
	/* one that is too long is left out: the ones after it are still good */
	send_message(request->caller, json_pack("{s:o, s:b}", "parameters",
					      params ? params : json_object(), "continues", 1));
}

void request_error(struct request *request, const char *error, const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	finish_with_error(request, error, NULL, NULL, message);
}

void request_error_in_line(
	struct request *request, const char *error, size_t line, const char *message)
{
	finish_with_error(request, error, "line", json_integer((json_int_t)line), message);
}

void request_bad_parameter(struct request *request, const char *parameter)
{
	char message[256];

	snprintf(message, sizeof(message), "parameter \"%s\" is missing or not of its type",
		parameter);
	finish_with_error(request, CTL_ERR_PARAMETER, "parameter", json_string(parameter), message);
}

bool request_wants_more(const struct request *request)
{
	return request->more;
}

bool request_may_change(const struct request *request)
{
	return request->caller->may_change;
}

bool request_of_owner(const struct request *request)
{
	return request->caller->owner;
}

void request_on_cancel(
	struct request *request, void (*cancel)(struct request *request, void *data), void *data)
{
	request->cancel = cancel;
	request->data = data;
}

void request_peer(const struct request *request, pid_t *ret_pid, uid_t *ret_uid)
{
	*ret_pid = request->caller->peer.pid;
	*ret_uid = request->caller->peer.uid;
}

/* --- methods --- */

static void handle_get_info(struct request *request)
{
	request_reply(request, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "l2tpd",
				       "product", "l2tpd", "version", L2TPD_VERSION, "url", "",
				       "interfaces", "org.varlink.service", CTL_INTERFACE));
}

static void handle_get_description(struct request *request, const json_t *params)
{
	const char *name = json_string_value(json_object_get(params, "interface"));
	const char *idl = NULL;

	if (!name) {
		request_bad_parameter(request, "interface");
		return;
	}
	if (strcmp(name, CTL_INTERFACE) == 0)
		idl = request->caller->service->idl;
	else if (strcmp(name, "org.varlink.service") == 0)
		idl = varlink_idl;
	if (idl)
		request_reply(request, json_pack("{s:s}", "description", idl));
	else
		finish_with_error(request, "org.varlink.service.InterfaceNotFound", "interface",
			json_string(name), "no such interface");
}

static void dispatch(struct request *request, const char *method, const json_t *params)
{
	const struct ctl_service *service = request->caller->service;
	const struct ctl_method *m;

	for (m = service->methods; m->name && strcmp(m->name, method) != 0; m++)
		;
	if (m->name && m->changes && !request->caller->may_change) {
		request_error(request, CTL_ERR_REFUSED,
			"only root and members of the control group may do that");
	} else if (m->name && m->owner_only && !request->caller->owner) {
		request_error(request, CTL_ERR_REFUSED, "only root may do that");
	} else if (m->name) {
		m->handle(request, params, service->user);
	} else if (strcmp(method, "org.varlink.service.GetInfo") == 0) {
		handle_get_info(request);
	} else if (strcmp(method, "org.varlink.service.GetInterfaceDescription") == 0) {
		handle_get_description(request, params);
	} else {
		finish_with_error(
			request, CTL_ERR_METHOD, "method", json_string(method), "no such method");
	}
}

/* What is wrong with a request's envelope: the name of the bad member, or NULL. */
static const char *envelope_problem(const json_t *message)
{
	static const char *const flags[] = { "more", "oneway", "upgrade" };
	const json_t *params = json_object_get(message, "parameters");
	size_t i;

	if (!json_is_string(json_object_get(message, "method")))
		return "method";
	if (params && !json_is_object(params) && !json_is_null(params))
		return "parameters";
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		const json_t *flag = json_object_get(message, flags[i]);

		if (flag && !json_is_boolean(flag) && !json_is_null(flag))
			return flags[i];
	}
	/* nothing here turns a connection into something else */
	return json_is_true(json_object_get(message, "upgrade")) ? "upgrade" : NULL;
}

/* A message that is good JSON: the request in it. */
static void handle_request(struct request *request, const json_t *message)
{
	const char *problem = envelope_problem(message);
	json_t *params = json_object_get(message, "parameters"), *empty;

	request->more = json_is_true(json_object_get(message, "more"));
	request->oneway = json_is_true(json_object_get(message, "oneway"));
	if (problem) {
		request_bad_parameter(request, problem);
		return;
	}
	empty = json_object();
	dispatch(request, json_string_value(json_object_get(message, "method")),
		json_is_object(params) ? params : empty);
	json_decref(empty);
}

static void caller_message(void *user, const char *text, size_t len)
{
	struct caller *caller = user;
	struct request *request = calloc(1, sizeof(*request));
	json_error_t error;
	json_t *message;

	if (!request) {
		stream_kill(caller->stream);
		return;
	}
	request->caller = caller;
	caller->request = request;
	stream_hold(caller->stream, true);
	message = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(message))
		handle_request(request, message);
	else
		request_error(request, CTL_ERR_PARAMETER, "not a JSON object: %s",
			message ? "some other JSON value" : error.text);
	json_decref(message);
}

static void caller_gone(void *user)
{
	struct caller *caller = user;
	struct request *request = caller->request;

	if (request) {
		request->cancelled = true;
		if (request->cancel)
			request->cancel(request, request->data);
		free(request);
	}
	TAILQ_REMOVE(&caller->service->callers, caller, entry);
	caller->service->caller_count--;
	free(caller);
}

int request_accept(struct ctl_service *service, int fd, const struct ucred *peer, bool may_change)
{
	static const struct stream_owner owner = { caller_message, caller_gone };
	struct caller *caller = calloc(1, sizeof(*caller));
	int r;

	if (!caller)
		return -ENOMEM;
	caller->service = service;
	caller->peer = *peer;
	caller->may_change = may_change;
	caller->owner = peer->uid == 0 || peer->uid == geteuid();
	r = stream_new(service->event, fd, &owner, caller, &caller->stream);
	if (r < 0) {
		free(caller);
		return r;
	}
	TAILQ_INSERT_TAIL(&service->callers, caller, entry);
	service->caller_count++;
	return 0;
}

void request_close_all(struct ctl_service *service)
{
	struct caller *caller;

	while ((caller = TAILQ_FIRST(&service->callers))) {
		stream_flush(caller->stream);
		stream_free(caller->stream);
	}
}
