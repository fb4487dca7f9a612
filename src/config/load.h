/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of a configuration, and those that its keys name for secrets.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include <l2tpd/config.h>

/*
 * Read file and then, if dir is not NULL, every *.conf in dir in order of name. Secret and password
 * files are not read here (see config_secret). All mistakes of all files are collected in *errors,
 * each naming the place, what is wrong and the nearest known name or the accepted range. A missing
 * dir is no error; a missing or unreadable file is one. Files with secrets that others can read
 * (mode & 07) give an error too, telling the chmod. 0 and *ret, or -EINVAL or -ENOMEM with *ret
 * untouched; with -ENOMEM there may be no message.
 */
int config_load(
	const char *file, const char *dir, struct config **ret, struct config_errors *errors);

/* The same, and what is wrong with the files it names is an error, too (check_files.h). */
int config_load_with_files(
	const char *file, const char *dir, struct config **ret, struct config_errors *errors);

/*
 * The first line of a secret file, or a copy of inline when path is empty; NULL if both are empty.
 * *ret is malloc'ed; free it with secret_free(), which wipes. -errno of open/read, -EPERM if others
 * may use it, -EINVAL if its first line is empty, longer than 255 bytes or holds a NUL; in words:
 * secret_file_strerror().
 */
int config_secret(const char *inline_text, const char *path, char **ret);

#endif
