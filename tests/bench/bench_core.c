/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the protocol core costs: processor time per control message, memory per tunnel and session.
 *
 *	bench_core [--repeat N] [--ms N] [--tunnels N] [--only TEXT]
 *
 * Every task is measured for a short while in every repetition, in turns with all others and with
 * the yardstick, MD5 of 64 octets: what the machine does besides hits all of them. README.md says
 * what the figures mean. Nothing is asserted.
 */
#include <malloc.h>
#include <nettle/md5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_rig.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REPEAT_MAX   101u
#define MOVING	     64u /* tunnels that do something at the same time, where several do */
#define YARDSTICK    8192u
/* so that a tunnel's timer is armed, but nothing is due */
#define FAR (365 * 86400 * SEC)

struct task {
	const char *name;
	void (*round)(struct task *task);
	struct rig *rig;
	struct peer *peers; /* all tunnels that stand */
	unsigned count;
	unsigned *order; /* of the peers, random: not that of their memory */
	unsigned at;
	struct peer *moving;	 /* MOVING peers besides */
	const struct task *base; /* what the cost is compared with */
	double ns[REPEAT_MAX], md5s[REPEAT_MAX], ratio[REPEAT_MAX];
};

static unsigned repeat = 7, span_ms = 50;
static unsigned many = 50000; /* tunnels, where there are many */
static const char *only = "";
static double yardstick[REPEAT_MAX];
static struct batch batch;

/* --- tasks ------------------------------------------------------------------------------------ */

static struct peer *next_peer(struct task *task)
{
	struct peer *peer = &task->peers[task->order[task->at]];

	task->at = (task->at + 1) % task->count;
	return peer;
}

/* All tunnels in turn, each heard of twice in a Hello interval, so that ours is never due. */
static void hello_round(struct task *task)
{
	struct l2tp_msg hello = { .type = L2TP_MSG_HELLO };
	unsigned count = task->count < BATCH_MAX && task->count > 1 ? task->count : BATCH_MAX;

	for (unsigned i = 0; i < count; i++)
		batch_add(task->rig, &batch, next_peer(task), &hello, 0);
	batch_run(task->rig, &batch, task->rig->hello / 2 / task->count);
}

static void due_round(struct task *task)
{
	rig_hellos_due(task->rig, BATCH_MAX);
}

static void tunnel_round(struct task *task)
{
	rig_open_tunnels(task->rig, task->moving, MOVING);
	rig_close_tunnels(task->rig, task->moving, MOVING);
}

static void call_round(struct task *task)
{
	struct peer copies[MOVING], *from[MOVING];

	for (unsigned i = 0; i < MOVING; i++)
		from[i] = next_peer(task);
	/* the rig wants them side by side */
	for (unsigned i = 0; i < MOVING; i++) {
		copies[i] = *from[i];
		task->rig->of_tid[copies[i].core_tid] = &copies[i];
	}
	rig_open_calls(task->rig, copies, MOVING);
	rig_close_calls(task->rig, copies, MOVING);
	for (unsigned i = 0; i < MOVING; i++) {
		*from[i] = copies[i];
		task->rig->of_tid[copies[i].core_tid] = from[i];
	}
}

static void noise_round(struct task *task)
{
	uint8_t noise[64];

	for (unsigned i = 0; i < BATCH_MAX; i++) {
		for (size_t at = 0; at < sizeof(noise); at++)
			noise[at] = (uint8_t)draw(&task->rig->random);
		noise[0] |= 0x80; /* T: other datagrams are the kernel's */
		batch_add_raw(&batch, next_peer(task), noise, sizeof(noise));
	}
	batch_run(task->rig, &batch, 0);
}

/* Hellos with tid, of strangers. */
static void stranger_round(struct task *task, bool known)
{
	struct l2tp_msg hello = { .type = L2TP_MSG_HELLO };

	for (unsigned i = 0; i < BATCH_MAX; i++) {
		struct peer *stranger = &task->moving[i % MOVING];

		do
			stranger->core_tid = (uint16_t)draw(&task->rig->random);
		while (!stranger->core_tid || task->rig->of_tid[stranger->core_tid]);
		if (known)
			stranger->core_tid = next_peer(task)->core_tid;
		batch_add(task->rig, &batch, stranger, &hello, 0);
	}
	batch_run(task->rig, &batch, 0);
}

static void unknown_round(struct task *task)
{
	stranger_round(task, false);
}

static void wrong_peer_round(struct task *task)
{
	stranger_round(task, true);
}

static void orphan_round(struct task *task)
{
	struct l2tp_msg msg = {
		.type = L2TP_MSG_STOPCCN, .assigned_tid = 1, .result = L2TP_STOPCCN_CLEAR
	};

	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	l2tp_msg_set(&msg, L2TP_AVP_RESULT_CODE);
	for (unsigned i = 0; i < BATCH_MAX; i++) {
		task->moving[i % MOVING].core_tid = 0;
		batch_add(task->rig, &batch, &task->moving[i % MOVING], &msg, 0);
	}
	batch_run(task->rig, &batch, 0);
}

/* Each from another address: forged. So quick that none waits for a second, and none is too young.
 */
static void sccrq_round(struct task *task)
{
	for (unsigned i = 0; i < BATCH_MAX; i++) {
		struct peer *stranger = &task->moving[i % MOVING];

		rig_address(task->rig, stranger);
		rig_add_sccrq(task->rig, &batch, stranger);
	}
	batch_run(task->rig, &batch, 100);
}

/* Recorded messages of live tunnels, again. */
static void replay_round(struct task *task)
{
	struct l2tp_msg hello = { .type = L2TP_MSG_HELLO };

	for (unsigned i = 0; i < BATCH_MAX; i++) {
		struct peer *peer = next_peer(task);

		peer->ns--;
		batch_add(task->rig, &batch, peer, &hello, 0);
	}
	batch_run(task->rig, &batch, 0);
}

static void open_all(struct rig *rig, struct peer *peers, unsigned count)
{
	for (unsigned at = 0; at < count; at += MOVING)
		rig_open_tunnels(rig, peers + at, count - at < MOVING ? count - at : MOVING);
}

static void expect(const struct rig *rig, unsigned tunnels, unsigned sessions)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(rig->core, &stats);
	if (stats.tunnels != tunnels || stats.sessions != sessions)
		die("%u tunnels and %u sessions, not %u and %u", stats.tunnels, stats.sessions,
			tunnels, sessions);
}

static void task_init(struct task *task, const char *name, void (*round)(struct task *), bool hide,
	unsigned count, usec_t hello)
{
	*task = (struct task){ .name = name, .round = round, .count = count };
	task->rig = rig_new(hide, hello, NULL);
	task->peers = rig_peers(task->rig, count);
	task->moving = rig_peers(task->rig, MOVING);
	task->order = need(count ? count : 1, sizeof(*task->order));
	for (unsigned i = 0; i < count; i++) {
		unsigned other = (unsigned)(draw(&task->rig->random) % (i + 1));

		task->order[i] = task->order[other];
		task->order[other] = i;
	}
	open_all(task->rig, task->peers, count);
	expect(task->rig, count, 0);
	/* spread what was heard of them over half the Hello interval */
	if (round == due_round)
		for (unsigned i = 0; i < count; i += BATCH_MAX)
			hello_round(task);
	task->rig->ns = task->rig->messages = 0;
}

/* All half-open tunnels that are allowed are there. */
static void task_fill_half_open(struct task *task)
{
	static const struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;
	unsigned count = limits.max[L2TP_LIMIT_HALF_OPEN][L2TP_SCOPE_ALL];
	struct peer *peers;

	l2tp_core_free(task->rig->core);
	free(task->rig->of_tid);
	free(task->rig);
	task->rig = rig_new(false, FAR, &limits);
	peers = rig_peers(task->rig, count);
	for (unsigned i = 0; i < count; i++) {
		rig_add_sccrq(task->rig, &batch, &peers[i]);
		if (batch.count == BATCH_MAX || i + 1 == count)
			batch_run(task->rig, &batch, 100);
	}
	task->rig->ns = task->rig->messages = 0;
}

/* --- measuring -------------------------------------------------------------------------------- */

static double measure_yardstick(void)
{
	uint8_t data[64] = { 1 }, digest[MD5_DIGEST_SIZE];
	uint64_t start = clock_ns();
	struct md5_ctx ctx;

	for (unsigned i = 0; i < YARDSTICK; i++) {
		md5_init(&ctx);
		md5_update(&ctx, sizeof(data), data);
		md5_digest(&ctx, sizeof(digest), digest);
		data[0] = digest[0];
	}
	return (double)(clock_ns() - start) / YARDSTICK;
}

static void measure(struct task *task, unsigned at)
{
	struct rig *rig = task->rig;
	double md5 = measure_yardstick();

	rig->ns = rig->messages = 0;
	do
		task->round(task);
	while (rig->ns < (uint64_t)span_ms * 1000000u);
	task->ns[at] = (double)rig->ns / (double)rig->messages;
	task->md5s[at] = task->ns[at] / md5;
	if (task->base)
		task->ratio[at] = task->ns[at] / task->base->ns[at];
	yardstick[at] = md5;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts them. */
static double median(double *values)
{
	qsort(values, repeat, sizeof(*values), ascending);
	return repeat % 2 ? values[repeat / 2] : (values[repeat / 2 - 1] + values[repeat / 2]) / 2;
}

static void print_task(struct task *task)
{
	double ratio = task->base ? median(task->ratio) : 0, ns = median(task->ns);

	printf("  %-44s %9.0f %7.0f %7.0f -%6.0f %7.2f", task->name, 1e9 / ns, ns, task->ns[0],
		task->ns[repeat - 1], median(task->md5s));
	if (task->base)
		printf(" %7.2f (%.2f - %.2f)", ratio, task->ratio[0], task->ratio[repeat - 1]);
	putchar('\n');
}

static void run(const char *title, struct task *tasks, size_t count)
{
	for (unsigned at = 0; at < repeat; at++)
		for (size_t i = 0; i < count; i++)
			measure(&tasks[i], at);
	median(yardstick);
	printf("%s\n  %-44s %9s %7s %15s %7s%s\n", title, "", "per s", "ns", "least - most",
		"in MD5s", tasks[count - 1].base ? "  to the least tunnels" : "");
	for (size_t i = 0; i < count; i++)
		print_task(&tasks[i]);
	printf("  (MD5 of 64 octets: %.0f ns, %.0f - %.0f)\n\n", yardstick[repeat / 2],
		yardstick[0], yardstick[repeat - 1]);
	fflush(stdout);
}

/* --- parts ------------------------------------------------------------------------------------ */

static bool wanted(const char *part)
{
	return !*only || strstr(only, part);
}

static void part_messages(void)
{
	static struct task tasks[7];

	task_init(&tasks[0], "tunnel: SCCRQ, SCCCN, StopCCN", tunnel_round, false, 0, FAR);
	task_init(&tasks[1], "  the same, authenticated and hidden", tunnel_round, true, 0, FAR);
	task_init(&tasks[2], "call: ICRQ, ICCN, CDN", call_round, false, MOVING, FAR);
	task_init(&tasks[3], "  the same, hidden", call_round, true, MOVING, FAR);
	task_init(&tasks[4], "Hello of the peer, our ZLB", hello_round, false, MOVING, 60 * SEC);
	task_init(
		&tasks[5], "our Hello is due, ZLB of the peer", due_round, false, MOVING, 60 * SEC);
	task_init(&tasks[6], "  the same, hidden", due_round, true, MOVING, 60 * SEC);
	run("Messages of peers, answers included", tasks, COUNT(tasks));
}

/* What a task of part_scale() is called: the first of its kind says what it is. */
static char *scale_name(const char *first, const char *others, unsigned i, unsigned count)
{
	char *name = need(1, 64);

	snprintf(name, 64, i ? "  %s%u,%03u tunnels" : "%s%u tunnels", i ? others : first,
		i && count >= 1000 ? count / 1000 : count, count % 1000);
	return name;
}

static void part_scale(void)
{
	static const struct {
		const char *first, *others;
		void (*round)(struct task *task);
		unsigned least;
		usec_t hello;
	} kinds[] = {
		{ "Hello of the peer: ", "", hello_round, 1, 60 * SEC },
		{ "our Hello is due and its ZLB: ", "", due_round, 1, 60 * SEC },
		{ "tunnel, beside ", "beside ", tunnel_round, 1, FAR },
		{ "call, on ", "on ", call_round, MOVING, FAR },
	};
	static struct task tasks[COUNT(kinds) * 3];

	for (size_t i = 0; i < COUNT(tasks); i++) {
		unsigned counts[3] = { kinds[i / 3].least, 1000, many };
		unsigned count = counts[i % 3];

		task_init(&tasks[i],
			scale_name(kinds[i / 3].first, kinds[i / 3].others, i % 3, count),
			kinds[i / 3].round, false, count, kinds[i / 3].hello);
		tasks[i].base = &tasks[i / 3 * 3];
	}
	run("Many tunnels, in random order, timers armed", tasks, COUNT(tasks));
}

static void part_flood(void)
{
	static struct task tasks[6];

	/* 1,000 tunnels */
	task_init(&tasks[0], "noise of 64 octets", noise_round, false, 1000, FAR);
	task_init(&tasks[1], "Hello to an unknown tunnel", unknown_round, false, 1000, FAR);
	task_init(
		&tasks[2], "Hello to a tunnel, wrong address", wrong_peer_round, false, 1000, FAR);
	task_init(&tasks[3], "Hello replayed, acknowledged again", replay_round, false, 1000, FAR);
	task_init(&tasks[4], "StopCCN to tunnel 0, nobody's", orphan_round, false, 1000, FAR);
	task_init(&tasks[5], "SCCRQ, all half-open taken", sccrq_round, false, 0, FAR);
	task_fill_half_open(&tasks[5]);
	run("Floods, 1,000 tunnels there", tasks, COUNT(tasks));
}

static size_t in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* Bytes per idle tunnel, then per session; everything the core allocates, malloc's own included. */
static void weigh(bool hide, unsigned tunnels, unsigned calls)
{
	struct rig *rig = rig_new(hide, 60 * SEC, NULL);
	struct peer *peers = rig_peers(rig, tunnels);
	size_t before = in_use(), with_tunnels;
	char name[80];

	open_all(rig, peers, tunnels);
	rig_drain(rig);
	with_tunnels = in_use();
	for (unsigned i = 0; i < calls; i++)
		for (unsigned at = 0; at < tunnels; at += MOVING)
			rig_open_calls(
				rig, peers + at, tunnels - at < MOVING ? tunnels - at : MOVING);
	rig_drain(rig);
	expect(rig, tunnels, tunnels * calls);
	snprintf(name, sizeof(name), "%u tunnels%s", tunnels, hide ? " with a secret" : "");
	if (calls)
		printf("  %-5u sessions in %-29s %9.0f\n", tunnels * calls, name,
			(double)(in_use() - with_tunnels) / (tunnels * calls));
	else
		printf("  %-44s %9.0f\n", name, (double)(with_tunnels - before) / tunnels);
	l2tp_core_free(rig->core);
	free(rig->of_tid);
	free(rig);
	free(peers);
}

static void part_memory(void)
{
	printf("Memory of one, its share of all tables included\n  %-44s %9s\n", "", "octets");
	weigh(false, 1000, 0);
	weigh(false, many, 0);
	weigh(true, many, 0);
	weigh(false, 20, 100);
	weigh(false, 20, many == 50000 ? 3000 : 300);
	putchar('\n');
}

static unsigned number(const char *text, unsigned max)
{
	char *end;
	unsigned long value = text ? strtoul(text, &end, 10) : 0;

	if (!text || *end || !value || value > max)
		die("a number from 1 to %u is needed", max);
	return (unsigned)value;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		if (strcmp(argv[i], "--repeat") == 0) {
			repeat = number(argv[i + 1], REPEAT_MAX);
		} else if (strcmp(argv[i], "--ms") == 0) {
			span_ms = number(argv[i + 1], 10000);
		} else if (strcmp(argv[i], "--tunnels") == 0) {
			many = number(argv[i + 1], 50000);
		} else if (strcmp(argv[i], "--only") == 0 && argv[i + 1]) {
			only = argv[i + 1];
		} else {
			printf("usage: bench_core [--repeat N] [--ms N] [--tunnels N] "
			       "[--only messages,scale,flood,memory]\n");
			return strcmp(argv[i], "--help") != 0 ? 2 : 0;
		}
	}
	printf("The protocol core alone, no system call in the clock: processor time of one core,\n"
	       "median of %u repetitions of %u ms.\n\n",
		repeat, span_ms);
	/* first, while nothing was freed */
	if (wanted("memory"))
		part_memory();
	if (wanted("messages"))
		part_messages();
	if (wanted("scale"))
		part_scale();
	if (wanted("flood"))
		part_flood();
	return 0;
}
