/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include "linux/thread.h"

/* An order. Its result is there from the start, so that none is lost for want of memory. */
struct job {
	TAILQ_ENTRY(job) link;
	struct radius_result *result;
	bool is_record;
	char *session; /* what is about the same one is never done side by side */
	time_t since;
	size_t len;
	uint8_t attrs[];
};
TAILQ_HEAD(jobs, job);

struct done {
	TAILQ_ENTRY(done) link;
	struct radius_result result; /* the first of radius_result_free()'s */
};
TAILQ_HEAD(dones, done);

struct source {
	struct radius_server *servers[RADIUS_SERVERS_MAX];
	time_t silent_until[RADIUS_SERVERS_MAX]; /* under the lock */
	size_t count;
};

/* Shared by the owner and the workers; the last one to let go frees it. */
struct radius {
	pthread_mutex_t lock;
	pthread_cond_t work, left;	      /* there is a job; a job is gone */
	unsigned refs, started, placed, idle; /* of the last three: workers, which stay */
	bool leaving, abandoned;	      /* no more questions; no more records */
	int fd;
	unsigned deadtime;
	struct source auth, acct; /* the servers do not change */
	struct jobs queue;
	size_t queued, records; /* records: queued or being told */
	const struct job *busy[RADIUS_WORKERS_MAX];
	struct dones results;
};

static time_t now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec;
}

static struct done *done_of(struct radius_result *result)
{
	return (struct done *)((char *)result - offsetof(struct done, result));
}

void radius_result_free(struct radius_result *result)
{
	if (!result)
		return;
	radius_reply_clear(&result->reply);
	free(done_of(result));
}

struct radius_result *radius_next(struct radius *radius)
{
	struct done *done;
	uint64_t count;

	pthread_mutex_lock(&radius->lock);
	done = TAILQ_FIRST(&radius->results);
	if (done)
		TAILQ_REMOVE(&radius->results, done, link);
	if (TAILQ_EMPTY(&radius->results) && read(radius->fd, &count, sizeof(count)) < 0) {
		/* it was read before */
	}
	pthread_mutex_unlock(&radius->lock);
	return done ? &done->result : NULL;
}

static void job_free(struct job *job)
{
	if (!job)
		return;
	radius_result_free(job->result);
	free(job->session);
	explicit_bzero(job->attrs, job->len);
	free(job);
}

/* --- asking, on a worker -------------------------------------------------------------- */

static void ask_server(struct radius_server *server, const struct job *job)
{
	struct radius_result *result = job->result;
	time_t delay = now_s() - job->since;

	radius_reply_clear(&result->reply);
	radius_server_ask(
		server, job->attrs, job->len, (uint32_t)delay, &result->reply, &result->outcome);
}

static bool is_silent(struct radius *radius, const struct source *source, size_t i)
{
	bool silent;

	pthread_mutex_lock(&radius->lock);
	silent = source->silent_until[i] > now_s();
	pthread_mutex_unlock(&radius->lock);
	return silent;
}

static void note_silence(
	struct radius *radius, struct source *source, size_t i, enum radius_verdict verdict)
{
	pthread_mutex_lock(&radius->lock);
	source->silent_until[i] =
		verdict == RADIUS_UNANSWERED ? now_s() + (time_t)radius->deadtime : 0;
	pthread_mutex_unlock(&radius->lock);
}

/* One after the other until one has answered; those that were silent lately last. */
static void ask_servers(struct radius *radius, const struct job *job)
{
	struct source *source = job->is_record ? &radius->acct : &radius->auth;
	enum radius_verdict verdict = RADIUS_FAILED;
	bool silent[RADIUS_SERVERS_MAX];
	size_t asked = 0;

	for (size_t i = 0; i < source->count; i++)
		silent[i] = is_silent(radius, source, i);
	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < source->count; i++) {
			if (silent[i] != (pass == 1))
				continue;
			ask_server(source->servers[i], job);
			verdict = job->result->outcome.verdict;
			note_silence(radius, source, i, verdict);
			if (verdict == RADIUS_ACCEPTED || verdict == RADIUS_REJECTED)
				return;
			asked++;
		}
		/* who logs in does not wait for all of them */
		if (asked && !job->is_record)
			return;
	}
}

static void do_job(struct radius *radius, const struct job *job)
{
	struct radius_outcome *outcome = &job->result->outcome;

	if (!job->is_record && now_s() - job->since > RADIUS_PATIENCE_S) {
		outcome->verdict = RADIUS_UNANSWERED;
		snprintf(outcome->text, sizeof(outcome->text),
			"the RADIUS servers are too slow: nobody was free to ask them for %d s",
			RADIUS_PATIENCE_S);
		return;
	}
	ask_servers(radius, job);
}

/* --- workers ------------------------------------------------------------------------- */

static void radius_destroy(struct radius *radius)
{
	struct done *done;
	struct job *job;

	while ((job = TAILQ_FIRST(&radius->queue))) {
		TAILQ_REMOVE(&radius->queue, job, link);
		job_free(job);
	}
	while ((done = TAILQ_FIRST(&radius->results))) {
		TAILQ_REMOVE(&radius->results, done, link);
		radius_result_free(&done->result);
	}
	for (size_t i = 0; i < radius->auth.count; i++)
		radius_server_free(radius->auth.servers[i]);
	for (size_t i = 0; i < radius->acct.count; i++)
		radius_server_free(radius->acct.servers[i]);
	if (radius->fd >= 0)
		close(radius->fd);
	pthread_cond_destroy(&radius->work);
	pthread_cond_destroy(&radius->left);
	pthread_mutex_destroy(&radius->lock);
	free(radius);
}

static bool session_is_busy(const struct radius *radius, const char *session)
{
	for (size_t i = 0; *session && i < RADIUS_WORKERS_MAX; i++) {
		if (radius->busy[i] && strcmp(radius->busy[i]->session, session) == 0)
			return true;
	}
	return false;
}

/* The first job that may be done now; NULL: none. Under the lock. */
static struct job *take_job(struct radius *radius, size_t worker)
{
	struct job *job;

	TAILQ_FOREACH (job, &radius->queue, link) {
		if (session_is_busy(radius, job->session))
			continue;
		TAILQ_REMOVE(&radius->queue, job, link);
		radius->queued--;
		radius->busy[worker] = job;
		return job;
	}
	return NULL;
}

/* Under the lock. */
static void finish_job(struct radius *radius, size_t worker, struct job *job)
{
	uint64_t one = 1;

	radius->busy[worker] = NULL;
	if (job->is_record)
		radius->records--;
	if (!radius->leaving) {
		TAILQ_INSERT_TAIL(&radius->results, done_of(job->result), link);
		job->result = NULL;
		if (write(radius->fd, &one, sizeof(one)) < 0) {
			/* an eventfd with room for 2^64 events cannot be full */
		}
	}
	job_free(job);
	/* one of the same call may have waited for it */
	pthread_cond_broadcast(&radius->work);
	pthread_cond_broadcast(&radius->left);
}

static void *worker(void *arg)
{
	struct radius *radius = arg;
	struct job *job;
	size_t place;
	bool last;

	pthread_mutex_lock(&radius->lock);
	place = radius->placed++;
	for (;;) {
		job = radius->abandoned ? NULL : take_job(radius, place);
		if (job) {
			pthread_mutex_unlock(&radius->lock);
			do_job(radius, job);
			pthread_mutex_lock(&radius->lock);
			finish_job(radius, place, job);
			continue;
		}
		if (radius->abandoned || (radius->leaving && !radius->queued))
			break;
		radius->idle++;
		pthread_cond_wait(&radius->work, &radius->lock);
		radius->idle--;
	}
	last = --radius->refs == 0;
	pthread_mutex_unlock(&radius->lock);
	if (last)
		radius_destroy(radius);
	return NULL;
}

/* --- orders -------------------------------------------------------------------------- */

/* Under the lock. 0: somebody will do the next job. */
static int add_worker(struct radius *radius)
{
	pthread_t thread;
	int r;

	if (radius->idle > radius->queued || radius->started == RADIUS_WORKERS_MAX)
		return 0;
	radius->refs++;
	r = thread_start(worker, radius, "radius", &thread);
	if (r < 0) {
		radius->refs--;
		return radius->started ? 0 : r;
	}
	radius->started++;
	pthread_detach(thread);
	return 0;
}

/* Under the lock. */
static int add_job(struct radius *radius, struct job *job, struct why *why)
{
	int r;

	if (radius->queued >= RADIUS_QUEUE_MAX)
		return why_not(why, -ENOBUFS, "%d orders wait for the RADIUS servers already",
			RADIUS_QUEUE_MAX);
	r = add_worker(radius);
	if (r < 0)
		return why_not(why, r, "no thread can be started: %s", strerror(-r));
	TAILQ_INSERT_TAIL(&radius->queue, job, link);
	radius->queued++;
	if (job->is_record)
		radius->records++;
	pthread_cond_signal(&radius->work);
	return 0;
}

/* wr: the attributes, wiped here */
static int order(struct radius *radius, struct buf_wr *wr, bool is_record, const char *session,
	uint64_t cookie, struct why *why)
{
	struct job *job = calloc(1, sizeof(*job) + wr->pos);
	struct done *done = calloc(1, sizeof(*done));
	int r = -ENOMEM;

	if (job && done) {
		done->result.cookie = cookie;
		done->result.record = is_record;
		done->result.outcome.verdict = RADIUS_FAILED;
		job->result = &done->result;
		job->session = strdup(session ? session : "");
		job->is_record = is_record;
		job->since = now_s();
		job->len = wr->pos;
		memcpy(job->attrs, wr->data, wr->pos);
	} else {
		free(done);
	}
	explicit_bzero(wr->data, wr->pos);
	if (job && job->session) {
		pthread_mutex_lock(&radius->lock);
		r = add_job(radius, job, why);
		pthread_mutex_unlock(&radius->lock);
	} else {
		why_not(why, r, "out of memory");
	}
	if (r < 0)
		job_free(job);
	return r;
}

int radius_ask(
	struct radius *radius, const struct radius_call *call, uint64_t cookie, struct why *why)
{
	uint8_t attrs[RADIUS_ATTRS_MAX];
	struct buf_wr wr;
	int r;

	buf_wr_init(&wr, attrs, sizeof(attrs));
	r = radius_request_write(&wr, call, why);
	if (r == 0)
		return order(radius, &wr, false, call->session_id, cookie, why);
	explicit_bzero(attrs, sizeof(attrs));
	return r;
}

int radius_account(
	struct radius *radius, const struct radius_record *record, uint64_t cookie, struct why *why)
{
	uint8_t attrs[RADIUS_ATTRS_MAX];
	struct buf_wr wr;
	int r;

	if (!radius->acct.count)
		return why_not(why, -ENOENT, "the RADIUS file has no acctserver");
	buf_wr_init(&wr, attrs, sizeof(attrs));
	r = radius_record_write(&wr, record, why);
	return r < 0 ? r : order(radius, &wr, true, record->call->session_id, cookie, why);
}

int radius_fd(const struct radius *radius)
{
	return radius->fd;
}

/* --- begin and end -------------------------------------------------------------------- */

static int open_servers(
	struct source *source, const struct radius_file *file, enum radius_kind kind)
{
	size_t count = kind == RADIUS_AUTH ? file->auth_count : file->acct_count;
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		r = radius_server_open(file, kind, i, &source->servers[i]);
		if (r == 0)
			source->count++;
	}
	return r;
}

static struct radius *radius_new(const struct radius_file *file)
{
	struct radius *radius = calloc(1, sizeof(*radius));
	pthread_condattr_t attr;

	if (!radius)
		return NULL;
	pthread_mutex_init(&radius->lock, NULL);
	pthread_cond_init(&radius->work, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&radius->left, &attr);
	pthread_condattr_destroy(&attr);
	TAILQ_INIT(&radius->queue);
	TAILQ_INIT(&radius->results);
	radius->refs = 1;
	radius->deadtime = file->deadtime;
	radius->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return radius;
}

int radius_open(const char *path, struct radius **ret, struct why *why)
{
	struct radius_file file = { 0 };
	struct radius *radius = NULL;
	int r = radius_file_read(path, &file, why);

	if (r < 0)
		return r;
	radius = radius_new(&file);
	if (!radius)
		r = -ENOMEM;
	else if (radius->fd < 0)
		r = -errno;
	if (r == 0)
		r = open_servers(&radius->auth, &file, RADIUS_AUTH);
	if (r == 0)
		r = open_servers(&radius->acct, &file, RADIUS_ACCT);
	if (r < 0)
		why_not(why, r, "%s: %s", path, strerror(-r));
	radius_file_clear(&file);
	if (r == 0)
		*ret = radius;
	else if (radius)
		radius_destroy(radius);
	return r;
}

/* Questions that nobody has begun. Under the lock. */
static void drop_questions(struct radius *radius)
{
	struct job *job, *next;

	for (job = TAILQ_FIRST(&radius->queue); job; job = next) {
		next = TAILQ_NEXT(job, link);
		if (job->is_record)
			continue;
		TAILQ_REMOVE(&radius->queue, job, link);
		radius->queued--;
		job_free(job);
	}
}

void radius_free(struct radius *radius, unsigned patience_ms)
{
	struct timespec end;
	bool last;

	if (!radius)
		return;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += patience_ms / 1000;
	end.tv_nsec += (long)(patience_ms % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&radius->lock);
	radius->leaving = true;
	drop_questions(radius);
	pthread_cond_broadcast(&radius->work);
	while (radius->records &&
		pthread_cond_timedwait(&radius->left, &radius->lock, &end) != ETIMEDOUT)
		;
	radius->abandoned = true;
	pthread_cond_broadcast(&radius->work);
	last = --radius->refs == 0;
	pthread_mutex_unlock(&radius->lock);
	if (last)
		radius_destroy(radius);
}
