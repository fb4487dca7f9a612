/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "thread.h"

/* Shared by the caller and the thread; the last one to let go frees it. */
struct resolve {
	pthread_mutex_t lock;
	unsigned refs;
	bool done;
	int fd;
	char *host;
	uint16_t port;
	int gai_error;
	struct addrinfo *list;
};

static void resolve_unref(struct resolve *resolve)
{
	bool last;

	pthread_mutex_lock(&resolve->lock);
	last = --resolve->refs == 0;
	pthread_mutex_unlock(&resolve->lock);
	if (!last)
		return;
	if (resolve->list)
		freeaddrinfo(resolve->list);
	close(resolve->fd);
	pthread_mutex_destroy(&resolve->lock);
	free(resolve->host);
	free(resolve);
}

static void *resolve_thread(void *arg)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG
	};
	struct resolve *resolve = arg;
	struct addrinfo *list = NULL;
	uint64_t one = 1;
	int error = getaddrinfo(resolve->host, NULL, &hints, &list);

	pthread_mutex_lock(&resolve->lock);
	resolve->gai_error = error;
	resolve->list = error ? NULL : list;
	resolve->done = true;
	pthread_mutex_unlock(&resolve->lock);
	if (write(resolve->fd, &one, sizeof(one)) < 0) {
		/* an eventfd with room for 2^64 events cannot be full */
	}
	resolve_unref(resolve);
	return NULL;
}

int resolve_start(const char *host, uint16_t port, struct resolve **ret)
{
	struct resolve *resolve = calloc(1, sizeof(*resolve));
	pthread_t thread;
	int r;

	if (!resolve)
		return -ENOMEM;
	resolve->host = strdup(host);
	resolve->port = port;
	resolve->refs = 2;
	resolve->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!resolve->host || resolve->fd < 0) {
		r = resolve->host ? -errno : -ENOMEM;
		if (resolve->fd >= 0)
			close(resolve->fd);
		free(resolve->host);
		free(resolve);
		return r;
	}
	pthread_mutex_init(&resolve->lock, NULL);
	r = thread_start(resolve_thread, resolve, "resolve", &thread);
	if (r < 0) {
		resolve->refs = 1;
		resolve_unref(resolve);
		return r;
	}
	pthread_detach(thread);
	*ret = resolve;
	return 0;
}

int resolve_fd(const struct resolve *resolve)
{
	return resolve->fd;
}

static int collect(const struct resolve *resolve, struct l2tp_addr **ret, size_t *ret_len)
{
	const struct addrinfo *ai;
	struct l2tp_addr *addrs;
	size_t n = 0;

	for (ai = resolve->list; ai; ai = ai->ai_next)
		n++;
	addrs = calloc(n ? n : 1, sizeof(*addrs));
	if (!addrs)
		return -ENOMEM;
	n = 0;
	for (ai = resolve->list; ai; ai = ai->ai_next) {
		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		memcpy(&addrs[n], ai->ai_addr, ai->ai_addrlen);
		l2tp_addr_set_port(&addrs[n], resolve->port);
		n++;
	}
	*ret = addrs;
	*ret_len = n;
	return 0;
}

int resolve_result(
	struct resolve *resolve, struct l2tp_addr **ret, size_t *ret_len, const char **ret_problem)
{
	int r = -EAGAIN;

	pthread_mutex_lock(&resolve->lock);
	if (resolve->done && resolve->gai_error) {
		*ret_problem = resolve->gai_error == EAI_SYSTEM ? "system error"
								: gai_strerror(resolve->gai_error);
		r = -EHOSTUNREACH;
	} else if (resolve->done) {
		r = collect(resolve, ret, ret_len);
	}
	pthread_mutex_unlock(&resolve->lock);
	return r;
}

void resolve_free(struct resolve *resolve)
{
	if (resolve)
		resolve_unref(resolve);
}
