/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig_log.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static char path[] = "/tmp/rig_log.XXXXXX";
static int saved = -1;

void rig_log_begin(void)
{
	int fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	saved = dup(STDERR_FILENO);
	assert(saved >= 0 && fd >= 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	log_set_level(LOG_INFO);
	log_init();
}

void rig_log_end(void)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	unlink(path);
	log_init();
}

unsigned rig_log_lines(void)
{
	FILE *file = fopen(path, "re");
	unsigned lines = 0;
	int c;

	assert(file);
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines;
}

bool rig_log_has(const char *text)
{
	FILE *file = fopen(path, "re");
	char line[2048];
	bool found = false;

	assert(file);
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, text);
	fclose(file);
	return found;
}
