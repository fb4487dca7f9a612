/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types are those of NetworkManager's src/libnm-core-public/nm-vpn-dbus-interface.h. IPv4
 * addresses are numbers in network byte order.
 */
#include "message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* --- profiles --- */

static int read_string(
	sd_bus_message *m, struct nm_profile *profile, const char *section, const char *key)
{
	const char *value;
	int r = sd_bus_message_read(m, "v", "s", &value);

	return r < 0 ? r : nm_profile_set(profile, section, key, value);
}

static int read_bool(
	sd_bus_message *m, struct nm_profile *profile, const char *section, const char *key)
{
	int value, r = sd_bus_message_read(m, "v", "b", &value);

	return r < 0 ? r : nm_profile_set(profile, section, key, value ? "true" : "false");
}

/* vpn.data and vpn.secrets: a{ss} */
static int read_strings(sd_bus_message *m, struct nm_profile *profile, const char *section)
{
	const char *key, *value;
	int r;

	r = sd_bus_message_enter_container(m, 'v', "a{ss}");
	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "{ss}");
	while (r >= 0 && (r = sd_bus_message_read(m, "{ss}", &key, &value)) > 0)
		r = nm_profile_set(profile, section, key, value);
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* One dictionary of address-data; the first one's address is the profile's. */
static int read_address(sd_bus_message *m, struct nm_profile *profile, const char *section)
{
	const char *key;
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r < 0)
			break;
		if (strcmp(key, "address") == 0 && !nm_profile_get(profile, section, "address"))
			r = read_string(m, profile, section, "address");
		else
			r = sd_bus_message_skip(m, "v");
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_addresses(sd_bus_message *m, struct nm_profile *profile, const char *section)
{
	int r;

	r = sd_bus_message_enter_container(m, 'v', "aa{sv}");
	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "a{sv}");
	while (r >= 0 && (r = sd_bus_message_at_end(m, false)) == 0)
		r = read_address(m, profile, section);
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static bool is_one_of(const char *text, const char *const *list)
{
	while (*list && strcmp(*list, text) != 0)
		list++;
	return *list;
}

/* The value of one key, if somebody here asks for it. */
static int read_value(
	sd_bus_message *m, struct nm_profile *profile, const char *section, const char *key)
{
	static const char *const strings[] = { "connection.id", "connection.uuid", "vpn.user-name",
		"ipv4.method", "ipv6.method", NULL };
	static const char *const bools[] = { "ipv4.ignore-auto-dns", NULL };
	char name[100];
	const char *type;
	int r = sd_bus_message_peek_type(m, NULL, &type);

	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "%s.%s", section, key);
	if (strcmp(name, "vpn.data") == 0 && strcmp(type, "a{ss}") == 0)
		return read_strings(m, profile, "data");
	if (strcmp(name, "vpn.secrets") == 0 && strcmp(type, "a{ss}") == 0)
		return read_strings(m, profile, "secrets");
	if (strcmp(name, "ipv4.address-data") == 0 && strcmp(type, "aa{sv}") == 0)
		return read_addresses(m, profile, "ipv4");
	if (is_one_of(name, strings) && strcmp(type, "s") == 0)
		return read_string(m, profile, section, key);
	if (is_one_of(name, bools) && strcmp(type, "b") == 0)
		return read_bool(m, profile, section, key);
	return sd_bus_message_skip(m, "v");
}

static int read_section(sd_bus_message *m, struct nm_profile *profile)
{
	const char *section, *key;
	int r = sd_bus_message_read(m, "s", &section);

	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r >= 0)
			r = read_value(m, profile, section, key);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

int nm_message_read_profile(sd_bus_message *message, struct nm_profile **ret)
{
	struct nm_profile *profile = nm_profile_new();
	int r;

	if (!profile)
		return -ENOMEM;
	r = sd_bus_message_enter_container(message, 'a', "{sa{sv}}");
	while (r >= 0 && (r = sd_bus_message_enter_container(message, 'e', "sa{sv}")) > 0) {
		r = read_section(message, profile);
		if (r >= 0)
			r = sd_bus_message_exit_container(message);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(message);
	if (r < 0) {
		nm_profile_free(profile);
		return r;
	}
	*ret = profile;
	return 0;
}

/* --- addresses --- */

static const char *text_of(const json_t *up, const char *key)
{
	const char *text = json_string_value(json_object_get(up, key));

	return text ? text : "";
}

static bool ip4_of(const json_t *up, const char *key, uint32_t *ret)
{
	struct in_addr addr;

	if (inet_pton(AF_INET, text_of(up, key), &addr) != 1)
		return false;
	*ret = addr.s_addr;
	return true;
}

/* The host of "ADDR:PORT" or "[ADDR6]:PORT". False: it is none. */
static bool peer_host(const json_t *up, char *ret, size_t size)
{
	const char *text = text_of(up, "peer"), *end = strrchr(text, ':');
	size_t len = end ? (size_t)(end - text) : 0;

	if (len >= 2 && *text == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= size)
		return false;
	memcpy(ret, text, len);
	ret[len] = '\0';
	ret[strcspn(ret, "%")] = '\0'; /* the interface of a link-local one */
	return true;
}

static int append_u(sd_bus_message *m, const char *key, uint32_t value)
{
	return sd_bus_message_append(m, "{sv}", key, "u", value);
}

static int append_b(sd_bus_message *m, const char *key, bool value)
{
	return sd_bus_message_append(m, "{sv}", key, "b", (int)value);
}

static int append_ay(sd_bus_message *m, const char *key, const struct in6_addr *addr)
{
	int r = sd_bus_message_open_container(m, 'e', "sv");

	if (r >= 0)
		r = sd_bus_message_append(m, "s", key);
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "ay");
	if (r >= 0)
		r = sd_bus_message_append_array(m, 'y', addr, sizeof(*addr));
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

/* NetworkManager keeps a host route to it out of the tunnel. */
static int append_gateway(sd_bus_message *m, const json_t *up)
{
	char host[INET6_ADDRSTRLEN + 20];
	struct in6_addr in6;
	struct in_addr in;

	if (!peer_host(up, host, sizeof(host)))
		return -EINVAL;
	if (inet_pton(AF_INET, host, &in) == 1)
		return append_u(m, "gateway", in.s_addr);
	if (inet_pton(AF_INET6, host, &in6) == 1)
		return append_ay(m, "gateway", &in6);
	return -EINVAL;
}

int nm_message_append_config(sd_bus_message *message, const json_t *up)
{
	json_int_t mtu = json_integer_value(json_object_get(up, "mtu"));
	const char *ifname = text_of(up, "ifname");
	struct in6_addr in6;
	uint32_t ip;
	int r;

	if (!*ifname)
		return -EINVAL;
	r = sd_bus_message_open_container(message, 'a', "{sv}");
	if (r >= 0)
		r = sd_bus_message_append(message, "{sv}", "tundev", "s", ifname);
	if (r >= 0)
		r = append_gateway(message, up);
	if (r >= 0 && mtu > 0 && mtu <= 65535)
		r = append_u(message, "mtu", (uint32_t)mtu);
	if (r >= 0)
		r = append_b(message, "has-ip4", ip4_of(up, "local_ip", &ip));
	if (r >= 0)
		r = append_b(message, "has-ip6",
			inet_pton(AF_INET6, text_of(up, "local_ip6"), &in6) == 1);
	/* it survives a change of the network below it, if the profile wants that */
	if (r >= 0)
		r = append_b(message, "can-persist", true);
	return r < 0 ? r : sd_bus_message_close_container(message);
}

static int append_dns(sd_bus_message *m, const json_t *up)
{
	const json_t *list = json_object_get(up, "dns"), *item;
	struct in_addr in;
	size_t i;
	int r;

	r = sd_bus_message_open_container(m, 'e', "sv");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", "dns");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'v', "au");
	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "u");
	json_array_foreach (list, i, item)
		if (r >= 0 && json_is_string(item) &&
			inet_pton(AF_INET, json_string_value(item), &in) == 1)
			r = sd_bus_message_append(m, "u", in.s_addr);
	for (i = 0; r >= 0 && i < 3; i++)
		r = sd_bus_message_close_container(m);
	return r;
}

/*
 * The other end, but not if the tunnel itself goes to that address, as it does for many servers: a
 * route to it through the tunnel would swallow the tunnel. Then it is our own address, which
 * NetworkManager sets anew without a peer.
 */
static uint32_t ptp_of(const json_t *up, uint32_t address)
{
	char host[INET6_ADDRSTRLEN + 20];
	struct in_addr outer;
	uint32_t ptp;

	if (!ip4_of(up, "peer_ip", &ptp) ||
		(peer_host(up, host, sizeof(host)) && inet_pton(AF_INET, host, &outer) == 1 &&
			outer.s_addr == ptp))
		return address;
	return ptp;
}

int nm_message_append_ip4(sd_bus_message *message, const json_t *up)
{
	uint32_t address;
	int r;

	if (!ip4_of(up, "local_ip", &address))
		return -ENODATA;
	r = sd_bus_message_open_container(message, 'a', "{sv}");
	if (r >= 0)
		r = append_u(message, "address", address);
	if (r >= 0)
		r = append_u(message, "ptp", ptp_of(up, address));
	if (r >= 0)
		r = append_u(message, "prefix", 32);
	if (r >= 0)
		r = append_dns(message, up);
	return r < 0 ? r : sd_bus_message_close_container(message);
}

int nm_message_append_ip6(sd_bus_message *message, const json_t *up)
{
	struct in6_addr address;
	int r;

	if (inet_pton(AF_INET6, text_of(up, "local_ip6"), &address) != 1)
		return -ENODATA;
	r = sd_bus_message_open_container(message, 'a', "{sv}");
	if (r >= 0)
		r = append_ay(message, "address", &address);
	if (r >= 0)
		r = append_u(message, "prefix", 64);
	/*
	 * Link-local is all that PPP agrees on; global addresses and a route come by router
	 * advertisements (RFC 5072 5), and a default route without them would lead nowhere.
	 */
	if (r >= 0)
		r = append_b(message, "never-default", true);
	return r < 0 ? r : sd_bus_message_close_container(message);
}
