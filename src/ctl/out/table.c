/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "screen.h"
#include "text.h"

#define GAP	  2
#define WIDTH_MIN 8 /* no column is cut shorter */

/* Cells are in rows * count; a column that is left out has width 0. */
struct table {
	const struct table_column *columns;
	size_t count, rows;
	char **cells;
	size_t *widths;
};

static size_t total(const struct table *table)
{
	size_t sum = 0;

	for (size_t i = 0; i < table->count; i++)
		sum += table->widths[i] ? table->widths[i] + GAP : 0;
	return sum ? sum - GAP : 0;
}

/* Leave out the least wanted column; false: all that are left must stay. */
static bool drop_column(struct table *table)
{
	size_t worst = table->count;
	unsigned rank = 0;

	for (size_t i = 0; i < table->count; i++) {
		if (!table->widths[i] || table->columns[i].rank <= rank)
			continue;
		rank = table->columns[i].rank;
		worst = i;
	}
	if (worst == table->count)
		return false;
	table->widths[worst] = 0;
	return true;
}

/* Make the widest column of text one narrower; false: none can be. */
static bool squeeze(struct table *table)
{
	size_t widest = table->count;

	for (size_t i = 0; i < table->count; i++)
		if (!table->columns[i].right && table->widths[i] > WIDTH_MIN &&
			(widest == table->count || table->widths[i] > table->widths[widest]))
			widest = i;
	if (widest == table->count)
		return false;
	table->widths[widest]--;
	return true;
}

static void fit(struct table *table, size_t screen)
{
	while (screen && total(table) > screen && drop_column(table))
		;
	while (screen && total(table) > screen && squeeze(table))
		;
}

/* A cell that is too long is cut, and says so. */
static void put_cell(const char *text, size_t width, bool right, bool last)
{
	const char *more = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "\xe2\x80\xa6" : "~";
	size_t columns = screen_columns(text), n = 0;
	const char *end = text;

	if (columns <= width) {
		int pad = (int)(width - columns);

		printf("%*s%s%*s", right ? pad : 0, "", text, right || last ? 0 : pad, "");
		return;
	}
	for (; *end; end++) {
		if ((*end & 0xc0) != 0x80 && n++ == width - 1)
			break;
	}
	printf("%.*s%s", (int)(end - text), text, more);
}

static void put_row(const struct table *table, char *const *cells)
{
	size_t last = 0;
	bool first = true;

	for (size_t i = 0; i < table->count; i++)
		last = table->widths[i] ? i : last;
	for (size_t i = 0; i <= last; i++) {
		if (!table->widths[i])
			continue;
		printf("%*s", first ? 0 : GAP, "");
		first = false;
		put_cell(cells ? cells[i] : table->columns[i].head, table->widths[i],
			table->columns[i].right, i == last);
	}
	putchar('\n');
}

/* Widths as they would be with room for all. */
static void measure(struct table *table, const json_t *array)
{
	for (size_t i = 0; i < table->count; i++) {
		table->widths[i] = strlen(table->columns[i].head);
		for (size_t row = 0; row < table->rows; row++) {
			char *text = field_text(json_array_get(array, row), table->columns[i].key);
			size_t w = screen_columns(text);

			table->cells[row * table->count + i] = text;
			table->widths[i] = w > table->widths[i] ? w : table->widths[i];
		}
	}
}

static void put_below(char *text)
{
	if (text) {
		printf("  ");
		screen_wrap(text, 2, 4);
	}
	free(text);
}

void table_print(const struct table_column *columns, const json_t *array, const char *none,
	char *(*below)(const json_t *object))
{
	struct table table = { .columns = columns, .rows = json_array_size(array) };

	if (!table.rows) {
		puts(none);
		return;
	}
	while (columns[table.count].head)
		table.count++;
	table.cells = text_checked(calloc(table.rows * table.count, sizeof(*table.cells)));
	table.widths = text_checked(calloc(table.count, sizeof(*table.widths)));
	measure(&table, array);
	fit(&table, screen_width());
	put_row(&table, NULL);
	for (size_t row = 0; row < table.rows; row++) {
		put_row(&table, table.cells + row * table.count);
		if (below)
			put_below(below(json_array_get(array, row)));
	}
	for (size_t i = 0; i < table.rows * table.count; i++)
		free(table.cells[i]);
	free(table.cells);
	free(table.widths);
}
