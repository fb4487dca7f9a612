/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of the daemon's objects that fit the screen. */
#ifndef CTL_OUT_TABLE_H
#define CTL_OUT_TABLE_H

#include <jansson.h>
#include <stdbool.h>

struct table_column {
	const char *head, *key; /* of the objects; a row of NULLs ends the columns */
	bool right;
	unsigned rank; /* the highest goes first where there is no room; 0: stays */
};
/*
 * The objects of array, one a line; empty: "none" and nothing else. below (or NULL): what is told
 * of an object in further lines, free()d; NULL: nothing.
 */
void table_print(const struct table_column *columns, const json_t *array, const char *none,
	char *(*below)(const json_t *object));

#endif
