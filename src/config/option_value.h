/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be done with a value, by its kind: one row of functions each. A new kind is one more
 * row, and its name in enum option_kind.
 */
#ifndef CONFIG_OPTION_VALUE_H
#define CONFIG_OPTION_VALUE_H

#include "option.h"
#include "option_text.h"

struct option_ops {
	/*
	 * Set the field of object from text, which is clean (utf8_is_text); an empty text makes an
	 * empty value where there is one. 0; -EINVAL with error filled, which quotes no secret;
	 * -ENOMEM. The field is touched with 0 only.
	 */
	int (*parse)(const struct option *option, void *object, const char *text,
		char error[static OPTION_ERROR_LEN]);
	/* Free and wipe what the field holds; it is zero then. */
	void (*clear)(const struct option *option, void *object);
	/* Take the value that from has. 0, or -ENOMEM with the field as it was. */
	int (*copy)(const struct option *option, void *object, const void *from);
	/* As option_format(); index is 0 unless the option is a list. */
	int (*format)(const struct option *option, const void *object, size_t index, char **ret);
	size_t size; /* of the field, where its bytes are all there is to it */
};

/* By enum option_kind. */
extern const struct option_ops option_ops[OPTION_KIND_COUNT];

#endif
