/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void secret_file_free(struct secret_file *file)
{
	if (file->text)
		explicit_bzero(file->text, file->len);
	free(file->text);
	file->text = NULL;
	file->len = 0;
}

static int read_all(int fd, size_t max, struct secret_file *file)
{
	ssize_t n = 0;

	if (S_ISREG(file->stat.st_mode) && file->stat.st_size > 0 &&
		(size_t)file->stat.st_size < max)
		max = (size_t)file->stat.st_size + 1; /* one more, to see it grow */
	file->text = malloc(max + 1);
	if (!file->text)
		return -ENOMEM;
	while (file->len < max) {
		n = read(fd, file->text + file->len, max - file->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		file->len += (size_t)n;
	}
	if (n < 0)
		return -errno;
	file->text[file->len] = '\0';
	return file->len < max ? 0 : -EFBIG;
}

/*
 * Editors of Windows save a byte order mark before the text, or all of it in UTF-16. 0, or -EILSEQ.
 */
static int drop_mark(struct secret_file *file)
{
	static const char mark[] = { '\xef', '\xbb', '\xbf' };
	const unsigned char *text = (const unsigned char *)file->text;

	if (file->len >= sizeof(mark) && memcmp(file->text, mark, sizeof(mark)) == 0) {
		file->len -= sizeof(mark);
		memmove(file->text, file->text + sizeof(mark), file->len + 1);
		explicit_bzero(file->text + file->len + 1, sizeof(mark) - 1);
	}
	if (file->len >= 2 && text[0] + text[1] == 0xff + 0xfe && text[0] >= 0xfe)
		return -EILSEQ;
	return 0;
}

static int read_file(const char *path, size_t max, int flags, struct secret_file *ret)
{
	struct secret_file file = { .len = 0 };
	int fd, r;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &file.stat) < 0)
		r = -errno;
	else if (flags && !S_ISREG(file.stat.st_mode))
		r = -EBADFD;
	else
		r = read_all(fd, max, &file);
	close(fd);
	if (r == 0)
		r = drop_mark(&file);
	if (r < 0)
		secret_file_free(&file);
	else
		*ret = file;
	return r;
}

int secret_file_read(const char *path, size_t max, struct secret_file *ret)
{
	struct stat stat_before;

	/* opening a device may do something already; the file may be another one then, so again */
	if (stat(path, &stat_before) < 0)
		return -errno;
	if (S_ISDIR(stat_before.st_mode))
		return -EISDIR;
	if (!S_ISREG(stat_before.st_mode))
		return -EBADFD;
	return read_file(path, max, O_NONBLOCK, ret);
}

int secret_file_read_any(const char *path, size_t max, struct secret_file *ret)
{
	return read_file(path, max, 0, ret);
}

const char *secret_file_strerror(int r)
{
	if (r == -EBADFD)
		return "it is not a regular file";
	return r == -EILSEQ ? "it is UTF-16 text: save it as UTF-8" : strerror(-r);
}

int secret_file_line(const struct secret_file *file, char **ret)
{
	size_t len = strcspn(file->text, "\n");
	char *secret;

	/* strcspn() ends at a NUL, too */
	if (len < file->len && file->text[len] == '\0')
		return -EINVAL;
	if (len && file->text[len - 1] == '\r')
		len--;
	if (!len || len > SECRET_MAX)
		return -EINVAL;
	secret = strndup(file->text, len);
	if (!secret)
		return -ENOMEM;
	*ret = secret;
	return 0;
}

void secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

const char *secret_file_others(const struct stat *stat)
{
	static const char *const letters[] = { "", "x", "w", "wx", "r", "rx", "rw", "rwx" };

	return S_ISREG(stat->st_mode) ? letters[stat->st_mode & S_IRWXO] : "";
}

const char *secret_file_written_by(const struct stat *stat)
{
	if (!S_ISREG(stat->st_mode))
		return NULL;
	if (stat->st_uid != 0 && stat->st_uid != geteuid())
		return "it belongs to another user";
	if (stat->st_mode & S_IWOTH)
		return "others may write to it";
	return NULL;
}
