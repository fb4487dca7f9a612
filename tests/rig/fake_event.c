/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_event.h"
#include "rig_alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "fake_priv.h"

enum kind { KIND_IO, KIND_TIME, KIND_POST, KIND_DEFER, KIND_CHILD, KIND_SIGNAL };

struct sd_event_source {
	TAILQ_ENTRY(sd_event_source) entry;
	struct sd_event *event;
	enum kind kind;
	unsigned refs;
	bool floating, pending;
	bool watched; /* in the loop's epoll */
	int enabled;
	int64_t priority;
	void *user;
	int fd;
	uint32_t events, ready;
	usec_t time;
	siginfo_t info;
	union {
		sd_event_io_handler_t io;
		sd_event_time_handler_t time;
		sd_event_handler_t plain;
		sd_event_child_handler_t child;
		sd_event_signal_handler_t signal;
	} handler;
};

struct sd_event {
	unsigned refs;
	int epoll; /* of all descriptors that are watched now */
	TAILQ_HEAD(source_list, sd_event_source) ios, others;
	bool exited;
	int exit_code;
};

usec_t fake_now = 1000 * USEC_PER_SEC;
unsigned fake_event_fail_every;

static bool fails(void)
{
	static unsigned count;

	return fake_event_fail_every && ++count % fake_event_fail_every == 0;
}

/* --- the loop --- */

int sd_event_new(sd_event **ret)
{
	sd_event *event = calloc(1, sizeof(*event));

	assert(event);
	event->refs = 1;
	event->epoll = epoll_create1(EPOLL_CLOEXEC);
	assert(event->epoll >= 0);
	TAILQ_INIT(&event->ios);
	TAILQ_INIT(&event->others);
	*ret = event;
	return 0;
}

int sd_event_default(sd_event **ret)
{
	return sd_event_new(ret);
}

sd_event *sd_event_ref(sd_event *event)
{
	event->refs++;
	return event;
}

static struct source_list *list_of(sd_event *event, enum kind kind)
{
	return kind == KIND_IO ? &event->ios : &event->others;
}

static void source_free(sd_event_source *source)
{
	TAILQ_REMOVE(list_of(source->event, source->kind), source, entry);
	free(source);
}

/* epoll watches it if it is enabled. A descriptor may be closed already. */
static void watch_io(sd_event_source *source)
{
	struct epoll_event ev = { .events = source->events, .data.ptr = source };
	bool wanted = source->enabled != SD_EVENT_OFF;
	int op = !wanted ? EPOLL_CTL_DEL : source->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (source->kind != KIND_IO || (!wanted && !source->watched))
		return;
	source->watched = epoll_ctl(source->event->epoll, op, source->fd, &ev) == 0 && wanted;
}

sd_event *sd_event_unref(sd_event *event)
{
	if (!event || --event->refs > 0)
		return NULL;
	assert(TAILQ_EMPTY(&event->ios));
	while (!TAILQ_EMPTY(&event->others)) {
		assert(TAILQ_FIRST(&event->others)->floating);
		source_free(TAILQ_FIRST(&event->others));
	}
	close(event->epoll);
	free(event);
	return NULL;
}

int sd_event_now(sd_event *event, clockid_t clock, uint64_t *ret)
{
	*ret = fake_now;
	return 0;
}

int sd_event_exit(sd_event *event, int code)
{
	event->exited = true;
	event->exit_code = code;
	return 0;
}

int sd_event_set_watchdog(sd_event *event, int on)
{
	return 0;
}

int sd_notify(int unset, const char *state)
{
	return 0;
}

/* --- sources --- */

static int add(sd_event *event, sd_event_source **ret, enum kind kind, int enabled, void *user,
	sd_event_source **ret_new)
{
	sd_event_source *source;

	if (fails())
		return -ENOMEM;
	source = calloc(1, sizeof(*source));
	assert(source);
	source->event = event;
	source->kind = kind;
	source->enabled = enabled;
	source->user = user;
	source->refs = 1;
	source->floating = !ret;
	source->fd = -1;
	TAILQ_INSERT_TAIL(list_of(event, kind), source, entry);
	if (ret)
		*ret = source;
	*ret_new = source;
	return 0;
}

int sd_event_add_io(sd_event *event, sd_event_source **ret, int fd, uint32_t events,
	sd_event_io_handler_t handler, void *user)
{
	sd_event_source *source;
	int r = add(event, ret, KIND_IO, SD_EVENT_ON, user, &source);

	if (r < 0)
		return r;
	source->fd = fd;
	source->events = events;
	source->handler.io = handler;
	watch_io(source);
	return 0;
}

int sd_event_add_time(sd_event *event, sd_event_source **ret, clockid_t clock, uint64_t usec,
	uint64_t accuracy, sd_event_time_handler_t handler, void *user)
{
	sd_event_source *source;
	int r = add(event, ret, KIND_TIME, SD_EVENT_ONESHOT, user, &source);

	if (r < 0)
		return r;
	source->time = usec;
	source->handler.time = handler;
	return 0;
}

int sd_event_add_time_relative(sd_event *event, sd_event_source **ret, clockid_t clock,
	uint64_t usec, uint64_t accuracy, sd_event_time_handler_t handler, void *user)
{
	return sd_event_add_time(event, ret, clock, fake_now + usec, accuracy, handler, user);
}

static int add_plain(sd_event *event, sd_event_source **ret, enum kind kind, int enabled,
	sd_event_handler_t handler, void *user)
{
	sd_event_source *source;
	int r = add(event, ret, kind, enabled, user, &source);

	if (r < 0)
		return r;
	source->pending = kind == KIND_DEFER;
	source->handler.plain = handler;
	return 0;
}

int sd_event_add_post(
	sd_event *event, sd_event_source **ret, sd_event_handler_t handler, void *user)
{
	return add_plain(event, ret, KIND_POST, SD_EVENT_ON, handler, user);
}

int sd_event_add_defer(
	sd_event *event, sd_event_source **ret, sd_event_handler_t handler, void *user)
{
	return add_plain(event, ret, KIND_DEFER, SD_EVENT_ONESHOT, handler, user);
}

int sd_event_add_child(sd_event *event, sd_event_source **ret, pid_t pid, int options,
	sd_event_child_handler_t handler, void *user)
{
	sd_event_source *source;
	int r = add(event, ret, KIND_CHILD, SD_EVENT_ONESHOT, user, &source);

	if (r < 0)
		return r;
	source->info.si_pid = pid;
	source->handler.child = handler;
	return 0;
}

int sd_event_source_set_enabled(sd_event_source *source, int enabled)
{
	if (!source)
		return 0;
	if (source->kind == KIND_DEFER && enabled != SD_EVENT_OFF)
		source->pending = true;
	source->enabled = enabled;
	watch_io(source);
	return 0;
}

int sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
	source->time = usec;
	return 0;
}

int sd_event_source_get_time(sd_event_source *source, uint64_t *ret)
{
	*ret = source->time;
	return 0;
}

int sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
	source->time = fake_now + usec;
	return 0;
}

int sd_event_source_set_priority(sd_event_source *source, int64_t priority)
{
	source->priority = priority;
	return 0;
}

int sd_event_source_set_io_events(sd_event_source *source, uint32_t events)
{
	source->events = events;
	watch_io(source);
	return 0;
}

int sd_event_source_set_description(sd_event_source *source, const char *description)
{
	return 0;
}

int sd_event_source_set_ratelimit(sd_event_source *source, uint64_t interval, unsigned burst)
{
	return 0;
}

sd_event_source *sd_event_source_unref(sd_event_source *source)
{
	if (source && --source->refs == 0)
		source_free(source);
	return NULL;
}

sd_event_source *sd_event_source_disable_unref(sd_event_source *source)
{
	if (source) {
		source->enabled = SD_EVENT_OFF;
		watch_io(source);
	}
	return sd_event_source_unref(source);
}

/* --- dispatching --- */

static bool is_ready(const sd_event_source *source)
{
	if (source->enabled == SD_EVENT_OFF)
		return false;
	switch (source->kind) {
	case KIND_TIME:
		return source->time <= fake_now;
	case KIND_IO:
	case KIND_POST:
	case KIND_DEFER:
	case KIND_CHILD:
	case KIND_SIGNAL:
		return source->pending;
	}
	return false;
}

/* Timers due go in order of time, the rest in order of priority and age. */
static bool goes_first(const sd_event_source *a, const sd_event_source *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	if (a->kind == KIND_TIME && b->kind == KIND_TIME)
		return a->time < b->time;
	return false;
}

usec_t fake_longest;
static usec_t turn;
static unsigned elsewhere;
static bool in_handler;

void fake_charge(usec_t time)
{
	if (elsewhere || !in_handler)
		return;
	turn += time;
	if (turn > fake_longest)
		fake_longest = turn;
}

void fake_elsewhere(bool begins)
{
	elsewhere += begins ? 1 : -1u;
}

static void call_handler(sd_event_source *source)
{
	if (source->kind != KIND_POST)
		turn = 0;
	switch (source->kind) {
	case KIND_IO:
		source->handler.io(source, source->fd, source->ready, source->user);
		break;
	case KIND_TIME:
		source->handler.time(source, source->time, source->user);
		break;
	case KIND_POST:
	case KIND_DEFER:
		source->handler.plain(source, source->user);
		break;
	case KIND_CHILD:
		source->handler.child(source, &source->info, source->user);
		break;
	case KIND_SIGNAL:
		break;
	}
}

/* The first descriptor that is ready; NULL: none. */
static sd_event_source *ready_io(sd_event *event)
{
	struct epoll_event ev;
	sd_event_source *source;

	if (epoll_wait(event->epoll, &ev, 1, 0) != 1)
		return NULL;
	source = ev.data.ptr;
	source->ready = ev.events;
	return source;
}

bool fake_event_step(sd_event *event)
{
	sd_event_source *source, *best = ready_io(event);

	TAILQ_FOREACH (source, &event->others, entry)
		if (is_ready(source) && (!best || goes_first(source, best)))
			best = source;
	if (!best)
		return false;
	if (best->enabled == SD_EVENT_ONESHOT)
		best->enabled = SD_EVENT_OFF;
	best->pending = false;
	best->refs++;
	if (best->kind != KIND_POST)
		TAILQ_FOREACH (source, &event->others, entry)
			if (source->kind == KIND_POST)
				source->pending = true;
	in_handler = true;
	call_handler(best);
	in_handler = false;
	sd_event_source_unref(best);
	return true;
}

usec_t fake_event_next(const sd_event *event)
{
	const sd_event_source *source;
	usec_t next = USEC_INFINITY;

	TAILQ_FOREACH (source, &event->others, entry)
		if (source->kind == KIND_TIME && source->enabled != SD_EVENT_OFF &&
			source->time < next)
			next = source->time;
	return next;
}

bool fake_event_exited(const sd_event *event, int *ret_code)
{
	*ret_code = event->exit_code;
	return event->exited;
}

bool fake_event_child(sd_event *event, pid_t pid, int code, int status)
{
	sd_event_source *source;

	TAILQ_FOREACH (source, &event->others, entry) {
		if (source->kind != KIND_CHILD || source->info.si_pid != pid)
			continue;
		source->info.si_code = code;
		source->info.si_status = status;
		source->pending = true;
		return true;
	}
	return false;
}

bool fake_event_has_child(const sd_event *event, pid_t pid)
{
	const sd_event_source *source;

	TAILQ_FOREACH (source, &event->others, entry)
		if (source->kind == KIND_CHILD && source->info.si_pid == pid)
			return true;
	return false;
}

bool fake_event_child_waits(const sd_event *event, pid_t pid)
{
	const sd_event_source *source;

	TAILQ_FOREACH (source, &event->others, entry)
		if (source->kind == KIND_CHILD && source->info.si_pid == pid && source->pending)
			return true;
	return false;
}

unsigned fake_event_sources(const sd_event *event)
{
	const sd_event_source *source;
	unsigned count = 0;

	TAILQ_FOREACH (source, &event->ios, entry)
		count++;
	TAILQ_FOREACH (source, &event->others, entry)
		count++;
	return count;
}
