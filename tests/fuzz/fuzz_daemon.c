/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole daemon in virtual time (tests/rig) under any order of events: what people order, what
 * peers and pppds say, what the kernel answers, the network that changes, time, and things that run
 * out. It must not crash, leave something behind, or fail to end.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "base/log.h"
#include "daemon_rig.h"
#include "rig_alloc.h"

#define CLIENTS 4

#define CONFIG_MANY                                                                                \
	"[link a]\npeer = 198.51.100.1\noriginate = yes\nppp = p\nautostart = yes\n"               \
	"[link b]\npeer = 198.51.100.1\noriginate = yes\nppp = p\n"                                \
	"[link c]\nincoming = yes\nppp = s\n"                                                      \
	"[ppp p]\nuser = alice\npassword = x\ndefaultroute = yes\n"                                \
	"[ppp s]\naddress = 10.0.0.1\npool = 10.0.0.2-10.0.0.4\n"
#define CONFIG_NAMES                                                                               \
	"[link a]\npeer = vpn.example.com\noriginate = yes\nppp = p\nretransmits = 1\n"            \
	"[link c]\nself = eth7\nincoming = yes\nppp = s\nlength = yes\n"                           \
	"[ppp p]\nuser = alice\npassword = x\n[ppp s]\naddress = 10.0.0.1\npool = 10.0.0.9\n"
#define CONFIG_SECRET                                                                              \
	"[link d]\nincoming = yes\nppp = s\nsecret = y\nhidden = yes\n"                            \
	"[ppp s]\naddress = 10.0.0.1\n"

static const char *const configs[] = { CONFIG_MANY, CONFIG_NAMES, CONFIG_SECRET, "[ppp s]\n",
	"[link broken\n" };

struct input {
	const uint8_t *data;
	size_t len;
};

static unsigned next(struct input *in, unsigned below)
{
	unsigned value = 0;

	if (in->len > 0) {
		value = *in->data++;
		in->len--;
	}
	return value % below;
}

struct world {
	struct rig rig;
	struct rig_peer *peers[3];
	int clients[CLIENTS];
};

static const char *const link_names[] = { "a", "b", "c", "d", "none" };

static void order(struct world *w, struct input *in)
{
	static const char *const methods[] = { CTL_OPEN, CTL_CLOSE, CTL_LIST_LINKS,
		CTL_LIST_TUNNELS, CTL_LIST_SESSIONS, CTL_MONITOR, CTL_GET_CONFIG, CTL_GET_COUNTERS,
		CTL_SET_LINK, CTL_CREATE_LINK, CTL_RELOAD };
	int *fd = &w->clients[next(in, CLIENTS)];
	const char *link = link_names[next(in, 5)];
	const char *method = methods[next(in, sizeof(methods) / sizeof(methods[0]))];
	char params[200];

	if (*fd < 0)
		*fd = rig_client(&w->rig);
	snprintf(params, sizeof(params),
		"{\"link\":\"%s\",\"target\":\"%s\",\"wait\":%s,\"type\":\"l2tp\",\"packets\":%s,"
		"\"lines\":[[\"l2tp\",\"%s\",\"dataseq\"]]}",
		link, link, next(in, 2) ? "true" : "false", next(in, 2) ? "true" : "false",
		next(in, 2) ? "enable" : "disable");
	rig_try_send(*fd, method, params);
}

static void hang_up(struct world *w, struct input *in)
{
	int *fd = &w->clients[next(in, CLIENTS)];

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void peer_acts(struct world *w, struct input *in)
{
	struct rig_peer *peer = w->peers[next(in, 3)];
	struct l2tp_reason reason = { .result = 1, .text = "enough" };

	switch (next(in, 7)) {
	case 0:
		rig_peer_opens(peer, "192.0.2.1");
		break;
	case 1:
		if (peer->tid)
			l2tp_core_place_call(peer->core, fake_now, peer->tid, &peer->call_params);
		break;
	case 2:
		l2tp_core_close_session(peer->core, fake_now, peer->tid, peer->sid, &reason);
		break;
	case 3:
		reason.stopccn = true;
		l2tp_core_close_tunnel(peer->core, fake_now, peer->tid, &reason);
		break;
	case 4:
		peer->silent = next(in, 2);
		peer->unheard = next(in, 2);
		break;
	case 5:
		peer->refuse_call = (uint16_t)next(in, 3);
		break;
	case 6:
		peer->refuse_tunnel = next(in, 3);
		break;
	}
}

static void raw_datagram(struct input *in)
{
	struct l2tp_path path;
	size_t len = next(in, 200);

	if (len > in->len)
		len = in->len;
	l2tp_addr_parse("192.0.2.1", L2TP_PORT, &path.local);
	l2tp_addr_parse("198.51.100.77", L2TP_PORT, &path.peer);
	machine_deliver(&path, in->data, len);
	in->data += len;
	in->len -= len;
}

static void pppd_acts(struct world *w, struct input *in)
{
	struct fake_pppd *pppd = machine_pppd();
	struct plugin_msg msg;

	if (!pppd)
		return;
	switch (next(in, 5)) {
	case 0:
		pppd_exits(w->rig.d.event, pppd, (int)next(in, 24));
		break;
	case 1:
		memset(&msg, (int)next(in, 256), sizeof(msg));
		msg.type = next(in, 20);
		pppd_says(pppd, &msg);
		break;
	case 2:
		pppd_says_text(pppd, next(in, 20), (int)next(in, 3), "a word");
		break;
	case 3:
		pppd_comes_up(pppd, "10.0.0.1", "10.0.0.2");
		break;
	case 4:
		pppd->deaf = !pppd->deaf;
		break;
	}
}

static void something_runs_out(struct input *in)
{
	static const int errors[] = { 0, -ENOMEM, -EMFILE };

	switch (next(in, 8)) {
	case 0:
		machine.plane_error[next(in, PLANE_CLOSE)] = errors[next(in, 2)];
		break;
	case 1:
		machine.plane_held = true;
		break;
	case 2:
		machine_release_plane();
		break;
	case 3:
		machine.plane_no_memory = next(in, 2);
		break;
	case 4:
		machine.spawn_error = errors[next(in, 3)];
		break;
	case 5:
		machine.accept_error = errors[next(in, 3)];
		machine.listen_error = errors[next(in, 3)];
		break;
	case 6:
		fake_event_fail_every = next(in, 8);
		break;
	case 7:
		rig_alloc_fail_every = next(in, 64);
		break;
	}
}

static void network_changes(struct input *in)
{
	struct monitor_event event = { .type = next(in, MONITOR_LOST + 1),
		.ifindex = next(in, 4) == 0 ? 1001 : 2,
		.ifname = "eth7",
		.mtu = 1000 + next(in, 256) };

	l2tp_addr_parse("192.0.2.1", 0, &event.local);
	machine.no_network = next(in, 4) == 0;
	machine_changes(&event);
}

static void one_event(struct world *w, struct input *in)
{
	switch (next(in, 10)) {
	case 0:
		order(w, in);
		break;
	case 1:
		hang_up(w, in);
		break;
	case 2:
		peer_acts(w, in);
		break;
	case 3:
		raw_datagram(in);
		break;
	case 4:
		pppd_acts(w, in);
		break;
	case 5:
		something_runs_out(in);
		break;
	case 6:
		network_changes(in);
		break;
	case 7:
		rig_reload(&w->rig, configs[next(in, sizeof(configs) / sizeof(configs[0]))]);
		break;
	case 8:
		rig_run(&w->rig, (1ull << next(in, 28)));
		break;
	case 9:
		rig_steps(&w->rig, next(in, 16));
		break;
	}
}

/* What could not be left to another thread for lack of memory was done in the loop. */
static void nothing_is_short(void)
{
	fake_longest = 0;
	rig_alloc_fail_every = fake_event_fail_every = 0;
	machine.plane_no_memory = machine.no_network = false;
	machine_release_plane();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, len };
	struct world w;

	log_set_level(-1);
	assert(rig_start(&w.rig, configs[next(&in, 4)]) == 0);
	machine.names[0] = "vpn.example.com";
	machine.resolved[0] = "198.51.100.2 198.51.100.1";
	machine.pppd_mode = next(&in, 3);
	for (int i = 0; i < CLIENTS; i++)
		w.clients[i] = -1;
	w.peers[0] = rig_peer(&w.rig, "198.51.100.1");
	w.peers[1] = rig_peer(&w.rig, "198.51.100.2");
	w.peers[2] = rig_peer(&w.rig, "198.51.100.3");
	while (in.len > 0)
		one_event(&w, &in);
	nothing_is_short();
	for (int i = 0; i < CLIENTS; i++)
		if (w.clients[i] >= 0)
			close(w.clients[i]);
	rig_run(&w.rig, USEC_PER_SEC);
	/* whatever happened: it ends, in time */
	assert(rig_stop(&w.rig) < 9 * USEC_PER_SEC);
	return 0;
}
