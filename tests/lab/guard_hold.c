/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard_hold ADDRESS TID SID: the fence of clear_guard.h for one session, until stdin ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/clear_guard.h"

int main(int argc, char **argv)
{
	struct clear_guard *guard;
	struct l2tp_addr peer;
	int r;

	if (argc != 4 || l2tp_addr_parse(argv[1], 0, &peer) < 0)
		return 2;
	r = clear_guard_new(&guard);
	if (r == 0)
		r = clear_guard_add(guard, &peer, (uint16_t)atoi(argv[2]), (uint16_t)atoi(argv[3]));
	if (r < 0) {
		fprintf(stderr, "%s\n", strerror(-r));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	clear_guard_free(guard);
	return 0;
}
