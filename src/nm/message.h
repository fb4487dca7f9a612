/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NetworkManager's dictionaries on D-Bus: profiles in, addresses out. Errors are -errno. */
#ifndef NM_MESSAGE_H
#define NM_MESSAGE_H

#include <jansson.h>
#include <systemd/sd-bus.h>

#include "profile.h"

/* The a{sa{sv}} that comes next in message; what nobody here asks for is left out. */
int nm_message_read_profile(sd_bus_message *message, struct nm_profile **ret);

/* Both from an "up" of the control protocol (TransientEvent); its fields may be anything. */

/* a{sv} of the signal Config. -EINVAL: there is no interface, or no peer. */
int nm_message_append_config(sd_bus_message *message, const json_t *up);
/* a{sv} of Ip4Config. -ENODATA: IPv4 is not up. */
int nm_message_append_ip4(sd_bus_message *message, const json_t *up);
/* a{sv} of Ip6Config. -ENODATA: IPv6 is not up. */
int nm_message_append_ip6(sd_bus_message *message, const json_t *up);

#endif
