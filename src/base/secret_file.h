/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole files that may hold secrets: read in one go without stdio's buffers, and wiped. A byte
 * order mark before UTF-8 is dropped.
 */
#ifndef BASE_SECRET_FILE_H
#define BASE_SECRET_FILE_H

#include <stddef.h>
#include <sys/stat.h>

struct secret_file {
	char *text; /* followed by one NUL that len does not count */
	size_t len;
	struct stat stat;
};

/*
 * Of a regular file: nothing else is opened, since that may wait for ever (a pipe) or do something
 * (a device). 0 and *ret (free it with secret_file_free), or -errno; -EFBIG: it has max bytes or
 * more; -EILSEQ: it begins as UTF-16 text does; -EBADFD: it is no regular file.
 */
int secret_file_read(const char *path, size_t max, struct secret_file *ret);
/* The same of anything, as a person's own program may: a pipe is waited for. */
int secret_file_read_any(const char *path, size_t max, struct secret_file *ret);
void secret_file_free(struct secret_file *file);
/* What went wrong, in words: behind "cannot be read: ". */
const char *secret_file_strerror(int r);

/* Bytes of the longest secret or password, wherever it comes from. */
#define SECRET_MAX 255
/* A file with a secret in it is smaller. */
#define SECRET_FILE_MAX ((size_t)64 << 10)
/*
 * The first line of a file, which is the secret, without its end (LF or CR LF). 0 and *ret
 * (malloc'ed, free it with secret_free); -EINVAL: it is empty, longer than SECRET_MAX, or has a NUL
 * in it; -ENOMEM.
 */
int secret_file_line(const struct secret_file *file, char **ret);
/* Wipes. NULL is allowed. */
void secret_free(char *secret);
/*
 * What others may do with it: "" nothing, else some of "rwx" as chmod takes them. Only regular
 * files count: a pipe's mode says nothing.
 */
const char *secret_file_others(const struct stat *stat);
/*
 * Who else could have written it: it is a stranger's (neither root's nor ours), or others may write
 * to it. NULL: nobody.
 */
const char *secret_file_written_by(const struct stat *stat);

#endif
