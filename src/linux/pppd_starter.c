/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that starts pppds. */
#include "pppd_starter.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pppd.h"
#include "pppd_ready.h"
#include "thread.h"

#define SLOTS_MAX    16
#define ANSWER_MS    10000 /* of a ready-made pppd, on a machine that has much to do */
#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000

/* One list of plugins, and the pppd that waits with them. */
struct slot {
	char *program;
	struct pppd_plugins plugins;
	struct pppd_ready *ready; /* NULL: there is none now */
	int64_t retry_at, retry_ms;
	bool keep; /* while the list of wanted ones is compared */
};

enum job_kind { JOB_START, JOB_KEEP };

/* Job and result in one, so that a job that was taken can always be answered. */
struct start_job {
	STAILQ_ENTRY(start_job) entry;
	enum job_kind kind;
	char *program;
	struct pppd_plugins lists[SLOTS_MAX]; /* JOB_START: the first */
	size_t n_lists;
	int channel_fd, options_fd, event_fd, log_fd, nice;
	struct pppd_result result;
};
STAILQ_HEAD(start_jobs, start_job);

struct pppd_starter {
	int fd;	     /* eventfd, readable while done is not empty */
	int wake_fd; /* eventfd: something to do */
	int stop_fd; /* eventfd: readable once it is to end, for those who wait */
	pthread_t thread;
	struct slot slots[SLOTS_MAX]; /* the thread's alone */
	size_t n_slots;

	pthread_mutex_t lock; /* of all below */
	struct start_jobs todo, done;
	bool stop;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- jobs --- */

static struct start_job *job_new(enum job_kind kind, const char *program)
{
	struct start_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->kind = kind;
	job->channel_fd = job->options_fd = job->event_fd = job->log_fd = -1;
	job->program = strdup(program);
	if (!job->program) {
		free(job);
		return NULL;
	}
	return job;
}

static void close_fds(struct start_job *job)
{
	int *const fds[] = { &job->options_fd, &job->event_fd, &job->log_fd, &job->channel_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static void job_free(struct start_job *job)
{
	close_fds(job);
	for (size_t i = 0; i < job->n_lists; i++)
		pppd_plugins_clear(&job->lists[i]);
	free(job->program);
	free(job);
}

/* Nobody will ever ask for it. */
static void forget_result(const struct pppd_result *result)
{
	if (result->news != PPPD_STARTED || result->pid <= 0)
		return;
	kill(result->pid, SIGKILL);
	while (waitpid(result->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void hand_in(struct pppd_starter *starter, struct start_job *job)
{
	pthread_mutex_lock(&starter->lock);
	STAILQ_INSERT_TAIL(&starter->done, job, entry);
	eventfd_write(starter->fd, 1);
	pthread_mutex_unlock(&starter->lock);
}

/* --- ready-made pppds, in the thread --- */

static void complain(struct pppd_starter *starter, const struct slot *slot, const char *text)
{
	struct start_job *job = job_new(JOB_START, slot->program);
	char list[300] = "";

	if (!job)
		return;
	for (size_t i = 0; i < slot->plugins.len; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), " %s",
			slot->plugins.names[i]);
	job->result.news = PPPD_TROUBLE;
	snprintf(job->result.text, sizeof(job->result.text),
		"the ready-made pppd with%s: %s; until there is another one, each call starts a "
		"pppd of its own",
		list, text);
	hand_in(starter, job);
}

/* At once the first time, later ever more seldom. */
static void plan_retry(struct slot *slot)
{
	slot->retry_at = now_ms() + slot->retry_ms;
	slot->retry_ms = slot->retry_ms ? 2 * slot->retry_ms : RETRY_MIN_MS;
	if (slot->retry_ms > RETRY_MAX_MS)
		slot->retry_ms = RETRY_MAX_MS;
}

static void give_up(struct pppd_starter *starter, struct slot *slot, const char *text)
{
	complain(starter, slot, text);
	pppd_ready_free(slot->ready);
	slot->ready = NULL;
	plan_retry(slot);
}

static void fill_slot(struct pppd_starter *starter, struct slot *slot)
{
	int r = pppd_ready_new(slot->program, &slot->plugins, starter->stop_fd, &slot->ready);

	if (r < 0)
		give_up(starter, slot, strerror(-r));
}

/* Looks after one; returns when to look again (now_ms()), or -1. */
static int64_t tend_slot(struct pppd_starter *starter, struct slot *slot)
{
	char text[600];

	if (slot->ready && !pppd_ready_is_alive(slot->ready, text, sizeof(text)))
		give_up(starter, slot, text);
	if (!slot->ready && now_ms() >= slot->retry_at)
		fill_slot(starter, slot);
	return slot->ready ? -1 : slot->retry_at;
}

static void empty_slot(struct slot *slot)
{
	pppd_ready_free(slot->ready);
	pppd_plugins_clear(&slot->plugins);
	free(slot->program);
	memset(slot, 0, sizeof(*slot));
}

static struct slot *find_slot(
	struct pppd_starter *starter, const char *program, const struct pppd_plugins *plugins)
{
	for (size_t i = 0; i < starter->n_slots; i++) {
		struct slot *slot = &starter->slots[i];

		if (strcmp(slot->program, program) == 0 &&
			pppd_plugins_equal(&slot->plugins, plugins))
			return slot;
	}
	return NULL;
}

static void drop_unwanted(struct pppd_starter *starter)
{
	size_t kept = 0;

	for (size_t i = 0; i < starter->n_slots; i++) {
		if (!starter->slots[i].keep)
			empty_slot(&starter->slots[i]);
		else if (kept++ != i)
			starter->slots[kept - 1] = starter->slots[i];
	}
	for (size_t i = kept; i < starter->n_slots; i++)
		memset(&starter->slots[i], 0, sizeof(starter->slots[i]));
	starter->n_slots = kept;
}

static void keep(struct pppd_starter *starter, struct start_job *job)
{
	struct slot *slot;

	for (size_t i = 0; i < starter->n_slots; i++)
		starter->slots[i].keep = false;
	for (size_t i = 0; i < job->n_lists; i++) {
		slot = find_slot(starter, job->program, &job->lists[i]);
		if (slot)
			slot->keep = true;
	}
	drop_unwanted(starter);
	for (size_t i = 0; i < job->n_lists; i++) {
		if (find_slot(starter, job->program, &job->lists[i]))
			continue;
		slot = &starter->slots[starter->n_slots];
		slot->program = strdup(job->program);
		if (!slot->program)
			return;
		slot->plugins = job->lists[i];
		job->lists[i] = (struct pppd_plugins){ 0 };
		starter->n_slots++;
		fill_slot(starter, slot);
	}
}

/* --- starts, in the thread --- */

/* As of pppd_ready_order(); -ENOENT: there is none of use. */
static int start_copy(struct pppd_starter *starter, struct start_job *job,
	const struct pppd_start *start, pid_t *ret_pid)
{
	struct slot *slot = find_slot(starter, job->program, &job->lists[0]);
	char text[600];
	int r;

	if (!slot || !slot->ready)
		return -ENOENT;
	if (!pppd_ready_is_current(slot->ready)) {
		pppd_ready_free(slot->ready);
		slot->ready = NULL;
		fill_slot(starter, slot);
		if (!slot->ready)
			return -ENOENT;
	}
	r = pppd_ready_order(slot->ready, start, ANSWER_MS, ret_pid);
	if (r == 0)
		slot->retry_ms = 0;
	if (!pppd_ready_is_alive(slot->ready, text, sizeof(text)))
		give_up(starter, slot, text);
	return r;
}

static void start(struct pppd_starter *starter, struct start_job *job)
{
	const struct pppd_start start = { .program = job->program,
		.plugins = &job->lists[0],
		.channel_fd = job->channel_fd,
		.options_fd = job->options_fd,
		.event_fd = job->event_fd,
		.log_fd = job->log_fd,
		.nice = job->nice };
	struct pppd_result *result = &job->result;
	int r = start_copy(starter, job, &start, &result->pid);

	result->ready_made = r == 0;
	if (r == -EBADE)
		snprintf(result->text, sizeof(result->text),
			"the ready-made pppd does not say whether it has started one");
	else if (r < 0)
		r = pppd_exec(&start, &result->pid);
	result->news = r < 0 ? PPPD_FAILED : PPPD_STARTED;
	result->error = r;
	/* before the result is told: then pppd's copy of the channel is the only one */
	close_fds(job);
}

static struct start_job *next_job(struct pppd_starter *starter, bool *ret_stop)
{
	struct start_job *job;

	pthread_mutex_lock(&starter->lock);
	job = STAILQ_FIRST(&starter->todo);
	if (job && !starter->stop)
		STAILQ_REMOVE_HEAD(&starter->todo, entry);
	*ret_stop = starter->stop;
	pthread_mutex_unlock(&starter->lock);
	return *ret_stop ? NULL : job;
}

/* Until there is something to do, or a ready-made pppd says or needs something. */
static void wait_for_work(struct pppd_starter *starter)
{
	struct pollfd pollfds[1 + SLOTS_MAX] = { { .fd = starter->wake_fd, .events = POLLIN } };
	int64_t wake_at = -1, at;
	eventfd_t count;
	int timeout = -1;
	nfds_t n = 1;

	for (size_t i = 0; i < starter->n_slots; i++) {
		at = tend_slot(starter, &starter->slots[i]);
		if (at >= 0 && (wake_at < 0 || at < wake_at))
			wake_at = at;
		if (!starter->slots[i].ready)
			continue;
		pollfds[n].fd = pppd_ready_fd(starter->slots[i].ready);
		pollfds[n++].events = POLLIN;
	}
	if (wake_at >= 0)
		timeout = wake_at > now_ms() ? (int)(wake_at - now_ms()) : 0;
	poll(pollfds, n, timeout);
	eventfd_read(starter->wake_fd, &count);
}

static void *starter_thread(void *arg)
{
	struct pppd_starter *starter = arg;
	struct start_job *job;
	bool stop = false;

	while (!stop) {
		job = next_job(starter, &stop);
		if (!job && !stop)
			wait_for_work(starter);
		if (!job)
			continue;
		if (job->kind == JOB_KEEP) {
			keep(starter, job);
			job_free(job);
		} else {
			start(starter, job);
			hand_in(starter, job);
		}
	}
	for (size_t i = 0; i < starter->n_slots; i++)
		empty_slot(&starter->slots[i]);
	return NULL;
}

/* --- outside --- */

static void destroy(struct pppd_starter *starter)
{
	const int fds[] = { starter->fd, starter->wake_fd, starter->stop_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	pthread_mutex_destroy(&starter->lock);
	free(starter);
}

int pppd_starter_new(struct pppd_starter **ret)
{
	struct pppd_starter *starter = calloc(1, sizeof(*starter));
	int r = 0;

	if (!starter)
		return -ENOMEM;
	STAILQ_INIT(&starter->todo);
	STAILQ_INIT(&starter->done);
	pthread_mutex_init(&starter->lock, NULL);
	starter->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	starter->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	starter->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (starter->fd < 0 || starter->wake_fd < 0 || starter->stop_fd < 0)
		r = -errno;
	if (r == 0)
		r = thread_start(starter_thread, starter, "pppd-starter", &starter->thread);
	if (r < 0) {
		destroy(starter);
		return r;
	}
	*ret = starter;
	return 0;
}

static void wake(struct pppd_starter *starter, struct start_job *job)
{
	pthread_mutex_lock(&starter->lock);
	if (job)
		STAILQ_INSERT_TAIL(&starter->todo, job, entry);
	else
		starter->stop = true;
	pthread_mutex_unlock(&starter->lock);
	eventfd_write(starter->wake_fd, 1);
}

void pppd_starter_free(struct pppd_starter *starter)
{
	struct pppd_result result;
	struct start_job *job;

	if (!starter)
		return;
	eventfd_write(starter->stop_fd, 1);
	wake(starter, NULL);
	pthread_join(starter->thread, NULL);
	while (pppd_starter_next(starter, &result))
		forget_result(&result);
	while ((job = STAILQ_FIRST(&starter->todo))) {
		STAILQ_REMOVE_HEAD(&starter->todo, entry);
		job_free(job);
	}
	destroy(starter);
}

int pppd_starter_fd(const struct pppd_starter *starter)
{
	return starter->fd;
}

int pppd_starter_keep(struct pppd_starter *starter, const char *program,
	const struct pppd_plugins *const *plugins, size_t n)
{
	struct start_job *job = job_new(JOB_KEEP, program);

	if (!job)
		return -ENOMEM;
	for (size_t i = 0; i < n && job->n_lists < SLOTS_MAX; i++) {
		bool known = false;

		for (size_t j = 0; j < job->n_lists; j++)
			known = known || pppd_plugins_equal(&job->lists[j], plugins[i]);
		if (known)
			continue;
		if (pppd_plugins_copy(plugins[i], &job->lists[job->n_lists]) < 0) {
			job_free(job);
			return -ENOMEM;
		}
		job->n_lists++;
	}
	wake(starter, job);
	return 0;
}

int pppd_starter_submit(struct pppd_starter *starter, const struct pppd_call *call)
{
	struct start_job *job = job_new(JOB_START, call->program);
	int r;

	if (!job)
		return -ENOMEM;
	r = pppd_plugins_copy(&call->options->plugins, &job->lists[0]);
	if (r == 0) {
		job->n_lists = 1;
		job->options_fd = pppd_options_file(call->options, pppd_call_head);
		r = job->options_fd < 0 ? job->options_fd : 0;
	}
	if (r < 0) {
		job_free(job);
		return r;
	}
	job->channel_fd = call->channel_fd;
	job->event_fd = call->event_fd;
	job->log_fd = call->log_fd;
	job->nice = call->nice;
	job->result.cookie = call->cookie;
	wake(starter, job);
	return 0;
}

bool pppd_starter_next(struct pppd_starter *starter, struct pppd_result *ret)
{
	struct start_job *job;
	eventfd_t count;

	pthread_mutex_lock(&starter->lock);
	job = STAILQ_FIRST(&starter->done);
	if (job)
		STAILQ_REMOVE_HEAD(&starter->done, entry);
	if (STAILQ_EMPTY(&starter->done))
		eventfd_read(starter->fd, &count);
	pthread_mutex_unlock(&starter->lock);
	if (!job)
		return false;
	*ret = job->result;
	job_free(job);
	return true;
}
