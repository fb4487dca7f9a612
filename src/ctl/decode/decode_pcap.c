/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * L2TP datagrams out of captures: link layer, IP, UDP. What is not L2TP by its port is passed over.
 *
 * RFC 2661 8.1: a responder may answer an SCCRQ from any port and keep to that. So those who were
 * sent an SCCRQ are remembered, and their answers are found whatever port they come from.
 */
#include "decode_pcap.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/cli.h"

#define ETHERTYPE_IP4 0x0800
#define ETHERTYPE_IP6 0x86dd
#define PROTO_UDP     17
/* Openings that are remembered; a flood of them must not make every packet slow. */
#define OPENINGS 512

struct bytes {
	const uint8_t *data;
	size_t len;
};

struct end {
	uint8_t family;
	uint8_t addr[16];
	uint16_t port; /* 0: not known yet */
};

/* An SCCRQ went from client to server; server.port is where the answer came from. */
struct opening {
	struct end client, server;
};

struct capture {
	struct decode *decode;
	int link_type;
	struct opening openings[OPENINGS];
	size_t opening_count, opening_next;
};

/* What IP carries. */
struct packet {
	struct end source, destination;
	const uint8_t *data;
	size_t len;	 /* captured */
	size_t real_len; /* on the wire; 0: the headers do not say */
	bool fragment;	 /* more fragments follow */
};

bool decode_is_pcap(const uint8_t *magic, size_t len)
{
	static const uint8_t magics[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 }, /* microseconds */
		{ 0xa1, 0xb2, 0x3c, 0x4d }, { 0x4d, 0x3c, 0xb2, 0xa1 }, /* nanoseconds */
		{ 0xa1, 0xb2, 0xcd, 0x34 }, { 0x34, 0xcd, 0xb2, 0xa1 }, /* Kuznetzov's */
		{ 0x0a, 0x0d, 0x0d, 0x0a },				/* pcapng */
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (len >= 4 && memcmp(magic, magics[i], 4) == 0)
			return true;
	return false;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Drop n octets; false: there are fewer. */
static bool skip_bytes(struct bytes *b, size_t n)
{
	if (b->len < n)
		return false;
	b->data += n;
	b->len -= n;
	return true;
}

/* --- link layers: b becomes the IP datagram, false: it is none --- */

static bool is_ip(uint16_t ethertype)
{
	return ethertype == ETHERTYPE_IP4 || ethertype == ETHERTYPE_IP6;
}

static bool open_ethernet(struct bytes *b)
{
	uint16_t type;

	if (!skip_bytes(b, 14))
		return false;
	type = get16(b->data - 2);
	while (type == 0x8100 || type == 0x88a8 || type == 0x9100) { /* VLAN tags */
		if (!skip_bytes(b, 4))
			return false;
		type = get16(b->data - 2);
	}
	return is_ip(type);
}

static bool open_link(int link_type, struct bytes *b)
{
	switch (link_type) {
	case DLT_EN10MB:
		return open_ethernet(b);
	case DLT_LINUX_SLL:
		return skip_bytes(b, 16) && is_ip(get16(b->data - 2));
	case DLT_LINUX_SLL2:
		return skip_bytes(b, 20) && is_ip(get16(b->data - 20));
	case DLT_NULL: /* the number of the address family, which differs from system to system */
	case DLT_LOOP:
		return skip_bytes(b, 4);
	default:
		return true;
	}
}

static bool is_link_known(int link_type)
{
	switch (link_type) {
	case DLT_EN10MB:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_NULL:
	case DLT_LOOP:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return true;
	}
	return false;
}

/* --- IP and UDP --- */

static void set_end(struct end *end, uint8_t family, const uint8_t *addr)
{
	memset(end, 0, sizeof(*end));
	end->family = family;
	memcpy(end->addr, addr, family == AF_INET ? 4 : 16);
}

static bool open_ip4(struct bytes b, struct packet *ret)
{
	size_t header, total;
	uint16_t fragment;

	if (b.len < 20)
		return false;
	header = (b.data[0] & 15u) * 4;
	total = get16(b.data + 2);
	fragment = get16(b.data + 6);
	/* later fragments have no ports: the first one speaks for them */
	if (b.data[9] != PROTO_UDP || header < 20 || (fragment & 0x1fff))
		return false;
	ret->fragment = fragment & 0x2000;
	set_end(&ret->source, AF_INET, b.data + 12);
	set_end(&ret->destination, AF_INET, b.data + 16);
	if (!skip_bytes(&b, header) || (total && total < header))
		return false;
	/* 0 in a packet captured before the network card cut it to size */
	ret->real_len = total ? total - header : 0;
	ret->data = b.data;
	ret->len = b.len;
	return true;
}

/* RFC 8200 4: extension headers before UDP */
static bool open_ip6(struct bytes b, struct packet *ret)
{
	const uint8_t *start;
	uint8_t next;
	size_t total;

	if (b.len < 40)
		return false;
	total = get16(b.data + 4);
	next = b.data[6];
	set_end(&ret->source, AF_INET6, b.data + 8);
	set_end(&ret->destination, AF_INET6, b.data + 24);
	skip_bytes(&b, 40);
	start = b.data;
	while (next != PROTO_UDP) {
		size_t size;

		if (b.len < 8)
			return false;
		if (next == 44) { /* fragment */
			uint16_t fragment = get16(b.data + 2);

			if (fragment & 0xfff8)
				return false;
			ret->fragment |= fragment & 1;
			size = 8;
		} else if (next == 0 || next == 43 || next == 60) {
			size = (b.data[1] + 1u) * 8;
		} else {
			return false;
		}
		next = b.data[0];
		if (!skip_bytes(&b, size))
			return false;
	}
	if (total && total < (size_t)(b.data - start))
		return false;
	ret->real_len = total ? total - (size_t)(b.data - start) : 0;
	ret->data = b.data;
	ret->len = b.len;
	return true;
}

/* Ports, and what UDP carries. */
static bool open_udp(struct packet *p)
{
	size_t length;

	if (p->real_len && p->len > p->real_len)
		p->len = p->real_len; /* padding of short frames */
	if (p->len < 8)
		return false;
	p->source.port = get16(p->data);
	p->destination.port = get16(p->data + 2);
	length = get16(p->data + 4);
	if (!length)
		length = p->real_len ? p->real_len : p->len;
	if (length < 8)
		return false;
	if (p->len > length)
		p->len = length;
	p->real_len = length - 8;
	p->data += 8;
	p->len -= 8;
	return true;
}

static bool open_packet(int link_type, struct bytes b, struct packet *ret)
{
	bool found;

	memset(ret, 0, sizeof(*ret));
	if (!open_link(link_type, &b) || !b.len)
		return false;
	switch (b.data[0] >> 4) {
	case 4:
		found = open_ip4(b, ret);
		break;
	case 6:
		found = open_ip6(b, ret);
		break;
	default:
		return false;
	}
	return found && open_udp(ret);
}

/* --- whose it is --- */

static bool same_host(const struct end *a, const struct end *b)
{
	return a->family == b->family && memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

static bool same_end(const struct end *a, const struct end *b)
{
	return same_host(a, b) && a->port == b->port;
}

static void remember_opening(struct capture *c, const struct packet *p)
{
	struct l2tp_span host;
	struct opening *o;

	if (!l2tp_msg_peek_sccrq(p->data, p->len, &host))
		return;
	for (size_t i = 0; i < c->opening_count; i++)
		if (same_end(&c->openings[i].client, &p->source) &&
			same_host(&c->openings[i].server, &p->destination))
			return;
	o = &c->openings[c->opening_next];
	c->opening_next = (c->opening_next + 1) % OPENINGS;
	if (c->opening_count < OPENINGS)
		c->opening_count++;
	o->client = p->source;
	o->server = p->destination;
	o->server.port = 0;
}

static bool is_control(const struct packet *p)
{
	return p->len >= 12 && (p->data[0] & 0x80) && (p->data[1] & 15) == 2;
}

/* A tunnel whose responder answered from another port. */
static bool belongs_to_opening(struct capture *c, const struct packet *p)
{
	for (size_t i = 0; i < c->opening_count; i++) {
		struct opening *o = &c->openings[i];

		if (same_end(&o->client, &p->source) && same_end(&o->server, &p->destination))
			return true;
		if (!same_end(&o->client, &p->destination) || !same_host(&o->server, &p->source))
			continue;
		if (!o->server.port && is_control(p))
			o->server.port = p->source.port;
		if (o->server.port == p->source.port)
			return true;
	}
	return false;
}

static bool is_wanted(struct capture *c, const struct packet *p)
{
	unsigned port = c->decode->port;

	if (p->source.port != port && p->destination.port != port)
		return belongs_to_opening(c, p);
	if (p->destination.port == port && p->source.port != port)
		remember_opening(c, p);
	return true;
}

/* --- all of it --- */

static void format_end(const struct end *end, char *text, size_t size)
{
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(end->family, end->addr, addr, sizeof(addr));
	snprintf(text, size, end->family == AF_INET ? "%s:%u" : "[%s]:%u", addr, end->port);
}

static void take_packet(struct capture *c, const struct pcap_pkthdr *header, const uint8_t *data)
{
	struct decode_datagram datagram = { .has_time = true, .time = header->ts };
	struct bytes b = { data, header->caplen };
	struct packet p;

	if (!open_packet(c->link_type, b, &p) || !is_wanted(c, &p))
		return;
	datagram.data = p.data;
	datagram.len = p.len;
	datagram.missing = p.real_len - p.len;
	datagram.fragment = p.fragment;
	format_end(&p.source, datagram.source, sizeof(datagram.source));
	format_end(&p.destination, datagram.destination, sizeof(datagram.destination));
	decode_show(c->decode, &datagram);
}

static int decode_packets(struct capture *c, pcap_t *pcap)
{
	struct pcap_pkthdr *header;
	const uint8_t *data;
	int r;

	while ((r = pcap_next_ex(pcap, &header, &data)) == 1 && !cli_stdout_closed())
		take_packet(c, header, data);
	/* what could be read comes before what is wrong, also where both go to one place */
	decode_show_end(c->decode, r != PCAP_ERROR);
	fflush(stdout);
	if (r != PCAP_ERROR)
		return CLI_DONE;
	cli_error("%s: %s", c->decode->name, pcap_geterr(pcap));
	return CLI_FAILED;
}

static const char *link_name(int link_type)
{
	const char *name = pcap_datalink_val_to_description(link_type);

	return name ? name : "unknown";
}

int decode_pcap(struct decode *decode, FILE *file)
{
	char problem[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_fopen_offline(file, problem);
	int code = CLI_FAILED;
	struct capture *c;

	if (!pcap) {
		fclose(file);
		cli_error("%s: %s", decode->name, problem);
		return CLI_FAILED;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		cli_error("out of memory");
	} else if (!is_link_known(pcap_datalink(pcap))) {
		cli_error("%s: captured from a link of type %s (%d); Ethernet, Linux cooked, raw "
			  "IP and BSD loopback can be read",
			decode->name, link_name(pcap_datalink(pcap)), pcap_datalink(pcap));
	} else {
		c->decode = decode;
		c->link_type = pcap_datalink(pcap);
		code = decode_packets(c, pcap);
	}
	free(c);
	pcap_close(pcap);
	return code;
}
