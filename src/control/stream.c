/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

/* Messages of one client that are handled before others get their turn. */
#define MESSAGES_PER_TURN 16
#define READ_SIZE	  16384u

struct buffer {
	char *data;
	size_t start, end; /* valid bytes */
	size_t size;
};

struct stream {
	int fd;
	sd_event_source *io;
	sd_event_source *turn; /* runs once when armed: handle what is buffered, or end if dead */
	uint32_t events;       /* that io waits for */
	const struct stream_owner *owner;
	void *user;
	bool held;
	bool eof; /* the client sends no more, but may still read */
	bool dead;
	struct buffer in, out;
	size_t scanned; /* bytes of in without a NUL */
};

/* --- buffers --- */

static size_t buf_len(const struct buffer *buf)
{
	return buf->end - buf->start;
}

/* Room for need more bytes after end; 0 or -ENOMEM. */
static int buf_reserve(struct buffer *buf, size_t need)
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

static void buf_clear(struct buffer *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->end);
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

/* Consumed bytes are wiped: requests may hold secrets. */
static void buf_consume(struct buffer *buf, size_t len)
{
	explicit_bzero(buf->data + buf->start, len);
	buf->start += len;
	if (buf->start < buf->end)
		return;
	/* an idle connection keeps no memory of a big message */
	if (buf->size > 4 * READ_SIZE)
		buf_clear(buf);
	buf->start = buf->end = 0;
}

/* --- sending --- */

static void arm_turn(struct stream *stream)
{
	sd_event_source_set_enabled(stream->turn, SD_EVENT_ONESHOT);
}

void stream_kill(struct stream *stream)
{
	stream->dead = true;
	arm_turn(stream);
}

bool stream_is_dead(const struct stream *stream)
{
	return stream->dead;
}

/* Wait for what can be used now: who is owed an answer, or has not read the last one, has to wait.
 */
static void update_events(struct stream *stream)
{
	uint32_t events = 0;

	if (buf_len(&stream->out))
		events = EPOLLOUT;
	else if (!stream->held && !stream->eof)
		events = EPOLLIN;
	if (events == stream->events)
		return;
	if (sd_event_source_set_io_events(stream->io, events) < 0)
		stream_kill(stream);
	else
		stream->events = events;
}

void stream_flush(struct stream *stream)
{
	while (!stream->dead && buf_len(&stream->out)) {
		ssize_t n = send(stream->fd, stream->out.data + stream->out.start,
			buf_len(&stream->out), MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n >= 0) {
			buf_consume(&stream->out, (size_t)n);
		} else if (errno == EAGAIN) {
			break;
		} else if (errno != EINTR) {
			stream_kill(stream);
		}
	}
}

void stream_send(struct stream *stream, const char *data, size_t len)
{
	if (stream->dead)
		return;
	if (buf_reserve(&stream->out, len) < 0) {
		stream_kill(stream);
		return;
	}
	memcpy(stream->out.data + stream->out.end, data, len);
	stream->out.end += len;
	stream_flush(stream);
	if (!stream->dead && buf_len(&stream->out))
		update_events(stream);
}

size_t stream_unread(const struct stream *stream)
{
	return buf_len(&stream->out);
}

void stream_hold(struct stream *stream, bool hold)
{
	stream->held = hold;
	if (!hold)
		arm_turn(stream); /* there may be the next message in the buffer */
}

/* --- receiving --- */

/* Handle what is buffered, as far as the order of answers allows. */
static void process(struct stream *stream)
{
	unsigned handled = 0;

	stream_flush(stream);
	while (!stream->dead && !stream->held && !buf_len(&stream->out)) {
		const char *text = stream->in.data ? stream->in.data + stream->in.start : NULL;
		size_t len = buf_len(&stream->in);
		const char *nul = len > stream->scanned
					  ? memchr(text + stream->scanned, 0, len - stream->scanned)
					  : NULL;

		if (!nul) {
			stream->scanned = len;
			/* half a message and an end: nobody waits for an answer */
			if (len > CTL_MAX_REQUEST || stream->eof)
				stream_kill(stream);
			break;
		}
		if (handled++ == MESSAGES_PER_TURN) {
			arm_turn(stream);
			break;
		}
		len = (size_t)(nul - text);
		if (len > CTL_MAX_REQUEST) {
			stream_kill(stream);
			break;
		}
		stream->owner->message(stream->user, text, len);
		stream->scanned = 0;
		buf_consume(&stream->in, len + 1);
	}
	if (!stream->dead)
		update_events(stream);
}

static void receive(struct stream *stream)
{
	ssize_t n;

	if (buf_reserve(&stream->in, READ_SIZE) < 0) {
		stream_kill(stream);
		return;
	}
	n = recv(stream->fd, stream->in.data + stream->in.end, READ_SIZE, MSG_DONTWAIT);
	if (n > 0)
		stream->in.end += (size_t)n;
	else if (n == 0)
		stream->eof = true;
	else if (errno != EAGAIN && errno != EINTR)
		stream_kill(stream);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct stream *stream = user;

	if (revents & EPOLLIN)
		receive(stream);
	else if (revents & (EPOLLHUP | EPOLLERR))
		stream->dead = true; /* EPOLLHUP: closed for both directions */
	if (!stream->dead)
		process(stream);
	if (stream->dead)
		stream_free(stream);
	return 0;
}

static int on_turn(sd_event_source *source, void *user)
{
	struct stream *stream = user;

	if (!stream->dead)
		process(stream);
	if (stream->dead)
		stream_free(stream);
	return 0;
}

int stream_new(
	sd_event *event, int fd, const struct stream_owner *owner, void *user, struct stream **ret)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	int r;

	if (!stream)
		return -ENOMEM;
	stream->fd = fd;
	stream->owner = owner;
	stream->user = user;
	stream->events = EPOLLIN;
	r = sd_event_add_io(event, &stream->io, fd, stream->events, on_io, stream);
	if (r >= 0)
		r = sd_event_add_defer(event, &stream->turn, on_turn, stream);
	if (r >= 0)
		r = sd_event_source_set_enabled(stream->turn, SD_EVENT_OFF);
	if (r < 0) {
		sd_event_source_disable_unref(stream->io);
		sd_event_source_disable_unref(stream->turn);
		free(stream);
		return r;
	}
	sd_event_source_set_description(stream->io, "control-stream");
	*ret = stream;
	return 0;
}

void stream_free(struct stream *stream)
{
	stream->owner->gone(stream->user);
	sd_event_source_disable_unref(stream->io);
	sd_event_source_disable_unref(stream->turn);
	close(stream->fd);
	buf_clear(&stream->in);
	buf_clear(&stream->out);
	free(stream);
}
