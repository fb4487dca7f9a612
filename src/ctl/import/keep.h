/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of the importers: there is always some, or the program ends; what may be secret is wiped.
 */
#ifndef CTL_IMPORT_KEEP_H
#define CTL_IMPORT_KEEP_H

#include <stdbool.h>
#include <stddef.h>

/* p; the program ends if it is NULL, which means that there is no memory. */
void *keep_or_end(void *p);
/* Zeroed; free() it. */
void *keep_alloc(size_t size);
/* The array with room for one more item, that one zeroed; free() it. */
void *keep_grow(void *array, size_t len, size_t size);
/* Copies, to be freed by keep_wipe(). text may be NULL: so is the copy. */
char *keep_text(const char *text);
char *keep_bytes(const char *text, size_t len);
/* Wipe and free; NULL is allowed. */
void keep_wipe(char *text);
/* Is text one of the list? */
bool keep_has(const char *const *list, size_t len, const char *text);
/* *to becomes a copy of text, and what it was is wiped. */
void keep_replace(char **to, const char *text);

#endif
