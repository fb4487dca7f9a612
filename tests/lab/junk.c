/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * junk [-k KINDS] [-b PORT] [-w PID] -n COUNT -s SEED -l TID/SID SAMPLES ADDRESS PORT
 *
 * Sends COUNT datagrams of junk to a daemon. The same seed and samples make the same junk. SAMPLES
 * is a file of true datagrams to make false ones of, each behind its length (16 bits, big endian).
 *
 *   -k KINDS    letters of the kinds below; without it all of them, in the shares that stand there
 *   -b PORT     send from this local port and the ones after it
 *   -w PID      do not fill the receive queues of this process: what it does not read is no test
 *   -l TID/SID  tunnel and session that live at the target, which the junk is to spare
 *
 * Says at the end what was sent, one "KIND DATAGRAMS OCTETS" a line. For the lab, see
 * cases/test_hostile.py.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH	    64
#define SOCKETS	    16
#define SMALL_MAX   2048
#define HUGE	    65507 /* what UDP over IPv4 can carry */
#define SAMPLES_MAX 64
/* A socket's default receive buffer holds 200 KiB, and a datagram in it counts for 768 at least. */
#define QUEUE_MAX 65536

/* How a message begins: flags, Length, ids, Ns, Nr; then the AVP Message Type. */
#define FLAGS_CONTROL 0xc802
#define FLAG_L	      0x4000
#define FLAG_S	      0x0800
#define FLAG_O	      0x0200
#define CONTROL_LEN   12
#define TYPE_AT	      18
#define SCCRQ	      1
#define STOPCCN	      4
#define CDN	      14
#define AVP_RESULT    1
#define AVP_TID	      9
#define AVP_SID	      14

struct sample {
	uint8_t data[SMALL_MAX];
	size_t len;
};

struct packet {
	uint8_t small[SMALL_MAX];
	uint8_t *data;
	size_t len;
};

static struct sample samples[SAMPLES_MAX];
static size_t sample_count;
static unsigned live_tid, live_sid;
static uint8_t huge[HUGE];
static uint64_t state;

/* --- chance --- */

static uint32_t chance(void)
{
	/* xorshift64*, Marsaglia 2003, Vigna 2016 */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

static unsigned below(unsigned n)
{
	return chance() % n;
}

static void fill(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)chance();
}

/* --- the kinds --- */

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static bool is_control(const struct sample *s)
{
	return s->len > TYPE_AT + 1 && get16(s->data) == FLAGS_CONTROL;
}

static void copy_sample(struct packet *p, const struct sample *s)
{
	memcpy(p->small, s->data, s->len);
	p->len = s->len;
}

static const struct sample *any_sample(void)
{
	return &samples[below((unsigned)sample_count)];
}

/* A sample that is a control message, of a type if that is not 0. */
static const struct sample *control_sample(unsigned type)
{
	size_t from = below((unsigned)sample_count);

	for (size_t i = 0; i < sample_count; i++) {
		const struct sample *s = &samples[(from + i) % sample_count];

		if (is_control(s) && (!type || get16(s->data + TYPE_AT) == type))
			return s;
	}
	errx(2, "no control message of type %u in the samples", type);
}

static void make_random(struct packet *p)
{
	p->len = 1 + below(200);
	fill(p->small, p->len);
}

static void make_truncated(struct packet *p)
{
	copy_sample(p, any_sample());
	p->len = below((unsigned)p->len);
}

static void make_flipped(struct packet *p)
{
	copy_sample(p, any_sample());
	for (unsigned i = 1 + below(8); i > 0; i--)
		p->small[below((unsigned)p->len)] ^= (uint8_t)(1u << below(8));
}

/* Without fault, but for a tunnel that is not there. */
static void make_guessed(struct packet *p)
{
	unsigned tid;

	copy_sample(p, control_sample(0));
	do
		tid = 1 + below(65535);
	while (tid == live_tid);
	put16(p->small + 4, tid);
	put16(p->small + 6, below(2) ? live_sid : below(65536));
}

static size_t put_avp(uint8_t *at, unsigned type, unsigned value)
{
	put16(at, 0x8000 | 8);
	put16(at + 2, 0);
	put16(at + 4, type);
	put16(at + 6, value);
	return 8;
}

/* The end of the live tunnel or call, by somebody who is not its peer. */
static void make_forged(struct packet *p)
{
	bool cdn = below(2);
	size_t at = CONTROL_LEN;

	put16(p->small, FLAGS_CONTROL);
	put16(p->small + 4, live_tid);
	put16(p->small + 6, cdn ? live_sid : 0);
	put16(p->small + 8, below(32));
	put16(p->small + 10, below(32));
	at += put_avp(p->small + at, 0, cdn ? CDN : STOPCCN);
	at += put_avp(p->small + at, AVP_RESULT, 1);
	at += put_avp(p->small + at, cdn ? AVP_SID : AVP_TID, 1 + below(65535));
	put16(p->small + 2, (unsigned)at);
	p->len = at;
}

static void make_data(struct packet *p)
{
	unsigned flags = 2, sid;
	size_t at = 2;

	flags |= below(2) ? FLAG_L : 0;
	flags |= below(2) ? FLAG_S : 0;
	flags |= below(4) ? 0 : FLAG_O;
	do
		sid = below(65536);
	while (sid == live_sid);
	at += flags & FLAG_L ? 2 : 0;
	put16(p->small + at, below(2) ? live_tid : below(65536));
	put16(p->small + at + 2, sid);
	fill(p->small + at + 4, 100);
	p->len = at + 4 + 10 + below(90);
	put16(p->small, flags);
	if (flags & FLAG_L)
		put16(p->small + 2, below(8) ? (unsigned)p->len : below(65536));
}

static void make_empty(struct packet *p)
{
	p->len = 0;
}

/* A request without fault, of a peer that is not there: each is another. */
static void make_sccrq(struct packet *p)
{
	size_t at = CONTROL_LEN, len;

	copy_sample(p, control_sample(SCCRQ));
	while (at + 8 <= p->len && (len = get16(p->small + at) & 0x3ff) >= 6) {
		if (get16(p->small + at + 2) == 0 && get16(p->small + at + 4) == AVP_TID)
			put16(p->small + at + 6, 1 + below(65535));
		at += len;
	}
}

static void make_huge(struct packet *p)
{
	const struct sample *s = any_sample();

	/* one buffer for all: what matters of it is its beginning */
	if (below(2))
		memcpy(huge, s->data, s->len);
	else
		fill(huge, CONTROL_LEN);
	p->data = huge;
	p->len = HUGE;
}

static struct kind {
	char letter;
	const char *name;
	unsigned share; /* of 1000 */
	void (*make)(struct packet *p);
	unsigned long datagrams, octets;
} kinds[] = {
	{ 'r', "random", 250, make_random, 0, 0 },
	{ 't', "truncated", 150, make_truncated, 0, 0 },
	{ 'f', "flipped", 250, make_flipped, 0, 0 },
	{ 'g', "guessed", 100, make_guessed, 0, 0 },
	{ 'e', "forged-end", 100, make_forged, 0, 0 },
	{ 'd', "data", 80, make_data, 0, 0 },
	{ 'z', "empty", 39, make_empty, 0, 0 },
	{ 's', "sccrq", 30, make_sccrq, 0, 0 },
	{ 'h', "huge", 1, make_huge, 0, 0 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void make(struct packet *p, unsigned total)
{
	unsigned at = below(total);
	struct kind *kind = kinds;

	while (at >= kind->share)
		at -= kind++->share;
	p->data = p->small;
	kind->make(p);
	kind->datagrams++;
	kind->octets += p->len;
}

/* --- what is given --- */

static void read_samples(const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t head[2];

	if (!file)
		err(2, "%s", path);
	while (sample_count < SAMPLES_MAX && fread(head, 1, 2, file) == 2) {
		struct sample *s = &samples[sample_count++];

		s->len = get16(head);
		if (s->len == 0 || s->len > sizeof(s->data) ||
			fread(s->data, 1, s->len, file) != s->len)
			errx(2, "%s: sample %zu is broken", path, sample_count);
	}
	fclose(file);
	if (!sample_count)
		errx(2, "%s: no samples", path);
}

/* Shares of the kinds that are wanted, and their sum. */
static unsigned choose_kinds(const char *letters)
{
	unsigned total = 0;

	for (size_t i = 0; i < KINDS; i++) {
		if (letters && !strchr(letters, kinds[i].letter))
			kinds[i].share = 0;
		total += kinds[i].share;
	}
	if (!total)
		errx(2, "no kind of junk in \"%s\"", letters);
	return total;
}

static void open_sockets(int *fds, unsigned first_port)
{
	for (unsigned i = 0; i < SOCKETS; i++) {
		struct sockaddr_in local = { .sin_family = AF_INET };

		local.sin_port = htons((uint16_t)(first_port ? first_port + i : 0));
		fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fds[i] < 0 || bind(fds[i], (struct sockaddr *)&local, sizeof(local)) < 0)
			err(1, "socket");
	}
}

/* --- sending --- */

/* Octets that wait in the UDP sockets of a port, in the network of a process. */
static unsigned long queued(int pid, unsigned port)
{
	unsigned long most = 0, queue;
	char path[64], line[512];
	unsigned local;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/net/udp", pid);
	file = fopen(path, "re");
	if (!file)
		err(1, "process %d has gone", pid);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " %*u: %*x:%x %*x:%*x %*x %*x:%lx", &local, &queue) == 2 &&
			local == port && queue > most)
			most = queue;
	fclose(file);
	return most;
}

static void send_all(int fd, struct mmsghdr *messages, unsigned count)
{
	unsigned sent = 0;

	while (sent < count) {
		int n = sendmmsg(fd, messages + sent, count - sent, 0);

		if (n > 0)
			sent += (unsigned)n;
		else if (errno != EINTR && errno != ENOBUFS && errno != EAGAIN)
			err(1, "sendmmsg");
	}
}

static void send_batch(int fd, struct sockaddr_in *to, unsigned count, unsigned total)
{
	static struct packet packets[BATCH];
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec iov[BATCH];

	for (unsigned i = 0; i < count; i++) {
		make(&packets[i], total);
		iov[i] = (struct iovec){ .iov_base = packets[i].data, .iov_len = packets[i].len };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = to,
			.msg_namelen = sizeof(*to),
			.msg_iov = &iov[i],
			.msg_iovlen = 1 };
	}
	send_all(fd, messages, count);
}

int main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	struct sockaddr_in to = { .sin_family = AF_INET };
	unsigned long count = 0;
	unsigned first_port = 0, total;
	const char *letters = NULL;
	int fds[SOCKETS], pid = 0, c;

	while ((c = getopt(argc, argv, "k:b:w:n:s:l:")) >= 0) {
		switch (c) {
		case 'k':
			letters = optarg;
			break;
		case 'b':
			first_port = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'w':
			pid = atoi(optarg);
			break;
		case 'n':
			count = strtoul(optarg, NULL, 10);
			break;
		case 's':
			state = strtoull(optarg, NULL, 10) * 2 + 1; /* never 0 */
			break;
		case 'l':
			if (sscanf(optarg, "%u/%u", &live_tid, &live_sid) == 2)
				break;
			/* fallthrough */
		default:
			errx(2, "see the head of junk.c");
		}
	}
	if (argc - optind != 3 || !state || inet_pton(AF_INET, argv[optind + 1], &to.sin_addr) != 1)
		errx(2, "see the head of junk.c");
	to.sin_port = htons((uint16_t)atoi(argv[optind + 2]));
	read_samples(argv[optind]);
	total = choose_kinds(letters);
	open_sockets(fds, first_port);
	for (unsigned long sent = 0, batch; sent < count; sent += batch) {
		batch = count - sent < BATCH ? count - sent : BATCH;
		while (pid && queued(pid, ntohs(to.sin_port)) > QUEUE_MAX)
			nanosleep(&pause, NULL);
		send_batch(fds[(sent / BATCH) % SOCKETS], &to, (unsigned)batch, total);
	}
	for (size_t i = 0; i < KINDS; i++)
		printf("%s %lu %lu\n", kinds[i].name, kinds[i].datagrams, kinds[i].octets);
	return 0;
}
