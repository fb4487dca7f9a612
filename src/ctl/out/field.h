/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of the daemon's JSON as people read them. Strings returned are
 * malloc'ed; without memory the program ends.
 */
#ifndef CTL_OUT_FIELD_H
#define CTL_OUT_FIELD_H

#include <jansson.h>

/*
 * A field by its name and type: "..._s" seconds, "..._ms" milliseconds, "..._bytes" and "bytes..."
 * in units; harmless text. "-" for what is missing, null, or empty, and for a measure of 0.0.
 */
char *field_text(const json_t *object, const char *key);

#endif
