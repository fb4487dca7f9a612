/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli.h"
#include "ctl/out/text.h"

#define SORT "sort="

bool select_is_word(const char *word)
{
	return strcmp(word, "count") == 0 || (*word != '=' && strchr(word, '='));
}

/* A value as it stands in JSON, without quotes. */
static char *value_text(const json_t *value)
{
	if (json_is_string(value))
		return text_printf("%s", json_string_value(value));
	if (json_is_integer(value))
		return text_printf("%lld", (long long)json_integer_value(value));
	if (json_is_real(value))
		return text_printf("%.9g", json_real_value(value));
	if (json_is_boolean(value))
		return text_printf("%s", json_is_true(value) ? "yes" : "no");
	return text_printf("%s", "");
}

/* Does any of the objects have that field? Else one like it is named. */
static bool check_field(const json_t *list, const char *what, const char *field)
{
	struct nearest nearest = { .word = field };
	json_t *object, *value;
	const char *key;
	size_t i;

	if (!json_array_size(list))
		return true;
	json_array_foreach ((json_t *)list, i, object) {
		if (json_object_get(object, field))
			return true;
	}
	json_object_foreach (json_array_get(list, 0), key, value)
		nearest_offer(&nearest, key);
	if (nearest.best)
		cli_error(
			"%s have no field \"%s\"; did you mean \"%s\"?", what, field, nearest.best);
	else
		cli_error("%s have no field \"%s\"; --json shows all that they have", what, field);
	return false;
}

/* Keep what fits in list. */
static void filter(json_t *list, const char *field, const char *pattern)
{
	for (size_t i = json_array_size(list); i-- > 0;) {
		char *text = value_text(json_object_get(json_array_get(list, i), field));

		if (fnmatch(pattern, text, 0) != 0)
			json_array_remove(list, i);
		free(text);
	}
}

/* --- order --- */

static const char *sort_field;
static bool sort_down;

static int compare_values(const json_t *a, const json_t *b)
{
	char *x, *y;
	int r;

	if (json_is_number(a) && json_is_number(b))
		return (json_number_value(a) > json_number_value(b)) -
		       (json_number_value(a) < json_number_value(b));
	x = value_text(a);
	y = value_text(b);
	r = strverscmp(x, y); /* addresses and ppp10 as people count */
	free(x);
	free(y);
	return r;
}

static int compare(const void *a, const void *b)
{
	const json_t *x = json_object_get(*(json_t *const *)a, sort_field);
	const json_t *y = json_object_get(*(json_t *const *)b, sort_field);
	int r = compare_values(x, y);

	return sort_down ? -r : r;
}

static void sort(json_t *list, const char *field)
{
	size_t n = json_array_size(list), i;
	json_t **objects = text_checked(calloc(n + 1, sizeof(*objects)));

	sort_down = *field == '-';
	sort_field = field + sort_down;
	for (i = 0; i < n; i++)
		objects[i] = json_incref(json_array_get(list, i));
	qsort(objects, n, sizeof(*objects), compare);
	json_array_clear(list);
	for (i = 0; i < n; i++)
		json_array_append_new(list, objects[i]);
	free(objects);
}

int select_objects(
	const json_t *list, const char *what, char *const *words, json_t **ret, bool *ret_count)
{
	json_t *chosen = json_copy((json_t *)list); /* only the array is */
	int r = CLI_DONE;

	*ret_count = false;
	for (; *words && !r; words++) {
		const char *equals = strchr(*words, '=');
		char *field;

		if (!equals) {
			*ret_count = true;
			continue;
		}
		if (strncmp(*words, SORT, strlen(SORT)) == 0)
			field = text_printf("%s", equals + 1 + (equals[1] == '-'));
		else
			field = text_printf("%.*s", (int)(equals - *words), *words);
		if (!check_field(list, what, field))
			r = CLI_USAGE;
		else if (strncmp(*words, SORT, strlen(SORT)) == 0)
			sort(chosen, equals + 1);
		else
			filter(chosen, field, equals + 1);
		free(field);
	}
	if (r)
		json_decref(chosen);
	else
		*ret = chosen;
	return r;
}
