/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client_channel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>

/* A call that has not got its last reply. */
struct pending {
	STAILQ_ENTRY(pending) entry;
	ctl_channel_reply *reply;
	void *user;
};

struct ctl_channel {
	struct ctl_client *client;
	sd_event_source *io;
	sd_event_source *failed; /* runs once when armed: sending failed, and that is told later */
	int error;
	STAILQ_HEAD(, pending) pending;
	ctl_channel_lost *lost;
	void *user;
	bool busy;   /* in a callback: */
	bool doomed; /* it is freed after that */
};

static void channel_destroy(struct ctl_channel *channel)
{
	struct pending *pending;

	while ((pending = STAILQ_FIRST(&channel->pending))) {
		STAILQ_REMOVE_HEAD(&channel->pending, entry);
		free(pending);
	}
	sd_event_source_disable_unref(channel->io);
	sd_event_source_disable_unref(channel->failed);
	ctl_client_free(channel->client);
	free(channel);
}

void ctl_channel_free(struct ctl_channel *channel)
{
	if (!channel)
		return;
	if (channel->busy)
		channel->doomed = true;
	else
		channel_destroy(channel);
}

/* The last thing that is told; the channel may be gone after this. */
static void channel_lost(struct ctl_channel *channel, int error)
{
	sd_event_source_set_enabled(channel->io, SD_EVENT_OFF);
	sd_event_source_set_enabled(channel->failed, SD_EVENT_OFF);
	channel->error = error;
	channel->busy = true;
	channel->lost(channel, error, channel->user);
	channel->busy = false;
	if (channel->doomed)
		channel_destroy(channel);
}

/* False: the channel is gone. */
static bool hand_out(struct ctl_channel *channel, struct ctl_reply *reply)
{
	struct pending *pending = STAILQ_FIRST(&channel->pending);
	ctl_channel_reply *tell = pending->reply;
	void *user = pending->user;

	if (!reply->continues) {
		STAILQ_REMOVE_HEAD(&channel->pending, entry);
		free(pending);
	}
	channel->busy = true;
	tell(channel, reply, user);
	channel->busy = false;
	ctl_reply_clear(reply);
	if (!channel->doomed)
		return true;
	channel_destroy(channel);
	return false;
}

/* 0 or -errno: wait for output as long as some is kept. */
static int flush(struct ctl_channel *channel)
{
	int r = ctl_client_flush(channel->client);

	if (r < 0)
		return r;
	return sd_event_source_set_io_events(channel->io, r > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static int channel_on_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct ctl_channel *channel = user;
	struct ctl_reply reply;
	int r;

	r = revents & EPOLLOUT ? flush(channel) : 0;
	while (r >= 0) {
		r = ctl_client_receive(channel->client, false, &reply);
		if (r == 0)
			return 0;
		if (r > 0 && STAILQ_EMPTY(&channel->pending)) {
			ctl_reply_clear(&reply);
			r = -EBADMSG; /* nobody asked */
		}
		if (r > 0 && !hand_out(channel, &reply))
			return 0;
	}
	channel_lost(channel, r);
	return 0;
}

static int channel_on_failed(sd_event_source *source, void *user)
{
	struct ctl_channel *channel = user;

	channel_lost(channel, channel->error);
	return 0;
}

int ctl_channel_new(sd_event *event, const char *path, ctl_channel_lost *lost, void *user,
	struct ctl_channel **ret)
{
	struct ctl_channel *channel = calloc(1, sizeof(*channel));
	int r;

	if (!channel)
		return -ENOMEM;
	STAILQ_INIT(&channel->pending);
	channel->lost = lost;
	channel->user = user;
	r = ctl_client_open(path, &channel->client);
	if (r == 0)
		r = sd_event_add_io(event, &channel->io, ctl_client_fd(channel->client), EPOLLIN,
			channel_on_io, channel);
	if (r >= 0)
		r = sd_event_add_defer(event, &channel->failed, channel_on_failed, channel);
	if (r >= 0)
		r = sd_event_source_set_enabled(channel->failed, SD_EVENT_OFF);
	if (r < 0) {
		channel_destroy(channel);
		return r;
	}
	*ret = channel;
	return 0;
}

int ctl_channel_call(struct ctl_channel *channel, const char *method, json_t *params, bool more,
	ctl_channel_reply *reply, void *user)
{
	struct pending *pending = channel->error ? NULL : calloc(1, sizeof(*pending));
	int r;

	if (!pending) {
		json_decref(params);
		return channel->error ? channel->error : -ENOMEM;
	}
	r = ctl_client_queue(channel->client, method, params, more);
	if (r == -ENOMEM) {
		free(pending);
		return r;
	}
	*pending = (struct pending){ .reply = reply, .user = user };
	STAILQ_INSERT_TAIL(&channel->pending, pending, entry);
	if (r > 0)
		r = sd_event_source_set_io_events(channel->io, EPOLLIN | EPOLLOUT);
	if (r >= 0)
		return 0;
	/* told from the loop: the caller is in the middle of something */
	channel->error = r;
	sd_event_source_set_enabled(channel->failed, SD_EVENT_ONESHOT);
	return 0;
}
