/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <l2tp/types.h>

#include "base/buf.h"
#include "base/secret_file.h"
#include "packet.h"

#define RECEIVE_MAX 64 /* datagrams, before the clock is looked at */

struct radius_server {
	enum radius_kind kind;
	char *host, *secret, *nas_identifier, *nas_ip, *bindaddr;
	char port[6];
	unsigned timeout, retries;
	enum radius_demand demand;
	bool signs; /* it has sent a Message-Authenticator; atomic, as threads share it */
};

/* One request and what was heard meanwhile. */
struct exchange {
	struct radius_server *server;
	struct radius_packet request, answer;
	int fd;
	enum packet_fault fault; /* PACKET_GOOD: nothing was heard */
	int error;		 /* of the socket: an ICMP message */
	struct radius_outcome *outcome;
};

static char *copy(const char *text, bool *bad)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		*bad = true;
	return copy;
}

int radius_server_open(const struct radius_file *file, enum radius_kind kind, size_t index,
	struct radius_server **ret)
{
	const struct radius_address *address =
		kind == RADIUS_AUTH ? &file->auth[index] : &file->acct[index];
	struct radius_server *server = calloc(1, sizeof(*server));
	unsigned port = kind == RADIUS_AUTH ? RADIUS_AUTH_PORT : RADIUS_ACCT_PORT;
	bool bad = false;

	if (!server)
		return -ENOMEM;
	server->kind = kind;
	server->host = copy(address->host, &bad);
	server->secret = copy(address->secret, &bad);
	server->nas_identifier = copy(file->nas_identifier, &bad);
	server->nas_ip = copy(file->nas_ip, &bad);
	server->bindaddr = copy(file->bindaddr, &bad);
	snprintf(server->port, sizeof(server->port), "%hu",
		(unsigned short)(address->port ? address->port : port));
	server->timeout = file->timeout;
	server->retries = file->retries;
	server->demand = file->demand;
	if (bad) {
		radius_server_free(server);
		return -ENOMEM;
	}
	*ret = server;
	return 0;
}

void radius_server_free(struct radius_server *server)
{
	if (!server)
		return;
	secret_free(server->secret);
	free(server->host);
	free(server->nas_identifier);
	free(server->nas_ip);
	free(server->bindaddr);
	free(server);
}

/* "RADIUS server NAME" before what is said of it */
static void say(const struct exchange *x, enum radius_verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void say(const struct exchange *x, enum radius_verdict verdict, const char *fmt, ...)
{
	struct radius_outcome *outcome = x->outcome;
	int n = snprintf(outcome->text, sizeof(outcome->text), "RADIUS server %.200s port %s ",
		x->server->host, x->server->port);
	va_list args;

	outcome->verdict = verdict;
	va_start(args, fmt);
	vsnprintf(outcome->text + n, sizeof(outcome->text) - (size_t)n, fmt, args);
	va_end(args);
}

/* --- socket -------------------------------------------------------------------------- */

static int bind_to(int fd, const char *address, int family)
{
	struct addrinfo hints = { .ai_family = family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_PASSIVE };
	struct addrinfo *list;
	int r;

	/* of the other family: not for this server */
	if (getaddrinfo(address, NULL, &hints, &list) != 0)
		return 0;
	r = bind(fd, list->ai_addr, list->ai_addrlen);
	freeaddrinfo(list);
	return r;
}

/* Connected: the kernel drops what others send. */
static bool open_socket(struct exchange *x)
{
	const struct radius_server *server = x->server;
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG
	};
	struct addrinfo *list, *ai;
	int error = getaddrinfo(server->host, server->port, &hints, &list);

	if (error) {
		say(x, RADIUS_FAILED, "cannot be found: %s",
			error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
		return false;
	}
	for (ai = list; ai; ai = ai->ai_next) {
		x->fd = socket(ai->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (x->fd < 0)
			continue;
		if ((!server->bindaddr || bind_to(x->fd, server->bindaddr, ai->ai_family) == 0) &&
			connect(x->fd, ai->ai_addr, ai->ai_addrlen) == 0)
			break;
		error = errno;
		close(x->fd);
		x->fd = -1;
		errno = error;
	}
	error = errno;
	freeaddrinfo(list);
	if (x->fd < 0)
		say(x, RADIUS_FAILED, "cannot be reached: %s", strerror(error));
	return x->fd >= 0;
}

/* --- request ------------------------------------------------------------------------- */

/* RFC 2865 5.4, RFC 3162 2.1: who asks */
static void put_nas(struct buf_wr *wr, const struct exchange *x)
{
	const struct radius_server *server = x->server;
	struct l2tp_addr local = { 0 };
	socklen_t size = sizeof(local);
	size_t len = server->nas_identifier ? strlen(server->nas_identifier) : 0;

	if (server->nas_ip)
		l2tp_addr_parse(server->nas_ip, 0, &local);
	else if (getsockname(x->fd, &local.sa, &size) < 0)
		local.sa.sa_family = AF_UNSPEC;
	if (local.sa.sa_family == AF_INET) {
		buf_wr_u8(wr, RADIUS_NAS_IP_ADDRESS);
		buf_wr_u8(wr, 6);
		buf_wr_bytes(wr, &local.in.sin_addr, 4);
	} else if (local.sa.sa_family == AF_INET6) {
		buf_wr_u8(wr, RADIUS_NAS_IPV6_ADDRESS);
		buf_wr_u8(wr, 18);
		buf_wr_bytes(wr, &local.in6.sin6_addr, 16);
	}
	if (len > RADIUS_VALUE_MAX)
		len = RADIUS_VALUE_MAX;
	if (!len)
		return;
	buf_wr_u8(wr, RADIUS_NAS_IDENTIFIER);
	buf_wr_u8(wr, (uint8_t)(len + 2));
	buf_wr_bytes(wr, server->nas_identifier, len);
}

static bool build(struct exchange *x, const uint8_t *attrs, size_t len, uint32_t delay)
{
	uint8_t all[RADIUS_PACKET_MAX], random[RADIUS_VECTOR_LEN + 1];
	bool auth = x->server->kind == RADIUS_AUTH;
	struct buf_wr wr;
	int r = -EMSGSIZE;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
		say(x, RADIUS_FAILED, "cannot be asked: %s", strerror(errno));
		return false;
	}
	buf_wr_init(&wr, all, sizeof(all));
	buf_wr_bytes(&wr, attrs, len);
	put_nas(&wr, x);
	if (!auth) {
		buf_wr_u8(&wr, RADIUS_ACCT_DELAY_TIME);
		buf_wr_u8(&wr, 6);
		buf_wr_u32(&wr, delay);
	}
	if (!wr.bad)
		r = packet_build(&x->request,
			auth ? RADIUS_ACCESS_REQUEST : RADIUS_ACCOUNTING_REQUEST,
			random[RADIUS_VECTOR_LEN], random, all, wr.pos, x->server->secret);
	explicit_bzero(all, sizeof(all));
	if (r < 0)
		say(x, RADIUS_FAILED, "cannot be asked: %s", strerror(-r));
	return r == 0;
}

/* --- answer -------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* May it be taken for the answer? */
static bool is_good(struct exchange *x)
{
	struct radius_server *server = x->server;
	enum packet_fault fault = packet_check(&x->answer, &x->request, server->secret);
	bool demand = server->demand == RADIUS_DEMAND_YES ||
		      (server->demand == RADIUS_DEMAND_AUTO &&
			      __atomic_load_n(&server->signs, __ATOMIC_RELAXED));

	if (fault == PACKET_UNSIGNED && !demand)
		return true;
	if (fault == PACKET_GOOD && server->kind == RADIUS_AUTH)
		__atomic_store_n(&server->signs, true, __ATOMIC_RELAXED);
	x->fault = fault;
	return fault == PACKET_GOOD;
}

/* What is there now; true: the answer. */
static bool receive(struct exchange *x)
{
	ssize_t n = 0;

	for (unsigned i = 0; n >= 0 && i < RECEIVE_MAX; i++) {
		n = recv(x->fd, x->answer.data, sizeof(x->answer.data), 0);
		if (n < 0)
			break;
		x->answer.len = (size_t)n;
		if (is_good(x))
			return true;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		x->error = errno;
	return false;
}

/* One packet and its time. */
static bool try_once(struct exchange *x)
{
	int64_t end = now_ms() + (int64_t)x->server->timeout * 1000, left;
	struct pollfd pfd = { .fd = x->fd, .events = POLLIN };

	if (send(x->fd, x->request.data, x->request.len, 0) < 0)
		x->error = errno;
	while ((left = end - now_ms()) > 0) {
		if (poll(&pfd, 1, (int)left) > 0 && receive(x))
			return true;
	}
	return false;
}

static bool is_answered(struct exchange *x)
{
	for (unsigned tries = 0; tries <= x->server->retries; tries++) {
		if (try_once(x))
			return true;
	}
	switch (x->fault) {
	case PACKET_GOOD:
		say(x, RADIUS_UNANSWERED, "does not answer%s%s", x->error ? ": " : "",
			x->error ? strerror(x->error) : "");
		break;
	case PACKET_ODD:
		say(x, RADIUS_UNANSWERED, "does not answer, but sends something else");
		break;
	case PACKET_UNPROVEN:
		say(x, RADIUS_UNANSWERED,
			"answers, but not with our secret: is it the same there?");
		break;
	case PACKET_UNSIGNED:
		say(x, RADIUS_UNANSWERED,
			"answers without a Message-Authenticator, so somebody on the way can have "
			"changed what it says (CVE-2024-3596): have it send one always, or write "
			"'require-message-authenticator no'");
		break;
	}
	return false;
}

static void read_answer(struct exchange *x, struct radius_reply *ret)
{
	size_t len;
	const uint8_t *attrs = packet_attrs(&x->answer, &len);
	int r = radius_reply_read(ret, attrs, len, x->server->secret, packet_vector(&x->request));

	if (r < 0) {
		say(x, RADIUS_FAILED, "gives an answer that cannot be read: %s", strerror(-r));
		return;
	}
	switch (x->answer.data[0]) {
	case RADIUS_ACCESS_REJECT:
		say(x, RADIUS_REJECTED, "rejects the login%s%s", *ret->message ? ": " : "",
			ret->message);
		break;
	case RADIUS_ACCESS_CHALLENGE:
		say(x, RADIUS_REJECTED,
			"wants to ask the user something more, which cannot be done here");
		break;
	default:
		say(x, RADIUS_ACCEPTED, "accepts the login");
		break;
	}
	/* where it named tunnels the call goes nowhere else */
	if (x->outcome->verdict == RADIUS_ACCEPTED && ret->unusable && !ret->tunnel_count)
		say(x, RADIUS_FAILED, "accepts the login, but names no tunnel of use: %s",
			ret->problem);
}

void radius_server_ask(struct radius_server *server, const uint8_t *attrs, size_t len,
	uint32_t delay, struct radius_reply *ret_reply, struct radius_outcome *ret)
{
	struct exchange x = { .server = server, .fd = -1, .outcome = ret };

	*ret_reply = (struct radius_reply){ 0 };
	if (open_socket(&x) && build(&x, attrs, len, delay) && is_answered(&x)) {
		if (server->kind == RADIUS_AUTH)
			read_answer(&x, ret_reply);
		else
			say(&x, RADIUS_ACCEPTED, "has taken the record");
	}
	if (x.fd >= 0)
		close(x.fd);
	explicit_bzero(&x.answer, sizeof(x.answer));
}
