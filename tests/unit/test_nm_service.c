/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l2tpd-nm on a bus, as NetworkManager sees it, with a daemon that says what each test wants. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "nm_rig.h"

#define PROFILE                                                                                    \
	"connection.id=office|connection.uuid=u-1|data.gateway=lns.example|data.user=alice|"       \
	"data.ephemeral-port=yes|ipv6.method=disabled|"
#define GOOD PROFILE "secrets.password=topsecret"

#define LINK                                                                                       \
	"link {\"name\":\"office\",\"settings\":[[\"peer\",\"lns.example\"],[\"max-redial\","      \
	"\"0\"],[\"redial-max-delay\",\"15\"]],\"ppp\":[[\"user\",\"alice\"],[\"password\","       \
	"\"topsecret\"],[\"ipv6\",\"no\"],[\"usepeerdns\",\"yes\"],[\"option\",\"ipparam "         \
	"nm-l2tpd-service-office\"]]}"

#define UP_WITH(more)                                                                              \
	"{\"event\":\"up\",\"link\":\"office\",\"ifname\":\"ppp7\",\"peer\":\"192.0.2.1:1701\","   \
	"\"local_ip\":\"10.9.0.7\",\"peer_ip\":\"10.9.0.1\",\"mtu\":1400" more "}"
#define UP UP_WITH(",\"dns\":[\"10.9.0.53\",\"10.9.0.54\"]")

#define CONFIG                                                                                     \
	"config tundev=ppp7 gateway=192.0.2.1 mtu=1400 has-ip4=true has-ip6=false "                \
	"can-persist=true"
#define IP4 "ip4 address=10.9.0.7 ptp=10.9.0.1 prefix=32 dns=10.9.0.53,10.9.0.54"

#define ENDED(event, more)                                                                         \
	"{\"event\":\"" event "\",\"link\":\"office\",\"who\":\"peer\",\"text\":\"it ended\"" more \
	"}"

static void connect_with(struct nm_rig *rig, const char *method, const char *profile)
{
	nm_rig_call(rig, method, profile);
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_daemon(rig, "link *");
	nm_rig_expect_bus(rig, "reply ok");
}

static void bring_up(struct nm_rig *rig, const char *method, const char *profile)
{
	connect_with(rig, method, profile);
	nm_rig_event(rig, UP);
	nm_rig_expect_bus(rig, CONFIG);
	nm_rig_expect_bus(rig, IP4);
	nm_rig_expect_bus(rig, "state 4");
}

static void expect_over(struct nm_rig *rig)
{
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_expect_bus(rig, "state 5");
	nm_rig_expect_bus(rig, "state 6");
}

static void test_up_and_down(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	nm_rig_call(rig, "ConnectInteractive", GOOD);
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_daemon(rig, LINK);
	nm_rig_expect_bus(rig, "reply ok");
	nm_rig_event(rig, UP);
	nm_rig_expect_bus(rig, CONFIG);
	nm_rig_expect_bus(rig, IP4);
	nm_rig_expect_bus(rig, "state 4");
	nm_rig_call(rig, "Disconnect", NULL);
	nm_rig_expect_bus(rig, "state 5");
	nm_rig_expect_bus(rig, "state 6");
	nm_rig_expect_bus(rig, "reply ok");
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_expect_exit(rig, 0);
}

/* The answer does not wait for the network: NetworkManager gives it ten seconds. */
static void test_answer_comes_without_the_daemon(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	nm_rig_call(rig, "Connect", GOOD);
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_daemon(rig, "link *");
	/* as while it resolves a name */
	nm_rig_expect_bus(rig, "reply ok");
	nm_rig_event(rig, UP);
	nm_rig_expect_bus(rig, CONFIG);
}

static void test_ipv6_comes_later(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	bring_up(rig, "Connect", GOOD);
	nm_rig_event(rig, UP_WITH(",\"local_ip6\":\"fe80::7\",\"peer_ip6\":\"fe80::1\""));
	nm_rig_expect_bus(rig, "config tundev=ppp7 gateway=192.0.2.1 mtu=1400 has-ip4=true "
			       "has-ip6=true can-persist=true");
	nm_rig_expect_bus(rig, "ip4 address=10.9.0.7 ptp=10.9.0.1 prefix=32 dns=");
	nm_rig_expect_bus(rig, "ip6 address=fe80::7 prefix=64 never-default=true");
	nm_rig_expect_silence(rig);
}

static void test_ipv6_alone_to_an_ipv6_server(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	connect_with(rig, "Connect", GOOD);
	nm_rig_event(rig,
		"{\"event\":\"up\",\"link\":\"office\",\"ifname\":\"ppp7\",\"peer\":"
		"\"[2001:db8::1]:1701\",\"local_ip\":\"\",\"mtu\":1400,\"local_ip6\":\"fe80::7\"}");
	nm_rig_expect_bus(rig, "config tundev=ppp7 gateway=2001:db8::1 mtu=1400 has-ip4=false "
			       "has-ip6=true can-persist=true");
	nm_rig_expect_bus(rig, "ip6 address=fe80::7 prefix=64 never-default=true");
	nm_rig_expect_bus(rig, "state 4");
}

/* A route to it through the tunnel would swallow the tunnel. */
static void test_peer_address_is_the_servers(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	connect_with(rig, "Connect", GOOD);
	nm_rig_event(rig,
		"{\"event\":\"up\",\"link\":\"office\",\"ifname\":\"ppp7\",\"peer\":"
		"\"192.0.2.1:1701\",\"local_ip\":\"10.9.0.7\",\"peer_ip\":\"192.0.2.1\"}");
	nm_rig_expect_bus(rig, "config tundev=ppp7 gateway=192.0.2.1 has-ip4=true has-ip6=false "
			       "can-persist=true");
	nm_rig_expect_bus(rig, "ip4 address=10.9.0.7 ptp=10.9.0.7 prefix=32 dns=");
}

static void test_nonsense_of_the_daemon_fails(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	connect_with(rig, "Connect", GOOD);
	nm_rig_event(rig, "{\"event\":\"up\",\"ifname\":17}");
	nm_rig_expect_bus(rig, "failure 2");
	expect_over(rig);
}

static void test_wrong_password_is_asked_again(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	connect_with(rig, "ConnectInteractive", GOOD);
	nm_rig_event(rig, ENDED("waiting", ",\"ppp_exit\":19,\"retry_ms\":1000"));
	nm_rig_expect_bus(rig, "secrets password: lns.example refused the login as \"alice\"");
	/* it is not tried again with the wrong one meanwhile */
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_expect_silence(rig);
	nm_rig_call(rig, "NewSecrets", PROFILE "secrets.password=topsecret2");
	nm_rig_expect_bus(rig, "reply ok");
	nm_rig_expect_daemon(rig, "link *");
	nm_rig_event(rig, UP);
	nm_rig_expect_bus(rig, CONFIG);
	nm_rig_expect_bus(rig, IP4);
	nm_rig_expect_bus(rig, "state 4");
}

/* As nmcli with a password file: it answers at once, and with the same. */
static void test_same_password_is_not_tried_again(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, "--persist");
	connect_with(rig, "ConnectInteractive", GOOD);
	nm_rig_event(rig, ENDED("waiting", ",\"ppp_exit\":19"));
	nm_rig_expect_bus(rig, "secrets password: *");
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_call(rig, "NewSecrets", GOOD);
	nm_rig_expect_bus(rig, "reply ok");
	nm_rig_expect_bus(rig, "failure 0");
	nm_rig_expect_bus(rig, "state 5");
	nm_rig_expect_bus(rig, "state 6");
	nm_rig_expect_silence(rig);
}

static void test_wrong_password_without_a_person(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	connect_with(rig, "Connect", GOOD);
	nm_rig_event(rig, ENDED("waiting", ",\"ppp_exit\":19"));
	nm_rig_expect_bus(rig, "failure 0");
	expect_over(rig);
	nm_rig_expect_log(rig, "it ended");
}

static void test_wrong_tunnel_secret(void **state)
{
	static const char refused[] =
		ENDED("down", ",\"message\":\"StopCCN\",\"result\":4,\"ppp_exit\":null");
	struct nm_rig *rig = *state;

	nm_rig_run(rig, "--persist");
	connect_with(rig, "ConnectInteractive", GOOD "|secrets.l2tp-secret=x");
	nm_rig_event(rig, refused);
	nm_rig_expect_bus(rig, "secrets l2tp-secret: lns.example and this computer do not have the "
			       "same tunnel secret");
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_call(rig, "Disconnect", NULL);
	nm_rig_expect_bus(rig, "state 5");
	nm_rig_expect_bus(rig, "state 6");
	nm_rig_expect_bus(rig, "reply ok");
	/* with no secret of ours there is none to be wrong */
	connect_with(rig, "ConnectInteractive", GOOD);
	nm_rig_event(rig, refused);
	nm_rig_expect_bus(rig, "failure 1");
	expect_over(rig);
}

static void test_reasons(void **state)
{
	static const char *const cases[][2] = {
		/* who never answers */
		{ ENDED("waiting", ",\"who\":\"timeout\",\"message\":\"StopCCN\",\"result\":2"),
			"failure 1" },
		/* IPCP came to nothing, no address, login refused by CDN's cause alone */
		{ ENDED("down", ",\"ppp_exit\":10,\"ppp_cause\":17"), "failure 2" },
		{ ENDED("down", ",\"ppp_exit\":10,\"ppp_cause\":20"), "failure 2" },
		{ ENDED("down", ",\"ppp_exit\":10,\"ppp_cause\":5"), "failure 1" },
		{ ENDED("down", ",\"ppp_exit\":16,\"ppp_cause\":21"), "failure 1" },
	};
	struct nm_rig *rig = *state;

	nm_rig_run(rig, "--persist");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		connect_with(rig, "Connect", GOOD);
		nm_rig_event(rig, cases[i][0]);
		nm_rig_expect_bus(rig, cases[i][1]);
		expect_over(rig);
	}
}

/* What fails before anything is sent: NetworkManager logs the words of this one answer. */
static void test_failure_here_is_the_answer(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, "--persist");
	nm_rig_call(rig, "Connect", GOOD);
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_daemon(rig, "link *");
	nm_rig_event(rig, ENDED("waiting", ",\"errno\":98"));
	nm_rig_expect_bus(rig, "error LaunchFailed: it ended");
	nm_rig_expect_bus(rig, "failure 1");
	expect_over(rig);
	nm_rig_call(rig, "Connect", GOOD "|connection.id=refuse");
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_daemon(rig, "link *");
	nm_rig_expect_bus(rig, "error LaunchFailed: hello: not like this");
}

static void test_refused_profiles_are_not_dialled(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, "--persist");
	nm_rig_call(rig, "ConnectInteractive", GOOD "|data.ipsec-enabled=yes");
	nm_rig_expect_bus(rig, "error BadArguments: this profile asks for IPsec *");
	nm_rig_call(rig, "Connect", GOOD "|data.colour=red");
	nm_rig_expect_bus(rig, "error BadArguments: unknown key 'colour' in vpn.data*");
	nm_rig_expect_silence(rig);
	nm_rig_expect_log(rig, "unknown key 'colour'");
	/* and that was no connection */
	bring_up(rig, "Connect", GOOD);
}

static void test_one_connection_a_process(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, "--persist");
	bring_up(rig, "Connect", GOOD);
	nm_rig_call(rig, "Connect", GOOD);
	nm_rig_expect_bus(rig, "error AlreadyStarted: *");
	nm_rig_expect_silence(rig);
	nm_rig_call(rig, "Disconnect", NULL);
	nm_rig_expect_bus(rig, "state 5");
	nm_rig_expect_bus(rig, "state 6");
	nm_rig_expect_bus(rig, "reply ok");
	nm_rig_expect_daemon(rig, "gone");
	bring_up(rig, "Connect", GOOD);
}

static void test_redial(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	bring_up(rig, "Connect", GOOD);
	nm_rig_event(rig, ENDED("waiting", ",\"retry_ms\":1000,\"message\":\"StopCCN\""));
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_event(rig, ENDED("waiting", ",\"retry_ms\":2000"));
	nm_rig_event(rig, "{\"event\":\"up\",\"link\":\"office\",\"ifname\":\"ppp8\",\"peer\":"
			  "\"192.0.2.1:1701\",\"local_ip\":\"10.9.0.8\",\"peer_ip\":\"10.9.0.1\"}");
	nm_rig_expect_bus(rig, "config tundev=ppp8 *");
	nm_rig_expect_bus(rig, "ip4 address=10.9.0.8 *");
	nm_rig_expect_bus(rig, "state 4");
	nm_rig_expect_silence(rig);
}

static void test_redial_ends(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, "--persist");
	bring_up(rig, "Connect", GOOD "|data.redial=1");
	nm_rig_event(rig, ENDED("waiting", ",\"retry_ms\":1000"));
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_bus(rig, "failure 1");
	expect_over(rig);
	nm_rig_expect_log(rig, "giving up");
	/* redial=no: the daemon does not redial either */
	bring_up(rig, "Connect", GOOD "|data.redial=no");
	nm_rig_event(rig, ENDED("down", ""));
	nm_rig_expect_bus(rig, "failure 1");
	expect_over(rig);
}

/* The password was changed while the connection was up. */
static void test_redial_with_a_wrong_password(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	bring_up(rig, "ConnectInteractive", GOOD);
	nm_rig_event(rig, ENDED("waiting", ",\"retry_ms\":1000"));
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_event(rig, ENDED("waiting", ",\"ppp_exit\":19"));
	nm_rig_expect_bus(rig, "secrets password: *");
	nm_rig_expect_daemon(rig, "gone");
}

static void test_daemon_restarts(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	bring_up(rig, "Connect", GOOD);
	/* as l2tpd says when it is told to stop; killed, it says nothing */
	nm_rig_event(rig, ENDED("stopping", ""));
	nm_rig_stop_daemon(rig);
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_start_daemon(rig);
	nm_rig_expect_daemon(rig, LINK);
	nm_rig_event(rig, UP);
	nm_rig_expect_bus(rig, CONFIG);
	nm_rig_expect_bus(rig, IP4);
	nm_rig_expect_bus(rig, "state 4");
}

static void test_daemon_dies_at_the_first_dial(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	connect_with(rig, "Connect", GOOD);
	nm_rig_stop_daemon(rig);
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_expect_bus(rig, "failure 1");
	nm_rig_expect_bus(rig, "state 5");
	nm_rig_expect_bus(rig, "state 6");
}

static void test_daemon_is_started(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_stop_daemon(rig);
	nm_rig_add_systemd(rig, true);
	nm_rig_run(rig, NULL);
	nm_rig_call(rig, "Connect", GOOD);
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_daemon(rig, "systemd starts l2tpd.service");
	nm_rig_expect_daemon(rig, LINK);
	nm_rig_event(rig, UP);
	nm_rig_expect_bus(rig, "reply ok");
	nm_rig_expect_bus(rig, CONFIG);
}

static void test_daemon_cannot_be_started(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_stop_daemon(rig);
	nm_rig_run(rig, "--persist");
	/* no systemd on this bus */
	nm_rig_call(rig, "Connect", GOOD);
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_bus(rig, "error LaunchFailed: l2tpd does not run *");
	nm_rig_expect_bus(rig, "failure 1");
	nm_rig_expect_bus(rig, "state 5");
	nm_rig_expect_bus(rig, "state 6");
	nm_rig_expect_log(rig, "Start it: systemctl start l2tpd");
	nm_rig_add_systemd(rig, false);
	nm_rig_call(rig, "Connect", GOOD);
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_daemon(rig, "systemd refuses");
	nm_rig_expect_bus(rig, "error LaunchFailed: l2tpd does not run *");
	nm_rig_expect_log(rig, "Unit l2tpd.service not found.");
}

static void test_port_1701_first_then_any(void **state)
{
	static const char fixed[] = "connection.id=office|data.gateway=lns.example|data.redial=no|"
				    "ipv6.method=disabled|data.ephemeral-port=no";
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	nm_rig_call(rig, "Connect", fixed);
	nm_rig_expect_bus(rig, "state 3");
	nm_rig_expect_daemon(rig,
		"link {\"name\":\"office\",\"settings\":[[\"peer\",\"lns.example\"],[\"self\","
		"\"0.0.0.0 1701\"]],\"ppp\":*");
	nm_rig_event(rig, ENDED("down", ",\"errno\":98"));
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_expect_daemon(rig,
		"link {\"name\":\"office\",\"settings\":[[\"peer\",\"lns.example\"]],\"ppp\":*");
	nm_rig_event(rig, ENDED("down", ",\"errno\":98"));
	nm_rig_expect_bus(rig, "error LaunchFailed: it ended");
}

static void test_needed_secrets(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	nm_rig_call(rig, "NeedSecrets", PROFILE "data.password-flags=1");
	nm_rig_expect_bus(rig, "need 'vpn'");
	nm_rig_call(rig, "NeedSecrets", GOOD);
	nm_rig_expect_bus(rig, "need ''");
}

static void test_manual_address(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	nm_rig_call(rig, "Connect",
		"connection.id=office|data.gateway=x|data.redial=no|data.ephemeral-port=yes|"
		"ipv6.method=disabled|ipv4.method=manual|ipv4.ignore-auto-dns=true");
	nm_rig_expect_daemon(rig,
		"link {\"name\":\"office\",\"settings\":[[\"peer\",\"x\"]],\"ppp\":[[\"ipv6\","
		"\"no\"],[\"address\",\"10.0.0.5\"],[\"option\",*");
}

static void test_network_manager_dies(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	bring_up(rig, "Connect", GOOD);
	sd_bus_close(rig->bus);
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_expect_exit(rig, 0);
}

static void test_service_dies(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, NULL);
	bring_up(rig, "Connect", GOOD);
	nm_rig_kill(rig, SIGKILL);
	nm_rig_expect_daemon(rig, "gone");
}

static void test_bus_dies(void **state)
{
	struct nm_rig *rig = *state;

	nm_rig_run(rig, "--persist");
	bring_up(rig, "Connect", GOOD);
	kill(rig->bus_pid, SIGKILL);
	nm_rig_expect_daemon(rig, "gone");
	nm_rig_expect_exit(rig, 1);
}

#define RIG_TEST(test) cmocka_unit_test_setup_teardown(test, nm_rig_start, nm_rig_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_up_and_down),
		RIG_TEST(test_answer_comes_without_the_daemon),
		RIG_TEST(test_ipv6_comes_later),
		RIG_TEST(test_ipv6_alone_to_an_ipv6_server),
		RIG_TEST(test_peer_address_is_the_servers),
		RIG_TEST(test_nonsense_of_the_daemon_fails),
		RIG_TEST(test_wrong_password_is_asked_again),
		RIG_TEST(test_same_password_is_not_tried_again),
		RIG_TEST(test_wrong_password_without_a_person),
		RIG_TEST(test_wrong_tunnel_secret),
		RIG_TEST(test_reasons),
		RIG_TEST(test_failure_here_is_the_answer),
		RIG_TEST(test_refused_profiles_are_not_dialled),
		RIG_TEST(test_one_connection_a_process),
		RIG_TEST(test_redial),
		RIG_TEST(test_redial_ends),
		RIG_TEST(test_redial_with_a_wrong_password),
		RIG_TEST(test_daemon_restarts),
		RIG_TEST(test_daemon_dies_at_the_first_dial),
		RIG_TEST(test_daemon_is_started),
		RIG_TEST(test_daemon_cannot_be_started),
		RIG_TEST(test_port_1701_first_then_any),
		RIG_TEST(test_needed_secrets),
		RIG_TEST(test_manual_address),
		RIG_TEST(test_network_manager_dies),
		RIG_TEST(test_service_dies),
		RIG_TEST(test_bus_dies),
	};

	if (system("command -v dbus-daemon >/dev/null") != 0)
		return 77; /* meson: skipped; the package is dbus-daemon */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
