/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is missing on this machine, said so that a person can mend it; and what its kernel does,
 * tried out, as versions do not tell. Errors are -errno.
 */
#ifndef LINUX_PROBE_H
#define LINUX_PROBE_H

#include <stdbool.h>
#include <stddef.h>

struct probe_finding {
	bool fatal;	/* no call can be carried without it */
	char what[200]; /* "the kernel has no L2TP: socket(AF_PPPOX): Address family not supported"
			 */
	char remedy[240]; /* "install linux-modules-extra..., or remove the blacklist in
			     /etc/modprobe.d/x.conf" */
};

/*
 * Checks, in this order: CAP_NET_ADMIN, AF_PPPOX/l2tp_ppp module (absent; or blacklisted, and in
 * which file of /etc/modprobe.d, /run/modprobe.d, /lib/modprobe.d), genl family "l2tp", /dev/ppp,
 * pppd executable, pppd plugin pppol2tp.so and our plugin file. Fills up to max findings; returns
 * how many there are. Only looks; changes nothing but that modules may be loaded.
 */
size_t probe_machine(
	const char *pppd, const char *plugin, struct probe_finding *findings, size_t max);

/*
 * Does this kernel move frames that wait in the socket into the channel on PPPIOCGCHAN ("pppox:
 * drain queued packets on channel handoff", 6.1.188, 6.12.110)? Then pppd may make that (slow) call
 * itself; otherwise pppox_channel() must follow pppox_connect() at once or early frames are lost.
 * Found out with a scratch tunnel on loopback. *ret_drains untouched on error.
 */
struct l2tp_genl;
int probe_drain(struct l2tp_genl *genl, bool *ret_drains);

/*
 * Does this kernel know whose a data packet is by the socket that it arrives at (before 6.11), not
 * by its ids? Then of two tunnels between the same addresses and ports one gets no data. Found out
 * with scratch tunnels on loopback. *ret_by_socket untouched on error.
 */
int probe_by_socket(struct l2tp_genl *genl, bool *ret_by_socket);

#endif
