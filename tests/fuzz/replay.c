/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run a fuzz target over files instead of under a fuzzer: replay FILE|DIRECTORY... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, room = 0;

	if (!file) {
		perror(path);
		return -1;
	}
	do {
		room = room * 2 + 4096;
		data = realloc(data, room);
		if (!data) {
			perror(path);
			fclose(file);
			return -1;
		}
		size += fread(data + size, 1, room - size, file);
	} while (size == room);
	if (ferror(file)) {
		perror(path);
		fclose(file);
		free(data);
		return -1;
	}
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

/* The number of files run, or -1. A directory is its files, without going deeper. */
static int replay(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	if (!dir)
		return replay_file(path);
	while (count >= 0 && (entry = readdir(dir))) {
		char name[4096];
		int r;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		r = replay_file(name);
		count = r < 0 ? -1 : count + r;
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int n = replay(argv[i]);

		if (n < 0)
			return 1;
		total += n;
	}
	printf("%d inputs\n", total);
	return total ? 0 : 1; /* an empty corpus tests nothing */
}
