/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the relay does with packets: all of it in the relay's thread. */
#include "relay_packets.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/uio.h>

/* Bytes of one message: below 65535 less the headers of IPv6 and UDP. */
#define MAX_RUN 65000

static void count(_Atomic uint64_t *counter, uint64_t n)
{
	/* one writer: no need for the whole of an atomic addition */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
		memory_order_relaxed);
}

/* The number of datagrams read; 0: none, or an error, which goes with its being told. */
static unsigned read_batch(struct relay *relay, int fd)
{
	struct batch *in = &relay->in;
	int n;

	for (unsigned i = 0; i < BATCH; i++)
		in->msgs[i].msg_hdr.msg_namelen = sizeof(in->from[i]);
	n = recvmmsg(fd, in->msgs, BATCH, MSG_DONTWAIT, NULL);
	return n < 0 ? 0 : (unsigned)n;
}

/*
 * How many datagrams from the first on can leave as one message: all of one length, but for a
 * shorter last one.
 */
static unsigned run_length(const struct iovec *iov, unsigned len)
{
	size_t total = iov[0].iov_len;
	unsigned n = 1;

	while (n < len && iov[n - 1].iov_len == iov[0].iov_len &&
		iov[n].iov_len <= iov[0].iov_len && total + iov[n].iov_len <= MAX_RUN)
		total += iov[n++].iov_len;
	return n;
}

static void set_segment(struct msghdr *msg, union segment_cmsg *buf, size_t size)
{
	uint16_t value = (uint16_t)size;
	struct cmsghdr *cmsg;

	msg->msg_control = buf;
	msg->msg_controllen = sizeof(*buf);
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_level = SOL_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(value));
	memcpy(CMSG_DATA(cmsg), &value, sizeof(value));
}

/* Make messages of the datagrams from the given one on. How many. */
static unsigned outbox_pack(struct outbox *out, unsigned first, bool one_by_one)
{
	unsigned n, len = 0;

	for (unsigned i = first; i < out->len; i += n) {
		struct msghdr *msg = &out->msgs[len].msg_hdr;

		n = one_by_one ? 1 : run_length(&out->iov[i], out->len - i);
		*msg = (struct msghdr){ .msg_iov = &out->iov[i], .msg_iovlen = n };
		if (n > 1)
			set_segment(msg, &out->segment[len], out->iov[i].iov_len);
		len++;
	}
	return len;
}

/*
 * A run is refused where single datagrams are not: under IPsec (EIO), on interfaces without
 * checksums, if they have to be fragmented.
 */
static bool is_refused_run(const struct msghdr *msg, int error)
{
	return msg->msg_iovlen > 1 && (error == EIO || error == EINVAL || error == EMSGSIZE ||
					      error == EOPNOTSUPP || error == ENOPROTOOPT);
}

/*
 * Returns how many datagrams were lost; *ret_bytes grows by the length of the others.
 *
 * An error stops sendmmsg() at its message. What ICMP said about an earlier datagram is reported
 * once, instead of doing the send at hand. With a full buffer the rest is lost, as in any full
 * queue.
 */
static unsigned write_all(struct end *end, struct outbox *out, uint64_t *ret_bytes)
{
	unsigned at = 0, done = 0, lost = 0, len = outbox_pack(out, 0, end->one_by_one);
	bool again = false;

	while (at < len) {
		int n = sendmmsg(end->fd, out->msgs + at, len - at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			for (; n > 0; n--, at++) {
				*ret_bytes += out->msgs[at].msg_len;
				done += (unsigned)out->msgs[at].msg_hdr.msg_iovlen;
			}
			again = false;
		} else if (n < 0 && errno == EAGAIN) {
			lost += out->len - done;
			break;
		} else if (n < 0 && (errno == EINTR || !again)) {
			again = true;
		} else if (n < 0 && is_refused_run(&out->msgs[at].msg_hdr, errno)) {
			end->one_by_one = true;
			len = outbox_pack(out, done, true);
			at = 0;
			again = false;
		} else {
			lost += (unsigned)out->msgs[at].msg_hdr.msg_iovlen;
			done += (unsigned)out->msgs[at++].msg_hdr.msg_iovlen;
			again = false;
		}
	}
	out->len = 0;
	return lost;
}

static void outbox_add(struct outbox *out, uint8_t *data, size_t len)
{
	out->iov[out->len++] = (struct iovec){ .iov_base = data, .iov_len = len };
}

static void flush_to_peer(struct relay *relay, struct relay_session *session)
{
	struct counters *c = &session->counters;
	unsigned len = relay->out.len, lost;
	uint64_t bytes = 0;

	lost = write_all(&session->tunnel->end, &relay->out, &bytes);
	count(&c->tx_packets, len - lost);
	count(&c->tx_bytes, bytes);
	count(&c->tx_errors, lost);
}

static void flush_to_ppp(struct relay *relay, struct relay_session *session)
{
	uint64_t bytes = 0;

	if (!session || relay->out.len == 0)
		return;
	count(&session->counters.rx_errors, write_all(&session->end, &relay->out, &bytes));
}

/* What pppd sends: each datagram leaves with a new header. */
void relay_from_ppp(struct relay *relay, struct relay_session *session)
{
	unsigned n = read_batch(relay, session->end.fd);
	struct l2tp_header hdr;

	for (unsigned i = 0; i < n; i++) {
		uint8_t *data = relay->in.slots[i] + HEADROOM;
		size_t len = relay->in.msgs[i].msg_len;

		if (relay->in.msgs[i].msg_hdr.msg_flags & MSG_TRUNC ||
			l2tp_header_parse(data, len, &hdr) < 0 || hdr.payload_len == 0) {
			count(&session->counters.tx_errors, 1);
			continue;
		}
		data += hdr.payload_off;
		len = l2tp_data_header(&session->peer, data, hdr.payload_len);
		outbox_add(&relay->out, data - len, len + hdr.payload_len);
	}
	flush_to_peer(relay, session);
}

/* A control message is the owner's: with the path it came on, as udp_recv() tells it. */
static void hand_over(struct relay *relay, const struct relay_tunnel *tunnel, unsigned i)
{
	struct l2tp_path path = { .local = tunnel->local, .peer = relay->in.from[i] };
	struct iovec iov[] = {
		{ .iov_base = &path, .iov_len = sizeof(path) },
		{ .iov_base = relay->in.slots[i] + HEADROOM, .iov_len = relay->in.msgs[i].msg_len },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	/* an owner that is late loses messages, as with a full receive buffer */
	(void)!sendmsg(relay->control[1], &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The session's state moves with every packet: judge it, and say whether pppd shall have it. */
static bool take(struct relay_session *session, const struct l2tp_header *hdr, size_t len)
{
	struct counters *c = &session->counters;
	enum l2tp_data_verdict verdict = l2tp_data_receive(&session->peer, hdr);

	atomic_store_explicit(&c->send_seq, session->peer.send_seq, memory_order_relaxed);
	switch (verdict) {
	case L2TP_DATA_GAP:
		count(&c->rx_oos_packets, 1);
		break;
	case L2TP_DATA_OK:
		break;
	case L2TP_DATA_OLD:
	case L2TP_DATA_NO_SEQ:
		count(&c->rx_seq_discards, 1);
		return false;
	case L2TP_DATA_NO_FRAME:
		count(&c->rx_errors, 1);
		return false;
	}
	count(&c->rx_packets, 1);
	count(&c->rx_bytes, len);
	return true;
}

/*
 * What the peer sends. Data of other sessions is what the kernel did not take: too short, late, or
 * of a session that never was.
 */
void relay_from_peer(struct relay *relay, struct relay_tunnel *tunnel)
{
	unsigned n = read_batch(relay, tunnel->end.fd);
	struct relay_session *last = NULL;
	struct l2tp_header hdr;

	for (unsigned i = 0; i < n; i++) {
		uint8_t *data = relay->in.slots[i] + HEADROOM;
		size_t len = relay->in.msgs[i].msg_len;
		struct relay_session *session;

		if (relay->in.msgs[i].msg_hdr.msg_flags & MSG_TRUNC || len == 0)
			continue;
		if (data[0] & 0x80) { /* T: the core judges it */
			hand_over(relay, tunnel, i);
			continue;
		}
		if (l2tp_header_parse(data, len, &hdr) < 0)
			continue;
		session = relay->sessions[hdr.sid];
		if (!session || session->tunnel != tunnel || hdr.tid != tunnel->tid)
			continue;
		if (!take(session, &hdr, len))
			continue;
		if (session != last)
			flush_to_ppp(relay, last);
		last = session;
		data += hdr.payload_off;
		len = l2tp_data_header(&session->loop, data, hdr.payload_len);
		outbox_add(&relay->out, data - len, len + hdr.payload_len);
	}
	flush_to_ppp(relay, last);
}

void relay_packets_init(struct relay *relay)
{
	struct batch *in = &relay->in;

	for (unsigned i = 0; i < BATCH; i++) {
		in->iov[i] = (struct iovec){ .iov_base = in->slots[i] + HEADROOM,
			.iov_len = RELAY_MAX_DATAGRAM };
		in->msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &in->from[i], .msg_iov = &in->iov[i], .msg_iovlen = 1
		};
	}
}
