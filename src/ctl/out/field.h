/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of the daemon's JSON as people read them, alone and in tables. Strings returned are
 * malloc'ed; without memory the program ends.
 */
#ifndef CTL_OUT_FIELD_H
#define CTL_OUT_FIELD_H

#include <jansson.h>
#include <stdbool.h>

/*
 * A field by its name and type: "..._s" seconds, "..._ms" milliseconds, "..._bytes" and "bytes..."
 * in units; harmless text. "-" for what is missing, null, or empty, and for a measure of 0.0.
 */
char *field_text(const json_t *object, const char *key);

struct field_column {
	const char *head, *key; /* of the objects; a row of NULLs ends the columns */
	bool right;
};
/* The objects of array as a table; empty: "none" and nothing else. */
void field_table(const struct field_column *columns, const json_t *array, const char *none);

#endif
