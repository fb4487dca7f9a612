/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links of the whole daemon: open, close, redial, reload, and who waits for what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon_rig.h"

#define OFFICE                                                                                     \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\n"                           \
	"[ppp p]\nuser = alice\npassword = x\n"
#define NOTHING "[ppp p]\nuser = alice\npassword = x\n"

static bool is_up(struct rig *rig)
{
	return rig_link(rig, "office")->state == LINK_UP;
}

static bool is_queued(struct rig *rig)
{
	return rig_link(rig, "office")->state == LINK_QUEUED;
}

static void assert_reply(struct rig *rig, int fd, const char *error)
{
	json_t *reply = rig_reply(rig, fd);

	assert_non_null(reply);
	if (strcmp(rig_error(reply), error) != 0)
		print_message("%s\n", rig_message(reply));
	assert_string_equal(rig_error(reply), error);
	json_decref(reply);
	close(fd);
}

static void test_open_and_stop(void **state)
{
	struct rig rig;
	struct rig_peer *peer;
	int fd;

	assert_int_equal(rig_start(&rig, OFFICE), 0);
	peer = rig_peer(&rig, "198.51.100.1");
	fd = rig_client(&rig);
	rig_request(&rig, fd, CTL_OPEN, "{\"link\":\"office\"}");
	assert_true(rig_run_until(&rig, 10 * USEC_PER_SEC, is_up));
	assert_reply(&rig, fd, "");
	assert_int_equal(peer->sessions_up, 1);
	assert_int_equal(rig_calls(&rig), 1);
	assert_string_equal(rig_call(&rig, "office")->ip.ifname, "ppp0");
	assert_int_equal(machine.routes, 1);
	assert_true(rig_stop(&rig) < 8 * USEC_PER_SEC);
}

/* attacks.md 1: the waiter of a link that a reload removes before its dial began. */
static void test_open_then_reload(void **state)
{
	struct rig rig;
	int fd;

	assert_int_equal(rig_start(&rig, OFFICE), 0);
	rig_peer(&rig, "198.51.100.1");
	fd = rig_client(&rig);
	rig_send(fd, CTL_OPEN, "{\"link\":\"office\",\"wait\":true}");
	assert_true(rig_step_until(&rig, is_queued));
	rig_reload(&rig, NOTHING);
	rig_pump(&rig);
	assert_null(rig_link(&rig, "office"));
	assert_reply(&rig, fd, "Failed");
	rig_end(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_and_stop),
		cmocka_unit_test(test_open_then_reload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
