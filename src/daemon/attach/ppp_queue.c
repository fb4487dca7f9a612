/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_queue.h"

#include <errno.h>
#include <stdlib.h>

#include "linux/process.h"
#include "ppp_starting.h"

/* "pppd-at-once = 0": see man/l2tpd.conf.5 */
#define AT_ONCE_PER_PROCESSOR 4
#define AT_ONCE_LEAST	      8

/* A turn lasts no longer, whatever happens, ... */
#define TURN_MOST (10 * USEC_PER_SEC)
/* ... nor longer than this after the last step: a message of PPP needs no more time. */
#define STEP_MOST USEC_PER_SEC

/* Those of one tunnel that wait. */
struct ppp_line {
	UT_hash_handle hh; /* by tid */
	uint16_t tid;
	TAILQ_HEAD(, ppp) waiting;
	TAILQ_ENTRY(ppp_line) entry;
};

struct ppp_queue {
	sd_event_source *turns; /* enabled: somebody may be next */
	unsigned starting;	/* PPP_STARTS */
	struct ppp_line *by_tid;
	TAILQ_HEAD(, ppp_line) lines; /* none is empty; the first one is next */
	TAILQ_HEAD(, ppp) stopped;
};

static unsigned at_once(const struct daemon *d)
{
	unsigned most = d->config->daemon.pppd_at_once;

	if (most)
		return most;
	most = process_cpus() * AT_ONCE_PER_PROCESSOR;
	return most < AT_ONCE_LEAST ? AT_ONCE_LEAST : most;
}

/* For one more pppd. */
static bool has_place(const struct daemon *d)
{
	return d->ppp_queue->starting < at_once(d) && ppp_starting_has_room(d);
}

static void look_again(struct ppp_queue *queue)
{
	sd_event_source_set_enabled(queue->turns, SD_EVENT_ONESHOT);
}

/* --- lines --- */

static struct ppp_line *line_of(struct ppp_queue *queue, uint16_t tid)
{
	struct ppp_line *line;

	HASH_FIND(hh, queue->by_tid, &tid, sizeof(tid), line);
	if (line)
		return line;
	line = calloc(1, sizeof(*line));
	if (!line)
		return NULL;
	line->tid = tid;
	TAILQ_INIT(&line->waiting);
	HASH_ADD(hh, queue->by_tid, tid, sizeof(line->tid), line);
	if (!line->hh.tbl) {
		free(line);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&queue->lines, line, entry);
	return line;
}

static void leave_line(struct ppp_queue *queue, struct ppp *ppp)
{
	struct ppp_line *line = ppp->line;

	TAILQ_REMOVE(&line->waiting, ppp, in_line);
	ppp->line = NULL;
	ppp->turn = PPP_NO_TURN;
	if (!TAILQ_EMPTY(&line->waiting))
		return;
	HASH_DEL(queue->by_tid, line);
	TAILQ_REMOVE(&queue->lines, line, entry);
	free(line);
}

/* The one who came first of the tunnel whose turn it is; that tunnel is the last one then. */
static struct ppp *next_in_line(struct ppp_queue *queue)
{
	struct ppp_line *line = TAILQ_FIRST(&queue->lines);
	struct ppp *ppp = TAILQ_FIRST(&line->waiting);

	TAILQ_REMOVE(&queue->lines, line, entry);
	TAILQ_INSERT_TAIL(&queue->lines, line, entry);
	leave_line(queue, ppp);
	return ppp;
}

/* --- turns --- */

static int turn_over(sd_event_source *source, uint64_t usec, void *user)
{
	ppp_queue_leave(user);
	return 0;
}

static int begin_turn(struct ppp_queue *queue, struct ppp *ppp)
{
	struct daemon *d = ppp->call->daemon;
	int r;

	ppp->turn_until = daemon_now(d) + TURN_MOST;
	r = sd_event_add_time(d->event, &ppp->turn_timer, CLOCK_BOOTTIME, ppp->turn_until,
		USEC_PER_SEC / 10, turn_over, ppp);
	if (r < 0)
		return r;
	ppp->turn = PPP_STARTS;
	queue->starting++;
	return 1;
}

static int give_turns(sd_event_source *source, void *user)
{
	struct daemon *d = user;
	struct ppp_queue *queue = d->ppp_queue;
	struct ppp *ppp;

	while ((ppp = TAILQ_FIRST(&queue->stopped))) {
		ppp_queue_leave(ppp);
		ppp->take_turn(ppp);
	}
	while (has_place(d) && !TAILQ_EMPTY(&queue->lines)) {
		ppp = next_in_line(queue);
		begin_turn(queue, ppp); /* without memory for a timer it is not counted */
		ppp->take_turn(ppp);
	}
	return 0;
}

int ppp_queue_new(struct daemon *d)
{
	struct ppp_queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return -ENOMEM;
	TAILQ_INIT(&queue->lines);
	TAILQ_INIT(&queue->stopped);
	d->ppp_queue = queue;
	return sd_event_add_defer(d->event, &queue->turns, give_turns, d);
}

void ppp_queue_free(struct daemon *d)
{
	if (!d->ppp_queue)
		return;
	sd_event_source_disable_unref(d->ppp_queue->turns);
	free(d->ppp_queue);
	d->ppp_queue = NULL;
}

void ppp_queue_update(struct daemon *d)
{
	look_again(d->ppp_queue);
}

int ppp_queue_join(struct ppp *ppp)
{
	struct call *call = ppp->call;
	struct ppp_queue *queue = call->daemon->ppp_queue;

	if (TAILQ_EMPTY(&queue->lines) && has_place(call->daemon))
		return begin_turn(queue, ppp);
	ppp->line = line_of(queue, call->tid);
	if (!ppp->line)
		return -ENOMEM;
	TAILQ_INSERT_TAIL(&ppp->line->waiting, ppp, in_line);
	ppp->turn = PPP_WAITS;
	log_debug("session %u: its pppd waits for its turn", call->sid);
	return 0;
}

void ppp_queue_step(struct ppp *ppp)
{
	usec_t until = daemon_now(ppp->call->daemon) + STEP_MOST;

	if (ppp->turn == PPP_STARTS)
		sd_event_source_set_time(
			ppp->turn_timer, until < ppp->turn_until ? until : ppp->turn_until);
}

void ppp_queue_leave(struct ppp *ppp)
{
	struct ppp_queue *queue = ppp->call->daemon->ppp_queue;

	ppp->turn_timer = sd_event_source_disable_unref(ppp->turn_timer);
	switch (ppp->turn) {
	case PPP_NO_TURN:
		break;
	case PPP_WAITS:
		leave_line(queue, ppp);
		break;
	case PPP_STOPPED:
		TAILQ_REMOVE(&queue->stopped, ppp, in_line);
		break;
	case PPP_STARTS:
		queue->starting--;
		look_again(queue);
		break;
	}
	ppp->turn = PPP_NO_TURN;
}

void ppp_queue_stop(struct ppp *ppp)
{
	struct ppp_queue *queue = ppp->call->daemon->ppp_queue;
	bool waits = ppp->turn == PPP_WAITS;

	ppp_queue_leave(ppp);
	if (!waits)
		return;
	ppp->turn = PPP_STOPPED;
	TAILQ_INSERT_TAIL(&queue->stopped, ppp, in_line);
	look_again(queue);
}
