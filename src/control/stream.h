/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages over one connected stream socket: bytes up to a NUL each way, as varlink has them. What
 * a message says is the owner's business. Runs in an sd-event loop and never blocks.
 *
 * Only the stream's own event handlers and stream_free() end it. What goes wrong while something is
 * sent marks it dead, and it ends in its own turn: so an owner may walk a list of streams and send
 * to each.
 */
#ifndef CONTROL_STREAM_H
#define CONTROL_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

struct stream;

/* What the owner does; user is the one of stream_new(). */
struct stream_owner {
	/* One message without its NUL, of at most CTL_MAX_REQUEST bytes. */
	void (*message)(void *user, const char *text, size_t len);
	/* The stream ends: nothing is to be done to it any more. */
	void (*gone)(void *user);
};

/* Serve the connected socket fd; it is the stream's on success only. 0 or -errno. */
int stream_new(
	sd_event *event, int fd, const struct stream_owner *owner, void *user, struct stream **ret);
/* Closes the socket; owner->gone() is called. */
void stream_free(struct stream *stream);

/* Hold messages back, while one is being answered. They come in order, none is lost. */
void stream_hold(struct stream *stream, bool hold);
/* Queue len bytes, a NUL among them, and send what the socket takes. */
void stream_send(struct stream *stream, const char *data, size_t len);
/* Send what the socket takes of what is queued. */
void stream_flush(struct stream *stream);
/* Bytes that the other side has not taken yet. */
size_t stream_unread(const struct stream *stream);
/* Of no use any more: it ends in its own turn. */
void stream_kill(struct stream *stream);
bool stream_is_dead(const struct stream *stream);

#endif
