/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reasons.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICK(names, i) ((i) < sizeof(names) / sizeof((names)[0]) ? (names)[i] : NULL)

const char *reasons_stopccn(unsigned result)
{
	static const char *const names[] = {
		[0] = "none given",
		[1] = "request to clear the control connection",
		[2] = "general error",
		[3] = "control connection already exists",
		[4] = "not authorized to establish a control connection",
		[5] = "protocol version not supported",
		[6] = "shutting down",
		[7] = "finite state machine error",
	};

	return PICK(names, result);
}

const char *reasons_cdn(unsigned result)
{
	static const char *const names[] = {
		[0] = "none given",
		[1] = "loss of carrier",
		[2] = "general error",
		[3] = "administrative reasons",
		[4] = "facilities temporarily not available",
		[5] = "facilities permanently not available",
		[6] = "invalid destination",
		[7] = "no carrier detected",
		[8] = "busy",
		[9] = "no dial tone",
		[10] = "not established in the time allotted",
		[11] = "no appropriate framing detected",
	};

	return PICK(names, result);
}

const char *reasons_error(unsigned error)
{
	static const char *const names[] = {
		[0] = "no general error",
		[1] = "no control connection exists yet",
		[2] = "wrong length",
		[3] = "field value out of range",
		[4] = "insufficient resources",
		[5] = "invalid session id",
		[6] = "vendor-specific error",
		[7] = "try another",
		[8] = "unknown mandatory attribute",
	};

	return PICK(names, error);
}

const char *reasons_pppd(unsigned status)
{
	static const char *const names[] = {
		[0] = "ended normally",
		[1] = "fatal error, a system call or memory",
		[2] = "error in its options",
		[3] = "needs root",
		[4] = "the kernel has no PPP",
		[5] = "ended by a signal",
		[6] = "the device is locked",
		[7] = "the device could not be opened",
		[8] = "the connect script failed",
		[9] = "the pty command could not be run",
		[10] = "PPP negotiation failed, no network protocol came up",
		[11] = "the peer failed to authenticate itself",
		[12] = "ended because it was idle",
		[13] = "ended because the connect time was over",
		[14] = "the peer is to call back",
		[15] = "the peer did not answer echo requests",
		[16] = "hang-up: the session ended",
		[17] = "the line is looped back",
		[18] = "the init script failed",
		[19] = "we failed to authenticate ourselves to the peer",
		[20] = "the traffic limit was reached",
		[21] = "the number of the caller was not accepted",
	};

	return PICK(names, status);
}

/* RFC 2759 6 */
static const char *mschap_error(unsigned long number)
{
	switch (number) {
	case 646:
		return "not allowed to log in at this hour";
	case 647:
		return "the account is disabled";
	case 648:
		return "the password has expired";
	case 649:
		return "the account may not dial in";
	case 691:
		return "wrong user or password";
	case 709:
		return "the password could not be changed";
	}
	return NULL;
}

bool reasons_mschap(const char *failure, char *ret, size_t size)
{
	const char *message, *words;
	unsigned long number;
	char *end;

	if (strncmp(failure, "E=", 2) != 0)
		return false;
	number = strtoul(failure + 2, &end, 10);
	if (end == failure + 2)
		return false;
	message = strstr(end, " M=");
	words = mschap_error(number);
	if (message && message[3])
		snprintf(ret, size, "%s", message + 3);
	else if (words)
		snprintf(ret, size, "%s", words);
	else
		snprintf(ret, size, "error %lu", number);
	return true;
}
