/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions with generic netlink family "l2tp". */
#include "l2tp_genl.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/l2tp.h>
#include <netlink/genl/genl.h>
#include <netlink/handlers.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

/* net/l2tp/l2tp_netlink.c does not look at it beyond this: 3 would make an L2TPv3 tunnel. */
#define L2TP_VERSION 2

#define MSG_BUF_SIZE 32768 /* the largest message of a dump */

struct l2tp_genl {
	struct nl_sock *sock;
	struct nl_cb *cb;
	int family;
};

/* One request and what came back for it. */
struct transaction {
	uint32_t seq;
	bool done;
	int error; /* the kernel's */
	void (*reply)(void *user, struct nlmsghdr *hdr);
	void *user;
};

/* An answer to an earlier request, whose reading failed, is not for us. */
static int on_seq_check(struct nl_msg *msg, void *arg)
{
	const struct transaction *t = arg;

	return nlmsg_hdr(msg)->nlmsg_seq == t->seq ? NL_OK : NL_SKIP;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct transaction *t = arg;

	if (t->reply)
		t->reply(t->user, nlmsg_hdr(msg));
	return NL_OK;
}

/* NLMSG_DONE of a dump, or the acknowledgment */
static int on_end(struct nl_msg *msg, void *arg)
{
	struct transaction *t = arg;

	t->done = true;
	return NL_STOP;
}

/* libnl folds many errno values into few codes of its own: take the kernel's before it does. */
static int on_error(struct sockaddr_nl *addr, struct nlmsgerr *err, void *arg)
{
	struct transaction *t = arg;

	t->error = err->error;
	t->done = true;
	return NL_STOP;
}

/* A dump that changed under our hands: what it gave is true all the same. */
static int on_dump_intr(struct nl_msg *msg, void *arg)
{
	return NL_OK;
}

static void set_callbacks(struct l2tp_genl *genl, struct transaction *t)
{
	nl_cb_set(genl->cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_seq_check, t);
	nl_cb_set(genl->cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, t);
	nl_cb_set(genl->cb, NL_CB_FINISH, NL_CB_CUSTOM, on_end, t);
	nl_cb_set(genl->cb, NL_CB_ACK, NL_CB_CUSTOM, on_end, t);
	nl_cb_set(genl->cb, NL_CB_DUMP_INTR, NL_CB_CUSTOM, on_dump_intr, NULL);
	nl_cb_err(genl->cb, NL_CB_CUSTOM, on_error, t);
}

/* Send msg (freed here), wait until it was carried out. */
static int transact(struct l2tp_genl *genl, struct nl_msg *msg,
	void (*reply)(void *user, struct nlmsghdr *hdr), void *user)
{
	struct transaction t = { .reply = reply, .user = user };
	int r;

	if (!msg)
		return -ENOMEM;
	set_callbacks(genl, &t);
	errno = 0;
	r = nl_send_auto(genl->sock, msg);
	t.seq = nlmsg_hdr(msg)->nlmsg_seq;
	nlmsg_free(msg);
	while (r >= 0 && !t.done) {
		errno = 0;
		r = nl_recvmsgs(genl->sock, genl->cb);
	}
	if (t.done)
		return t.error;
	return errno ? -errno : -EIO;
}

static struct nl_msg *message_new(int family, int flags, uint8_t cmd, uint8_t version)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, cmd, version)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* The same with the tunnel's id, which all commands but the dumps want. */
static struct nl_msg *l2tp_message_new(const struct l2tp_genl *genl, uint8_t cmd, uint16_t tid)
{
	struct nl_msg *msg = message_new(genl->family, 0, cmd, L2TP_GENL_VERSION);

	if (msg && nla_put_u32(msg, L2TP_ATTR_CONN_ID, tid) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* --- the family --- */

static void on_family(void *user, struct nlmsghdr *hdr)
{
	struct nlattr *attrs[CTRL_ATTR_MAX + 1];
	int *family = user;

	if (genlmsg_parse(hdr, 0, attrs, CTRL_ATTR_MAX, NULL) < 0)
		return;
	if (attrs[CTRL_ATTR_FAMILY_ID] && nla_len(attrs[CTRL_ATTR_FAMILY_ID]) >= 2)
		*family = nla_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
}

/* genl_ctrl_resolve() with the kernel's errno. Asking for the name loads the module. */
static int resolve_family(struct l2tp_genl *genl)
{
	struct nl_msg *msg = message_new(GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, 1);
	int family = 0, r;

	if (msg && nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, L2TP_GENL_NAME) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	r = transact(genl, msg, on_family, &family);
	if (r < 0)
		return r;
	if (family == 0)
		return -ENOENT;
	genl->family = family;
	return 0;
}

int l2tp_genl_new(struct l2tp_genl **ret)
{
	struct l2tp_genl *genl;
	int r, one = 1;

	genl = calloc(1, sizeof(*genl));
	if (!genl)
		return -ENOMEM;
	r = -ENOMEM;
	genl->sock = nl_socket_alloc();
	genl->cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!genl->sock || !genl->cb)
		goto fail;
	errno = 0;
	if (nl_connect(genl->sock, NETLINK_GENERIC) < 0) {
		r = errno ? -errno : -EIO;
		goto fail;
	}
	/* one system call less for each answer: no look at its length first */
	nl_socket_disable_msg_peek(genl->sock);
	nl_socket_set_msg_buf_size(genl->sock, MSG_BUF_SIZE);
	/* acknowledgments need not repeat the request; it works without too */
	setsockopt(nl_socket_get_fd(genl->sock), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	r = resolve_family(genl);
	if (r < 0)
		goto fail;
	*ret = genl;
	return 0;
fail:
	l2tp_genl_free(genl);
	return r;
}

void l2tp_genl_free(struct l2tp_genl *genl)
{
	if (!genl)
		return;
	if (genl->cb)
		nl_cb_put(genl->cb);
	nl_socket_free(genl->sock);
	free(genl);
}

int l2tp_genl_family(const struct l2tp_genl *genl)
{
	return genl->family;
}

/* --- tunnels --- */

static int parse(struct nlmsghdr *hdr, struct nlattr **attrs)
{
	static const struct nla_policy policy[L2TP_ATTR_MAX + 1] = {
		[L2TP_ATTR_CONN_ID] = { .type = NLA_U32 },
		[L2TP_ATTR_PEER_CONN_ID] = { .type = NLA_U32 },
	};

	return genlmsg_parse(hdr, 0, attrs, L2TP_ATTR_MAX, policy);
}

static void on_peer_tid(void *user, struct nlmsghdr *hdr)
{
	struct nlattr *attrs[L2TP_ATTR_MAX + 1];
	uint32_t *peer_tid = user;

	if (parse(hdr, attrs) == 0 && attrs[L2TP_ATTR_PEER_CONN_ID])
		*peer_tid = nla_get_u32(attrs[L2TP_ATTR_PEER_CONN_ID]);
}

/*
 * Before the fix of CVE-2026-80996 (6.1.191, 6.12.109) a notification that could not be sent made
 * TUNNEL_CREATE fail although the tunnel is there. The id alone does not say whose it is.
 */
static void tunnel_undo_create(struct l2tp_genl *genl, uint16_t tid, uint16_t peer_tid)
{
	uint32_t found = 0;

	if (transact(genl, l2tp_message_new(genl, L2TP_CMD_TUNNEL_GET, tid), on_peer_tid, &found) <
		0)
		return;
	if (found == peer_tid)
		l2tp_genl_tunnel_delete(genl, tid);
}

int l2tp_genl_tunnel_create(struct l2tp_genl *genl, uint16_t tid, uint16_t peer_tid, int fd)
{
	struct nl_msg *msg;
	int r;

	/* the kernel would take 0 */
	if (tid == 0 || peer_tid == 0)
		return -EINVAL;
	if (fd < 0)
		return -EBADF;
	msg = l2tp_message_new(genl, L2TP_CMD_TUNNEL_CREATE, tid);
	if (msg && (nla_put_u32(msg, L2TP_ATTR_PEER_CONN_ID, peer_tid) < 0 ||
			   nla_put_u8(msg, L2TP_ATTR_PROTO_VERSION, L2TP_VERSION) < 0 ||
			   nla_put_u16(msg, L2TP_ATTR_ENCAP_TYPE, L2TP_ENCAPTYPE_UDP) < 0 ||
			   nla_put_u32(msg, L2TP_ATTR_FD, (uint32_t)fd) < 0)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	r = transact(genl, msg, NULL, NULL);
	if (r < 0 && r != -EEXIST && r != -EBUSY)
		tunnel_undo_create(genl, tid, peer_tid);
	return r;
}

int l2tp_genl_tunnel_delete(struct l2tp_genl *genl, uint16_t tid)
{
	return transact(genl, l2tp_message_new(genl, L2TP_CMD_TUNNEL_DELETE, tid), NULL, NULL);
}

struct tunnel_ids {
	void (*cb)(void *user, uint32_t tid);
	void *user;
};

static void on_tunnel(void *user, struct nlmsghdr *hdr)
{
	struct nlattr *attrs[L2TP_ATTR_MAX + 1];
	const struct tunnel_ids *ids = user;

	if (parse(hdr, attrs) == 0 && attrs[L2TP_ATTR_CONN_ID])
		ids->cb(ids->user, nla_get_u32(attrs[L2TP_ATTR_CONN_ID]));
}

int l2tp_genl_tunnel_ids(struct l2tp_genl *genl, void (*cb)(void *user, uint32_t tid), void *user)
{
	struct tunnel_ids ids = { .cb = cb, .user = user };
	struct nl_msg *msg;

	msg = message_new(genl->family, NLM_F_DUMP, L2TP_CMD_TUNNEL_GET, L2TP_GENL_VERSION);
	return transact(genl, msg, on_tunnel, &ids);
}

/* --- sessions --- */

static int put_session(struct nl_msg *msg, const struct l2tp_genl_session *session)
{
	/* the kernel's NLA_MSECS is 64 bits wide */
	if (nla_put_u32(msg, L2TP_ATTR_SESSION_ID, session->sid) < 0 ||
		nla_put_u8(msg, L2TP_ATTR_SEND_SEQ, session->send_seq) < 0 ||
		nla_put_u8(msg, L2TP_ATTR_RECV_SEQ, session->recv_seq) < 0 ||
		nla_put_u8(msg, L2TP_ATTR_LNS_MODE, session->lns_mode) < 0 ||
		nla_put_u64(msg, L2TP_ATTR_RECV_TIMEOUT, session->reorder_ms) < 0)
		return -ENOMEM;
	return 0;
}

int l2tp_genl_session_create(struct l2tp_genl *genl, const struct l2tp_genl_session *session)
{
	struct nl_msg *msg;
	int r;

	if (session->tid == 0 || session->sid == 0 || session->peer_sid == 0)
		return -EINVAL;
	msg = l2tp_message_new(genl, L2TP_CMD_SESSION_CREATE, session->tid);
	if (msg && (put_session(msg, session) < 0 ||
			   nla_put_u32(msg, L2TP_ATTR_PEER_SESSION_ID, session->peer_sid) < 0 ||
			   nla_put_u16(msg, L2TP_ATTR_PW_TYPE, L2TP_PWTYPE_PPP) < 0)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	r = transact(genl, msg, NULL, NULL);
	/* see tunnel_undo_create(); all sessions of our tunnel are ours */
	if (r < 0 && r != -EEXIST && r != -ENODEV)
		l2tp_genl_session_delete(genl, session->tid, session->sid);
	return r;
}

int l2tp_genl_session_modify(struct l2tp_genl *genl, const struct l2tp_genl_session *session)
{
	struct nl_msg *msg = l2tp_message_new(genl, L2TP_CMD_SESSION_MODIFY, session->tid);

	if (msg && put_session(msg, session) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return transact(genl, msg, NULL, NULL);
}

int l2tp_genl_session_delete(struct l2tp_genl *genl, uint16_t tid, uint16_t sid)
{
	struct nl_msg *msg = l2tp_message_new(genl, L2TP_CMD_SESSION_DELETE, tid);

	if (msg && nla_put_u32(msg, L2TP_ATTR_SESSION_ID, sid) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return transact(genl, msg, NULL, NULL);
}
