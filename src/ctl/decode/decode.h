/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "decode": datagrams out of captures and hexadecimal text, shown in words. The only part of
 * l2tpctl that sees the protocol core, and of that only l2tp/msg.h and l2tp/describe.h; it talks to
 * no daemon. argv: the file, or the text itself. An exit code.
 */
#ifndef CTL_DECODE_DECODE_H
#define CTL_DECODE_DECODE_H

#include "ctl/cli.h"

int cmd_decode(struct cli *cli, char **argv);

#endif
