/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many PPPoE clients in one process: a load for an access concentrator, and, with a login, for the
 * LNS behind it. No kernel session and no interface is made, only frames are sent and read
 * (AF_PACKET), so it runs on any interface, a veth for one.
 *
 *	pppoe_load IFNAME [OPTION VALUE]...
 *	  clients N	how many, default 1
 *	  rate R	started a second, default 100
 *	  login U:P	speak PPP (LCP, PAP or CHAP-MD5, IPCP) as this user with this
 *			password; %u in it is the client's number. Without it a call is up
 *			when its PADS came
 *	  service NAME	to ask for
 *	  hold S	stay so many seconds when all are up or have failed, default until
 *			SIGTERM
 *	  redial S	call again so many seconds after an end or refusal, default never
 *	  first N	number of the first client, which its address is made of; default 0
 *	  flood R	besides, R PADIs a second of random addresses, as long as it runs
 *
 * Every second a line of JSON says how many calls stand where; the last one, at the end, has
 * "done": true and how long it took from the first frame of a call until it was up. Exit status 1
 * if a call that was to be up is not.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "pppoe/tags.h"

#include "pppoe_load_ppp.h"

#define RETRY	   (3 * USEC_PER_SEC)
#define TRIES	   10
#define FRAMES_MAX 256 /* read in one go */

enum stage {
	STAGE_IDLE,
	STAGE_PADI,
	STAGE_PADR,
	STAGE_PPP,
	STAGE_UP,
	STAGE_REFUSED, /* PADS with an error */
	STAGE_ENDED,   /* PADT, LCP Terminate, wrong login */
	STAGE_SILENT,  /* no answer */
};
#define STAGES 8
static const char *const stage_names[STAGES] = { "idle", "padi", "padr", "ppp", "up", "refused",
	"ended", "silent" };

struct client {
	enum stage stage;
	uint8_t mac[PPPOE_MAC_LEN], ac[PPPOE_MAC_LEN];
	uint16_t sid, cookie_len;
	uint8_t cookie[64];
	unsigned tries;
	usec_t started, due; /* due: send again, or dial again */
	struct load_ppp ppp;
};

static struct {
	unsigned clients, rate, first, flood;
	const char *service, *login;
	usec_t hold, redial;
	int ifindex, discovery, session;
	struct client *list;
	usec_t now, begun, all_done;
	unsigned started, count[STAGES];
	uint64_t ups, flood_sent, pados, text_told;
	uint32_t *took_ms; /* of the first ups */
} load = { .clients = 1, .rate = 100, .service = "" };

static volatile sig_atomic_t stopping;

static void on_signal(int sig)
{
	stopping = sig;
}

static usec_t clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

/* --- frames -------------------------------------------------------------------------- */

static int open_socket(uint16_t type)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET, .sll_protocol = htons(type), .sll_ifindex = load.ifindex
	};
	/* the addresses are not the interface's */
	struct packet_mreq mreq = { .mr_ifindex = load.ifindex, .mr_type = PACKET_MR_PROMISC };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int size = 8 << 20;

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mreq, sizeof(mreq)) < 0) {
		perror("AF_PACKET");
		exit(2);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return fd;
}

static void send_raw(int fd, const uint8_t *frame, size_t len)
{
	/* what does not go out now is sent again later */
	if (send(fd, frame, len, 0) < 0 && errno != ENOBUFS && errno != EAGAIN) {
		perror("send");
		exit(2);
	}
}

static void send_discovery(const struct client *c, enum pppoe_code code)
{
	static const uint8_t all[PPPOE_MAC_LEN] = { 255, 255, 255, 255, 255, 255 };
	uint8_t buf[PPPOE_FRAME_MAX];
	struct buf_wr wr;
	int len;

	buf_wr_init(&wr, buf, sizeof(buf));
	pppoe_begin(&wr, code == PPPOE_PADI ? all : c->ac, c->mac, code,
		code == PPPOE_PADT ? c->sid : 0);
	if (code != PPPOE_PADT)
		pppoe_put(&wr, PPPOE_TAG_SERVICE_NAME, pppoe_text(load.service));
	pppoe_put(&wr, PPPOE_TAG_HOST_UNIQ, (struct l2tp_span){ c->mac + 2, 4 });
	if (code == PPPOE_PADR && c->cookie_len)
		pppoe_put(&wr, PPPOE_TAG_AC_COOKIE, (struct l2tp_span){ c->cookie, c->cookie_len });
	len = pppoe_end(&wr);
	if (len > 0)
		send_raw(load.discovery, buf, (size_t)len);
}

/* What the PPP part has to say, each in a frame of the session. */
static void send_ppp(struct client *c)
{
	uint8_t buf[ETH_FRAME_LEN];
	struct buf_wr wr;
	size_t len;

	for (;;) {
		buf_wr_init(&wr, buf, sizeof(buf));
		pppoe_begin(&wr, c->ac, c->mac, 0, c->sid);
		len = load_ppp_next(&c->ppp, buf + wr.pos, sizeof(buf) - wr.pos);
		if (!len)
			return;
		wr.pos += len;
		pppoe_end(&wr);
		buf[13] = ETH_P_PPP_SES & 0xff;
		send_raw(load.session, buf, wr.pos);
	}
}

/* --- clients ------------------------------------------------------------------------- */

static void enter(struct client *c, enum stage stage)
{
	load.count[c->stage]--;
	load.count[stage]++;
	c->stage = stage;
	c->tries = 0;
	c->due = load.now + RETRY;
	if (stage == STAGE_UP) {
		if (load.ups < load.clients)
			load.took_ms[load.ups] = (uint32_t)((load.now - c->started) / 1000);
		load.ups++;
	}
	if (stage >= STAGE_UP)
		c->due = stage > STAGE_UP && load.redial ? load.now + load.redial : USEC_INFINITY;
}

static void dial(struct client *c)
{
	c->started = load.now;
	c->cookie_len = 0;
	enter(c, STAGE_PADI);
	send_discovery(c, PPPOE_PADI);
}

static void ppp_moved(struct client *c)
{
	send_ppp(c);
	if (load_ppp_is_over(&c->ppp)) {
		send_discovery(c, PPPOE_PADT);
		enter(c, STAGE_ENDED);
	} else if (c->stage == STAGE_PPP && load_ppp_is_up(&c->ppp)) {
		enter(c, STAGE_UP);
	}
}

static void session_opened(struct client *c, uint16_t sid)
{
	char user[100];

	c->sid = sid;
	if (!load.login) {
		enter(c, STAGE_UP);
		return;
	}
	snprintf(user, sizeof(user), "%u", load.first + (unsigned)(c - load.list));
	enter(c, STAGE_PPP);
	load_ppp_start(&c->ppp, load.login, user);
	ppp_moved(c);
}

static void due(struct client *c)
{
	if (c->stage > STAGE_UP) {
		dial(c);
		return;
	}
	if (++c->tries == TRIES) {
		if (c->stage == STAGE_PPP)
			send_discovery(c, PPPOE_PADT);
		enter(c, STAGE_SILENT);
		return;
	}
	c->due = load.now + RETRY;
	if (c->stage == STAGE_PPP) {
		load_ppp_again(&c->ppp);
		ppp_moved(c);
	} else {
		send_discovery(c, c->stage == STAGE_PADI ? PPPOE_PADI : PPPOE_PADR);
	}
}

/* By its address, which is 02:4c and its number. */
static struct client *find_client(const uint8_t mac[static PPPOE_MAC_LEN])
{
	struct buf_rd rd;
	uint32_t n;

	buf_rd_init(&rd, mac, PPPOE_MAC_LEN);
	if (buf_rd_u16(&rd) != 0x024c)
		return NULL;
	n = buf_rd_u32(&rd) - load.first;
	return n < load.clients ? &load.list[n] : NULL;
}

/* Once, so that a person sees why nothing comes up. */
static void tell_error(const struct pppoe_frame *f)
{
	if (!f->error_text.len || load.text_told++ >= 3)
		return;
	fprintf(stderr, "pppoe_load: told: %.*s\n", f->error_text.len,
		(const char *)f->error_text.data);
}

static void input_discovery(const uint8_t *buf, size_t len)
{
	struct pppoe_frame f;
	struct client *c;

	if (pppoe_parse(buf, len, &f) < 0)
		return;
	load.pados += f.code == PPPOE_PADO;
	c = find_client(f.dst);
	if (!c)
		return;
	if (f.code == PPPOE_PADO && c->stage == STAGE_PADI && f.cookie.len <= sizeof(c->cookie)) {
		memcpy(c->ac, f.src, PPPOE_MAC_LEN);
		if (f.cookie.len)
			memcpy(c->cookie, f.cookie.data, f.cookie.len);
		c->cookie_len = f.cookie.len;
		enter(c, STAGE_PADR);
		send_discovery(c, PPPOE_PADR);
	} else if (f.code == PPPOE_PADS && c->stage == STAGE_PADR && !f.sid) {
		tell_error(&f);
		enter(c, STAGE_REFUSED);
	} else if (f.code == PPPOE_PADS && c->stage == STAGE_PADR) {
		session_opened(c, f.sid);
	} else if (f.code == PPPOE_PADT && f.sid == c->sid &&
		   (c->stage == STAGE_PPP || c->stage == STAGE_UP)) {
		tell_error(&f);
		enter(c, STAGE_ENDED);
	}
}

static void input_session(const uint8_t *buf, size_t len)
{
	struct client *c;
	struct buf_rd rd;
	uint16_t sid, length;

	if (len < PPPOE_HDR_LEN)
		return;
	c = find_client(buf);
	if (!c || !load.login || (c->stage != STAGE_PPP && c->stage != STAGE_UP))
		return;
	buf_rd_init(&rd, buf + 16, len - 16);
	sid = buf_rd_u16(&rd);
	length = buf_rd_u16(&rd);
	if (sid != c->sid || length > buf_rd_left(&rd))
		return;
	load_ppp_input(&c->ppp, buf + PPPOE_HDR_LEN, length);
	ppp_moved(c);
}

static void read_frames(int fd, void (*input)(const uint8_t *buf, size_t len))
{
	uint8_t buf[2048];

	for (unsigned i = 0; i < FRAMES_MAX; i++) {
		struct sockaddr_ll from;
		socklen_t from_len = sizeof(from);
		ssize_t len =
			recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &from_len);

		if (len < 0)
			return;
		if (from.sll_pkttype != PACKET_OUTGOING)
			input(buf, (size_t)len);
	}
}

/* --- the load ------------------------------------------------------------------------ */

static void start_more(void)
{
	uint64_t wanted = (load.now - load.begun) * load.rate / USEC_PER_SEC + 1;

	while (load.started < load.clients && load.started < wanted)
		dial(&load.list[load.started++]);
}

static void flood_more(void)
{
	uint64_t wanted = (load.now - load.begun) * load.flood / USEC_PER_SEC;
	struct client c = { .mac = { 2, 0xf1 } };

	while (load.flood_sent < wanted) {
		uint32_t n = (uint32_t)random();

		memcpy(c.mac + 2, &n, 4);
		send_discovery(&c, PPPOE_PADI);
		load.flood_sent++;
	}
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void report(bool done)
{
	uint64_t n = load.ups < load.clients ? load.ups : load.clients;

	printf("{\"t\": %.1f, \"clients\": %u", (double)(load.now - load.begun) / 1e6,
		load.clients);
	for (unsigned i = 0; i < STAGES; i++)
		printf(", \"%s\": %u", stage_names[i], load.count[i]);
	printf(", \"ups\": %llu", (unsigned long long)load.ups);
	if (load.flood)
		printf(", \"flood_padi\": %llu, \"pado\": %llu",
			(unsigned long long)load.flood_sent, (unsigned long long)load.pados);
	if (done && n) {
		qsort(load.took_ms, n, sizeof(*load.took_ms), by_size);
		printf(", \"ms_half\": %u, \"ms_95\": %u, \"ms_all\": %u", load.took_ms[n / 2],
			load.took_ms[n * 95 / 100], load.took_ms[n - 1]);
	}
	printf("%s}\n", done ? ", \"done\": true" : "");
	fflush(stdout);
}

static bool all_done(void)
{
	return load.started == load.clients && !load.count[STAGE_PADI] && !load.count[STAGE_PADR] &&
	       !load.count[STAGE_PPP];
}

static void work(void)
{
	struct pollfd fds[] = { { load.discovery, POLLIN, 0 }, { load.session, POLLIN, 0 } };
	usec_t next_report = load.begun + USEC_PER_SEC;

	while (!stopping) {
		poll(fds, 2, 5);
		load.now = clock_now();
		start_more();
		flood_more();
		read_frames(load.discovery, input_discovery);
		read_frames(load.session, input_session);
		for (unsigned i = 0; i < load.started; i++)
			if (load.list[i].due <= load.now)
				due(&load.list[i]);
		if (!load.all_done && all_done())
			load.all_done = load.now;
		if (load.all_done && load.hold && load.now >= load.all_done + load.hold)
			return;
		if (load.now >= next_report) {
			report(false);
			next_report += USEC_PER_SEC;
		}
	}
}

static void hang_up(void)
{
	for (unsigned i = 0; i < load.started; i++) {
		struct client *c = &load.list[i];

		if (c->stage == STAGE_UP || c->stage == STAGE_PPP)
			send_discovery(c, PPPOE_PADT);
	}
}

static void read_options(char **argv)
{
	for (; argv[0]; argv += 2) {
		const char *value = argv[1];

		if (!value) {
			fprintf(stderr, "pppoe_load: %s needs a value\n", argv[0]);
			exit(2);
		}
		if (strcmp(argv[0], "clients") == 0)
			load.clients = (unsigned)atoi(value);
		else if (strcmp(argv[0], "rate") == 0)
			load.rate = (unsigned)atoi(value);
		else if (strcmp(argv[0], "login") == 0)
			load.login = value;
		else if (strcmp(argv[0], "service") == 0)
			load.service = value;
		else if (strcmp(argv[0], "hold") == 0)
			load.hold = (usec_t)(atof(value) * 1e6) + 1;
		else if (strcmp(argv[0], "redial") == 0)
			load.redial = (usec_t)(atof(value) * 1e6) + 1;
		else if (strcmp(argv[0], "first") == 0)
			load.first = (unsigned)atoi(value);
		else if (strcmp(argv[0], "flood") == 0)
			load.flood = (unsigned)atoi(value);
		else {
			fprintf(stderr, "pppoe_load: no option %s\n", argv[0]);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	bool good;

	if (argc < 2) {
		fprintf(stderr, "usage: pppoe_load IFNAME [OPTION VALUE]...\n");
		return 2;
	}
	read_options(argv + 2);
	load.ifindex = (int)if_nametoindex(argv[1]);
	if (!load.ifindex) {
		perror(argv[1]);
		return 2;
	}
	load.list = calloc(load.clients + 1, sizeof(*load.list));
	load.took_ms = calloc(load.clients + 1, sizeof(*load.took_ms));
	if (!load.list || !load.took_ms)
		return 2;
	for (unsigned i = 0; i < load.clients; i++) {
		struct client *c = &load.list[i];
		struct buf_wr wr;

		buf_wr_init(&wr, c->mac, sizeof(c->mac));
		buf_wr_u16(&wr, 0x024c);
		buf_wr_u32(&wr, load.first + i);
	}
	load.count[STAGE_IDLE] = load.clients;
	load.discovery = open_socket(ETH_P_PPP_DISC);
	load.session = open_socket(ETH_P_PPP_SES);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	load.begun = load.now = clock_now();
	srandom((unsigned)load.begun);
	work();
	report(true);
	good = load.count[STAGE_UP] == load.clients;
	hang_up();
	free(load.list);
	free(load.took_ms);
	return good ? 0 : 1;
}
