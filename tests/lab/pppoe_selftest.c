/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPPoE, PPP channels and serial lines against a kernel that has them: run as root in a lab guest,
 * in a network namespace of its own. Exit status 1 if a check failed.
 *
 *	cl0 ---- ac0	two pairs of interfaces; cl is the client's side, ac that of the access
 *	cl1 ---- ac1	concentrator. cl0.7 and ac0.7 are of VLAN 7.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_packet.h>

#include "linux/loopback.h"
#include "linux/ppp_channel.h"
#include "linux/pppoe_socket.h"
#include "linux/pppox.h"
#include "linux/tty.h"
#include "pppoe/tags.h"

#include "selftest.h"

#define WAIT_MS 5000

/* Echo-Request of LCP, as /dev/ppp has it */
static const uint8_t echo[] = { 0xc0, 0x21, 9, 1, 0, 8, 0, 0, 0, 0 };

static struct pppoe_socket_port cl[2], ac[2], cl_vlan, ac_vlan;

static long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000L + ts.tv_nsec / 1000;
}

/* --- discovery ----------------------------------------------------------------------- */

static void test_interfaces(void)
{
	static const uint8_t none[6];
	struct pppoe_socket_port port;

	printf("# interfaces\n");
	run("ip link add cl0 type veth peer name ac0 && ip link add cl1 type veth peer name ac1 "
	    "&& "
	    "ip link add link cl0 name cl0.7 type vlan id 7 && "
	    "ip link add link ac0 name ac0.7 type vlan id 7 && ip link set ac0.7 mtu 1480 && "
	    "for i in cl0 ac0 cl1 ac1 cl0.7 ac0.7; do ip link set $i up || exit 1; done");
	check_is(pppoe_socket_port("cl0", &cl[0]), 0, "an interface");
	check_is(pppoe_socket_port("ac0", &ac[0]), 0, "its other end");
	check_is(pppoe_socket_port("cl1", &cl[1]), 0, "another pair");
	check_is(pppoe_socket_port("ac1", &ac[1]), 0, "and its other end");
	check_is(pppoe_socket_port("cl0.7", &cl_vlan), 0, "a VLAN");
	check_is(pppoe_socket_port("ac0.7", &ac_vlan), 0, "its other end");
	check_is(ac[0].ifindex, (long)if_nametoindex("ac0"), "its index");
	check_is(ac_vlan.mtu, 1480, "its MTU");
	check(ac[0].up && memcmp(ac[0].mac, none, 6) != 0, "up, with an address");
	check_is(pppoe_socket_port("nobody0", &port), -ENODEV, "no such interface");
	check_is(pppoe_socket_port("a-name-that-is-too-long", &port), -ENODEV, "no such name");
	check_is(pppoe_socket_port("lo", &port), -ENOTSUP, "not Ethernet");
}

static size_t frame_of(uint8_t *buf, const uint8_t *dst, const struct pppoe_socket_port *from,
	enum pppoe_code code, uint16_t sid)
{
	struct buf_wr wr;

	buf_wr_init(&wr, buf, PPPOE_FRAME_MAX);
	pppoe_begin(&wr, dst, from->mac, code, sid);
	pppoe_put(&wr, PPPOE_TAG_SERVICE_NAME, pppoe_text("isp"));
	return (size_t)pppoe_end(&wr);
}

static void send_frame(int fd, const struct pppoe_socket_port *from, const uint8_t *dst,
	enum pppoe_code code, uint16_t sid)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	size_t len = frame_of(buf, dst, from, code, sid);

	check_is(pppoe_socket_send(fd, from->ifindex, buf, len), 0, "a frame is sent");
}

/* The code of the next frame, or an error. */
static int next_code(int fd, int *ret_ifindex)
{
	struct pppoe_frame frame;
	uint8_t buf[2000];
	ssize_t len;

	if (!events_within(fd, 300))
		return -EAGAIN;
	len = pppoe_socket_recv(fd, buf, sizeof(buf), ret_ifindex);
	if (len < 0)
		return (int)len;
	return pppoe_parse(buf, (size_t)len, &frame) < 0 ? -EBADMSG : frame.code;
}

static void test_discovery(void)
{
	static const uint8_t all[] = { 255, 255, 255, 255, 255, 255 };
	int client, one, vlan, any, ifindex = 0;

	printf("# discovery\n");
	check_is(pppoe_socket_listen(cl[0].ifindex, &client), 0, "a client's socket");
	check_is(pppoe_socket_listen(ac[0].ifindex, &one), 0, "a socket of an interface");
	check_is(pppoe_socket_listen(ac_vlan.ifindex, &vlan), 0, "one of a VLAN");
	check_is(pppoe_socket_listen(0, &any), 0, "one of all interfaces");
	send_frame(client, &cl[0], all, PPPOE_PADI, 0);
	check_is(next_code(one, &ifindex), PPPOE_PADI, "PADI is heard");
	check_is(ifindex, ac[0].ifindex, "by its interface");
	check_is(next_code(any, &ifindex), PPPOE_PADI, "and by the socket of all");
	check_is(ifindex, ac[0].ifindex, "which knows the interface");
	check_is(next_code(vlan, &ifindex), -EAGAIN, "not by the VLAN");
	send_frame(client, &cl_vlan, all, PPPOE_PADI, 0);
	check_is(next_code(vlan, &ifindex), PPPOE_PADI, "PADI in the VLAN is heard there");
	check_is(next_code(any, &ifindex), PPPOE_PADI, "and by the socket of all");
	check_is(ifindex, ac_vlan.ifindex, "as the VLAN's");
	check_is(next_code(one, &ifindex), -EAGAIN, "not by the interface below");
	send_frame(client, &cl[0], ac[0].mac, PPPOE_PADR, 0);
	check_is(next_code(one, &ifindex), PPPOE_PADR, "PADR is heard");
	send_frame(client, &cl[0], ac[0].mac, PPPOE_PADT, 5);
	check_is(next_code(one, &ifindex), PPPOE_PADT, "PADT is heard");
	send_frame(client, &cl[0], all, PPPOE_PADO, 0);
	send_frame(client, &cl[0], ac[0].mac, PPPOE_PADS, 1);
	send_frame(client, &cl[0], cl[1].mac, PPPOE_PADR, 0);
	check_is(next_code(one, &ifindex), -EAGAIN, "what is not for us is not");
	send_frame(one, &ac[0], cl[0].mac, PPPOE_PADT, 5);
	check_is(next_code(client, &ifindex), PPPOE_PADT, "an answer arrives");
	/* a VLAN that nobody set up must not look like one without */
	run("ip link del cl0.7 && ip link add link cl0 name cl0.7 type vlan id 8 && "
	    "ip link set cl0.7 up");
	check_is(pppoe_socket_port("cl0.7", &cl_vlan), 0, "another VLAN");
	while (next_code(any, &ifindex) >= 0 || next_code(one, &ifindex) >= 0)
		;
	send_frame(client, &cl_vlan, all, PPPOE_PADI, 0);
	check_is(next_code(one, &ifindex), -EAGAIN, "a VLAN without interface is not heard");
	check_is(next_code(any, &ifindex), -EAGAIN, "nor by the socket of all");
	close(client);
	close(one);
	close(vlan);
	close(any);
}

/* --- sessions and legs --------------------------------------------------------------- */

static void connect_leg(const struct pppoe_socket_port *port, const struct pppoe_socket_port *peer,
	uint16_t sid, struct ppp_leg *ret)
{
	int fd = -1;

	*ret = PPP_LEG_NONE;
	check_is(pppoe_socket_connect(port->ifindex, sid, peer->mac, &fd), 0, "a session");
	if (fd >= 0)
		check_is(ppp_leg_open(fd, ret), 0, "and its channel");
}

static void write_echo(const struct ppp_leg *leg, uint8_t n)
{
	uint8_t frame[sizeof(echo)];

	memcpy(frame, echo, sizeof(frame));
	frame[3] = n;
	check_is(ppp_leg_write(leg, frame, sizeof(frame)), 0, "a frame is written");
}

/* The number of the next echo, or an error. */
static int read_echo(const struct ppp_leg *leg)
{
	uint8_t frame[PPP_FRAME_MAX];
	ssize_t len;

	if (!events_within(leg->fd, 300))
		return -EAGAIN;
	len = ppp_leg_read(leg, frame, sizeof(frame));
	if (len < 0)
		return (int)len;
	if (len != sizeof(echo) || memcmp(frame, echo, 3) != 0)
		return -EBADMSG;
	return frame[3];
}

static void test_sessions(void)
{
	struct ppp_leg a, b, other;
	uint8_t buf[10];
	int fd;

	printf("# sessions\n");
	check_is(pppoe_socket_connect(ac[0].ifindex, 0, cl[0].mac, &fd), -EINVAL, "session 0");
	check_is(pppoe_socket_connect(ac[0].ifindex, 0xffff, cl[0].mac, &fd), -EINVAL, "65535");
	check_is(pppoe_socket_connect(9999, 1, cl[0].mac, &fd), -ENODEV, "no interface");
	connect_leg(&ac[0], &cl[0], 7, &a);
	connect_leg(&cl[0], &ac[0], 7, &b);
	check(ppp_leg_can_join(&a), "this kernel has bridges");
	check_is(ppp_leg_read(&a, buf, sizeof(buf)), -EAGAIN, "nothing waits");
	write_echo(&b, 1);
	check_is(read_echo(&a), 1, "a frame arrives");
	write_echo(&a, 2);
	check_is(read_echo(&b), 2, "and one comes back");
	connect_leg(&ac[0], &cl[0], 8, &other);
	check_is(pppoe_socket_connect(ac[0].ifindex, 8, cl[0].mac, &fd), -EALREADY, "once");
	ppp_leg_close(&other);
	check_is(ppp_leg_set_accm(&a, 0, 0), -ENOTTY, "it has no ACCM");
	ppp_leg_close(&b);
	ppp_leg_close(&b);
	/* more than wait: the oldest go */
	connect_leg(&cl[0], &ac[0], 7, &b);
	for (unsigned i = 1; i <= 40; i++) {
		uint8_t frame[sizeof(echo)];

		memcpy(frame, echo, sizeof(frame));
		frame[3] = (uint8_t)i;
		ppp_leg_write(&b, frame, sizeof(frame));
	}
	usleep(100000);
	check_is(read_echo(&a), 9, "32 frames wait");
	ppp_leg_close(&a);
	ppp_leg_close(&b);
}

/* Two calls, joined at the access concentrator's side. */
static void test_bridge(void)
{
	struct ppp_leg client[2], line[2];

	printf("# bridge\n");
	for (int i = 0; i < 2; i++) {
		connect_leg(&cl[i], &ac[i], 70, &client[i]);
		connect_leg(&ac[i], &cl[i], 70, &line[i]);
	}
	/* what came before the bridge is not lost */
	write_echo(&client[0], 1);
	write_echo(&client[0], 2);
	write_echo(&client[1], 3);
	usleep(100000);
	check_is(ppp_leg_join(&line[0], &line[1]), 3, "joined, with what waited");
	check_is(read_echo(&client[1]), 1, "the first frame");
	check_is(read_echo(&client[1]), 2, "the second");
	check_is(read_echo(&client[0]), 3, "that of the other side");
	write_echo(&client[0], 4);
	check_is(read_echo(&client[1]), 4, "there");
	write_echo(&client[1], 5);
	check_is(read_echo(&client[0]), 5, "and back");
	check_is(events_within(line[0].fd, 0), 0, "nobody here sees them");
	check_is(ppp_leg_join(&line[0], &line[1]), -EALREADY, "once");
	check_is(ppp_leg_part(&line[1]), 0, "parted");
	check_is(ppp_leg_part(&line[0]), -EINVAL, "once");
	write_echo(&client[0], 6);
	check_is(read_echo(&line[0]), 6, "frames wait again");
	check_is(ppp_leg_join(&line[1], &line[0]), 0, "joined again");
	/* one side goes: the other does not hear of it, but its frames wait */
	ppp_leg_close(&line[1]);
	check_is(events_within(line[0].fd, 300), 0, "the other side sees nothing");
	write_echo(&client[0], 7);
	check_is(events_within(line[0].fd, 300), POLLIN, "until a frame comes");
	check_is(read_echo(&line[0]), 7, "which is not lost");
	check_is(ppp_leg_part(&line[0]), -EINVAL, "the bridge is gone");
	ppp_leg_close(&line[0]);
	for (int i = 0; i < 2; i++)
		ppp_leg_close(&client[i]);
}

/* How the end of a session shows. */
static void test_ends(void)
{
	struct ppp_leg a, b;
	uint8_t buf[10];
	int fd;

	printf("# ends\n");
	check_is(pppoe_socket_listen(cl[0].ifindex, &fd), 0, "a socket");
	connect_leg(&ac[0], &cl[0], 8, &a);
	send_frame(fd, &cl[0], ac[0].mac, PPPOE_PADT, 8);
	check(events_within(a.fd, WAIT_MS) & POLLHUP, "PADT hangs the channel up");
	check_is(ppp_leg_read(&a, buf, sizeof(buf)), -ENOTCONN, "it is gone");
	check_is(ppp_leg_join(&a, &a), -ENXIO, "and cannot be joined");
	ppp_leg_close(&a);
	connect_leg(&ac[0], &cl[0], 8, &a);
	send_frame(fd, &cl[0], ac[0].mac, PPPOE_PADT, 9);
	check_is(events_within(a.fd, 300), 0, "PADT of another session does not");
	run("ip link set ac0 down");
	check(events_within(a.fd, WAIT_MS) & POLLHUP, "the interface going down does");
	check_is(
		pppoe_socket_connect(ac[0].ifindex, 9, cl[0].mac, &fd), -ENODEV, "none while down");
	run("ip link set ac0 up");
	ppp_leg_close(&a);
	connect_leg(&ac[0], &cl[0], 8, &a);
	connect_leg(&cl[0], &ac[0], 8, &b);
	close(a.line);
	a.line = -1;
	check(events_within(a.fd, WAIT_MS) & POLLHUP, "closing the line does");
	ppp_leg_close(&a);
	ppp_leg_close(&b);
	close(fd);
}

/* --- L2TP ---------------------------------------------------------------------------- */

/* A PPPoE client on one side, a session of L2TP on the other: what a LAC is. */
static void test_lac(void)
{
	const uint16_t header[] = { htons(0x0002), 0, 0, htons(0xff03) };
	uint8_t packet[sizeof(header) + sizeof(echo)], buf[100];
	struct ppp_leg client, line, tunnel = PPP_LEG_NONE;
	struct l2tp_genl *genl;
	struct loopback lb;
	const char *call = "";
	long start;
	int r;

	printf("# PPPoE and L2TP\n");
	run("ip link set lo up");
	check_is(pppox_probe(), 0, "L2TP is there");
	check_is(l2tp_genl_new(&genl), 0, "its family");
	r = loopback_open(genl, &lb, &call);
	check(r == 0, "a session: %s: %s", call, strerror(-r));
	connect_leg(&cl[0], &ac[0], 500, &client);
	connect_leg(&ac[0], &cl[0], 500, &line);
	start = now_us();
	check_is(ppp_leg_open(lb.pppox_fd, &tunnel), 0, "its channel");
	printf("# the channel took %ld us\n", now_us() - start);
	lb.pppox_fd = -1;
	write_echo(&client, 1);
	usleep(100000);
	check_is(ppp_leg_join(&line, &tunnel), 1, "joined, with the first frame");
	for (int i = 1; i <= 2; i++) {
		check(events_within(lb.far_fd, WAIT_MS), "an L2TP packet");
		r = (int)recv(lb.far_fd, buf, sizeof(buf), 0);
		check_is(r, 6 + 2 + (long)sizeof(echo), "of the right size");
		check(r > 8 && buf[6] == 0xff && memcmp(buf + 8, echo, 3) == 0 && buf[11] == i,
			"with FF 03 and frame %d", i);
		if (i == 1)
			write_echo(&client, 2);
	}
	memcpy(packet, header, sizeof(header));
	memcpy(packet + 2, (uint16_t[]){ htons(lb.tid), htons(lb.sid) }, 4);
	memcpy(packet + sizeof(header), echo, sizeof(echo));
	packet[sizeof(header) + 3] = 77;
	check_is(send(lb.far_fd, packet, sizeof(packet), 0), sizeof(packet), "an answer");
	check_is(read_echo(&client), 77, "reaches the client without FF 03");
	ppp_leg_close(&line);
	ppp_leg_close(&tunnel);
	ppp_leg_close(&client);
	loopback_close(genl, &lb);
	l2tp_genl_free(genl);
}

/* --- serial lines -------------------------------------------------------------------- */

/* RFC 1662 C.2, bit by bit */
static uint16_t fcs16(const uint8_t *data, size_t len)
{
	uint16_t fcs = 0xffff;

	for (size_t i = 0; i < len; i++) {
		fcs ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			fcs = (uint16_t)(fcs & 1 ? fcs >> 1 ^ 0x8408 : fcs >> 1);
	}
	return (uint16_t)~fcs;
}

static size_t put_escaped(uint8_t *out, uint8_t octet)
{
	if (octet >= 0x20 && octet != 0x7d && octet != 0x7e) {
		*out = octet;
		return 1;
	}
	out[0] = 0x7d;
	out[1] = octet ^ 0x20;
	return 2;
}

/* Echo n as it goes over the line, all control characters escaped. */
static size_t hdlc_echo(uint8_t *out, uint8_t n)
{
	uint8_t frame[2 + sizeof(echo)] = { 0xff, 0x03 };
	size_t len = 0;
	uint16_t fcs;

	memcpy(frame + 2, echo, sizeof(echo));
	frame[2 + 3] = n;
	fcs = fcs16(frame, sizeof(frame));
	out[len++] = 0x7e;
	for (size_t i = 0; i < sizeof(frame); i++)
		len += put_escaped(out + len, frame[i]);
	len += put_escaped(out + len, (uint8_t)fcs);
	len += put_escaped(out + len, (uint8_t)(fcs >> 8));
	out[len++] = 0x7e;
	return len;
}

/*
 * The next frame of the line without its flags, of which there may be one or two; 0: it did not
 * come.
 */
static size_t read_hdlc(int fd, uint8_t *buf, size_t size)
{
	size_t len = 0;

	while (len < size && events_within(fd, 1000)) {
		if (read(fd, buf + len, 1) != 1)
			return 0;
		if (buf[len] != 0x7e)
			len++;
		else if (len)
			return len;
	}
	return 0;
}

static int open_line(char name[static 64], struct ppp_leg *ret)
{
	const struct tty_options options = { .speed = 115200 };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), fd = -1;

	*ret = PPP_LEG_NONE;
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
		ptsname_r(master, name, 64) != 0)
		check(false, "a pseudo terminal");
	check_is(tty_open(name, &options, &fd), 0, "a line");
	check_is(tty_start_ppp(fd), 0, "in the PPP discipline");
	check_is(ppp_leg_open(fd, ret), 0, "its channel");
	return master;
}

static void test_serial(void)
{
	uint8_t wire[100], got[100];
	struct ppp_leg leg;
	char name[64];
	size_t len, plain;
	int master;

	printf("# serial lines\n");
	master = open_line(name, &leg);
	len = hdlc_echo(wire, 5);
	check_is(write(master, "noise\n", 6), 6, "noise");
	check_is(write(master, wire, len), (long)len, "a frame");
	check_is(read_echo(&leg), 5, "arrives, the noise does not");
	wire[5] ^= 1;
	check_is(write(master, wire, len), (long)len, "a frame with an error");
	check_is(read_echo(&leg), -EAGAIN, "does not");
	while (events_within(master, 100) && read(master, got, sizeof(got)) > 0)
		;
	write_echo(&leg, 6);
	plain = hdlc_echo(wire, 6);
	len = read_hdlc(master, got, sizeof(got));
	check(len == plain - 2 && memcmp(got, wire + 1, len) == 0, "ours is what RFC 1662 says");
	/* LCP is escaped whatever the map says; the map shows with another protocol */
	check_is(ppp_leg_set_accm(&leg, 0, 0), 0, "a map without control characters");
	{
		const uint8_t ip[] = { 0x00, 0x21, 1, 2, 3 };

		check_is(ppp_leg_write(&leg, ip, sizeof(ip)), 0, "an IP frame");
		len = read_hdlc(master, got, sizeof(got));
		check(len >= 4 && memmem(got, len, "\x01\x02\x03", 3), "is sent as it is");
	}
	check_is(ppp_leg_set_accm(&leg, 0xffffffff, 0), 0, "a map of all");
	{
		const uint8_t ip[] = { 0x00, 0x21, 1, 2, 3 };

		check_is(ppp_leg_write(&leg, ip, sizeof(ip)), 0, "an IP frame");
		len = read_hdlc(master, got, sizeof(got));
		check(len >= 4 && memmem(got, len, "\x7d\x21\x7d\x22\x7d\x23", 6), "is escaped");
	}
	close(master);
	check(events_within(leg.fd, WAIT_MS) & POLLHUP, "the line is hung up");
	ppp_leg_close(&leg);

	master = open_line(name, &leg);
	tty_hang_up(leg.line);
	leg.line = -1;
	check(events_within(leg.fd, WAIT_MS) & POLLHUP, "we hang up");
	check(events_within(master, WAIT_MS) & POLLHUP, "and the other end sees it");
	ppp_leg_close(&leg);
	close(master);
}

/* A serial line joined to a PPPoE session. */
static void test_serial_bridge(void)
{
	struct ppp_leg serial, client, line;
	uint8_t wire[100], got[100];
	size_t len, want;
	char name[64];
	int master;

	printf("# serial line and PPPoE\n");
	master = open_line(name, &serial);
	connect_leg(&cl[1], &ac[1], 90, &client);
	connect_leg(&ac[1], &cl[1], 90, &line);
	len = hdlc_echo(wire, 1);
	check_is(write(master, wire, len), (long)len, "the first frame of the line");
	check(events_within(serial.fd, WAIT_MS) & POLLIN, "begins a call");
	check_is(ppp_leg_join(&serial, &line), 1, "joined, with that frame");
	check_is(read_echo(&client), 1, "which is not lost");
	want = hdlc_echo(wire, 2);
	write_echo(&client, 2);
	len = read_hdlc(master, got, sizeof(got));
	check(len == want - 2 && memcmp(got, wire + 1, len) == 0, "and back");
	close(master);
	check(events_within(serial.fd, WAIT_MS) & POLLHUP, "the line is hung up");
	ppp_leg_close(&serial);
	ppp_leg_close(&line);
	ppp_leg_close(&client);
}

int main(void)
{
	struct utsname uts;

	setvbuf(stdout, NULL, _IOLBF, 0);
	uname(&uts);
	printf("# kernel %s\n", uts.release);
	if (unshare(CLONE_NEWNET) < 0) {
		check(false, "network namespace");
		return 1;
	}
	check_is(pppoe_socket_probe(), 0, "PPPoE is there");
	test_interfaces();
	test_discovery();
	test_sessions();
	test_bridge();
	test_ends();
	test_lac();
	test_serial();
	test_serial_bridge();
	return selftest_end();
}
