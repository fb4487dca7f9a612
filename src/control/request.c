/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rule that keeps callers safe: no function of ctl_server.h frees a connection. What goes wrong
 * while a reply is queued only marks the connection dead; it is freed, and its call cancelled, by
 * the connection's own event handlers. So the reactor may walk its list of monitors and reply to
 * each, and no cancel handler changes the list under it.
 */
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "version.h"

/* A client with so much unread gets no more events: it is dropped. */
#define CTL_QUEUE_MAX (1u << 20)
/* Calls of one client that are handled before others get their turn. */
#define CTL_CALLS_PER_TURN 16
#define CTL_READ_SIZE	   16384u

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

struct ctl_buf {
	char *data;
	size_t start, end; /* valid bytes */
	size_t size;
};

struct request {
	struct ctl_conn *conn;
	bool more, oneway;
	bool cancelled; /* its cancel handler runs: replies go nowhere */
	void (*cancel)(struct request *call, void *data);
	void *data;
};

struct ctl_conn {
	TAILQ_ENTRY(ctl_conn) entry;
	struct ctl_server *server;
	int fd;
	sd_event_source *io;
	sd_event_source *turn; /* runs once when armed: handle what is buffered, or free if dead */
	uint32_t events;       /* that io waits for */
	struct ucred peer;
	bool may_change;
	bool eof; /* the client sends no more, but may still read */
	bool dead;
	struct ctl_buf in, out;
	size_t scanned;	      /* bytes of in without a NUL */
	struct request *call; /* the one request without its last reply */
};

/* --- buffers --- */

static size_t buf_len(const struct ctl_buf *buf)
{
	return buf->end - buf->start;
}

/* Room for need more bytes after end; 0 or -ENOMEM. */
static int buf_reserve(struct ctl_buf *buf, size_t need)
{
	size_t len = buf_len(buf), size;
	char *data;

	if (buf->size - buf->end >= need)
		return 0;
	if (buf->start >= len && buf->size - len >= need) {
		if (len)
			memcpy(buf->data, buf->data + buf->start, len);
		explicit_bzero(buf->data + buf->start, len);
		buf->start = 0;
		buf->end = len;
		return 0;
	}
	size = buf->size ? buf->size : 4096;
	while (size < buf->end + need)
		size *= 2;
	data = malloc(size);
	if (!data)
		return -ENOMEM;
	if (buf->data) {
		memcpy(data, buf->data, buf->end);
		explicit_bzero(buf->data, buf->end);
		free(buf->data);
	}
	buf->data = data;
	buf->size = size;
	return 0;
}

static void buf_clear(struct ctl_buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->end);
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

/* Consumed bytes are wiped: requests may hold secrets. */
static void buf_consume(struct ctl_buf *buf, size_t len)
{
	explicit_bzero(buf->data + buf->start, len);
	buf->start += len;
	if (buf->start < buf->end)
		return;
	/* an idle connection keeps no memory of a big message */
	if (buf->size > 4 * CTL_READ_SIZE)
		buf_clear(buf);
	buf->start = buf->end = 0;
}

/* --- connections --- */

static void ctl_conn_arm_turn(struct ctl_conn *conn)
{
	sd_event_source_set_enabled(conn->turn, SD_EVENT_ONESHOT);
}

static void ctl_conn_kill(struct ctl_conn *conn)
{
	conn->dead = true;
	ctl_conn_arm_turn(conn);
}

/* Wait for what can be used now: a client with a call or unread replies has to wait with the next.
 */
static void ctl_conn_update_events(struct ctl_conn *conn)
{
	uint32_t events = 0;

	if (buf_len(&conn->out))
		events = EPOLLOUT;
	else if (!conn->call && !conn->eof)
		events = EPOLLIN;
	if (events == conn->events)
		return;
	if (sd_event_source_set_io_events(conn->io, events) < 0)
		ctl_conn_kill(conn);
	else
		conn->events = events;
}

/* Send what the socket takes. */
void ctl_conn_flush(struct ctl_conn *conn)
{
	while (!conn->dead && buf_len(&conn->out)) {
		ssize_t n = send(conn->fd, conn->out.data + conn->out.start, buf_len(&conn->out),
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n >= 0) {
			buf_consume(&conn->out, (size_t)n);
		} else if (errno == EAGAIN) {
			break;
		} else if (errno != EINTR) {
			ctl_conn_kill(conn);
		}
	}
}

/* Queue one message; steals it. False: too long, nothing queued. */
static bool ctl_conn_queue(struct ctl_conn *conn, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	size_t len;

	json_decref(message);
	if (!text) {
		ctl_conn_kill(conn);
		return true;
	}
	len = strlen(text) + 1;
	if (len > CTL_MAX_MESSAGE) {
		free(text);
		return false;
	}
	if (buf_reserve(&conn->out, len) < 0) {
		ctl_conn_kill(conn);
	} else {
		memcpy(conn->out.data + conn->out.end, text, len);
		conn->out.end += len;
		ctl_conn_flush(conn);
	}
	free(text);
	return true;
}

static void ctl_conn_cancel_call(struct ctl_conn *conn)
{
	struct request *call = conn->call;

	if (!call)
		return;
	call->cancelled = true;
	if (call->cancel)
		call->cancel(call, call->data);
	conn->call = NULL;
	free(call);
}

void ctl_conn_free(struct ctl_conn *conn)
{
	ctl_conn_cancel_call(conn);
	TAILQ_REMOVE(&conn->server->conns, conn, entry);
	conn->server->conn_count--;
	sd_event_source_disable_unref(conn->io);
	sd_event_source_disable_unref(conn->turn);
	close(conn->fd);
	buf_clear(&conn->in);
	buf_clear(&conn->out);
	free(conn);
}

/* --- replies --- */

/* The call has its last reply: the next one of this connection may come. */
static void call_done(struct request *call)
{
	struct ctl_conn *conn = call->conn;

	conn->call = NULL;
	free(call);
	ctl_conn_arm_turn(conn);
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
static void call_finish_error(struct request *call, const char *error, const char *name,
	json_t *value, const char *message)
{
	if (call->cancelled || call->oneway || call->conn->dead)
		json_decref(value);
	else
		ctl_conn_queue(call->conn, error_message(error, name, value, message));
	if (!call->cancelled)
		call_done(call);
}

void request_reply(struct request *call, json_t *params)
{
	json_t *reply;

	if (call->cancelled || call->oneway || call->conn->dead) {
		json_decref(params);
		if (!call->cancelled)
			call_done(call);
		return;
	}
	reply = json_pack("{s:o}", "parameters", params ? params : json_object());
	if (!ctl_conn_queue(call->conn, reply)) {
		call_finish_error(call, CTL_ERR_FAILED, NULL, NULL,
			"the answer is too long for the control protocol");
		return;
	}
	call_done(call);
}

void request_reply_more(struct request *call, json_t *params)
{
	struct ctl_conn *conn = call->conn;
	json_t *reply;

	if (call->cancelled || conn->dead || call->oneway || !call->more) {
		json_decref(params);
		return;
	}
	if (buf_len(&conn->out) > CTL_QUEUE_MAX) {
		json_decref(params);
		ctl_conn_kill(conn);
		return;
	}
	reply = json_pack(
		"{s:o, s:b}", "parameters", params ? params : json_object(), "continues", 1);
	/* one that is too long is left out: the ones after it are still good */
	ctl_conn_queue(conn, reply);
	ctl_conn_update_events(conn);
}

void request_error(struct request *call, const char *error, const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	call_finish_error(call, error, NULL, NULL, message);
}

void request_error_in_line(
	struct request *call, const char *error, size_t line, const char *message)
{
	call_finish_error(call, error, "line", json_integer((json_int_t)line), message);
}

void request_bad_parameter(struct request *call, const char *parameter)
{
	char message[256];

	snprintf(message, sizeof(message), "parameter \"%s\" is missing or not of its type",
		parameter);
	call_finish_error(call, CTL_ERR_PARAMETER, "parameter", json_string(parameter), message);
}

bool request_wants_more(const struct request *call)
{
	return call->more;
}

bool request_may_change(const struct request *call)
{
	return call->conn->may_change;
}

void request_on_cancel(
	struct request *call, void (*cancel)(struct request *call, void *data), void *data)
{
	call->cancel = cancel;
	call->data = data;
}

void request_peer(const struct request *call, pid_t *ret_pid, uid_t *ret_uid)
{
	*ret_pid = call->conn->peer.pid;
	*ret_uid = call->conn->peer.uid;
}

/* --- methods --- */

static void handle_get_info(struct request *call)
{
	request_reply(call, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "l2tpd",
				    "product", "l2tpd", "version", L2TPD_VERSION, "url", "",
				    "interfaces", "org.varlink.service", CTL_INTERFACE));
}

static void handle_get_description(struct request *call, const json_t *params)
{
	const char *name = json_string_value(json_object_get(params, "interface"));
	const char *idl = NULL;

	if (!name) {
		request_bad_parameter(call, "interface");
		return;
	}
	if (!strcmp(name, CTL_INTERFACE))
		idl = call->conn->server->idl;
	else if (!strcmp(name, "org.varlink.service"))
		idl = varlink_idl;
	if (idl)
		request_reply(call, json_pack("{s:s}", "description", idl));
	else
		call_finish_error(call, "org.varlink.service.InterfaceNotFound", "interface",
			json_string(name), "no such interface");
}

static void call_dispatch(struct request *call, const char *method, const json_t *params)
{
	const struct ctl_server *server = call->conn->server;
	const struct ctl_method *m;

	for (m = server->methods; m->name && strcmp(m->name, method); m++)
		;
	if (m->name && m->changes && !call->conn->may_change) {
		request_error(call, CTL_ERR_REFUSED,
			"only root and members of the control group may do that");
	} else if (m->name) {
		m->handle(call, params, server->user);
	} else if (!strcmp(method, "org.varlink.service.GetInfo")) {
		handle_get_info(call);
	} else if (!strcmp(method, "org.varlink.service.GetInterfaceDescription")) {
		handle_get_description(call, params);
	} else {
		call_finish_error(
			call, CTL_ERR_METHOD, "method", json_string(method), "no such method");
	}
}

/* What is wrong with a request's envelope: the name of the bad member, or NULL. */
static const char *request_problem(const json_t *request)
{
	static const char *const flags[] = { "more", "oneway", "upgrade" };
	const json_t *params = json_object_get(request, "parameters");
	size_t i;

	if (!json_is_string(json_object_get(request, "method")))
		return "method";
	if (params && !json_is_object(params) && !json_is_null(params))
		return "parameters";
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		const json_t *flag = json_object_get(request, flags[i]);

		if (flag && !json_is_boolean(flag) && !json_is_null(flag))
			return flags[i];
	}
	/* nothing here turns a connection into something else */
	return json_is_true(json_object_get(request, "upgrade")) ? "upgrade" : NULL;
}

static void ctl_conn_handle_message(struct ctl_conn *conn, const char *text, size_t len)
{
	struct request *call = calloc(1, sizeof(*call));
	const char *problem;
	json_t *request, *params, *empty;
	json_error_t error;

	if (!call) {
		ctl_conn_kill(conn);
		return;
	}
	call->conn = conn;
	conn->call = call;
	request = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(request)) {
		request_error(call, CTL_ERR_PARAMETER, "not a JSON object: %s",
			request ? "some other JSON value" : error.text);
		json_decref(request);
		return;
	}
	call->more = json_is_true(json_object_get(request, "more"));
	call->oneway = json_is_true(json_object_get(request, "oneway"));
	problem = request_problem(request);
	if (problem) {
		request_bad_parameter(call, problem);
		json_decref(request);
		return;
	}
	empty = json_object();
	params = json_object_get(request, "parameters");
	call_dispatch(call, json_string_value(json_object_get(request, "method")),
		json_is_object(params) ? params : empty);
	json_decref(empty);
	json_decref(request);
}

/* --- events of a connection --- */

/* Handle what is buffered, as far as the order of replies allows. */
static void ctl_conn_process(struct ctl_conn *conn)
{
	unsigned handled = 0;

	ctl_conn_flush(conn);
	while (!conn->dead && !conn->call && !buf_len(&conn->out)) {
		const char *text = conn->in.data ? conn->in.data + conn->in.start : NULL;
		size_t len = buf_len(&conn->in);
		const char *nul = len > conn->scanned
					  ? memchr(text + conn->scanned, 0, len - conn->scanned)
					  : NULL;

		if (!nul) {
			conn->scanned = len;
			/* half a message and an end: nobody waits for an answer */
			if (len > CTL_MAX_REQUEST || conn->eof)
				ctl_conn_kill(conn);
			break;
		}
		if (handled++ == CTL_CALLS_PER_TURN) {
			ctl_conn_arm_turn(conn);
			break;
		}
		len = (size_t)(nul - text);
		if (len > CTL_MAX_REQUEST) {
			ctl_conn_kill(conn);
			break;
		}
		ctl_conn_handle_message(conn, text, len);
		conn->scanned = 0;
		buf_consume(&conn->in, len + 1);
	}
	if (!conn->dead)
		ctl_conn_update_events(conn);
}

static void ctl_conn_read(struct ctl_conn *conn)
{
	ssize_t n;

	if (buf_reserve(&conn->in, CTL_READ_SIZE) < 0) {
		ctl_conn_kill(conn);
		return;
	}
	n = recv(conn->fd, conn->in.data + conn->in.end, CTL_READ_SIZE, MSG_DONTWAIT);
	if (n > 0)
		conn->in.end += (size_t)n;
	else if (n == 0)
		conn->eof = true;
	else if (errno != EAGAIN && errno != EINTR)
		ctl_conn_kill(conn);
}

static int ctl_conn_on_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct ctl_conn *conn = user;

	(void)source;
	(void)fd;
	if (revents & EPOLLIN)
		ctl_conn_read(conn);
	else if (revents & (EPOLLHUP | EPOLLERR))
		conn->dead = true; /* EPOLLHUP: closed for both directions */
	if (!conn->dead)
		ctl_conn_process(conn);
	if (conn->dead)
		ctl_conn_free(conn);
	return 0;
}

static int ctl_conn_on_turn(sd_event_source *source, void *user)
{
	struct ctl_conn *conn = user;

	(void)source;
	if (!conn->dead)
		ctl_conn_process(conn);
	if (conn->dead)
		ctl_conn_free(conn);
	return 0;
}

int ctl_conn_new(struct ctl_server *server, int fd, const struct ucred *peer, bool may_change)
{
	struct ctl_conn *conn = calloc(1, sizeof(*conn));
	int r;

	if (!conn)
		return -ENOMEM;
	conn->server = server;
	conn->fd = fd;
	conn->peer = *peer;
	conn->may_change = may_change;
	conn->events = EPOLLIN;
	r = sd_event_add_io(server->event, &conn->io, fd, conn->events, ctl_conn_on_io, conn);
	if (r >= 0)
		r = sd_event_add_defer(server->event, &conn->turn, ctl_conn_on_turn, conn);
	if (r >= 0)
		r = sd_event_source_set_enabled(conn->turn, SD_EVENT_OFF);
	if (r < 0) {
		sd_event_source_disable_unref(conn->io);
		sd_event_source_disable_unref(conn->turn);
		free(conn);
		return r;
	}
	sd_event_source_set_description(conn->io, "ctl-connection");
	TAILQ_INSERT_TAIL(&server->conns, conn, entry);
	server->conn_count++;
	return 0;
}
